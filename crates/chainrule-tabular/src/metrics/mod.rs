//! How good predictions are, and what a straight line would have reached on the same rows.

mod least_squares;

pub use least_squares::{LeastSquares, least_squares};
use serde::Serialize;

/// How far predictions are from what was measured, in the target's units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// How many rows were compared.
    pub rows: usize,
    /// Root of the mean square error, `√(Σ (ŷ − y)² / n)`.
    pub rmse: f64,
    /// Mean absolute error, `Σ |ŷ − y| / n`.
    pub mae: f64,
    /// Share of the variance explained, `1 − Σ (ŷ − y)² / Σ (y − ȳ)²`; 0 is as good as the mean of these rows.
    ///
    /// Where all measured values are equal it has no meaning: 1 if they are predicted exactly, else 0, as in scikit-learn.
    pub r2: f64,
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
        assert!(!actual.is_empty(), "no values to compare");
        let n = actual.len() as f64;
        let mean = actual.iter().sum::<f64>() / n;
        let errors = || actual.iter().zip(predicted).map(|(y, y_hat)| y_hat - y);
        let squared_error: f64 = errors().map(|e| e * e).sum();
        let squared_deviation: f64 = actual.iter().map(|y| (y - mean) * (y - mean)).sum();
        let is_constant = actual.iter().all(|&y| y == actual[0]);
        Evaluation {
            rows: actual.len(),
            rmse: (squared_error / n).sqrt(),
            mae: errors().map(f64::abs).sum::<f64>() / n,
            r2: match is_constant {
                true => f64::from(squared_error == 0.0),
                false => 1.0 - squared_error / squared_deviation,
            },
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
        assert_eq!(evaluation.r2, 1.0 - 6.0 / 20.0);
    }

    #[test]
    fn equal_measured_values_leave_no_variance_to_explain() {
        assert_eq!(Evaluation::of(&[0.1; 3], &[0.1; 3]).r2, 1.0);
        assert_eq!(Evaluation::of(&[0.1; 3], &[0.1, 0.1, 0.2]).r2, 0.0);
        assert_eq!(Evaluation::of(&[2.0], &[2.5]).r2, 0.0);
    }

    #[test]
    #[should_panic(expected = "2 measured and 1 predicted values")]
    fn unequal_lengths_panic_with_both() {
        Evaluation::of(&[1.0, 2.0], &[1.0]);
    }
}
