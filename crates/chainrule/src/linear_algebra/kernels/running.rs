//! Running sums down the rows of a panel, a vector of columns at a time.

use pulp::{Simd, WithSimd};

use crate::Real;
use crate::simd::dispatch;

/// Vectors whose sums run beside each other: one alone would wait for each addition.
const VECTORS: usize = 4;

/// Adds to each row of a panel the row before it, where that is asked for, from the first row on.     (E1, E5)
pub(crate) struct RunningRows<R, G> {
    /// Where the first row begins.
    pub(crate) first: *mut R,
    /// From one row to the next; negative to go up.
    pub(crate) step: isize,
    pub(crate) columns: usize,
    /// For each row whether the row before it is added.
    pub(crate) goes_on: G,
}

impl<R: Real, G: Iterator<Item = bool> + Clone> RunningRows<R, G> {
    /// Runs with the widest instructions that the machine has.
    ///
    /// # Safety
    ///
    /// All rows that `goes_on` tells of must be valid for reading and writing `columns` elements, rounded up to whole
    /// vectors, and so must the row before the first where it is added.
    pub(crate) unsafe fn run(self) {
        dispatch::<R, _>(self.columns, &self);
    }

    /// `N` vectors of columns, from column `j` on.
    ///
    /// # Safety
    ///
    /// As [`run`](Self::run), and the columns must exist, rounded up to whole vectors.
    #[inline(always)]
    unsafe fn columns<S: Simd, const N: usize>(&self, simd: S, j: usize) {
        let lanes = R::lanes::<S>();
        let mut row = self.first.wrapping_add(j);
        let mut sums = [R::splat(simd, R::zero()); N];
        // SAFETY: the caller's promise.
        unsafe {
            if self.goes_on.clone().next() == Some(true) {
                let before = row.wrapping_offset(-self.step);
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = R::load::<S>(before.add(v * lanes));
                }
            }
            for goes_on in self.goes_on.clone() {
                for (v, sum) in sums.iter_mut().enumerate() {
                    let here = R::load::<S>(row.add(v * lanes));
                    if goes_on {
                        *sum = R::add_vectors(simd, here, *sum);
                        R::store::<S>(row.add(v * lanes), *sum);
                    } else {
                        *sum = here;
                    }
                }
                row = row.wrapping_offset(self.step);
            }
        }
    }
}

impl<R: Real, G: Iterator<Item = bool> + Clone> WithSimd for &RunningRows<R, G> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let lanes = R::lanes::<S>();
        for j in (0..self.columns).step_by(VECTORS * lanes) {
            // SAFETY: the columns exist; `run` promises the rest.
            unsafe {
                match (self.columns - j).div_ceil(lanes) {
                    1 => self.columns::<S, 1>(simd, j),
                    2 => self.columns::<S, 2>(simd, j),
                    3 => self.columns::<S, 3>(simd, j),
                    _ => self.columns::<S, VECTORS>(simd, j),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear_algebra::tests::{Check, matrix, with_every_instruction_set};
    use crate::random::Random;

    /// Sums down and up, some of which begin before the first row.
    struct Sums;

    impl Check for Sums {
        fn run<R: Real, S: Simd>(simd: S) {
            let random = &mut Random::seeded(18);
            for (columns, goes_on) in [
                (1, [false, true, true, false]),
                (7, [true, true, false, true]),
                (16, [false, false, false, false]),
                (50, [true, true, true, true]),
                (64, [true, false, true, true]),
            ] {
                let stride = columns + 16;
                let rows = matrix::<R>(random, 6, stride);
                for (first, step) in [(1, 1), (4, -1)] {
                    let (mut found, mut expected) = (rows.clone(), rows.clone());
                    simd.vectorize(&RunningRows {
                        first: found.as_mut_ptr().wrapping_add(first * stride),
                        step: step * stride as isize,
                        columns,
                        goes_on: goes_on.iter().copied(),
                    });
                    for (k, _) in goes_on.iter().enumerate().filter(|(_, goes_on)| **goes_on) {
                        let t = first.wrapping_add_signed(step * k as isize);
                        let before = expected.row(t.wrapping_add_signed(-step)).to_owned();
                        let mut here = expected.row_mut(t);
                        here += &before;
                    }
                    for j in 0..columns {
                        assert_eq!(found.column(j), expected.column(j), "{columns} {step}");
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
