//! A feed-forward network: hidden layers, an out layer, a loss; the order in which their equations run.
//!
//! It does not train itself: [`crate::training`] does, through the same `forward` and `backward`.

use std::fmt::Write;

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, s};

use super::affine::{Affine, Factors};
use super::builder::NetworkBuilder;
use super::workspace::{Gradients, Workspace};
use super::{DenseLayer, Init, OutLayer, Predictor};
use crate::Real;
use crate::activation_functions::Activation;
use crate::linear_algebra::PackedWeights;
use crate::loss_functions::Loss;
use crate::parallel::join;

/// Rows that go through the network together at prediction: enough to keep the products busy, few enough to stay in cache.
const PREDICTION_ROWS: usize = 256;
/// A thread takes at least so many blocks before another is asked to help.
const SHARED_BLOCKS: usize = 8;

/// A chain of [`DenseLayer`]s that ends in an [`OutLayer`], with the loss it is trained for.
///
/// ```
/// use chainrule::activation_functions::Activation;
/// use chainrule::neural_networks::SimpleNeuralNetwork;
///
/// let network = SimpleNeuralNetwork::<f32>::builder(10)
///     .dense(16, Activation::ReLU)
///     .dense(8, Activation::ReLU)
///     .out(1)
///     .build(42);
/// assert_eq!(network.parameter_count(), (10 * 16 + 16) + (16 * 8 + 8) + (8 + 1));
/// println!("{}", network.describe());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SimpleNeuralNetwork<R> {
    hidden: Vec<DenseLayer<R>>,
    out: OutLayer<R>,
    loss: Loss,
}

impl<R: Real> SimpleNeuralNetwork<R> {
    /// Begins a network of `inputs` inputs, to be built layer by layer.
    pub fn builder(inputs: usize) -> NetworkBuilder<R> {
        NetworkBuilder::new(inputs)
    }

    /// A network from its list of widths, inputs first, outputs last, with one activation for every hidden layer.
    ///
    /// # Panics
    ///
    /// If there are fewer than two widths.
    #[track_caller]
    pub fn from_widths(
        widths: &[usize],
        activation: Activation,
        loss: Loss,
        init: Init,
        seed: u64,
    ) -> Self {
        let [inputs, hidden @ .., outputs] = widths else {
            panic!(
                "a network needs at least its numbers of inputs and outputs, found the widths {widths:?}"
            )
        };
        let builder = hidden
            .iter()
            .fold(Self::builder(*inputs), |builder, &neurons| {
                builder.dense(neurons, activation)
            });
        builder.out(*outputs).loss(loss).init(init).build(seed)
    }

    /// A network of ready layers.
    ///
    /// # Panics
    ///
    /// If a layer does not take what the layer below gives.
    #[track_caller]
    pub fn from_layers(hidden: Vec<DenseLayer<R>>, out: OutLayer<R>, loss: Loss) -> Self {
        let network = SimpleNeuralNetwork { hidden, out, loss };
        let maps: Vec<_> = network.affine_maps().collect();
        for (l, pair) in maps.windows(2).enumerate() {
            assert_eq!(
                pair[0].outputs(),
                pair[1].inputs(),
                "layer {} has W {:?}, layer {} has W {:?}: they do not compose",
                l,
                pair[0].w.dim(),
                l + 1,
                pair[1].w.dim(),
            );
        }
        network
    }

