//! Products with a single column: one dot product for each row, along the rows.
//!
//! A register tile of one column would use one lane of each vector. Here the vectors run along the inner dimension
//! instead, for several rows at once so that their sums do not wait for each other.

use pulp::{Simd, WithSimd};

use super::factor::Factor;
use crate::Real;
use crate::simd::{dispatch, load};

/// From this length on, a dot product is summed along its vectors.
const LONG_DOT_PRODUCT: usize = 8;
/// Rows that are summed at the same time.
const ROWS: usize = 8;

/// Whether a product of `n` columns is summed along its vectors, `k` elements each.
pub(crate) fn is_long_dot_product(n: usize, k: usize) -> bool {
    n == 1 && k >= LONG_DOT_PRODUCT
}

/// `c ← start + A b`.     `A (m,k)  b (k)  c (m)`, the columns of `A` and the elements of `b` side by side.
pub(crate) struct DotProducts<R> {
    pub(crate) m: usize,
    pub(crate) k: usize,
    pub(crate) a: Factor<R>,
    pub(crate) b: *const R,
    pub(crate) c: *mut R,
    pub(crate) c_stride: isize,
    pub(crate) start: R,
}

impl<R: Real> DotProducts<R> {
    /// Runs the products with the widest instructions that the machine has.
    ///
    /// # Safety
    ///
    /// `a` and `b` must be valid for reading the elements that their shapes span, `c` for writing its own, and it must
    /// overlap neither.
    pub(crate) unsafe fn run(self) {
        debug_assert!(self.a.column_stride == 1);
        dispatch::<R, _>(self.k, &self);
    }

    /// Rows `i .. i + N`.
    ///
    /// # Safety
    ///
    /// As [`run`](Self::run), and the rows must exist.
    #[inline(always)]
    unsafe fn rows<S: Simd, const N: usize>(&self, simd: S, i: usize) {
        let lanes = R::lanes::<S>();
        let mut sums = [R::splat(simd, R::zero()); N];
        let mut p = 0;
        while p < self.k {
            let count = lanes.min(self.k - p);
            // SAFETY: elements p .. p + count of b and of rows i .. i + N of A exist.
            unsafe {
                let b = load(simd, count, self.b.add(p));
                for (r, sum) in sums.iter_mut().enumerate() {
                    let a = load(simd, count, self.a.at(i + r, p));
                    *sum = R::fused_multiply_add(simd, a, b, *sum);
                }
            }
            p += count;
        }
        for (r, &sum) in sums.iter().enumerate() {
            // SAFETY: row i + r of c exists.
            unsafe {
                *self.c.offset((i + r) as isize * self.c_stride) =
                    self.start + R::sum_lanes(simd, sum)
            };
        }
    }
}

impl<R: Real> WithSimd for &DotProducts<R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let mut i = 0;
        // SAFETY: every row lies below m; `run` promises the rest.
        unsafe {
            while i + ROWS <= self.m {
                self.rows::<S, ROWS>(simd, i);
                i += ROWS;
            }
            while i < self.m {
                self.rows::<S, 1>(simd, i);
                i += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;
    use crate::linear_algebra::tests::{Check, with_every_instruction_set};
    use crate::random::Random;

    /// Products for awkward shapes, into every second element.
    struct Dots;

    impl Check for Dots {
        fn run<R: Real, S: Simd>(simd: S) {
            let random = &mut Random::seeded(15);
            for (m, k) in [(0, 3), (1, 1), (8, 8), (9, 40), (17, 16), (3, 0), (32, 100)] {
                let mut draw =
                    |length| Array1::from_shape_simple_fn(length, || R::from_f64(random.normal()));
                let (a, b) = (draw(m * k).into_shape_with_order((m, k)).unwrap(), draw(k));
                let mut c = Array2::from_elem((m, 2), R::nan());
                let kernel = DotProducts {
                    m,
                    k,
                    a: Factor {
                        start: a.as_ptr(),
                        row_stride: k as isize,
                        column_stride: 1,
                    },
                    b: b.as_ptr(),
                    c: c.as_mut_ptr(),
                    c_stride: 2,
                    start: R::one(),
                };
                simd.vectorize(&kernel);
                let bound = R::from_f64(64.0) * R::epsilon() * R::from_f64(k as f64 + 1.0);
                for (found, a) in c.rows().into_iter().zip(a.rows()) {
                    let expected = a.iter().zip(&b).fold(R::one(), |sum, (&a, &b)| sum + a * b);
                    assert!(
                        (found[0] - expected).abs() <= bound && found[1].is_nan(),
                        "({m},{k}): {found} is not {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_instruction_set_matches_the_definition() {
        with_every_instruction_set::<Dots>();
    }
}
