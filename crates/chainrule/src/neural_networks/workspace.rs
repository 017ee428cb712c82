//! Working memory of a network for one block of rows on its way forward and back.

use ndarray::ArrayView2;

use super::dense_layer::DenseState;
use super::out_layer::OutState;
use super::simple_neural_network::SimpleNeuralNetwork;
use crate::Real;
use crate::linear_algebra::SparseRows;

/// `Z`, `A`, `∂C/∂Z` of every layer for up to a fixed number of rows; allocated once, reused for every pass.
#[derive(Clone, Debug)]
pub struct Workspace<R> {
    /// One state per hidden layer, in order.
    pub hidden: Vec<DenseState<R>>,
    /// The out layer's state.
    pub out: OutState<R>,
    /// What encoded rows look up in the first layer; empty for a matrix.
    pub(crate) looked_up: SparseRows<R>,
    /// Rows that there is room for.
    rows: usize,
}

/// The ways that rows go through a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// To a prediction.
    Forward,
    /// To a prediction, and from its loss back to the gradients.
    ForwardAndBack,
}

impl Way {
    /// For how many of so many rows `∂C/∂Z` needs room.
    pub(super) fn rows_back(self, rows: usize) -> usize {
        match self {
            Way::Forward => 0,
            Way::ForwardAndBack => rows,
        }
    }
}

impl<R: Real> Workspace<R> {
    /// Room for passes of `network` over at most `rows` rows.
    pub fn new(network: &SimpleNeuralNetwork<R>, rows: usize) -> Self {
        Self::with_room(network, rows, Way::ForwardAndBack)
    }

    /// The same for predictions alone. A pass back panics in it, because it has no room for `∂C/∂Z`.
    pub fn forward_only(network: &SimpleNeuralNetwork<R>, rows: usize) -> Self {
        Self::with_room(network, rows, Way::Forward)
    }

    fn with_room(network: &SimpleNeuralNetwork<R>, rows: usize, way: Way) -> Self {
        let hidden = network.hidden().iter();
        Workspace {
            hidden: hidden
                .map(|layer| DenseState::new(rows, layer.affine.outputs(), way))
                .collect(),
            out: OutState::new(rows, network.outputs(), way),
            looked_up: SparseRows::default(),
            rows,
        }
    }

    /// What layer `l` took in a pass over the rows of `x (n,i)`: those rows, or `A (n,o)` of the layer below.
    #[inline(always)] // Views that are handed on by calls take 1 % of a small network's step.
    pub fn input<'a>(&'a self, l: usize, x: ArrayView2<'a, R>) -> ArrayView2<'a, R> {
        match l {
            0 => x,
            _ => self.below(l, x.nrows()),
        }
    }

    /// `A (n,o)` of the layer below layer `l`, which is not the first.
    #[inline(always)]
    pub(crate) fn below(&self, l: usize, n: usize) -> ArrayView2<'_, R> {
        self.hidden[l - 1].a(n)
    }

    /// Number of rows that a pass may have.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// `G (n,o)` of layer `l` after a pass over `n` rows: `∂C/∂Z`, or `∂C/∂Ŷ` of the out layer.
    #[inline(always)]
    pub fn g(&self, l: usize, n: usize) -> ArrayView2<'_, R> {
        match self.hidden.get(l) {
            Some(layer) => layer.dc_dz(n),
            None => self.out.dc_dy_hat(n),
        }
    }
}
