//! A first layer over encoded rows: the affine map of a dense layer, without the ones and zeros of its inputs.
//!
//! The network is the same, and so are its `W (o,i)` and `b (o)`: only `X` is not written out. How the sums lie in
//! memory is hidden by [`RunningSums`] and [`RunningSumGradients`](crate::linear_algebra::RunningSumGradients).

use std::sync::Arc;

use ndarray::{ArrayView1, ArrayView2, ArrayViewMut2};

use crate::Real;
use crate::inputs::{EncodedRows, InputLayout};
use crate::linear_algebra::{PanelSums, RunningSums, SparseRows};

/// `Z = X Wᵀ + 1 bᵀ` for rows `X` that were encoded.     `X, U (n,i)  W (o,i)  V (i,o)  b (o)  Z (n,o)`
///
/// In a column of bins, a row that has come through `k` of them and through the share `f` of the next has the inputs
/// `1, …, 1, f, 0, …, 0`. With running sums of the weights along the bins it needs two of them, whatever the number of
/// bins:
///
/// ```text
/// V_t = W_t + V_{t−1}  (E1)      Σ_{t<k} W_t + f W_k = (1 − f) V_{k−1} + f V_k  (E2)      Z = U V + 1 bᵀ  (E3)
/// ```
///
/// `W_t` is column `t` of `W`, `V_t` row `t` of `V`; the sums begin anew with each column. `U` holds the factors of
/// (E2). A value `x` is the factor of its own weights, and a level has the factor 1; for them `V_t` is `W_t`. Backward,
/// from `G = ∂C/∂Z`:
///
/// ```text
/// ∂C/∂V = Uᵀ G  (E4)      ∂C/∂W_t = Σ_{s ≥ t} ∂C/∂V_s  (E5)      ∂C/∂b = Gᵀ 1  (B3)
/// ```
///
/// There is no `∂C/∂X`: no layer is below.
///
/// Proved by `encoded_gradients_match_central_differences` and `encoded_rows_are_the_matrix_that_they_stand_for`.
#[derive(Clone, Debug)]
pub(crate) struct EncodedLayer<R> {
    layout: Arc<InputLayout>,
    v: RunningSums<R>,
}

impl<R: Real> EncodedLayer<R> {
    /// Room for the running sums of a layer's weights; zeros.
    ///
    /// # Panics
    ///
    /// If the columns do not stand for as many inputs as the layer has.
    #[track_caller]
    pub(super) fn with_room(layout: &Arc<InputLayout>, inputs: usize, outputs: usize) -> Self {
        assert_eq!(
            layout.inputs(),
            inputs,
            "inputs of the encoded rows and of the network"
        );
        EncodedLayer {
            layout: Arc::clone(layout),
            v: RunningSums::zeros(inputs, outputs),
        }
    }

    /// Whether it was prepared for rows that are encoded as `layout` says.
    #[inline(always)]
    pub(super) fn reads(&self, layout: &Arc<InputLayout>) -> bool {
        Arc::ptr_eq(&self.layout, layout) || self.layout == *layout
    }

    /// Overwrites `V`.
    #[track_caller]
    pub(super) fn prepare(&mut self, w: ArrayView2<R>) {
        self.v.sum_up(w, self.layout.goes_on()); //                 V_t = W_t + V_{t−1}          (i,o)  (E1)
    }

    /// Overwrites `U` with what the given rows of `x` look up; memory is taken for `room` rows, if they are more.
    pub(super) fn look_up(
        &self,
        x: &EncodedRows<R>,
        rows: impl ExactSizeIterator<Item = usize>,
        room: usize,
        u: &mut SparseRows<R>,
    ) {
        let layout = &*self.layout;
        u.begin(layout.inputs(), layout.terms(), rows.len(), room);
        for r in rows {
            for (input, value) in x.values_of(r) {
                u.push(input, value);
            }
            for (first, k, f) in x.steps_of(r) {
                // Before the first bin the sum is zero.
                let before = if k == 0 { R::zero() } else { R::one() - f };
                u.push(first + k.saturating_sub(1) as u32, before); // (1 − f) V_{k−1}   (E2)
                u.push(first + k as u32, f); //                        + f V_k           (E2)
            }
            for (first, level) in x.levels_of(r) {
                let factor = level.map_or(R::zero(), |_| R::one());
                u.push(first + level.unwrap_or(0) as u32, factor);
            }
        }
    }

    /// Fills `Z` for the rows of `U`.
    #[track_caller]
    pub(super) fn forward(&self, u: &SparseRows<R>, b: ArrayView1<R>, z: ArrayViewMut2<R>) {
        self.v.affine(u, b, z); //                                  Z = U V + 1 bᵀ               (n,o)  (E3)
    }

    /// Adds what a block of rows gives to `∂C/∂V` and `∂C/∂b`.
    #[track_caller]
    pub(super) fn sum_gradients(
        &self,
        u: &SparseRows<R>,
        g: &ArrayView2<R>,
        sums: &mut PanelSums<R>,
    ) {
        sums.add_product(u, g); //                                  ∂C/∂V = Uᵀ G                 (i,o)  (E4)
        sums.add_columns(g); //                                     ∂C/∂b = Gᵀ 1                 (o)    (B3)
    }

    /// Overwrites `∂C/∂W`, once all rows are in `∂C/∂V`.
    pub(super) fn carry_to_weights(&self, sums: &mut PanelSums<R>) {
        sums.carry_to_weights(self.layout.goes_on()); //            ∂C/∂W_t = Σ_{s ≥ t} ∂C/∂V_s  (o,i)  (E5)
    }
}
