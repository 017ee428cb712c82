//! Prediction of a table, block by block: the forward pass alone.

use std::ops::Range;

use ndarray::{Array2, ArrayViewMut2, Axis, s};

use super::pass::Pass;
use super::simple_neural_network::SimpleNeuralNetwork;
use super::workspace::Workspace;
use crate::Real;
use crate::inputs::Inputs;
use crate::parallel::join;

/// Rows that go through the network together at prediction: enough to keep the products busy, few enough to stay in cache.
const PREDICTION_ROWS: usize = 256;
/// A thread takes at least so many blocks before another is asked to help.
const SHARED_BLOCKS: usize = 8;

impl<R: Real> SimpleNeuralNetwork<R> {
    /// What the network predicts for the rows of `x (n,i)`: `(n,o)`, in the target's units (the loss's link is applied).
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
    /// (see [`with_threads`](crate::with_threads)), blocks are shared among the pool's threads; the results are the same bits.
    ///
    /// # Panics
    ///
    /// If `x` has not the network's number of inputs.
    #[track_caller]
    pub fn predict_raw<'x>(&self, x: impl Into<Inputs<'x, R>>) -> Array2<R> {
        let x = x.into();
        assert_eq!(
            x.inputs(),
            self.inputs(),
            "X {:?} for a network of {} inputs",
            (x.rows(), x.inputs()),
            self.inputs()
        );
        let mut y_hat = Array2::zeros((x.rows(), self.outputs()));
        let pass = Pass::forward_only(self, x.layout());
        predict_blocks(self, &pass, x, 0..x.rows(), y_hat.view_mut());
        y_hat
    }
}

/// Fills `y_hat` for the given rows of `x`: long tables in halves of halves, each with a workspace of its own.
fn predict_blocks<R: Real>(
    network: &SimpleNeuralNetwork<R>,
    pass: &Pass<R>,
    x: Inputs<R>,
    rows: Range<usize>,
    mut y_hat: ArrayViewMut2<R>,
) {
    let n = rows.len();
    if n > SHARED_BLOCKS * PREDICTION_ROWS {
        // A whole number of blocks on the left, so that the cut changes no block.
        let middle = (n / 2).next_multiple_of(PREDICTION_ROWS);
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
    let mut workspace = Workspace::new(network, n.min(PREDICTION_ROWS));
    for start in (0..n).step_by(PREDICTION_ROWS) {
        let end = n.min(start + PREDICTION_ROWS);
        pass.forward_rows(x, rows.start + start..rows.start + end, &mut workspace);
        y_hat
            .slice_mut(s![start..end, ..])
            .assign(&workspace.out.y_hat(end - start));
    }
}
