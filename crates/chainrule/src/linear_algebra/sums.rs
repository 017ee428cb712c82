//! Sums of columns and of squares.

use ndarray::{ArrayView2, ArrayViewMut1};

use super::kernels::column_sums::ColumnSums;
use super::kernels::factor::view_factor;
use super::shapes::beside;
use crate::Real;
use crate::simd::vectorized;

/// `s ← Gᵀ 1`, the sum of each column.     `G (n,o)  s (o)`     (B3)
///
/// # Panics
///
/// If `s` has not one element for each column.
#[track_caller]
pub fn column_sums<R: Real>(g: ArrayView2<R>, mut sums: ArrayViewMut1<R>) {
    sum_columns(&g, false, &mut sums);
}

/// [`column_sums`], or with `add` `s ← s + Gᵀ 1`.
#[track_caller]
pub(crate) fn sum_columns<R: Real>(g: &ArrayView2<R>, add: bool, sums: &mut ArrayViewMut1<R>) {
    let (k, n) = g.dim();
    assert_eq!(sums.len(), n, "columns of G {:?} and their sums", g.dim());
    if !beside(g) || sums.as_slice_mut().is_none() {
        for (sum, column) in sums.iter_mut().zip(g.columns()) {
            let start = if add { *sum } else { R::zero() };
            *sum = start + column.sum();
        }
        return;
    }
    let kernel = ColumnSums {
        k,
        n,
        g: view_factor(g),
        sums: sums.as_mut_ptr(),
        add,
    };
    // SAFETY: pointers and strides come from live views whose shapes and strides were just compared; `sums` is borrowed
    // mutably, so it does not overlap G.
    unsafe { kernel.run() };
}

/// `Σ v²`, in double precision, so that it overflows only where the numbers themselves nearly do.
pub(crate) fn sum_of_squares<R: Real>(values: &[R]) -> f64 {
    /// Sums that run beside each other: one alone would wait for each addition.
    const PARTS: usize = 16;
    vectorized(|| {
        let mut sums = [0.0; PARTS];
        let chunks = values.chunks_exact(PARTS);
        let rest = chunks.remainder();
        for chunk in chunks {
            for (sum, &v) in sums.iter_mut().zip(chunk) {
                *sum += v.to_f64() * v.to_f64();
            }
        }
        let rest: f64 = rest.iter().map(|&v| v.to_f64() * v.to_f64()).sum();
        sums.iter().sum::<f64>() + rest
    })
}
