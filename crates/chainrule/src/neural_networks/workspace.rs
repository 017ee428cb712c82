//! Working memory of a network: one block of rows on its way forward and back, and the gradients it leaves.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};

use super::affine::{Factors, LayerGradients};
use super::dense_layer::DenseState;
use super::out_layer::OutState;
use super::simple_neural_network::SimpleNeuralNetwork;
use crate::Real;

/// `Z`, `A`, `∂C/∂Z` of every layer for up to a fixed number of rows; allocated once, reused for every pass.
#[derive(Clone, Debug)]
pub struct Workspace<R> {
    /// One state per hidden layer, in order.
    pub hidden: Vec<DenseState<R>>,
    /// The out layer's state.
    pub out: OutState<R>,
}

impl<R: Real> Workspace<R> {
    /// Room for passes of `network` over at most `rows` rows.
    pub fn new(network: &SimpleNeuralNetwork<R>, rows: usize) -> Self {
        Workspace {
            hidden: network
                .hidden()
                .iter()
                .map(|layer| DenseState::new(rows, layer.affine.outputs()))
                .collect(),
            out: OutState::new(rows, network.outputs()),
        }
    }

    /// What the gradients of layer `l` are made of after a pass over the rows of `x (n,i)`: its input and its `G = ∂C/∂Z (n,o)`.
    #[inline(always)] // Views that are handed on by calls take 1 % of a small network's step.
    pub(crate) fn factors<'a>(&'a self, l: usize, x: ArrayView2<'a, R>) -> Factors<'a, R> {
        let n = x.nrows();
        Factors {
            x: self.input(l, x),
            packed_x: None,
            g: match self.hidden.get(l) {
                Some(layer) => layer.dc_dz(n),
                None => self.out.dc_dy_hat(n),
            },
        }
    }

    /// The input of layer `l` in that pass.
    #[inline(always)]
    pub(crate) fn input<'a>(&'a self, l: usize, x: ArrayView2<'a, R>) -> ArrayView2<'a, R> {
        match l {
            0 => x,
            _ => self.hidden[l - 1].a(x.nrows()),
        }
    }
}

/// `∂C/∂W` and `∂C/∂b` of every layer, the out layer last. A backward pass overwrites them; nobody zeroes.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients<R> {
    /// One pair per layer, the out layer last.
    pub layers: Vec<LayerGradients<R>>,
}

impl<R: Real> Gradients<R> {
    /// Zero gradients in the shapes of `network`'s parameters.
    pub fn zeros_like(network: &SimpleNeuralNetwork<R>) -> Self {
        Gradients {
            layers: network
                .affine_maps()
                .map(LayerGradients::zeros_like)
                .collect(),
        }
    }

    /// Every gradient as a row-major slice, in the order of [`SimpleNeuralNetwork::parameters`].
    pub fn slices(&self) -> impl Iterator<Item = &[R]> {
        self.layers.iter().flat_map(LayerGradients::slices)
    }

    /// The same, to write.
    pub fn slices_mut(&mut self) -> impl Iterator<Item = &mut [R]> {
        self.layers.iter_mut().flat_map(LayerGradients::slices_mut)
    }
}

/// The first `n` rows.
///
/// Split, not sliced: a slice is written to memory by a call and read back in other pieces, which takes 4 % of a small network's step.
pub(crate) fn first_rows<R>(matrix: &Array2<R>, n: usize) -> ArrayView2<'_, R> {
    matrix.view().split_at(Axis(0), n).0
}

/// The same, to write.
pub(super) fn first_rows_mut<R>(matrix: &mut Array2<R>, n: usize) -> ArrayViewMut2<'_, R> {
    matrix.view_mut().split_at(Axis(0), n).0
}