    /// Number of inputs.
    pub fn inputs(&self) -> usize {
        self.affine_maps().next().map_or(0, Affine::inputs)
    }

    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.out.affine.outputs()
    }

    /// The loss that the network is trained for; its link turns raw outputs into predictions.
    pub fn loss(&self) -> Loss {
        self.loss
    }

    /// The hidden layers, in order.
    pub fn hidden(&self) -> &[DenseLayer<R>] {
        &self.hidden
    }

    /// The out layer.
    pub fn out(&self) -> &OutLayer<R> {
        &self.out
    }

    /// Number of weights and biases.
    pub fn parameter_count(&self) -> usize {
        self.affine_maps().map(Affine::parameter_count).sum()
    }

    /// Every layer's `W` and `b`, the out layer last.
    pub fn affine_maps(&self) -> impl Iterator<Item = &Affine<R>> {
        self.hidden
            .iter()
            .map(|layer| &layer.affine)
            .chain([&self.out.affine])
    }

    /// The same, to write.
    pub fn affine_maps_mut(&mut self) -> impl Iterator<Item = &mut Affine<R>> {
        self.hidden
            .iter_mut()
            .map(|layer| &mut layer.affine)
            .chain([&mut self.out.affine])
    }

    /// Every parameter as row-major slices: `W` then `b`, layer by layer, the out layer last.
    pub fn parameters(&self) -> impl Iterator<Item = &[R]> {
        self.affine_maps().flat_map(Affine::slices)
    }

    /// The same, to write.
    pub fn parameters_mut(&mut self) -> impl Iterator<Item = &mut [R]> {
        self.affine_maps_mut().flat_map(Affine::slices_mut)
    }

    /// Every parameter slice with its gradient, in the order of [`parameters`](Self::parameters).
    pub(crate) fn parameters_with_gradients<'a>(
        &'a mut self,
        gradients: &'a Gradients<R>,
    ) -> impl Iterator<Item = (&'a mut [R], &'a [R])> {
        let layers = self.affine_maps_mut().zip(&gradients.layers);
        layers.flat_map(|(affine, gradients)| {
            let ([w, b], [dc_dw, dc_db]) = (affine.slices_mut(), gradients.slices());
            [(w, dc_dw), (b, dc_db)]
        })
    }

    /// The same network in another precision.
    pub fn cast<S: Real>(&self) -> SimpleNeuralNetwork<S> {
        let hidden = self.hidden.iter().map(|l| DenseLayer {
            affine: l.affine.cast(),
            activation: l.activation,
        });
        SimpleNeuralNetwork {
            hidden: hidden.collect(),
            out: OutLayer {
                affine: self.out.affine.cast(),
            },
            loss: self.loss,
        }
    }

    /// Runs the rows of `x (n,i)` through every layer; the results stay in `workspace`.     (F1, F2, F3)
    ///
    /// # Panics
    ///
    /// If `x` has not the network's number of inputs, or more rows than the workspace has room for.
    #[track_caller]
    pub fn forward(&self, x: ArrayView2<R>, workspace: &mut Workspace<R>) {
        self.forward_packed(None, x, workspace);
    }

    /// [`forward`](Self::forward), equal but for rounding, with the weights as [`pack`](Self::pack) left them.
    #[track_caller]
    pub(crate) fn forward_packed(
        &self,
        packed: Option<&[PackedWeights<R>]>,
        x: ArrayView2<R>,
        workspace: &mut Workspace<R>,
    ) {
        let n = x.nrows();
        let packed = |l: usize| packed.map(|packed| &packed[l]);
        for (l, layer) in self.hidden.iter().enumerate() {
            let (below, rest) = workspace.hidden.split_at_mut(l);
            let input = below.last().map_or(x, |state| state.a(n));
            layer.forward_packed(packed(l), input, &mut rest[0]);
        }
        let input = workspace.hidden.last().map_or(x, |state| state.a(n));
        self.out
            .forward_packed(packed(self.hidden.len()), input, &mut workspace.out);
    }

    /// Every layer's weights, laid out for several forward passes.
    pub(crate) fn packed(&self) -> Vec<PackedWeights<R>> {
        let mut packed = self.room_to_pack();
        self.pack(&mut packed);
        packed
    }

    /// Where [`pack`](Self::pack) lays them out; zeros.
    pub(crate) fn room_to_pack(&self) -> Vec<PackedWeights<R>> {
        let zeros = |affine: &Affine<R>| PackedWeights::zeros(affine.inputs(), affine.outputs());
        self.affine_maps().map(zeros).collect()
    }

    /// Overwrites them with the present weights.
    pub(crate) fn pack(&self, packed: &mut [PackedWeights<R>]) {
        for (affine, packed) in self.affine_maps().zip(packed) {
            packed.pack(affine.w.view());
        }
    }

    /// Carries `∂C/∂Ŷ`, which the loss left in `workspace.out`, back through every layer and overwrites `gradients`.     (B1–B4)
    ///
    /// `x` is what [`forward`](Self::forward) was given.
    #[track_caller]
    pub fn backward(
        &self,
        x: ArrayView2<R>,
        workspace: &mut Workspace<R>,
        gradients: &mut Gradients<R>,
    ) {
        self.backward_inputs(None, x.nrows(), workspace);
        for (l, (affine, gradients)) in self.affine_maps().zip(&mut gradients.layers).enumerate() {
            let Factors { x, g, .. } = workspace.factors(l, x);
            affine.backward_parameters(x, g, gradients); // Gᵀ X (B2), Gᵀ 1 (B3)
        }
    }

    /// The first half of [`backward`](Self::backward), in which rows know nothing of each other: `∂C/∂Z (n,o)` of every layer.     (B1, B4)
    ///
    /// No `∂C/∂X` is computed for the first layer: nobody needs it.
    #[track_caller]
    pub(crate) fn backward_inputs(
        &self,
        packed: Option<&[Option<PackedWeights<R>>]>,
        n: usize,
        workspace: &mut Workspace<R>,
    ) {
        let packed = |l: usize| packed.and_then(|packed| packed[l].as_ref());
        if let Some(below) = workspace.hidden.last_mut() {
            // ∂C/∂X goes where the layer below keeps its ∂C/∂A.
            let (l, dc_dx) = (self.hidden.len(), below.dc_da_mut(n));
            self.out
                .backward_inputs_packed(packed(l), n, &workspace.out, dc_dx);
        }
        for (l, layer) in self.hidden.iter().enumerate().rev() {
            let (below, rest) = workspace.hidden.split_at_mut(l);
            let dc_dx = below.last_mut().map(|below| below.dc_da_mut(n));
            layer.backward_inputs_packed(packed(l), n, &mut rest[0], dc_dx);
        }
    }

    /// What the network predicts for the rows of `x (n,i)`: `(n,o)`, in the target's units (the loss's link is applied).
    ///
    /// # Panics
    ///
    /// If `x` has not the network's number of inputs.
    #[track_caller]
    pub fn predict(&self, x: ArrayView2<R>) -> Array2<R> {
        let mut prediction = self.predict_raw(x);
        prediction.mapv_inplace(|raw| self.loss.inverse_link(raw));
        prediction
    }

    /// The out layer's `Ŷ (n,o)` for the rows of `x (n,i)`, before any link.
    ///
    /// Rows go through block by block, so the working memory does not grow with `n`. Called on a thread of a rayon pool
    /// (see [`with_threads`](crate::with_threads)), blocks are shared among the pool's threads; the results are the same bits.
    ///
    /// # Panics
    ///
    /// If `x` has not the network's number of inputs.
    #[track_caller]
    pub fn predict_raw(&self, x: ArrayView2<R>) -> Array2<R> {
        assert_eq!(
            x.ncols(),
            self.inputs(),
            "X {:?} for a network of {} inputs",
            x.dim(),
            self.inputs()
        );
        let mut y_hat = Array2::zeros((x.nrows(), self.outputs()));
        self.predict_blocks(&self.packed(), x, y_hat.view_mut());
        y_hat
    }

    /// Fills `y_hat` for the rows of `x`: long tables in halves of halves, each with a workspace of its own.
    fn predict_blocks(
        &self,
        packed: &[PackedWeights<R>],
        x: ArrayView2<R>,
        mut y_hat: ArrayViewMut2<R>,
    ) {
        let n = x.nrows();
        if n > SHARED_BLOCKS * PREDICTION_ROWS {
            // A whole number of blocks on the left, so that the cut changes no block.
            let middle = (n / 2).next_multiple_of(PREDICTION_ROWS);
            let (x_left, x_right) = x.split_at(Axis(0), middle);
            let (y_left, y_right) = y_hat.split_at(Axis(0), middle);
            return join(
                || self.predict_blocks(packed, x_left, y_left),
                || self.predict_blocks(packed, x_right, y_right),
            );
        }
        let mut workspace = Workspace::new(self, n.min(PREDICTION_ROWS));
        for start in (0..n).step_by(PREDICTION_ROWS) {
            let end = n.min(start + PREDICTION_ROWS);
            let x = x.slice(s![start..end, ..]);
            self.forward_packed(Some(packed), x, &mut workspace);
            y_hat
                .slice_mut(s![start..end, ..])
                .assign(&workspace.out.y_hat(end - start));
        }
    }

    /// The network laid out for single rows: no allocation, a fraction of a microsecond for a small network.
    pub fn predictor(&self) -> Predictor<R> {
        Predictor::new(self)
    }

    /// A table of the layers: kind, shape of `W`, activation, number of parameters.
    pub fn describe(&self) -> String {
        let mut table = format!(
            "{:<7} {:<7} {:>12}  {:<18} {:>12}\n",
            "layer", "kind", "W (o,i)", "activation", "parameters"
        );
        let activations = self.hidden.iter().map(|layer| layer.activation.to_string());
        let kinds = activations
            .map(|a| ("dense", a))
            .chain([("output", "-".to_string())]);
        for (l, (affine, (kind, activation))) in self.affine_maps().zip(kinds).enumerate() {
            let shape = format!("({}, {})", affine.outputs(), affine.inputs());
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "{l:<7} {kind:<7} {shape:>12}  {activation:<18} {:>12}",
                affine.parameter_count()
            );
        }
        let _ = write!(
            table,
            "{} inputs, {} outputs, loss {}, {} parameters",
            self.inputs(),
            self.outputs(),
            self.loss,
            self.parameter_count()
        );
        table
    }
}
