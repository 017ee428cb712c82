//! One encoded row at a time: the same prediction without allocation as a [`Predictor`]'s, for rows whose inputs are
//! not written out.

use std::iter::once;
use std::sync::Arc;

use ndarray::{ArrayView1, ArrayViewMut2};

use super::encoded_layer::EncodedLayer;
use super::predictor::Predictor;
use super::simple_neural_network::SimpleNeuralNetwork;
use crate::Real;
use crate::activation_functions::Activation;
use crate::inputs::{EncodedRows, InputLayout};
use crate::linear_algebra::SparseRows;
use crate::loss_functions::Loss;

/// A network laid out for single encoded rows; from [`SimpleNeuralNetwork::encoded_predictor`].
///
/// The running sums of the first layer's weights (E1) and the weights of all others are stored once more. Later changes
/// to the network do not reach it.
///
/// Proved by `an_encoded_predictor_agrees_with_the_network`.
///
/// ```
/// use chainrule::inputs::{EncodedRows, InputColumn, InputLayout};
/// use chainrule::neural_networks::SimpleNeuralNetwork;
///
/// let layout = InputLayout::new([InputColumn::Value, InputColumn::Steps(32)]);
/// let network = SimpleNeuralNetwork::<f32>::builder(33).out(1).build(0);
/// let mut predictor = network.encoded_predictor(&layout);
/// let mut rows = EncodedRows::zeros(&layout, 1);
/// rows.row_mut(0).value(0.5).steps(20, 0.75);
/// let y_hat: &[f32] = predictor.predict_row(&rows, 0);
/// assert_eq!(y_hat.len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct EncodedPredictor<R> {
    first: EncodedLayer<R>,
    b: Vec<R>,
    loss: Loss,
    /// The first layer's activation and the layers above it; none where the first layer is the out layer.
    above: Option<(Activation, Predictor<R>)>,
    looked_up: SparseRows<R>,
    z: Vec<R>,
    a: Vec<R>,
}

impl<R: Real> SimpleNeuralNetwork<R> {
    /// The network laid out for single rows that are encoded as `layout` says: no allocation after the first row.
    ///
    /// # Panics
    ///
    /// If the layout's columns do not stand for the network's number of inputs.
    #[track_caller]
    pub fn encoded_predictor(&self, layout: &Arc<InputLayout>) -> EncodedPredictor<R> {
        let hidden = self.hidden().first();
        let affine = hidden.map_or(&self.out().affine, |layer| &layer.affine);
        let mut first = EncodedLayer::with_room(layout, affine.inputs(), affine.outputs());
        first.prepare(affine.w.view()); // (E1)
        let room = || vec![R::zero(); affine.outputs()];
        EncodedPredictor {
            first,
            b: affine.b.to_vec(),
            loss: self.loss(),
            above: hidden.map(|layer| (layer.activation, Predictor::new(self, 1))),
            looked_up: SparseRows::default(),
            z: room(),
            a: room(),
        }
    }
}

impl<R: Real> EncodedPredictor<R> {
    /// What the network predicts for row `r` of `x`: one value for each output, the loss's link applied.
    ///
    /// # Panics
    ///
    /// If there is no such row, or the rows are encoded in another way.
    #[track_caller]
    pub fn predict_row(&mut self, x: &EncodedRows<R>, r: usize) -> &[R] {
        assert!(
            self.first.reads(x.layout()),
            "encoded rows for a predictor of another layout"
        );
        assert!(r < x.rows(), "row {r} of {}", x.rows());
        R::predict_encoded_row(self, x, r)
    }

    /// [`predict_row`](Self::predict_row), once the row is known to exist.
    pub(crate) fn run(&mut self, x: &EncodedRows<R>, r: usize) -> &[R] {
        let (u, shape) = (&mut self.looked_up, (1, self.b.len()));
        self.first.look_up(x, once(r), 1, u); // (E2)
        let z = ArrayViewMut2::from_shape(shape, &mut self.z).expect("as many as biases");
        self.first.forward(u, ArrayView1::from(&self.b), z); // (E3)
        match &mut self.above {
            Some((activation, above)) => {
                activation.forward(&self.z, &mut self.a); // (F2)
                above.predict_row(&self.a) // (F1, F2, F3)
            }
            None => {
                let y_hat = self.z.iter_mut();
                y_hat.for_each(|y| *y = self.loss.inverse_link(*y));
                &self.z
            }
        }
    }
}
