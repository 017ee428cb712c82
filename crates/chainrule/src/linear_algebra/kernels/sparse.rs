//! Products of rows that have a few terms each: a vector of outputs at a time is looked up, or added where it belongs.

use pulp::{Simd, WithSimd};

use crate::Real;
use crate::simd::{dispatch, load, store};

/// Vectors whose sums run beside each other.
const VECTORS: usize = 4;

/// The terms of all rows, row by row.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'a, R> {
    pub(crate) per_row: usize,
    pub(crate) indices: &'a [u32],
    pub(crate) factors: &'a [R],
}

impl<R: Real> Terms<'_, R> {
    /// Each term of row `r`.
    #[inline(always)]
    fn of_row(&self, r: usize) -> impl Iterator<Item = (usize, R)> {
        let row = r * self.per_row..(r + 1) * self.per_row;
        let factors = self.factors[row.clone()].iter();
        let indices = self.indices[row].iter();
        indices
            .zip(factors)
            .map(|(&index, &factor)| (index as usize, factor))
    }
}

/// `Z ← U V + 1 bᵀ` for the outputs of a panel.     `U (n,i)  V (i,columns)  b (columns)  Z (n,columns)`     (E3)
pub(crate) struct LookUp<'a, R> {
    pub(crate) n: usize,
    pub(crate) columns: usize,
    pub(crate) terms: Terms<'a, R>,
    pub(crate) panel: *const R,
    pub(crate) panel_stride: usize,
    pub(crate) b: *const R,
    pub(crate) z: *mut R,
    pub(crate) z_stride: usize,
}

impl<R: Real> LookUp<'_, R> {
    /// Runs with the widest instructions that the machine has.
    ///
    /// # Safety
    ///
    /// There must be `n` rows of terms. The panel must be valid for reading a row for each of their indices, `columns`
    /// elements rounded up to whole vectors; `b` for reading `columns` elements; `z`, which overlaps neither, for
    /// writing as many in each of `n` rows.
    pub(crate) unsafe fn run(self) {
        dispatch::<R, _>(self.columns, &self);
    }

    /// Columns `j .. j + count`, which are `N` vectors, the last perhaps not full.
    ///
    /// # Safety
    ///
    /// As [`run`](Self::run), and the columns must exist.
    #[inline(always)]
    unsafe fn columns<S: Simd, const N: usize>(&self, simd: S, j: usize, count: usize) {
        let lanes = R::lanes::<S>();
        let filled = |v: usize| lanes.min(count - v * lanes);
        for r in 0..self.n {
            // SAFETY: the caller's promise.
            unsafe {
                let mut sums = [R::splat(simd, R::zero()); N];
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = load(simd, filled(v), self.b.add(j + v * lanes));
                }
                for (index, factor) in self.terms.of_row(r) {
                    let factor = R::splat(simd, factor);
                    let from = self.panel.add(index * self.panel_stride + j);
                    for (v, sum) in sums.iter_mut().enumerate() {
                        let looked_up = R::load::<S>(from.add(v * lanes));
                        *sum = R::fused_multiply_add(simd, factor, looked_up, *sum);
                    }
                }
                let to = self.z.add(r * self.z_stride + j);
                for (v, &sum) in sums.iter().enumerate() {
                    store(simd, filled(v), to.add(v * lanes), sum);
                }
            }
        }
    }
}

impl<R: Real> WithSimd for &LookUp<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for_columns::<R, S>(self.columns, |vectors, j, count| {
            // SAFETY: the columns exist; `run` promises the rest.
            unsafe {
                match vectors {
                    1 => self.columns::<S, 1>(simd, j, count),
                    2 => self.columns::<S, 2>(simd, j, count),
                    3 => self.columns::<S, 3>(simd, j, count),
                    _ => self.columns::<S, VECTORS>(simd, j, count),
                }
            }
        });
    }
}

/// `∂C/∂V ← ∂C/∂V + Uᵀ G` for the outputs of a panel, row after row.     `U (n,i)  G (n,columns)  ∂C/∂V (i,columns)`
/// (E4)
pub(crate) struct AddUp<'a, R> {
    pub(crate) n: usize,
    pub(crate) columns: usize,
    pub(crate) terms: Terms<'a, R>,
    pub(crate) g: *const R,
    pub(crate) g_stride: usize,
    pub(crate) panel: *mut R,
    pub(crate) panel_stride: usize,
}

