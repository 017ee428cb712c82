//! The affine map that every layer begins with, and its backward equations.
//!
//! It knows nothing of activations, losses or the number of rows it will be given.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis};

use super::Init;
use crate::Real;
use crate::linear_algebra::{
    PackedRows, PackedWeights, TILED_FACTOR, affine, aligned, product_nn, product_over_rows,
    sum_columns,
};
use crate::parallel::join;
use crate::random::Random;

/// At most this many pieces of a layer's outputs are shared among threads, each of at least so many outputs: a product of fewer spends
/// its time on bringing the inputs near.
const MAX_PIECES: usize = 4;
const MIN_PIECE: usize = 64;
/// Multiplications of a layer that are worth being shared: some microseconds of one thread.
const SHARED_PRODUCT: usize = 1 << 18;
/// Rows of `W` that a product takes at a time: pieces are whole numbers of them.
const OUTPUTS_OF_A_TILE: usize = 8;

/// `Z = X Wᵀ + 1 bᵀ`, one row per sample.     `X (n,i)  W (o,i)  b (o)  Z (n,o)`     (F1)
///
/// Given `G = ∂C/∂Z (n,o)`:
///
/// ```text
/// ∂C/∂W = Gᵀ X  (o,i)  (B2)      ∂C/∂b = Gᵀ 1  (o)  (B3)      ∂C/∂X = G W  (n,i)  (B4)
/// ```
///
/// Proved by `dense_gradients_match_central_differences`.
#[derive(Debug, PartialEq)]
pub struct Affine<R> {
    /// Weights, `(o,i)`: row `k` holds what output `k` takes from each input.
    pub w: Array2<R>,
    /// Biases, `(o)`.
    pub b: Array1<R>,
}

impl<R: Real> Affine<R> {
    /// A map of the given parameters.
    ///
    /// # Panics
    ///
    /// If `W` has not one row for each element of `b`.
    #[track_caller]
    pub fn new(w: Array2<R>, b: Array1<R>) -> Self {
        assert_eq!(
            w.nrows(),
            b.len(),
            "W {:?} needs one row for each bias, b has {}",
            w.dim(),
            b.len()
        );
        Affine::copy(w.view(), b.view())
    }

    pub(super) fn random(inputs: usize, outputs: usize, init: Init, random: &mut Random) -> Self {
        let w = Array2::from_shape_simple_fn((outputs, inputs), || {
            init.weight(inputs, outputs, random)
        });
        let b = Array1::from_shape_simple_fn(outputs, || init.bias(random));
        Affine::new(w, b)
    }

    /// Number of inputs, `i`.
    pub fn inputs(&self) -> usize {
        self.w.ncols()
    }

    /// Number of outputs, `o`.
    pub fn outputs(&self) -> usize {
        self.w.nrows()
    }

    /// Number of weights and biases, `o i + o`.
    pub fn parameter_count(&self) -> usize {
        self.w.len() + self.b.len()
    }

    /// `Z ← X Wᵀ + 1 bᵀ`.     (F1)
    #[track_caller]
    pub fn forward(&self, x: ArrayView2<R>, z: ArrayViewMut2<R>) {
        self.forward_packed(None, x, z);
    }

    /// [`forward`](Self::forward), equal but for rounding, with `W` as it was packed for several calls.
    #[track_caller]
    pub(super) fn forward_packed(
        &self,
        packed: Option<&PackedWeights<R>>,
        x: ArrayView2<R>,
        z: ArrayViewMut2<R>,
    ) {
        // X Wᵀ + 1 bᵀ  (n,o)  (F1)
        match packed {
            Some(w) => w.affine(x, self.b.view(), z),
            None => affine(x, self.w.view(), self.b.view(), z),
        }
    }

    /// `∂C/∂W ← Gᵀ X` (B2) and `∂C/∂b ← Gᵀ 1` (B3).
    #[track_caller]
    pub fn backward_parameters(
        &self,
        x: ArrayView2<R>,
        g: ArrayView2<R>,
        gradients: &mut LayerGradients<R>,
    ) {
        gradients.sum_over_blocks(false, x.nrows(), 1, &|_| Factors {
            x,
            packed_x: None,
            g,
        });
    }

    /// `∂C/∂X ← G W`.     (B4)
    #[track_caller]
    pub fn backward_inputs(&self, g: ArrayView2<R>, dc_dx: ArrayViewMut2<R>) {
        self.backward_inputs_packed(None, g, dc_dx);
    }

    /// [`backward_inputs`](Self::backward_inputs), equal but for rounding, with the transpose of `W` as it was packed for several calls.
    #[inline(always)] // Views that are handed on by calls take 2 % of a small network's step.
    #[track_caller]
    pub(super) fn backward_inputs_packed(
        &self,
        packed: Option<&PackedWeights<R>>,
        g: ArrayView2<R>,
        dc_dx: ArrayViewMut2<R>,
    ) {
        // G W  (n,i)  (B4)
        match packed {
            Some(w) => w.backward_inputs(g, dc_dx),
            None => product_nn(g, self.w.view(), dc_dx),
        }
    }

    /// The same map in another precision.
    pub fn cast<S: Real>(&self) -> Affine<S> {
        let cast = |&v: &R| S::from_f64(v.to_f64());
        Affine::new(self.w.map(cast), self.b.map(cast))
    }

    /// `W` then `b`, each as one row-major slice.
    pub(crate) fn slices(&self) -> [&[R]; 2] {
        [
            self.w.as_slice().expect("W is row-major"),
            self.b.as_slice().expect("b is contiguous"),
        ]
    }

    pub(super) fn slices_mut(&mut self) -> [&mut [R]; 2] {
        [
            self.w.as_slice_mut().expect("W is row-major"),
            self.b.as_slice_mut().expect("b is contiguous"),
        ]
    }
}

