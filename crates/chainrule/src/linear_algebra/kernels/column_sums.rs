//! The sum of each column of a matrix, a vector of columns at a time.

use pulp::{Simd, WithSimd};

use super::factor::{Factor, GROUP};
use crate::Real;
use crate::simd::{dispatch, load, store};

/// Rows that are summed beside each other, a [`GROUP`] at a time: one sum alone would wait for each addition.
const PARTS: usize = 4;

/// `s ← Gᵀ 1`, or `s ← s + Gᵀ 1`.     `G (k,n)  s (n)`, the columns of `G` and the sums side by side.
pub(crate) struct ColumnSums<R> {
    pub(crate) k: usize,
    pub(crate) n: usize,
    pub(crate) g: Factor<R>,
    pub(crate) sums: *mut R,
    /// Whether the sums begin with what is there.
    pub(crate) add: bool,
}

impl<R: Real> ColumnSums<R> {
    /// Takes the sums with the widest instructions that the machine has.
    ///
    /// # Safety
    ///
    /// `g` must be valid for reading the elements that its shape spans, `sums` for reading and writing its own, and
    /// they must not overlap.
    pub(crate) unsafe fn run(self) {
        debug_assert!(self.g.column_stride == 1 || self.k == 0);
        dispatch::<R, _>(self.n, &self);
    }

    /// Columns `j .. j + count`.
    ///
    /// # Safety
    ///
    /// As [`run`](Self::run), and the columns must exist.
    #[inline(always)]
    unsafe fn columns<S: Simd>(&self, simd: S, j: usize, count: usize) {
        let zero = R::splat(simd, R::zero());
        // SAFETY: the caller's promise: columns j .. j + count exist in every row below k and in the sums.
        unsafe {
            let to = self.sums.add(j);
            let mut sum = if self.add {
                load(simd, count, to)
            } else {
                zero
            };
            let mut p = 0;
            while p < self.k {
                let end = self.k.min(p + GROUP);
                let mut parts = [zero; PARTS];
                while p + PARTS <= end {
                    for (part, sum) in parts.iter_mut().enumerate() {
                        let row = load(simd, count, self.g.at(p + part, j));
                        *sum = R::add_vectors(simd, *sum, row);
                    }
                    p += PARTS;
                }
                while p < end {
                    let row = load(simd, count, self.g.at(p, j));
                    parts[0] = R::add_vectors(simd, parts[0], row);
                    p += 1;
                }
                let [a, b, c, d] = parts;
                let [ab, cd] = [R::add_vectors(simd, a, b), R::add_vectors(simd, c, d)];
                sum = R::add_vectors(simd, sum, R::add_vectors(simd, ab, cd));
            }
            store(simd, count, to, sum);
        }
    }
}

impl<R: Real> WithSimd for &ColumnSums<R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let lanes = R::lanes::<S>();
        for j in (0..self.n).step_by(lanes) {
            // SAFETY: the columns lie below n; `run` promises the rest.
            unsafe { self.columns(simd, j, lanes.min(self.n - j)) };
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Axis};

    use super::*;
    use crate::linear_algebra::tests::{Check, matrix, with_every_instruction_set};
    use crate::random::Random;

    /// Sums for awkward shapes, from zero and from what is there.
    struct Sums;

    impl Check for Sums {
        fn run<R: Real, S: Simd>(simd: S) {
            let random = &mut Random::seeded(14);
            for (k, n) in [(0, 3), (1, 1), (3, 4), (4, 8), (32, 16), (7, 19), (33, 40)] {
                let g = matrix::<R>(random, k, n);
                for add in [false, true] {
                    let before = if add { R::one() } else { R::nan() };
                    let mut sums = Array1::from_elem(n, before);
                    let kernel = ColumnSums {
                        k,
                        n,
                        g: Factor {
                            start: g.as_ptr(),
                            row_stride: n as isize,
                            column_stride: 1,
                        },
                        sums: sums.as_mut_ptr(),
                        add,
                    };
                    simd.vectorize(&kernel);
                    let start = if add { R::one() } else { R::zero() };
                    let bound = R::from_f64(64.0) * R::epsilon() * R::from_f64(k as f64 + 1.0);
                    for (&found, expected) in sums.iter().zip(g.sum_axis(Axis(0))) {
                        assert!(
                            (found - expected - start).abs() <= bound,
                            "({k},{n}): {found} is not {start} + {expected}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn every_instruction_set_matches_the_definition() {
        with_every_instruction_set::<Sums>();
    }
}
