//! The output layer: an affine map whose result the loss reads.
//!
//! One output gives the notes' vector `ŷ = X wᵀ + b`; several give one column each. A link (the exponential of the
//! Poisson and Gamma deviances) belongs to the loss, not to this layer.

use ndarray::{Array2, ArrayView2, ArrayViewMut2};

use super::affine::Affine;
use super::workspace::Way;
use crate::Real;
use crate::linear_algebra::{BlockSums, Rows, Weights, aligned, first_rows, first_rows_mut};

/// `Ŷ = X Wᵀ + 1 bᵀ`.     `X (n,i)  W (o,i)  b (o)  Ŷ (n,o)`     (F3)
///
/// Backward starts from `G = ∂C/∂Ŷ`, which the loss gives:
///
/// ```text
/// ∂C/∂W = Gᵀ X  (B2)    ∂C/∂b = Gᵀ 1  (B3)    ∂C/∂X = G W  (B4)
/// ```
///
/// Proved by `out_gradients_match_central_differences`.
#[derive(Clone, Debug, PartialEq)]
pub struct OutLayer<R> {
    /// `W` and `b`.
    pub affine: Affine<R>,
}

impl<R: Real> OutLayer<R> {
    /// Fills `Ŷ` for the rows of `x (n,i)`.
    #[track_caller]
    pub(super) fn forward(&self, w: &Weights<R>, x: ArrayView2<R>, state: &mut OutState<R>) {
        let (n, b) = (x.nrows(), self.affine.b.view());
        w.affine(x, b, state.y_hat_mut(n)); //                Ŷ = X Wᵀ + 1 bᵀ       (n,o)  (F3)
    }

    /// Adds what a block of rows gives to `∂C/∂W` and `∂C/∂b`.
    #[inline(always)] // As `Weights::affine`; so below.
    #[track_caller]
    pub(super) fn sum_gradients(&self, x: &Rows<R>, g: &ArrayView2<R>, sums: &mut BlockSums<R>) {
        sums.add_product(g, x); //                            ∂C/∂W = Gᵀ X          (o,i)  (B2)
        sums.add_columns(g); //                               ∂C/∂b = Gᵀ 1          (o)    (B3)
    }

    /// Overwrites `∂C/∂X`, which is the `∂C/∂A` of the layer below.
    #[inline(always)]
    #[track_caller]
    pub(super) fn carry_back(&self, w: &Weights<R>, g: ArrayView2<R>, dc_dx: ArrayViewMut2<R>) {
        w.backward(g, dc_dx); //                              ∂C/∂X = G W           (n,i)  (B4)
    }
}

/// What the out layer remembers of one block of rows between forward and backward.
#[derive(Clone, Debug)]
pub struct OutState<R> {
    y_hat: Array2<R>,
    dc_dy_hat: Array2<R>,
}

impl<R: Real> OutState<R> {
    /// Room for `rows` rows of `outputs` outputs.
    pub(super) fn new(rows: usize, outputs: usize, way: Way) -> Self {
        let zeros = |rows| aligned::zeros_2((rows, outputs));
        OutState {
            y_hat: zeros(rows),
            dc_dy_hat: zeros(way.rows_back(rows)),
        }
    }

    /// `Ŷ (n,o)` of the last forward pass over `n` rows.
    pub fn y_hat(&self, n: usize) -> ArrayView2<'_, R> {
        first_rows(&self.y_hat, n)
    }

    /// `∂C/∂Ŷ (n,o)` as the loss wrote it.
    pub fn dc_dy_hat(&self, n: usize) -> ArrayView2<'_, R> {
        first_rows(&self.dc_dy_hat, n)
    }

    /// Where the loss writes `∂C/∂Ŷ (n,o)`.
    pub fn dc_dy_hat_mut(&mut self, n: usize) -> ArrayViewMut2<'_, R> {
        first_rows_mut(&mut self.dc_dy_hat, n)
    }

    /// `Ŷ` to read and `∂C/∂Ŷ` to write, as row-major slices of `n` rows: what a loss works on.
    pub fn loss_slices(&mut self, n: usize) -> (&[R], &mut [R]) {
        let elements = n * self.y_hat.ncols();
        let y_hat = self.y_hat.as_slice().expect("a state is row-major");
        let dc_dy_hat = self.dc_dy_hat.as_slice_mut().expect("a state is row-major");
        (&y_hat[..elements], &mut dc_dy_hat[..elements])
    }

    /// Where an affine map writes `Ŷ (n,o)`.
    pub(super) fn y_hat_mut(&mut self, n: usize) -> ArrayViewMut2<'_, R> {
        first_rows_mut(&mut self.y_hat, n)
    }
}