impl<R: Clone> Affine<R> {
    /// Products, optimizers and files rely on row-major parameters; where they begin is a matter of speed.
    fn copy(w: ArrayView2<R>, b: ArrayView1<R>) -> Self {
        Affine {
            w: aligned::copy_2(w),
            b: aligned::copy_1(b),
        }
    }
}

impl<R: Clone> Clone for Affine<R> {
    fn clone(&self) -> Self {
        Affine::copy(self.w.view(), self.b.view())
    }
}

/// The gradients of one layer's parameters, in the parameters' shapes.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerGradients<R> {
    /// `∂C/∂W`, `(o,i)`.
    pub dc_dw: Array2<R>,
    /// `∂C/∂b`, `(o)`.
    pub dc_db: Array1<R>,
}

impl<R: Real> LayerGradients<R> {
    pub(super) fn zeros_like(affine: &Affine<R>) -> Self {
        LayerGradients {
            dc_dw: aligned::zeros_2(affine.w.dim()),
            dc_db: aligned::zeros_1(affine.b.len()),
        }
    }

    /// `∂C/∂W` then `∂C/∂b`, each as one row-major slice.
    pub(super) fn slices(&self) -> [&[R]; 2] {
        [
            self.dc_dw.as_slice().expect("row-major"),
            self.dc_db.as_slice().expect("contiguous"),
        ]
    }

    /// The same, to write.
    pub(super) fn slices_mut(&mut self) -> [&mut [R]; 2] {
        [
            self.dc_dw.as_slice_mut().expect("row-major"),
            self.dc_db.as_slice_mut().expect("contiguous"),
        ]
    }

    /// Whether ∂C/∂W is faster from rows that were laid out for it: where the layer is wide, and has so many outputs that copying its inputs
    /// is little beside the product.
    pub(crate) fn packs_rows(&self) -> bool {
        self.dc_dw.len() > TILED_FACTOR && self.dc_db.len() >= MIN_PIECE
    }

    /// `∂C/∂W ← Σ_m G_mᵀ X_m` and `∂C/∂b ← Σ_m G_mᵀ 1` over blocks `m` of rows, in their order.     `X_m (n,i)  G_m (n,o)`     (B2, B3, B5)
    ///
    /// `block(m)` gives `X_m` and `G_m` for each of `blocks` blocks of a batch of `rows` rows. With `add` the sums begin with what is
    /// there. Outputs are shared among the threads of a pool, in pieces that follow from the shapes.
    #[track_caller]
    pub(crate) fn sum_over_blocks<'a>(
        &mut self,
        add: bool,
        rows: usize,
        blocks: usize,
        block: &(impl Fn(usize) -> Factors<'a, R> + Sync),
    ) {
        let piece = match rows * self.dc_dw.len() {
            0..SHARED_PRODUCT => usize::MAX,
            _ => (self.dc_db.len().div_ceil(MAX_PIECES)).max(MIN_PIECE),
        };
        let mut outputs = Outputs {
            piece,
            first: 0,
            dc_dw: self.dc_dw.view_mut(),
            dc_db: self.dc_db.view_mut(),
        };
        outputs.sum_over_blocks(add, blocks, block);
    }
}

/// What one block of rows adds to the gradients of a layer.
pub(crate) struct Factors<'a, R> {
    /// `X (n,i)`.
    pub(crate) x: ArrayView2<'a, R>,
    /// The same, laid out for the sum, where [that is worth it](LayerGradients::packs_rows).
    pub(crate) packed_x: Option<&'a PackedRows<R>>,
    /// `G (n,o)`.
    pub(crate) g: ArrayView2<'a, R>,
}

/// The gradients of some of a layer's outputs.
struct Outputs<'g, R> {
    /// As many are not cut further.
    piece: usize,
    first: usize,
    dc_dw: ArrayViewMut2<'g, R>,
    dc_db: ArrayViewMut1<'g, R>,
}

impl<R: Real> Outputs<'_, R> {
    #[track_caller]
    fn sum_over_blocks<'a>(
        &mut self,
        add: bool,
        blocks: usize,
        block: &(impl Fn(usize) -> Factors<'a, R> + Sync),
    ) {
        let outputs = self.dc_db.len();
        if outputs > self.piece {
            let middle = (outputs / 2).next_multiple_of(OUTPUTS_OF_A_TILE);
            let (upper, lower) = self.dc_dw.view_mut().split_at(Axis(0), middle);
            let (left, right) = self.dc_db.view_mut().split_at(Axis(0), middle);
            let piece = |first, dc_dw, dc_db| Outputs {
                piece: self.piece,
                first,
                dc_dw,
                dc_db,
            };
            let mut upper = piece(self.first, upper, left);
            let mut lower = piece(self.first + middle, lower, right);
            return join(
                || upper.sum_over_blocks(add, blocks, block),
                || lower.sum_over_blocks(add, blocks, block),
            );
        }
        for m in 0..blocks {
            let mut factors = block(m);
            if outputs < factors.g.ncols() {
                let (_, from_first) = factors.g.split_at(Axis(1), self.first);
                (factors.g, _) = from_first.split_at(Axis(1), outputs);
            }
            let Factors { x, packed_x, g } = &factors;
            let add = add || m > 0; // (B5)
            match packed_x {
                Some(x) => x.product_over_rows(g, add, &mut self.dc_dw), // ∂C/∂W = Gᵀ X  (B2)
                None => product_over_rows(g, x, add, &mut self.dc_dw),   //   the same
            }
            sum_columns(g, add, &mut self.dc_db); // ∂C/∂b = Gᵀ 1  (B3)
        }
    }
}
