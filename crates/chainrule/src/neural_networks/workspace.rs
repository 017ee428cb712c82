//! Working memory of a network: one block of rows on its way forward and back, and the gradients it leaves.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};

use super::affine::LayerGradients;
use super::dense_layer::DenseState;
use super::out_layer::OutState;
use super::simple_neural_network::SimpleNeuralNetwork;
use crate::Real;
use crate::linear_algebra::vectorized;
use crate::parallel::{SHARED_PIECE, join};

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
        self.layers.iter().flat_map(|layer| {
            [
                layer.dc_dw.as_slice().expect("row-major"),
                layer.dc_db.as_slice().expect("contiguous"),
            ]
        })
    }

    /// The same, to write.
    pub fn slices_mut(&mut self) -> impl Iterator<Item = &mut [R]> {
        self.layers.iter_mut().flat_map(|layer| {
            [
                layer.dc_dw.as_slice_mut().expect("row-major"),
                layer.dc_db.as_slice_mut().expect("contiguous"),
            ]
        })
    }

    /// Adds other blocks' gradients, in their order: the gradient of a batch is the sum of its blocks' gradients.     (B5)
    ///
    /// Shared among the threads of a pool, piece by piece; each element's sum stays the same.
    pub(crate) fn add<'a>(&mut self, others: &(impl Fn(usize) -> Option<&'a Gradients<R>> + Sync)) {
        for (tensor, sum) in self.slices_mut().enumerate() {
            add_shared(sum, 0, &|block| {
                others(block).map(|other| other.slice(tensor))
            });
        }
    }

    /// Slice number `tensor` of [`slices`](Self::slices).
    fn slice(&self, tensor: usize) -> &[R] {
        let layer = &self.layers[tensor / 2];
        let (w, b) = (layer.dc_dw.as_slice(), layer.dc_db.as_slice());
        if tensor.is_multiple_of(2) {
            w.expect("row-major")
        } else {
            b.expect("contiguous")
        }
    }
}

/// `sum ← sum + block 0 + block 1 + …`, where `sum` begins at `offset` of the blocks' slices.
fn add_shared<'a, R: Real>(
    sum: &mut [R],
    offset: usize,
    blocks: &(impl Fn(usize) -> Option<&'a [R]> + Sync),
) {
    if sum.len() > SHARED_PIECE {
        let middle = sum.len() / 2;
        let (left, right) = sum.split_at_mut(middle);
        return join(
            || add_shared(left, offset, blocks),
            || add_shared(right, offset + middle, blocks),
        );
    }
    for block in (0..).map_while(blocks) {
        let block = &block[offset..][..sum.len()];
        vectorized(|| sum.iter_mut().zip(block).for_each(|(s, &g)| *s += g));
    }
}

/// The first `n` rows; the whole matrix, without the cost of slicing, where it has no more.
pub(crate) fn first_rows<R>(matrix: &Array2<R>, n: usize) -> ArrayView2<'_, R> {
    if n == matrix.nrows() {
        matrix.view()
    } else {
        matrix.slice(s![..n, ..])
    }
}

/// The same, to write.
pub(super) fn first_rows_mut<R>(matrix: &mut Array2<R>, n: usize) -> ArrayViewMut2<'_, R> {
    if n == matrix.nrows() {
        matrix.view_mut()
    } else {
        matrix.slice_mut(s![..n, ..])
    }
}
