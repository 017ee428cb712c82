//! How good predictions are, and what a straight line would have reached on the same rows.

mod comparison;
mod coverage;
mod least_squares;
mod ridge;
mod sample;

pub use comparison::Comparison;
pub use coverage::{Coverage, CoverageByThirds};
pub use least_squares::{LeastSquares, least_squares};
pub use ridge::Ridge;
pub(crate) use sample::mean_and_deviation;
use serde::{Deserialize, Serialize};

/// How far predictions are from what was measured, in the target's units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// How many rows were compared.
    pub rows: usize,
    /// Root of the mean square error, `√(Σ (ŷ − y)² / n)`.
    pub rmse: f64,
    /// Mean absolute error, `Σ |ŷ − y| / n`.
    pub mae: f64,
    /// Share of the variance explained, `1 − Σ (ŷ − y)² / Σ (y − ȳ)²`; 0 is as good as the mean of these rows.
    ///
    /// One row has no variance, and none to explain. Where all measured values are equal it has no meaning: 1 if they
    /// are predicted exactly, else 0, as in scikit-learn.
    pub r2: Option<f64>,
}

impl Evaluation {
    /// Compares predictions with measured values.
    ///
    /// # Panics
    ///
    /// If there are none, or not as many of one as of the other.
    #[track_caller]
    pub fn of(actual: &[f64], predicted: &[f64]) -> Evaluation {
        assert_eq!(
            actual.len(),
            predicted.len(),
            "{} measured and {} predicted values",
            actual.len(),
            predicted.len()
        );
        let mut comparison = Comparison::default();
        for (&y, &y_hat) in actual.iter().zip(predicted) {
            comparison.add(y, y_hat);
        }
        comparison.evaluation().expect("no values to compare")
    }
}

impl Evaluation {
    /// What it would be if every error were so many times as large.
    pub(crate) fn scaled(self, factor: f64) -> Evaluation {
        Evaluation {
            rows: self.rows,
            rmse: factor * self.rmse,
            mae: factor * self.mae,
            r2: self.r2.map(|r2| 1.0 - (1.0 - r2) * factor * factor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evaluation_agrees_with_the_sums_done_by_hand() {
        // Errors 1, −1, 0, 2: squares sum to 6. Mean of y is 4, squared deviations 9 + 1 + 1 + 9 = 20.
        let evaluation = Evaluation::of(&[1.0, 3.0, 5.0, 7.0], &[2.0, 2.0, 5.0, 9.0]);
        assert_eq!(evaluation.rows, 4);
        assert_eq!(evaluation.rmse, 1.5_f64.sqrt());
        assert_eq!(evaluation.mae, 1.0);
        assert!((evaluation.r2.unwrap() - (1.0 - 6.0 / 20.0)).abs() < 1e-15);
    }

    #[test]
    fn errors_of_any_magnitude_are_finite() {
        for unit in [1e-300, 1e300] {
            let [y, y_hat] =
                [[1.0, 3.0, 5.0, 7.0], [2.0, 2.0, 5.0, 9.0]].map(|v| v.map(|v| v * unit));
            let evaluation = Evaluation::of(&y, &y_hat);
            assert!(
                (evaluation.rmse / unit - 1.5_f64.sqrt()).abs() < 1e-9,
                "{evaluation:?}"
            );
            assert!((evaluation.mae / unit - 1.0).abs() < 1e-9, "{evaluation:?}");
            assert!(
                (evaluation.r2.unwrap() - 0.7).abs() < 1e-9,
                "{evaluation:?}"
            );
        }
    }

    #[test]
    fn values_that_grow_and_shrink_by_many_magnitudes_are_compared_as_all_at_once() {
        let y = [1e-300, 0.0, 3.0, -1e200, 7e199, 2.0];
        let y_hat = [2e-300, 1.0, 5.0, -3e200, 7e199, 2.0];
        let evaluation = Evaluation::of(&y, &y_hat);
        assert!((evaluation.rmse / 2e200 - (1.0_f64 / 6.0).sqrt()).abs() < 1e-15);
        assert!((evaluation.mae / 2e200 - 1.0 / 6.0).abs() < 1e-15);
        // Mean −5e198; squared deviations sum to 1.49e400 − 6 · (5e198)² = 1.475e400, where 4e400 is the errors'.
        assert!((evaluation.r2.unwrap() - (1.0 - 4.0 / 1.475)).abs() < 1e-14);
    }

    #[test]
    fn equal_measured_values_leave_no_variance_to_explain() {
        assert_eq!(Evaluation::of(&[0.1; 3], &[0.1; 3]).r2, Some(1.0));
        assert_eq!(Evaluation::of(&[0.1; 3], &[0.1, 0.1, 0.2]).r2, Some(0.0));
        assert_eq!(Evaluation::of(&[2.0], &[2.5]).r2, None);
    }

    #[test]
    #[should_panic(expected = "2 measured and 1 predicted values")]
    fn unequal_lengths_panic_with_both() {
        Evaluation::of(&[1.0, 2.0], &[1.0]);
    }
}
