//! The way of a block of rows through a network, forward and back: the only one there is.
//!
//! Training, validation, prediction of tables, the gradient check and `chainrule explain` all run it. It brings the
//! layers' equations into their order and knows none of them; the loss stands between forward and backward and is not
//! its business.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use ndarray::{ArrayView2, ArrayViewMut2, s};

use super::encoded_layer::EncodedLayer;
use super::gradients::{Gradients, LayerGradients};
use super::simple_neural_network::SimpleNeuralNetwork;
use super::workspace::{Way, Workspace};
use crate::Real;
use crate::inputs::{EncodedRows, InputLayout, Inputs};
use crate::linear_algebra::{
    Layout, PanelSums, Part, Rows, RunningSumGradients, SparseRows, Weights, sum_over_blocks,
};

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
pub struct Pass<'n, R: Clone> {
    network: &'n SimpleNeuralNetwork<R>,
    room: Cow<'n, Room<R>>,
}

/// The memory of a network's prepared weights, which one pass leaves to the next.
#[derive(Clone, Debug)]
pub(crate) struct Room<R> {
    /// One for each layer, the out layer's last; empty for a first layer that reads encoded rows.
    layouts: Vec<Layout<R>>,
    /// The first layer, where it reads encoded rows.
    encoded: Option<EncodedLayer<R>>,
}

impl<R: Real> Room<R> {
    /// Memory for passes of `network` over a matrix, or over rows that are encoded as `layout` says.
    ///
    /// # Panics
    ///
    /// If the layout's columns stand for another number of inputs.
    #[track_caller]
    pub(crate) fn new(
        network: &SimpleNeuralNetwork<R>,
        layout: Option<&Arc<InputLayout>>,
        way: Way,
    ) -> Self {
        let first = network.affine_maps().next();
        let encoded = layout.zip(first).map(|(layout, affine)| {
            EncodedLayer::with_room(layout, affine.inputs(), affine.outputs())
        });
        let maps = network.affine_maps().enumerate();
        let layouts = maps.map(|(l, affine)| match (l, &encoded) {
            (0, Some(_)) => Layout::with_room(0, affine.outputs(), false),
            _ => {
                let carries_back = way == Way::ForwardAndBack && l > 0;
                Layout::with_room(affine.inputs(), affine.outputs(), carries_back)
            }
        });
        Room {
            layouts: layouts.collect(),
            encoded,
        }
    }

    /// Whether this is the memory for rows that are encoded as `layout` says.
    #[inline(always)]
    pub(crate) fn reads(&self, layout: Option<&Arc<InputLayout>>) -> bool {
        match (&self.encoded, layout) {
            (None, None) => true,
            (Some(layer), Some(layout)) => layer.reads(layout),
            _ => false,
        }
    }
}

impl<'n, R: Real> Pass<'n, R> {
    /// Prepares the weights for passes of a matrix forward and back.
    pub fn new(network: &'n SimpleNeuralNetwork<R>) -> Self {
        Pass::prepared(network, None)
    }

    /// Prepares them for passes of encoded rows.
    ///
    /// # Panics
    ///
    /// If the layout's columns do not stand for the network's number of inputs.
    #[track_caller]
    pub fn of_encoded(network: &'n SimpleNeuralNetwork<R>, layout: &Arc<InputLayout>) -> Self {
        Pass::prepared(network, Some(layout))
    }

    /// Prepares them for passes over such rows.
    #[track_caller]
    pub(crate) fn prepared(
        network: &'n SimpleNeuralNetwork<R>,
        layout: Option<&Arc<InputLayout>>,
    ) -> Self {
        let mut pass = Pass::with_room(network, Room::new(network, layout, Way::ForwardAndBack));
        R::prepare_forward(&mut pass);
        R::prepare_backward(&mut pass);
        pass
    }

    /// Prepares them for passes forward.
    #[track_caller]
    pub(super) fn forward_only(
        network: &'n SimpleNeuralNetwork<R>,
        layout: Option<&Arc<InputLayout>>,
    ) -> Self {
        let mut pass = Pass::with_room(network, Room::new(network, layout, Way::Forward));
        R::prepare_forward(&mut pass);
        pass
    }

    /// A pass whose weights are still to be prepared, in the memory that it is given.
    pub(crate) fn with_room(network: &'n SimpleNeuralNetwork<R>, room: Room<R>) -> Self {
        let room = Cow::Owned(room);
        Pass { network, room }
    }

