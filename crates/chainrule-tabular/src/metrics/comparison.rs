//! Predictions compared with measured values one by one, so that a table of any length needs no room.

use super::Evaluation;

/// The sums of an [`Evaluation`], as far as they have come.
///
/// Each sum is in units of a power of two near the largest value so far: squares neither overflow nor vanish, and no
/// digit changes.
#[derive(Clone, Debug)]
pub struct Comparison {
    rows: usize,
    error_unit: f64,
    squared_error: f64,
    absolute_error: f64,
    y_unit: f64,
    mean: f64,
    squared_deviation: f64,
    /// The measured value of all rows, as long as it is the same.
    constant: Option<f64>,
}

impl Default for Comparison {
    /// Nothing compared yet.
    fn default() -> Self {
        Comparison {
            rows: 0,
            error_unit: f64::MIN_POSITIVE,
            squared_error: 0.0,
            absolute_error: 0.0,
            y_unit: f64::MIN_POSITIVE,
            mean: 0.0,
            squared_deviation: 0.0,
            constant: None,
        }
    }
}

impl Comparison {
    /// Takes in a measured value and its prediction.
    pub fn add(&mut self, y: f64, y_hat: f64) {
        self.constant = self.constant.filter(|&first| first == y);
        if self.rows == 0 {
            self.constant = Some(y);
        }
        self.rows += 1;

        let shrink = grow(&mut self.error_unit, y_hat - y);
        let error = (y_hat - y) / self.error_unit;
        self.squared_error = self.squared_error * shrink * shrink + error * error;
        self.absolute_error = self.absolute_error * shrink + error.abs();

        // The mean moves by its share of the distance, and the squares by what lies before and behind (Welford 1962).
        let shrink = grow(&mut self.y_unit, y);
        self.mean *= shrink;
        let before = y / self.y_unit - self.mean;
        self.mean += before / self.rows as f64;
        let behind = y / self.y_unit - self.mean;
        self.squared_deviation = self.squared_deviation * shrink * shrink + before * behind;
    }

    /// How good the predictions were; None if there were none.
    pub fn evaluation(&self) -> Option<Evaluation> {
        let n = self.rows as f64;
        (self.rows > 0).then(|| Evaluation {
            rows: self.rows,
            rmse: (self.squared_error / n).sqrt() * self.error_unit,
            mae: self.absolute_error / n * self.error_unit,
            r2: (self.rows > 1).then(|| match self.constant {
                Some(_) => f64::from(self.squared_error == 0.0),
                None => {
                    let unit = (self.error_unit / self.y_unit).powi(2);
                    1.0 - self.squared_error * unit / self.squared_deviation
                }
            }),
        })
    }
}

/// Makes the unit large enough for a value; gives by what sums in the old unit shrink.
fn grow(unit: &mut f64, value: f64) -> f64 {
    let power_of_two = f64::from_bits(value.abs().to_bits() & f64::INFINITY.to_bits());
    let shrink = *unit / power_of_two;
    if shrink < 1.0 {
        *unit = power_of_two;
    }
    shrink.min(1.0)
}
