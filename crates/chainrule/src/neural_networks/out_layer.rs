//! The output layer: an affine map whose result the loss reads.
//!
//! One output gives the notes' vector `ŷ = X wᵀ + b`; several give one column each. A link (the exponential of the Poisson and
//! Gamma deviances) belongs to the loss, not to this layer.

use ndarray::{Array2, ArrayView2, ArrayViewMut2};

use super::affine::Affine;
use super::workspace::{first_rows, first_rows_mut};
use crate::Real;
use crate::linear_algebra::{PackedWeights, aligned};

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

/// What the out layer remembers of one block of rows between forward and backward.
#[derive(Clone, Debug)]
pub struct OutState<R> {
    y_hat: Array2<R>,
    dc_dy_hat: Array2<R>,
}

impl<R: Real> OutState<R> {
    /// Room for `rows` rows of `outputs` outputs.
    pub fn new(rows: usize, outputs: usize) -> Self {
        OutState {
            y_hat: aligned::zeros_2((rows, outputs)),
            dc_dy_hat: aligned::zeros_2((rows, outputs)),
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
    pub(crate) fn loss_slices(&mut self, n: usize) -> (&[R], &mut [R]) {
        let elements = n * self.y_hat.ncols();
        let y_hat = self.y_hat.as_slice().expect("a state is row-major");
        let dc_dy_hat = self.dc_dy_hat.as_slice_mut().expect("a state is row-major");
        (&y_hat[..elements], &mut dc_dy_hat[..elements])
    }
}

impl<R: Real> OutLayer<R> {
    /// Fills `Ŷ` for the rows of `x (n,i)`.     (F3)
    #[track_caller]
    pub fn forward(&self, x: ArrayView2<R>, state: &mut OutState<R>) {
        self.forward_packed(None, x, state);
    }

    /// [`forward`](Self::forward), equal but for rounding, with `W` as it was packed for several calls.
    #[track_caller]
    pub(super) fn forward_packed(
        &self,
        packed: Option<&PackedWeights<R>>,
        x: ArrayView2<R>,
        state: &mut OutState<R>,
    ) {
        let y_hat = first_rows_mut(&mut state.y_hat, x.nrows());
        self.affine.forward_packed(packed, x, y_hat); // Ŷ = X Wᵀ + 1 bᵀ  (F3)
    }

    /// Overwrites `∂C/∂X (n,i)`, from the `∂C/∂Ŷ` of the state's first `n` rows.
    ///
    /// From the same `∂C/∂Ŷ` follow the gradients of `W` and `b`, by [`Affine::backward_parameters`].
    #[track_caller]
    pub fn backward_inputs(&self, n: usize, state: &OutState<R>, dc_dx: ArrayViewMut2<R>) {
        self.backward_inputs_packed(None, n, state, dc_dx);
    }

    /// [`backward_inputs`](Self::backward_inputs), equal but for rounding, with the transpose of `W` as it was packed for several calls.
    #[inline(always)] // Views that are handed on by calls take 2 % of a small network's step.
    #[track_caller]
    pub(super) fn backward_inputs_packed(
        &self,
        packed: Option<&PackedWeights<R>>,
        n: usize,
        state: &OutState<R>,
        dc_dx: ArrayViewMut2<R>,
    ) {
        let g = state.dc_dy_hat(n); // G = ∂C/∂Ŷ, since Ŷ = Z
        self.affine.backward_inputs_packed(packed, g, dc_dx); // G W  (B4)
    }
}
