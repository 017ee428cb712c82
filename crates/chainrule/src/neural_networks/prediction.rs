//! Prediction of a table, block by block: the forward pass alone.

use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, s};

use super::affine::Affine;
use super::pass::{Pass, Room};
use super::simple_neural_network::SimpleNeuralNetwork;
use super::workspace::Workspace;
use crate::Real;
use crate::inputs::{InputLayout, Inputs};
use crate::parallel::join;

/// Rows that go through a network together: enough to keep the products busy.
const FEWEST_ROWS: usize = 32;
const MOST_ROWS: usize = 256;
/// Neurons of the widest layer times rows that go through it together: few enough to stay in the first caches, and to
/// take no more memory than an allocator keeps from one prediction to the next.
const BLOCK: usize = 4096;
/// A thread takes at least so many rows before another is asked to help.
const SHARED_ROWS: usize = 2 * MOST_ROWS;

/// A network with its weights prepared for predictions, for whoever predicts again and again.
///
/// It predicts what [`SimpleNeuralNetwork::predict`] does, to the last bit, which prepares the weights at every call:
/// they are stored once more.
///
/// ```
/// use chainrule::inputs::{EncodedRows, InputColumn, InputLayout};
/// use chainrule::neural_networks::{PreparedNetwork, SimpleNeuralNetwork, Workspace};
///
/// let layout = InputLayout::new([InputColumn::Steps(32)]);
/// let network = SimpleNeuralNetwork::<f32>::builder(32).out(1).build(0);
/// let prepared = PreparedNetwork::new(network.clone(), Some(&layout));
/// let rows = EncodedRows::zeros(&layout, 3);
/// assert_eq!(prepared.predict(&rows), network.predict(&rows));
/// let mut workspace = Workspace::forward_only(&network, 3);
/// assert_eq!(prepared.predict_in(&rows, &mut workspace), network.predict(&rows));
/// ```
#[derive(Clone, Debug)]
pub struct PreparedNetwork<R> {
    network: SimpleNeuralNetwork<R>,
    room: Room<R>,
}

impl<R: Real> PreparedNetwork<R> {
    /// Prepares a network for rows that are encoded as `layout` says, or, without one, for matrices.
    ///
    /// # Panics
    ///
    /// If the layout's columns do not stand for the network's number of inputs.
    #[track_caller]
    pub fn new(network: SimpleNeuralNetwork<R>, layout: Option<&Arc<InputLayout>>) -> Self {
        let room = Pass::forward_only(&network, layout).into_room();
        PreparedNetwork { network, room }
    }

    /// The network.
    pub fn network(&self) -> &SimpleNeuralNetwork<R> {
        &self.network
    }

    /// See [`SimpleNeuralNetwork::predict`].
    ///
    /// # Panics
    ///
    /// If `x` does not have the network's number of inputs, or is not what the network was prepared for.
    #[track_caller]
    pub fn predict<'x>(&self, x: impl Into<Inputs<'x, R>>) -> Array2<R> {
        let pass = Pass::again(&self.network, &self.room);
        let mut prediction = predict_by(&self.network, &pass, x.into());
        prediction.mapv_inplace(|raw| self.network.loss().inverse_link(raw));
        prediction
    }

    /// [`predict`](Self::predict) in a workspace that networks of the same shape may share, so that nothing is
    /// allocated: for a few rows, whose way through a network is short.
    ///
    /// # Panics
    ///
    /// If `x` does not have the network's number of inputs, is not what the network was prepared for, or has more rows
    /// than the workspace has room for.
    #[track_caller]
    pub fn predict_in<'w, 'x>(
        &self,
        x: impl Into<Inputs<'x, R>>,
        workspace: &'w mut Workspace<R>,
    ) -> ArrayView2<'w, R> {
        let x = x.into();
        expect_inputs(&self.network, x);
        Pass::again(&self.network, &self.room).forward(x, workspace);
        let mut y_hat = workspace.out.y_hat_mut(x.rows());
        y_hat.mapv_inplace(|raw| self.network.loss().inverse_link(raw));
        workspace.out.y_hat(x.rows())
    }
}