    /// A pass forward with weights that were prepared before.
    pub(super) fn again(network: &'n SimpleNeuralNetwork<R>, room: &'n Room<R>) -> Self {
        let room = Cow::Borrowed(room);
        Pass { network, room }
    }

    /// The memory of the prepared weights, for another pass.
    pub(crate) fn into_room(self) -> Room<R> {
        self.room.into_owned()
    }

    /// What the forward pass of each layer reads, for whoever runs it on single rows.
    pub(super) fn into_layouts(self) -> Vec<Layout<R>> {
        self.into_room().layouts
    }

    /// Lays out what a forward pass reads.
    pub(crate) fn prepare_forward(&mut self) {
        let Room { layouts, encoded } = self.room.to_mut();
        let mut layers = layouts.iter_mut().zip(self.network.affine_maps());
        if let Some(encoded) = encoded
            && let Some((_, affine)) = layers.next()
        {
            encoded.prepare(affine.w.view()); // (E1)
        }
        for (layout, affine) in layers {
            layout.prepare_forward(affine.w.view());
        }
    }

    /// Lays out what a backward pass reads.
    pub(crate) fn prepare_backward(&mut self) {
        let layouts = self.room.to_mut().layouts.iter_mut();
        for (layout, affine) in layouts.zip(self.network.affine_maps()) {
            layout.prepare_backward(affine.w.view());
        }
    }

