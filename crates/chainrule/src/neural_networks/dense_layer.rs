//! A dense hidden layer: an affine map and an activation. The equations of one layer, forward and backward, in order.
//!
//! It knows nothing of the loss, of the other layers, or of the number of rows it will be given. How `W` lies in memory
//! is hidden by [`Weights`], which thread sums up which rows by [`BlockSums`].

use ndarray::{Array2, ArrayView2, ArrayViewMut2};

use super::affine::Affine;
use super::workspace::Way;
use crate::Real;
use crate::activation_functions::Activation;
use crate::linear_algebra::{BlockSums, Rows, Weights, aligned, first_rows, first_rows_mut};

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

impl<R: Real> DenseLayer<R> {
    /// Fills `Z` and `A` for the rows of `x (n,i)`.
    #[track_caller]
    pub(super) fn forward(&self, w: &Weights<R>, x: ArrayView2<R>, state: &mut DenseState<R>) {
        let (n, b) = (x.nrows(), self.affine.b.view());
        w.affine(x, b, state.z_mut(n)); //                    Z = X Wᵀ + 1 bᵀ       (n,o)  (F1)
        self.activate(n, state);
    }

    /// Fills `A` from the `Z` of the state's first `n` rows.
    #[inline(always)]
    pub(super) fn activate(&self, n: usize, state: &mut DenseState<R>) {
        let (z, a) = state.z_and_a_mut(n);
        self.activation.forward(z, a); //                     A = a(Z)              (n,o)  (F2)
    }

    /// Turns the `∂C/∂A` of the state's first `n` rows into `G = ∂C/∂Z`, in place.
    #[inline(always)] // As `Weights::affine`; so below.
    #[track_caller]
    pub(super) fn backward(&self, n: usize, state: &mut DenseState<R>) {
        let (z, g) = state.z_and_dc_dz_mut(n);
        self.activation.multiply_by_derivative(z, g); //      G = ∂C/∂A ⊙ a'(Z)     (n,o)  (B1)
    }

    /// Adds what a block of rows gives to `∂C/∂W` and `∂C/∂b`.
    #[inline(always)]
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

/// What a dense layer remembers of one block of rows between forward and backward.
#[derive(Clone, Debug)]
pub struct DenseState<R> {
    z: Array2<R>,
    a: Array2<R>,
    /// Holds `∂C/∂A` until `DenseLayer::backward` multiplies it by `a'(Z)` in place.
    dc_dz: Array2<R>,
}

impl<R: Real> DenseState<R> {
    /// Room for `rows` rows of a layer with `outputs` neurons.
    pub(super) fn new(rows: usize, outputs: usize, way: Way) -> Self {
        let zeros = |rows| aligned::zeros_2((rows, outputs));
        DenseState {
            z: zeros(rows),
            a: zeros(rows),
            dc_dz: zeros(way.rows_back(rows)),
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
    pub(super) fn dc_da_mut(&mut self, n: usize) -> ArrayViewMut2<'_, R> {
        first_rows_mut(&mut self.dc_dz, n)
    }

    /// Where an affine map writes `Z (n,o)`.
    pub(super) fn z_mut(&mut self, n: usize) -> ArrayViewMut2<'_, R> {
        first_rows_mut(&mut self.z, n)
    }

    fn z_and_a_mut(&mut self, n: usize) -> (&[R], &mut [R]) {
        let elements = n * self.z.ncols();
        (
            &slice(&self.z)[..elements],
            &mut slice_mut(&mut self.a)[..elements],
        )
    }

    fn z_and_dc_dz_mut(&mut self, n: usize) -> (&[R], &mut [R]) {
        let elements = n * self.z.ncols();
        (
            &slice(&self.z)[..elements],
            &mut slice_mut(&mut self.dc_dz)[..elements],
        )
    }
}

fn slice<R>(matrix: &Array2<R>) -> &[R] {
    matrix.as_slice().expect("a state is row-major")
}

fn slice_mut<R>(matrix: &mut Array2<R>) -> &mut [R] {
    matrix.as_slice_mut().expect("a state is row-major")
}
