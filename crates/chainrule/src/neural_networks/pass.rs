//! The way of a block of rows through a network, forward and back: the only one there is.
//!
//! Training, validation, prediction of tables, the gradient check and `chainrule explain` all run it. It brings the layers' equations into their
//! order and knows none of them; the loss stands between forward and backward and is not its business.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::gradients::{Gradients, LayerGradients};
use super::simple_neural_network::SimpleNeuralNetwork;
use super::workspace::Workspace;
use crate::Real;
use crate::linear_algebra::{Layout, Rows, Weights, sum_over_blocks};

/// A network with its weights prepared for many rows.
///
/// ```
/// use chainrule::activation_functions::Activation;
/// use chainrule::neural_networks::{Gradients, Pass, SimpleNeuralNetwork, Workspace};
/// use ndarray::array;
///
/// let network = SimpleNeuralNetwork::<f64>::builder(2).dense(3, Activation::Tanh).out(1).build(1);
/// let (x, y) = (array![[0.5, -1.0], [1.5, 0.25]], [1.0, -1.0]);
/// let (mut workspace, mut gradients) = (Workspace::new(&network, 2), Gradients::zeros_like(&network));
///
/// let pass = Pass::new(&network);
/// pass.forward(x.view(), &mut workspace); // Z, A and Ŷ
/// let (y_hat, dc_dy_hat) = workspace.out.loss_slices(2);
/// network.loss().sum_and_gradient(y_hat, &y, 1, None, 0.5, dc_dy_hat); // C and ∂C/∂Ŷ
/// pass.backward(x.view(), &mut workspace, &mut gradients); // ∂C/∂Z, then ∂C/∂W and ∂C/∂b
/// assert_eq!(gradients.layers[0].dc_dw.dim(), (3, 2));
/// ```
#[derive(Debug)]
pub struct Pass<'n, R> {
    network: &'n SimpleNeuralNetwork<R>,
    /// One for each layer, the out layer's last.
    layouts: Vec<Layout<R>>,
}

impl<'n, R: Real> Pass<'n, R> {
    /// Prepares the weights for passes forward and back.
    pub fn new(network: &'n SimpleNeuralNetwork<R>) -> Self {
        let mut pass = Pass::with_room(network, room_for_layouts(network));
        pass.prepare_forward();
        pass.prepare_backward();
        pass
    }

    /// Prepares them for passes forward.
    pub(super) fn forward_only(network: &'n SimpleNeuralNetwork<R>) -> Self {
        let mut pass = Pass::with_room(network, room_for_layouts(network));
        pass.prepare_forward();
        pass
    }

    /// A pass whose weights are still to be prepared, in memory that [`room_for_layouts`] or an earlier pass left.
    pub(crate) fn with_room(network: &'n SimpleNeuralNetwork<R>, layouts: Vec<Layout<R>>) -> Self {
        Pass { network, layouts }
    }

    /// The memory of the prepared weights, for another pass.
    pub(crate) fn into_room(self) -> Vec<Layout<R>> {
        self.layouts
    }

    /// Lays out what a forward pass reads.
    pub(crate) fn prepare_forward(&mut self) {
        for (layout, affine) in self.layouts.iter_mut().zip(self.network.affine_maps()) {
            layout.prepare_forward(affine.w.view());
        }
    }

    /// Lays out what a backward pass reads.
    pub(crate) fn prepare_backward(&mut self) {
        for (layout, affine) in self.layouts.iter_mut().zip(self.network.affine_maps()) {
            layout.prepare_backward(affine.w.view());
        }
    }

    /// Runs the rows of `x (n,i)` through every layer; the results stay in `workspace`.     (F1, F2, F3)
    ///
    /// # Panics
    ///
    /// If `x` has not the network's number of inputs, or more rows than the workspace has room for.
    #[track_caller]
    pub fn forward(&self, x: ArrayView2<R>, workspace: &mut Workspace<R>) {
        let n = x.nrows();
        for (l, layer) in self.network.hidden().iter().enumerate() {
            let (below, rest) = workspace.hidden.split_at_mut(l);
            let input = below.last().map_or(x, |state| state.a(n));
            layer.forward(&self.weights(l), input, &mut rest[0]); // (F1, F2)
        }
        let (l, out) = (self.network.hidden().len(), self.network.out());
        let input = workspace.hidden.last().map_or(x, |state| state.a(n));
        out.forward(&self.weights(l), input, &mut workspace.out); // (F3)
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
        let n = x.nrows();
        self.backward_rows(n, workspace);
        for (l, gradients) in gradients.layers.iter_mut().enumerate().rev() {
            let block = |_| (Rows::InPlace(workspace.input(l, x)), workspace.g(l, n));
            self.sum_gradients(l, gradients, false, n, 1, &block);
        }
    }

