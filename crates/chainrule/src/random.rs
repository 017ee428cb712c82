//! Random numbers: one seeded, portable ChaCha stream per purpose.
//!
//! Every use of chance takes a seed and a stream number. Streams of one seed are independent, so the initial weights, the
//! validation split and each epoch's order can be drawn again at any time without replaying what came before: this is
//! what makes an interrupted training resumable to the bit.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Stream of the initial weights.
pub(crate) const INIT: u64 = 0;
/// Stream of the validation split.
pub(crate) const SPLIT: u64 = 1;
/// Stream of the first epoch's order; epoch `e` uses `FIRST_EPOCH + e`.
pub(crate) const FIRST_EPOCH: u64 = 2;

/// A seeded source of random numbers.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// Stream `stream` of `seed`.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Random(rng)
    }

    /// Uniform on [0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// Standard normal, by Box and Muller (1958): `√(−2 ln u) cos(2π v)`.
    pub(crate) fn normal(&mut self) -> f64 {
        // 1 − u lies in (0, 1]: its logarithm is finite.
        let (u, v) = (1.0 - self.uniform(), self.uniform());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// A uniformly random order (Fisher and Yates).
    pub(crate) fn shuffle(&mut self, rows: &mut [u32]) {
        rows.shuffle(&mut self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_have_mean_zero_and_variance_one() {
        let random = &mut Random::new(7, 0);
        let n = 100_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let z = random.normal();
            sum += z;
            squares += z * z;
        }
        // Five standard errors: 5/√n and 5 √(2/n).
        assert!((sum / n as f64).abs() < 0.016);
        assert!((squares / n as f64 - 1.0).abs() < 0.023);
    }

    #[test]
    fn streams_of_one_seed_differ_and_repeat() {
        let draw = |stream| Random::new(3, stream).uniform();
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
