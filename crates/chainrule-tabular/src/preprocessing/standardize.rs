//! Standardisation: columns shifted and scaled to mean 0 and standard deviation 1, and back.

use ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

/// A shift and a scale for each column: `z = (x − mean) / scale`.
///
/// Computed in double precision and handed to the network in single: that is where digits are dropped, once the
/// column's offset no longer uses them up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standardization {
    mean: Vec<f64>,
    scale: Vec<f64>,
}

impl Standardization {
    /// Learns each column's mean and standard deviation (of the rows as they are: divided by n, not n − 1).
    ///
    /// A constant column gets the scale 1, so that it becomes 0.
    pub fn fit(x: ArrayView2<f64>) -> Self {
        let (mean, scale) = x.columns().into_iter().map(mean_and_deviation).unzip();
        Standardization { mean, scale }
    }

    /// Learns each column's mean as its scale and shifts nothing: what a log link needs, where 0 has to stay 0 and the
    /// logarithm of a typical value should be near 0.
    pub fn fit_scale_only(x: ArrayView2<f64>) -> Self {
        let means = x.columns().into_iter().map(|x| mean_and_deviation(x).0);
        Standardization {
            mean: vec![0.0; x.ncols()],
            scale: means.collect(),
        }
    }

    /// Leaves values as they are.
    pub(crate) fn identity(columns: usize) -> Self {
        Standardization {
            mean: vec![0.0; columns],
            scale: vec![1.0; columns],
        }
    }

    /// What is subtracted from each column.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// What each column is then divided by.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// `z = (x − mean) / scale`.     x (n, columns) → z (n, columns)
    ///
    /// # Panics
    ///
    /// If `x` has another number of columns.
    #[track_caller]
    pub fn apply(&self, x: ArrayView2<f64>) -> Array2<f32> {
        self.check_columns(x.ncols());
        Array2::from_shape_fn(x.dim(), |(r, j)| {
            ((x[[r, j]] - self.mean[j]) / self.scale[j]) as f32
        })
    }

    /// `x = mean + scale z`, the inverse of [`apply`](Self::apply).     z (n, columns) → x (n, columns)
    ///
    /// # Panics
    ///
    /// If `z` has another number of columns.
    #[track_caller]
    pub fn undo(&self, z: ArrayView2<f32>) -> Array2<f64> {
        self.check_columns(z.ncols());
        Array2::from_shape_fn(z.dim(), |(r, j)| {
            self.mean[j] + self.scale[j] * f64::from(z[[r, j]])
        })
    }

    #[track_caller]
    fn check_columns(&self, found: usize) {
        let expected = self.mean.len();
        assert_eq!(found, expected, "{found} columns, fitted to {expected}");
    }

    /// Whether there is a finite mean and a positive, finite scale for each of `columns` columns.
    pub(crate) fn is_sound(&self, columns: usize) -> bool {
        self.mean.len() == columns
            && self.scale.len() == columns
            && self.mean.iter().all(|m| m.is_finite())
            && self.scale.iter().all(|&s| s.is_finite() && s > 0.0)
    }
}

/// Mean and standard deviation of a column that has rows; a constant column's deviation is given as 1.
pub(crate) fn mean_and_deviation(column: ArrayView1<f64>) -> (f64, f64) {
    let low = column.iter().copied().fold(f64::INFINITY, f64::min);
    let high = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low == high {
        return (low, 1.0); // not by the sums below, whose rounding would see a tiny deviation
    }
    // In units of the largest value's power of two neither sum can overflow or vanish, and no digit changes.
    let largest = low.abs().max(high.abs());
    let unit = f64::from_bits(largest.to_bits() & f64::INFINITY.to_bits()).max(f64::MIN_POSITIVE);
    let n = column.len() as f64;
    let mean = column.iter().map(|x| x / unit).sum::<f64>() / n;
    let square = |x: &f64| (x / unit - mean) * (x / unit - mean);
    let deviation = (column.iter().map(square).sum::<f64>() / n).sqrt() * unit;
    let scale = if deviation > 0.0 { deviation } else { 1.0 };
    ((mean * unit).clamp(low, high), scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn columns_become_what_was_computed_by_hand_and_come_back() {
        // Column 0: mean 4, squared deviations 9 + 1 + 1 + 9 over 4 rows: 5. Column 1: mean 10, deviation 2.
        let x = array![[1.0, 8.0], [3.0, 12.0], [5.0, 12.0], [7.0, 8.0]];
        let fitted = Standardization::fit(x.view());
        assert_eq!(fitted.mean(), [4.0, 10.0]);
        assert_eq!(fitted.scale(), [5.0_f64.sqrt(), 2.0]);
        let z = fitted.apply(x.view());
        assert_eq!(z.column(1).to_vec(), [-1.0, 1.0, 1.0, -1.0]);
        assert_eq!(z[[0, 0]], (-3.0 / 5.0_f64.sqrt()) as f32);
        let difference = fitted.undo(z.view()) - x;
        assert!(difference.iter().all(|d| d.abs() < 1e-6)); // z is rounded to 6e-8 of itself
    }

    #[test]
    fn a_constant_column_becomes_zero_however_its_value_rounds() {
        let x = Array2::from_elem((3, 1), 0.1); // 0.1 + 0.1 + 0.1 ≠ 3 · 0.1
        let fitted = Standardization::fit(x.view());
        assert_eq!((fitted.mean(), fitted.scale()), (&[0.1][..], &[1.0][..]));
        assert!(fitted.apply(x.view()).iter().all(|&z| z == 0.0));
    }

    #[test]
    fn extreme_magnitudes_neither_overflow_nor_vanish() {
        for magnitude in [f64::MAX / 4.0, 1e200, 1e-200, 1e-310] {
            let x = array![[magnitude], [3.0 * magnitude]];
            let fitted = Standardization::fit(x.view());
            assert!(fitted.is_sound(1));
            let z = fitted.apply(x.view());
            assert!((z[[0, 0]] + 1.0).abs() < 1e-6, "{magnitude}: {z}");
            assert!((z[[1, 0]] - 1.0).abs() < 1e-6, "{magnitude}: {z}");
        }
    }

    #[test]
    fn a_log_link_keeps_zero_at_zero() {
        let y = array![[0.0], [2.0], [4.0]];
        let fitted = Standardization::fit_scale_only(y.view());
        assert_eq!(fitted.apply(y.view()), array![[0.0], [1.0], [2.0]]);
    }
}
