//! A dense hidden layer: an affine map and an activation.

use ndarray::{Array2, ArrayView2, ArrayViewMut2};

use super::affine::Affine;
use super::workspace::{first_rows, first_rows_mut};
use crate::Real;
use crate::activation_functions::Activation;
use crate::linear_algebra::{PackedWeights, aligned};

/// `A = a(Z)`, `Z = X Wᵀ + 1 bᵀ`.     `X (n,i)  W (o,i)  b (o)  Z, A (n,o)`     (F1, F2)
///
/// Backward takes `∂C/∂A` from the layer above and gives it on as `∂C/∂X`:
///
/// ```text
/// G = ∂C/∂Z = ∂C/∂A ⊙ a'(Z)  (B1)    ∂C/∂W = Gᵀ X  (B2)    ∂C/∂b = Gᵀ 1  (B3)    ∂C/∂X = G W  (B4)
/// ```
///
/// Proved by `dense_gradients_match_central_differences`.
#[derive(Clone, Debug, PartialEq)]
pub struct DenseLayer<R> {
    /// `W` and `b`.
    pub affine: Affine<R>,
    /// `a`.
    pub activation: Activation,
}

/// What a dense layer remembers of one block of rows between forward and backward.
#[derive(Clone, Debug)]
pub struct DenseState<R> {
    z: Array2<R>,
    a: Array2<R>,
    /// Holds `∂C/∂A` until [`DenseLayer::backward_inputs`] multiplies it by `a'(Z)` in place.
    dc_dz: Array2<R>,
}

impl<R: Real> DenseState<R> {
    /// Room for `rows` rows of a layer with `outputs` neurons.
    pub fn new(rows: usize, outputs: usize) -> Self {
        let zeros = || aligned::zeros_2((rows, outputs));
        DenseState {
            z: zeros(),
            a: zeros(),
            dc_dz: zeros(),
        }
    }

    /// `Z (n,o)` of the last forward pass over `n` rows.
    pub fn z(&self, n: usize) -> ArrayView2<'_, R> {
        first_rows(&self.z, n)
    }

    /// `A (n,o)` of the last forward pass over `n` rows.
    pub fn a(&self, n: usize) -> ArrayView2<'_, R> {
        first_rows(&self.a, n)
    }

    /// `∂C/∂Z (n,o)` of the last backward pass over `n` rows.
    pub fn dc_dz(&self, n: usize) -> ArrayView2<'_, R> {
        first_rows(&self.dc_dz, n)
    }

    /// Where the layer above writes `∂C/∂A (n,o)`.
    pub fn dc_da_mut(&mut self, n: usize) -> ArrayViewMut2<'_, R> {
        first_rows_mut(&mut self.dc_dz, n)
    }
}

impl<R: Real> DenseLayer<R> {
    /// Fills `Z` (F1) and `A` (F2) for the rows of `x (n,i)`.
    #[track_caller]
    pub fn forward(&self, x: ArrayView2<R>, state: &mut DenseState<R>) {
        self.forward_packed(None, x, state);
    }

    /// [`forward`](Self::forward), equal but for rounding, with `W` as it was packed for several calls.
    #[track_caller]
    pub(super) fn forward_packed(
        &self,
        packed: Option<&PackedWeights<R>>,
        x: ArrayView2<R>,
        state: &mut DenseState<R>,
    ) {
        let n = x.nrows();
        self.affine
            .forward_packed(packed, x, first_rows_mut(&mut state.z, n)); // Z = X Wᵀ + 1 bᵀ  (F1)
        let elements = n * self.affine.outputs();
        self.activation.forward(
            &slice(&state.z)[..elements],
            &mut slice_mut(&mut state.a)[..elements],
        ); // A = a(Z)  (F2)
    }

    /// Turns the `∂C/∂A` of the state's first `n` rows into `∂C/∂Z` and, where someone below asks for it, overwrites `∂C/∂X (n,i)`.
    ///
    /// From `∂C/∂Z` follow the gradients of `W` and `b`, by [`Affine::backward_parameters`].
    #[track_caller]
    pub fn backward_inputs(
        &self,
        n: usize,
        state: &mut DenseState<R>,
        dc_dx: Option<ArrayViewMut2<R>>,
    ) {
        self.backward_inputs_packed(None, n, state, dc_dx);
    }

    /// [`backward_inputs`](Self::backward_inputs), equal but for rounding, with the transpose of `W` as it was packed for several calls.
    #[inline(always)] // Views that are handed on by calls take 2 % of a small network's step.
    #[track_caller]
    pub(super) fn backward_inputs_packed(
        &self,
        packed: Option<&PackedWeights<R>>,
        n: usize,
        state: &mut DenseState<R>,
        dc_dx: Option<ArrayViewMut2<R>>,
    ) {
        let elements = n * self.affine.outputs();
        self.activation.multiply_by_derivative(
            &slice(&state.z)[..elements],
            &mut slice_mut(&mut state.dc_dz)[..elements],
        ); // G = ∂C/∂A ⊙ a'(Z)  (B1)
        if let Some(dc_dx) = dc_dx {
            self.affine
                .backward_inputs_packed(packed, state.dc_dz(n), dc_dx); // G W  (B4)
        }
    }
}

fn slice<R>(matrix: &Array2<R>) -> &[R] {
    matrix.as_slice().expect("a state is row-major")
}

fn slice_mut<R>(matrix: &mut Array2<R>) -> &mut [R] {
    matrix.as_slice_mut().expect("a state is row-major")
}