    /// Runs the rows of `x (n,i)` through every layer; the results stay in `workspace`.     (F1, F2, F3)
    ///
    /// # Panics
    ///
    /// If `x` is not what the pass was prepared for, does not have the network's number of inputs, or has more rows
    /// than the workspace has room for.
    #[track_caller]
    pub fn forward<'x>(&self, x: impl Into<Inputs<'x, R>>, workspace: &mut Workspace<R>) {
        R::forward(self, x.into(), workspace);
    }

    /// [`forward`](Self::forward) for some rows that follow each other.
    #[track_caller]
    pub(crate) fn forward_rows(
        &self,
        x: Inputs<R>,
        rows: Range<usize>,
        workspace: &mut Workspace<R>,
    ) {
        match x {
            Inputs::Dense(x) => self.forward_dense(x.slice(s![rows, ..]), workspace),
            Inputs::Encoded(x) => self.forward_encoded(x, rows, workspace),
        }
    }

    /// [`forward`](Self::forward) for a matrix.
    #[track_caller]
    pub(crate) fn forward_dense(&self, x: ArrayView2<R>, workspace: &mut Workspace<R>) {
        assert!(
            self.room.encoded.is_none(),
            "a matrix in a pass that was prepared for encoded rows"
        );
        let weights = self.weights(0);
        match self.network.hidden().first() {
            Some(layer) => layer.forward(&weights, x, &mut workspace.hidden[0]), // (F1, F2)
            None => self.network.out().forward(&weights, x, &mut workspace.out), // (F3)
        }
        self.forward_above(x.nrows(), workspace);
    }

    /// [`forward`](Self::forward) for the given encoded rows, in their order.
    #[track_caller]
    pub(crate) fn forward_encoded(
        &self,
        x: &EncodedRows<R>,
        rows: impl ExactSizeIterator<Item = usize>,
        workspace: &mut Workspace<R>,
    ) {
        assert!(
            self.room.reads(Some(x.layout())),
            "encoded rows in a pass that was not prepared for their layout"
        );
        let n = rows.len();
        let Some(encoded) = &self.room.encoded else {
            return;
        };
        let room = workspace.rows();
        let u = &mut workspace.looked_up;
        encoded.look_up(x, rows, room, u); // (E2)
        match self.network.hidden().first() {
            Some(layer) => {
                let state = &mut workspace.hidden[0];
                encoded.forward(u, layer.affine.b.view(), state.z_mut(n)); // (E3)
                layer.activate(n, state); // (F2)
            }
            None => {
                let b = self.network.out().affine.b.view();
                encoded.forward(u, b, workspace.out.y_hat_mut(n)); // (E3)
            }
        }
        self.forward_above(n, workspace);
    }

    /// The layers above the first.
    #[track_caller]
    fn forward_above(&self, n: usize, workspace: &mut Workspace<R>) {
        for (l, layer) in self.network.hidden().iter().enumerate().skip(1) {
            let (below, rest) = workspace.hidden.split_at_mut(l);
            layer.forward(&self.weights(l), below[l - 1].a(n), &mut rest[0]); // (F1, F2)
        }
        if let Some(below) = workspace.hidden.last() {
            let (l, out) = (self.network.hidden().len(), self.network.out());
            out.forward(&self.weights(l), below.a(n), &mut workspace.out); // (F3)
        }
    }

    /// Carries `∂C/∂Ŷ`, which the loss left in `workspace.out`, back through every layer and overwrites `gradients`.
    /// (B1–B4)
    ///
    /// `x` is what [`forward`](Self::forward) was given.
    #[track_caller]
    pub fn backward<'x>(
        &self,
        x: impl Into<Inputs<'x, R>>,
        workspace: &mut Workspace<R>,
        gradients: &mut Gradients<R>,
    ) {
        R::backward(self, x.into(), workspace, gradients);
    }

    /// [`backward`](Self::backward), for either kind of inputs.
    #[track_caller]
    pub(crate) fn backward_inputs(
        &self,
        x: Inputs<R>,
        workspace: &mut Workspace<R>,
        gradients: &mut Gradients<R>,
    ) {
        let n = x.rows();
        self.backward_rows(n, workspace);
        for (l, gradients) in gradients.layers.iter_mut().enumerate().rev() {
            match x {
                Inputs::Encoded(_) if l == 0 => {
                    let (outputs, inputs) = gradients.dc_dw.dim();
                    let mut sums = RunningSumGradients::zeros(inputs, outputs);
                    let whole = Part {
                        goes_on: false,
                        is_last: true,
                    };
                    let block = |_| (&workspace.looked_up, workspace.g(0, n));
                    self.sum_encoded_gradients(&mut sums, gradients, whole, 1, &block);
                }
                Inputs::Encoded(_) => {
                    let block = |_| (Rows::InPlace(workspace.below(l, n)), workspace.g(l, n));
                    self.sum_gradients(l, gradients, false, n, 1, &block);
                }
                Inputs::Dense(x) => {
                    let block = |_| (Rows::InPlace(workspace.input(l, x)), workspace.g(l, n));
                    self.sum_gradients(l, gradients, false, n, 1, &block);
                }
            }
        }
    }

    /// The part of [`backward`](Self::backward) in which rows know nothing of each other: `∂C/∂Z (n,o)` of every layer.
    /// (B1, B4)
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

    /// The other part, in which rows are summed up: `∂C/∂W` and `∂C/∂b` of layer `l` over several blocks of rows, in
    /// their order.     (B2, B3, B5)
    ///
    /// `block(m)` gives the layer's `X (n,i)` and `G (n,o)` of each of `blocks` blocks of a batch of `rows` rows. If
    /// the batch has earlier blocks, the sums go on from what is there. On a pool's threads, they share the outputs;
    /// the sums have the same bits.
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

    /// The same for a first layer that reads encoded rows; `block(m)` gives what block `m` looked up, and its
    /// `G (n,o)`. The layer's gradients are complete behind the last part of the batch.     (B3, B5, E4, E5)
    ///
    /// # Panics
    ///
    /// If the pass was prepared for a matrix.
    #[track_caller]
    pub(crate) fn sum_encoded_gradients<'w>(
        &self,
        sums: &mut RunningSumGradients<R>,
        gradients: &mut LayerGradients<R>,
        part: Part,
        blocks: usize,
        block: &(impl Fn(usize) -> (&'w SparseRows<R>, ArrayView2<'w, R>) + Sync),
    ) {
        let encoded = self.room.encoded.as_ref();
        let encoded = encoded.expect("a pass that was prepared for encoded rows");
        let LayerGradients { dc_dw, dc_db } = gradients;
        let add = |m, sums: &mut PanelSums<R>| {
            let (u, g) = block(m);
            encoded.sum_gradients(u, &g, sums); // (B3, E4)
        };
        let carry = |sums: &mut PanelSums<R>| encoded.carry_to_weights(sums); // (E5)
        sums.sum_over_blocks((dc_dw, dc_db), part, blocks, &add, &carry);
    }

    /// `∂C/∂X (n,i)` of layer `l`, from its `G (n,o)`: what [`backward`](Self::backward) hands to the layer below, and
    /// of the first layer what it leaves out.     (B4)
    #[track_caller]
    pub fn input_gradient(&self, l: usize, g: ArrayView2<R>, dc_dx: ArrayViewMut2<R>) {
        R::input_gradient(self, l, g, dc_dx);
    }

    /// [`input_gradient`](Self::input_gradient), where it is compiled.
    #[track_caller]
    pub(crate) fn carry_back(&self, l: usize, g: ArrayView2<R>, dc_dx: ArrayViewMut2<R>) {
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
            layout: &self.room.layouts[l],
        }
    }
}