impl<R: Real> AddUp<'_, R> {
    /// Runs with the widest instructions that the machine has.
    ///
    /// # Safety
    ///
    /// There must be `n` rows of terms. The panel must be valid for reading and writing a row for each of their
    /// indices, `columns` elements rounded up to whole vectors; `g`, which does not overlap it, for reading `columns`
    /// elements in each of `n` rows.
    pub(crate) unsafe fn run(self) {
        dispatch::<R, _>(self.columns, &self);
    }

    /// Columns `j .. j + count`, which are `N` vectors, the last perhaps not full.
    ///
    /// # Safety
    ///
    /// As [`run`](Self::run), and the columns must exist.
    #[inline(always)]
    unsafe fn columns<S: Simd, const N: usize>(&self, simd: S, j: usize, count: usize) {
        let lanes = R::lanes::<S>();
        let filled = |v: usize| lanes.min(count - v * lanes);
        for r in 0..self.n {
            // SAFETY: the caller's promise.
            unsafe {
                let from = self.g.add(r * self.g_stride + j);
                let mut g = [R::splat(simd, R::zero()); N];
                for (v, g) in g.iter_mut().enumerate() {
                    *g = load(simd, filled(v), from.add(v * lanes));
                }
                for (index, factor) in self.terms.of_row(r) {
                    let factor = R::splat(simd, factor);
                    let to = self.panel.add(index * self.panel_stride + j);
                    for (v, &g) in g.iter().enumerate() {
                        let to = to.add(v * lanes);
                        R::store::<S>(to, R::fused_multiply_add(simd, factor, g, R::load::<S>(to)));
                    }
                }
            }
        }
    }
}

impl<R: Real> WithSimd for &AddUp<'_, R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for_columns::<R, S>(self.columns, |vectors, j, count| {
            // SAFETY: the columns exist; `run` promises the rest.
            unsafe {
                match vectors {
                    1 => self.columns::<S, 1>(simd, j, count),
                    2 => self.columns::<S, 2>(simd, j, count),
                    3 => self.columns::<S, 3>(simd, j, count),
                    _ => self.columns::<S, VECTORS>(simd, j, count),
                }
            }
        });
    }
}

/// Calls `run` with a number of vectors, the first of their columns and how many there are, until all columns have had
/// their turn.
#[inline(always)]
fn for_columns<R: Real, S: Simd>(columns: usize, run: impl Fn(usize, usize, usize)) {
    let lanes = R::lanes::<S>();
    for j in (0..columns).step_by(VECTORS * lanes) {
        let count = (VECTORS * lanes).min(columns - j);
        run(count.div_ceil(lanes), j, count);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::linear_algebra::tests::{Check, matrix, with_every_instruction_set};
    use crate::random::Random;

    /// Both products at awkward sizes, beside those with `U` written out.
    struct Products;

    impl Check for Products {
        fn run<R: Real, S: Simd>(simd: S) {
            let random = &mut Random::seeded(17);
            for (n, per_row, i, columns) in [
                (0, 2, 3, 4),
                (1, 0, 1, 1),
                (3, 1, 2, 5),
                (4, 3, 5, 16),
                (9, 2, 3, 33),
                (5, 7, 40, 64),
            ] {
                // Room for whole vectors behind the columns: kernels read and keep it, whatever it holds.
                let stride = columns + 16;
                let indices: Vec<u32> = (0..n * per_row).map(|t| (t * t % i) as u32).collect();
                let factors = matrix::<R>(random, n, per_row);
                let mut u = Array2::<R>::zeros((n, i));
                for (t, (&index, &factor)) in indices.iter().zip(&factors).enumerate() {
                    u[[t / per_row, index as usize]] += factor;
                }
                let terms = Terms {
                    per_row,
                    indices: &indices,
                    factors: factors.as_slice().unwrap(),
                };
                let (v, b) = (
                    matrix::<R>(random, i, stride),
                    matrix::<R>(random, 1, columns),
                );
                let g = matrix::<R>(random, n, columns + 2);
                let (mut z, mut dc_dv) = (Array2::from_elem((n, columns + 1), R::nan()), v.clone());

                simd.vectorize(&LookUp {
                    n,
                    columns,
                    terms,
                    panel: v.as_ptr(),
                    panel_stride: stride,
                    b: b.as_ptr(),
                    z: z.as_mut_ptr(),
                    z_stride: columns + 1,
                });
                simd.vectorize(&AddUp {
                    n,
                    columns,
                    terms,
                    g: g.as_ptr(),
                    g_stride: columns + 2,
                    panel: dc_dv.as_mut_ptr(),
                    panel_stride: stride,
                });

                let (uv, ug) = (u.dot(&v), u.t().dot(&g));
                let bound =
                    R::from_f64(64.0) * R::epsilon() * R::from_f64((n + per_row + 1) as f64);
                for j in 0..columns {
                    for r in 0..n {
                        let error = z[[r, j]] - uv[[r, j]] - b[[0, j]];
                        assert!(error.abs() <= bound, "({n},{per_row},{i},{columns})");
                    }
                    for t in 0..i {
                        let error = dc_dv[[t, j]] - v[[t, j]] - ug[[t, j]];
                        assert!(error.abs() <= bound, "({n},{per_row},{i},{columns})");
                    }
                }
                assert!(
                    z.column(columns).iter().all(|z| z.is_nan()),
                    "beyond the columns"
                );
            }
        }
    }

    #[test]
    fn every_instruction_set_matches_the_definition() {
        with_every_instruction_set::<Products>();
    }
}
