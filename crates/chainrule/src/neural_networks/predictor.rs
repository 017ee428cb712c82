//! One row at a time: prediction without allocation, for streams, servers and embedded loops.

use pulp::{Simd, WithSimd};

use super::affine::Affine;
use super::pass::Pass;
use super::simple_neural_network::SimpleNeuralNetwork;
use crate::Real;
use crate::activation_functions::Activation;
use crate::linear_algebra::PackedWeights;
use crate::loss_functions::Loss;
use crate::simd::arch;

/// A network laid out for single rows; from [`SimpleNeuralNetwork::predictor`].
///
/// The weights of every layer are stored once more, in the order in which a row reads them. The equations are those of
/// a [`Pass`] (F1, F2, F3); the sums may be taken in another order, so results agree to rounding. Later changes to
/// the network do not reach it.
///
/// Proved by `a_predictor_agrees_with_the_network`.
///
/// ```
/// use chainrule::activation_functions::Activation;
/// use chainrule::neural_networks::SimpleNeuralNetwork;
///
/// let network = SimpleNeuralNetwork::<f32>::builder(3).dense(8, Activation::ReLU).out(1).build(0);
/// let mut predictor = network.predictor();
/// let y_hat: &[f32] = predictor.predict_row(&[0.5, -1.0, 2.0]);
/// assert_eq!(y_hat.len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Predictor<R> {
    layers: Vec<Layer<R>>,
    loss: Loss,
    inputs: usize,
    /// The row on its way, behind the first layer.
    row: Vec<R>,
    /// What the present layer writes.
    next: Vec<R>,
}

#[derive(Clone, Debug)]
struct Layer<R> {
    w: PackedWeights<R>,
    b: Vec<R>,
    activation: Activation,
}

impl<R: Real> SimpleNeuralNetwork<R> {
    /// The network laid out for single rows: no allocation, a fraction of a microsecond for a small network.
    pub fn predictor(&self) -> Predictor<R> {
        Predictor::new(self, 0)
    }
}

impl<R: Real> Predictor<R> {
    /// Of the layers from layer `first` on.
    pub(super) fn new(network: &SimpleNeuralNetwork<R>, first: usize) -> Self {
        let activations = network
            .hidden()
            .iter()
            .map(|layer| layer.activation)
            .chain([Activation::Identity]);
        let layers: Vec<_> = network
            .affine_maps()
            .zip(Pass::forward_only(network, None).into_layouts())
            .zip(activations)
            .map(|((affine, layout), activation)| Layer {
                w: layout.into_forward(),
                b: affine.b.to_vec(),
                activation,
            })
            .skip(first)
            .collect();
        let widest = network
            .affine_maps()
            .map(|affine| affine.outputs())
            .max()
            .unwrap_or(0);
        let room = || vec![R::zero(); widest];
        Predictor {
            layers,
            loss: network.loss(),
            inputs: network.affine_maps().nth(first).map_or(0, Affine::inputs),
            row: room(),
            next: room(),
        }
    }

    /// What the network predicts for one row of inputs: one value for each output, the loss's link applied.
    ///
    /// # Panics
    ///
    /// If the row has not the network's number of inputs.
    #[track_caller]
    pub fn predict_row(&mut self, x: &[R]) -> &[R] {
        assert_eq!(
            x.len(),
            self.inputs,
            "a row of {} for a network of {} inputs",
            x.len(),
            self.inputs
        );
        R::predict_row(self, x)
    }

    /// [`predict_row`](Self::predict_row), once the inputs are counted.
    pub(crate) fn run(&mut self, x: &[R]) -> &[R] {
        let outputs = arch().dispatch(Row { predictor: self, x });
        let y_hat = &mut self.row[..outputs];
        y_hat
            .iter_mut()
            .for_each(|y| *y = self.loss.inverse_link(*y));
        y_hat
    }
}

/// One row through all layers, entered once for the instruction set.
struct Row<'a, R> {
    predictor: &'a mut Predictor<R>,
    x: &'a [R],
}

impl<R: Real> WithSimd for Row<'_, R> {
    /// Number of outputs; they are at the front of `row`.
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let Predictor {
            layers, row, next, ..
        } = self.predictor;
        let mut width = 0;
        for (l, layer) in layers.iter().enumerate() {
            let outputs = layer.w.outputs();
            let x = if l == 0 { self.x } else { &row[..width] };
            let z = &mut next[..outputs];
            layer.w.affine_of_row(simd, x, &layer.b, z); // (F1, F3)
            if layer.activation == Activation::Identity {
                std::mem::swap(row, next);
            } else {
                layer
                    .activation
                    .forward_inside(&next[..outputs], &mut row[..outputs]); // (F2)
            }
            width = outputs;
        }
        width
    }
}