    /// The part of [`backward`](Self::backward) in which rows know nothing of each other: `∂C/∂Z (n,o)` of every layer.     (B1, B4)
    ///
    /// No `∂C/∂X` is computed for the first layer: there is no layer below to read it.
    #[track_caller]
    pub(crate) fn backward_rows(&self, n: usize, workspace: &mut Workspace<R>) {
        let (l, out) = (self.network.hidden().len(), self.network.out());
        if let Some(below) = workspace.hidden.last_mut() {
            // ∂C/∂X goes where the layer below keeps its ∂C/∂A.
            let g = workspace.out.dc_dy_hat(n);
            out.carry_back(&self.weights(l), g, below.dc_da_mut(n)); // (B4)
        }
        for (l, layer) in self.network.hidden().iter().enumerate().rev() {
            let (below, rest) = workspace.hidden.split_at_mut(l);
            let state = &mut rest[0];
            layer.backward(n, state); // (B1)
            if let Some(below) = below.last_mut() {
                layer.carry_back(&self.weights(l), state.dc_dz(n), below.dc_da_mut(n)); // (B4)
            }
        }
    }

    /// The other part, in which rows are summed up: `∂C/∂W` and `∂C/∂b` of layer `l` over several blocks of rows, in their order.     (B2, B3, B5)
    ///
    /// `block(m)` gives the layer's `X (n,i)` and `G (n,o)` of each of `blocks` blocks of a batch of `rows` rows. If the batch has earlier
    /// blocks, the sums go on from what is there. On a pool's threads, they share the outputs; the sums have the same bits.
    #[inline(always)] // Views that are handed on by calls take 1 % of a small network's step.
    #[track_caller]
    pub(crate) fn sum_gradients<'w>(
        &self,
        l: usize,
        gradients: &mut LayerGradients<R>,
        goes_on: bool,
        rows: usize,
        blocks: usize,
        block: &(impl Fn(usize) -> (Rows<'w, R>, ArrayView2<'w, R>) + Sync),
    ) {
        let LayerGradients { dc_dw, dc_db } = gradients;
        sum_over_blocks((dc_dw, dc_db), goes_on, rows, blocks, &|m, sums| {
            let (x, g) = block(m);
            match self.network.hidden().get(l) {
                Some(layer) => layer.sum_gradients(&x, &g, sums), // (B2, B3)
                None => self.network.out().sum_gradients(&x, &g, sums), // (B2, B3)
            }
        });
    }

    /// `∂C/∂X (n,i)` of layer `l`, from its `G (n,o)`: what [`backward`](Self::backward) hands to the layer below, and of the first layer what
    /// it leaves out.     (B4)
    #[track_caller]
    pub fn input_gradient(&self, l: usize, g: ArrayView2<R>, dc_dx: ArrayViewMut2<R>) {
        match self.network.hidden().get(l) {
            Some(layer) => layer.carry_back(&self.weights(l), g, dc_dx),
            None => self.network.out().carry_back(&self.weights(l), g, dc_dx),
        }
    }

    /// The weights of layer `l` as its products read them.
    #[inline(always)]
    fn weights(&self, l: usize) -> Weights<'_, R> {
        let affine = match self.network.hidden().get(l) {
            Some(layer) => &layer.affine,
            None => &self.network.out().affine,
        };
        Weights {
            w: affine.w.view(),
            layout: &self.layouts[l],
        }
    }
}

/// Memory for the prepared weights of `network`.
pub(crate) fn room_for_layouts<R: Real>(network: &SimpleNeuralNetwork<R>) -> Vec<Layout<R>> {
    let maps = network.affine_maps().enumerate();
    maps.map(|(l, affine)| Layout::with_room(affine.inputs(), affine.outputs(), l > 0))
        .collect()
}
