//! Standardisation: a column shifted and scaled to mean 0 and standard deviation 1.
//!
//! Inputs of models of the first file format are encoded so, and so is every [target](super::TargetScale).

use serde::{Deserialize, Serialize};

/// A shift and a scale: `z = (x − mean) / scale`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standardize {
    mean: f64,
    scale: f64,
}

impl Standardize {
    /// Learns mean and standard deviation.
    ///
    /// # Panics
    /// If there are no values.
    #[track_caller]
    pub fn learn(values: impl Iterator<Item = f64> + Clone) -> Standardize {
        let (mean, scale) = mean_and_deviation(values);
        Standardize { mean, scale }
    }

    /// The given shift and scale.
    pub fn new(mean: f64, scale: f64) -> Standardize {
        Standardize { mean, scale }
    }

    /// What is subtracted.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// What is then divided by.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// `z = (x − mean) / scale`. Computed in double precision and given in single: that is where digits are dropped,
    /// once the column's offset no longer uses them up.
    pub fn apply(&self, x: f64) -> f32 {
        ((x - self.mean) / self.scale) as f32
    }

    /// `x = mean + scale z`, the inverse of [`apply`](Self::apply).
    pub fn undo(&self, z: f32) -> f64 {
        self.mean + self.scale * f64::from(z)
    }

    /// Whether the mean is finite and the scale positive and finite; a file could say anything.
    pub fn is_sound(&self) -> bool {
        self.mean.is_finite() && self.scale.is_finite() && self.scale > 0.0
    }
}

/// Mean and standard deviation (divided by n, not n − 1) of at least one value; a constant column's deviation is given
/// as 1.
#[track_caller]
pub(crate) fn mean_and_deviation(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let low = values.clone().fold(f64::INFINITY, f64::min);
    let high = values.clone().fold(f64::NEG_INFINITY, f64::max);
    assert!(low <= high, "no values");
    if low == high {
        return (low, 1.0); // not by the sums below, whose rounding would see a tiny deviation
    }
    // In units of the largest value's power of two neither sum can overflow or vanish, and no digit changes.
    let largest = low.abs().max(high.abs());
    let unit = f64::from_bits(largest.to_bits() & f64::INFINITY.to_bits()).max(f64::MIN_POSITIVE);
    let n = values.clone().count() as f64;
    let mean = values.clone().map(|x| x / unit).sum::<f64>() / n;
    let square = |x: f64| (x / unit - mean) * (x / unit - mean);
    let deviation = (values.map(square).sum::<f64>() / n).sqrt() * unit;
    let scale = if deviation > 0.0 { deviation } else { 1.0 };
    ((mean * unit).clamp(low, high), scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_what_was_computed_by_hand_and_come_back() {
        // Mean 4, squared deviations 9 + 1 + 1 + 9 over 4 values: 5.
        let values = [1.0, 3.0, 5.0, 7.0];
        let learnt = Standardize::learn(values.into_iter());
        assert_eq!((learnt.mean(), learnt.scale()), (4.0, 5.0_f64.sqrt()));
        assert_eq!(learnt.apply(1.0), (-3.0 / 5.0_f64.sqrt()) as f32);
        for x in values {
            assert!((learnt.undo(learnt.apply(x)) - x).abs() < 1e-6); // z is rounded to 6e-8 of itself
        }
    }

    #[test]
    fn a_constant_column_becomes_zero_however_its_value_rounds() {
        let learnt = Standardize::learn([0.1; 3].into_iter()); // 0.1 + 0.1 + 0.1 ≠ 3 · 0.1
        assert_eq!(learnt, Standardize::new(0.1, 1.0));
        assert_eq!(learnt.apply(0.1), 0.0);
    }

    #[test]
    fn extreme_magnitudes_neither_overflow_nor_vanish() {
        for magnitude in [f64::MAX / 4.0, 1e200, 1e-200, 1e-310] {
            let learnt = Standardize::learn([magnitude, 3.0 * magnitude].into_iter());
            assert!(learnt.is_sound());
            let z = [magnitude, 3.0 * magnitude].map(|x| learnt.apply(x));
            assert!((z[0] + 1.0).abs() < 1e-6, "{magnitude}: {z:?}");
            assert!((z[1] - 1.0).abs() < 1e-6, "{magnitude}: {z:?}");
        }
    }
}