impl<R: Real> PartialEq for PreparedNetwork<R> {
    /// The prepared weights follow from the network.
    fn eq(&self, other: &Self) -> bool {
        self.network == other.network
    }
}

impl<R: Real> SimpleNeuralNetwork<R> {
    /// What the network predicts for the rows of `x (n,i)`: `(n,o)`, in the target's units (the loss's link is
    /// applied).
    ///
    /// # Panics
    ///
    /// If `x` has not the network's number of inputs.
    #[track_caller]
    pub fn predict<'x>(&self, x: impl Into<Inputs<'x, R>>) -> Array2<R> {
        let mut prediction = self.predict_raw(x);
        prediction.mapv_inplace(|raw| self.loss().inverse_link(raw));
        prediction
    }

    /// The out layer's `Ŷ (n,o)` for the rows of `x (n,i)`, before any link.
    ///
    /// Rows go through block by block, so the working memory does not grow with `n`. Called on a thread of a rayon pool
    /// (see [`with_threads`](crate::with_threads)), blocks are shared among the pool's threads; the results are the
    /// same bits.
    ///
    /// # Panics
    ///
    /// If `x` has not the network's number of inputs.
    #[track_caller]
    pub fn predict_raw<'x>(&self, x: impl Into<Inputs<'x, R>>) -> Array2<R> {
        let x = x.into();
        expect_inputs(self, x);
        predict_by(self, &Pass::forward_only(self, x.layout()), x)
    }
}

#[track_caller]
fn expect_inputs<R: Real>(network: &SimpleNeuralNetwork<R>, x: Inputs<R>) {
    assert_eq!(
        x.inputs(),
        network.inputs(),
        "X {:?} for a network of {} inputs",
        (x.rows(), x.inputs()),
        network.inputs()
    );
}

/// `Ŷ (n,o)` for the rows of `x (n,i)`.
#[track_caller]
fn predict_by<R: Real>(
    network: &SimpleNeuralNetwork<R>,
    pass: &Pass<R>,
    x: Inputs<R>,
) -> Array2<R> {
    expect_inputs(network, x);
    let mut y_hat = Array2::zeros((x.rows(), network.outputs()));
    R::predict_raw(network, pass, x, y_hat.view_mut());
    y_hat
}

/// Fills `y_hat` for the given rows of `x`: long tables in halves of halves, each with a workspace of its own.
pub(crate) fn predict_blocks<R: Real>(
    network: &SimpleNeuralNetwork<R>,
    pass: &Pass<R>,
    x: Inputs<R>,
    rows: Range<usize>,
    mut y_hat: ArrayViewMut2<R>,
) {
    let n = rows.len();
    if n > SHARED_ROWS {
        // A whole number of blocks on the left, so that the cut changes no block.
        let middle = (n / 2).next_multiple_of(MOST_ROWS);
        let (left, right) = (
            rows.start..rows.start + middle,
            rows.start + middle..rows.end,
        );
        let (y_left, y_right) = y_hat.split_at(Axis(0), middle);
        return join(
            || predict_blocks(network, pass, x, left, y_left),
            || predict_blocks(network, pass, x, right, y_right),
        );
    }
    let block = rows_together(network);
    let mut workspace = Workspace::forward_only(network, n.min(block));
    let mut start = 0;
    while start < n {
        let end = match n - start {
            // One row alone is multiplied by other loops, which round otherwise.
            left if left == block + 1 => n - 2,
            left => start + left.min(block),
        };
        pass.forward_rows(x, rows.start + start..rows.start + end, &mut workspace);
        y_hat
            .slice_mut(s![start..end, ..])
            .assign(&workspace.out.y_hat(end - start));
        start = end;
    }
}

/// Rows that go through the network together: a power of two.
fn rows_together<R: Real>(network: &SimpleNeuralNetwork<R>) -> usize {
    let widest = network.affine_maps().map(Affine::outputs).max();
    let rows = BLOCK / widest.unwrap_or(1).max(1);
    1 << rows.clamp(FEWEST_ROWS, MOST_ROWS).ilog2()
}
