//! How intervals did on test rows: how many rows lie within, also in each third of the predictions, and how wide they
//! are.

use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

/// The share of new rows that should lie within their interval.
pub const LEVEL: f64 = 0.9;

/// The parts of the rows whose coverage is told, as [`parts`] gives them.
pub const PARTS: [&str; 4] = ["all", "low", "middle", "high"];

/// How many rows were compared, and how many of them lie within their interval, bounds included.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
pub struct Coverage {
    pub rows: usize,
    pub within: usize,
}

impl Coverage {
    /// The share of the rows that lie within.
    pub fn share(self) -> f64 {
        self.within as f64 / self.rows as f64
    }
}

impl Add for Coverage {
    type Output = Coverage;

    fn add(self, other: Coverage) -> Coverage {
        Coverage {
            rows: self.rows + other.rows,
            within: self.within + other.within,
        }
    }
}

impl Sum for Coverage {
    fn sum<I: Iterator<Item = Coverage>>(all: I) -> Coverage {
        all.fold(Coverage::default(), Coverage::add)
    }
}

/// What was predicted for some rows.
#[derive(Debug, Deserialize, PartialEq)]
pub struct Predicted {
    pub predictions: Vec<f64>,
    /// The intervals' bounds, from those who give them.
    pub lower: Option<Vec<f64>>,
    pub upper: Option<Vec<f64>>,
}

/// Something that [`Intervals`] have.
pub type Measure = fn(&Intervals) -> f64;

/// How the intervals of a split's test rows did.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
pub struct Intervals {
    /// Of the third of the rows with the lowest predictions, of the middle third and of the highest.
    pub thirds: [Coverage; 3],
    /// The mean width.
    pub width: f64,
    /// The mean interval score (Gneiting and Raftery 2007) at [`LEVEL`] = 1 − α: the width, and 2/α times how far the
    /// truth lies outside.
    pub score: f64,
}

impl Intervals {
    /// Compares the bounds with the truth; none, if there are no bounds.
    pub fn compare(truth: &[f64], predicted: &Predicted) -> Result<Option<Intervals>, String> {
        let Predicted {
            predictions,
            lower: Some(lower),
            upper: Some(upper),
        } = predicted
        else {
            return Ok(None);
        };
        let rows = truth.len();
        if [predictions, lower, upper]
            .iter()
            .any(|all| all.len() != rows)
        {
            let (lower, upper) = (lower.len(), upper.len());
            return Err(format!(
                "{lower} lower and {upper} upper bounds of {rows} rows"
            ));
        }
        let mut order: Vec<usize> = (0..rows).collect();
        order.sort_by(|&one, &other| predictions[one].total_cmp(&predictions[other]));
        let mut intervals = Intervals {
            thirds: [Coverage::default(); 3],
            width: 0.0,
            score: 0.0,
        };
        for (place, &row) in order.iter().enumerate() {
            let (y, lower, upper) = (truth[row], lower[row], upper[row]);
            let in_order = lower <= upper; // Not if one of them is NaN.
            if !in_order {
                return Err(format!("row {}: the bounds {lower} and {upper}", row + 1));
            }
            let third = &mut intervals.thirds[3 * place / rows];
            third.rows += 1;
            third.within += usize::from(lower <= y && y <= upper);
            let outside = (lower - y).max(y - upper).max(0.0);
            intervals.width += (upper - lower) / rows as f64;
            intervals.score += (upper - lower + 2.0 / (1.0 - LEVEL) * outside) / rows as f64;
        }
        Ok(Some(intervals))
    }

    /// The coverage of all rows.
    pub fn all(&self) -> Coverage {
        self.thirds.into_iter().sum()
    }
}

/// The coverage of the rows of several splits: of all of them, and of the low, middle and high thirds of each split.
pub fn parts<'a>(splits: impl Iterator<Item = &'a Intervals> + Clone) -> [Coverage; 4] {
    let third = |third: usize| splits.clone().map(|split| split.thirds[third]).sum();
    let [low, middle, high] = [0, 1, 2].map(third);
    [low + middle + high, low, middle, high]
}

/// Between which numbers of rows nine in ten counts would lie if each of so many rows lay within by chance, with
/// [`LEVEL`] for its probability: the 5 % and the 95 % quantile of the binomial distribution.
pub fn chance(rows: usize) -> (usize, usize) {
    let odds = (LEVEL / (1.0 - LEVEL)).ln();
    let mut logarithm = rows as f64 * (1.0 - LEVEL).ln();
    let mut below = 0.0;
    let (mut least, mut most) = (None, rows);
    for count in 0..=rows {
        below += logarithm.exp();
        if below >= 0.05 {
            least = least.or(Some(count));
        }
        if below >= 0.95 {
            most = count;
            break;
        }
        logarithm += ((rows - count) as f64 / (count + 1) as f64).ln() + odds;
    }
    (least.unwrap_or(most), most)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Six rows, out of the order of their predictions; the first lies above its interval, the last below, the others
    /// on a bound.
    fn predicted() -> (Vec<f64>, Predicted) {
        let truth = vec![7.0, 1.0, 2.0, 3.0, 4.0, 4.75];
        let predictions = vec![6.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let around = |by: f64| predictions.iter().map(|p| p + by).collect();
        let (lower, mut upper): (_, Vec<f64>) = (around(0.0), around(0.25));
        // Wider than the others.
        upper[0] = 6.5;
        let predicted = Predicted {
            predictions: predictions.clone(),
            lower: Some(lower),
            upper: Some(upper),
        };
        (truth, predicted)
    }

    #[test]
    fn rows_are_counted_in_thirds_of_their_predictions_bounds_included() {
        let (truth, mut predicted) = predicted();
        let found = Intervals::compare(&truth, &predicted).unwrap().unwrap();
        let counts = found.thirds.map(|third| (third.within, third.rows));
        assert_eq!(counts, [(2, 2), (2, 2), (0, 2)]);
        assert_eq!((found.all().within, found.all().rows), (4, 6));
        assert!((found.width - (5.0 * 0.25 + 0.5) / 6.0).abs() < 1e-12);
        // 2/α is 20; one row lies 0.5 above its interval, the other 0.25 below.
        assert!((found.score - found.width - 20.0 * 0.75 / 6.0).abs() < 1e-12);

        predicted.lower = None;
        assert_eq!(Intervals::compare(&truth, &predicted), Ok(None));
    }

    #[test]
    fn rows_that_do_not_make_three_equal_thirds_are_all_counted() {
        let five = vec![0.0; 5];
        let predicted = Predicted {
            predictions: five.clone(),
            lower: Some(five.clone()),
            upper: Some(five.clone()),
        };
        let found = Intervals::compare(&five, &predicted).unwrap().unwrap();
        assert_eq!(found.thirds.map(|third| third.rows), [2, 2, 1]);
        assert_eq!(found.all().share(), 1.0);
    }

    #[test]
    fn bounds_that_are_none_are_refused() {
        let (truth, predicted) = predicted();
        for (bound, told) in [(f64::NAN, "NaN"), (2.5, "2.5")] {
            let mut lower = predicted.lower.clone().unwrap();
            lower[2] = bound;
            let spoilt = Predicted {
                predictions: predicted.predictions.clone(),
                lower: Some(lower),
                upper: predicted.upper.clone(),
            };
            let reason = Intervals::compare(&truth, &spoilt).unwrap_err();
            assert_eq!(reason, format!("row 3: the bounds {told} and 2.25"));
        }
        let reason = Intervals::compare(&truth[..5], &predicted).unwrap_err();
        assert_eq!(reason, "6 lower and 6 upper bounds of 5 rows");
    }

    #[test]
    fn splits_are_counted_together() {
        let (truth, predicted) = predicted();
        let found = Intervals::compare(&truth, &predicted).unwrap().unwrap();
        let both = [found.clone(), found];
        let counts = parts(both.iter()).map(|part| (part.within, part.rows));
        assert_eq!(counts, [(8, 12), (4, 4), (4, 4), (0, 4)]);
    }

    /// The expected counts are exact, by fractions in Python:
    ///
    /// ```python
    /// def quantile(n, q):
    ///     below, p = 0, Fraction(9, 10)
    ///     for k in range(n + 1):
    ///         below += comb(n, k) * p**k * (1 - p)**(n - k)
    ///         if below >= q: return k
    /// for n in (1, 10, 44, 103, 237, 1752): print(n, quantile(n, Fraction(1, 20)), quantile(n, Fraction(19, 20)))
    /// ```
    #[test]
    fn chance_is_the_binomial_distribution() {
        let expected = [
            (1, (0, 1)),
            (10, (7, 10)),
            (44, (36, 43)),
            (103, (87, 97)),
            (237, (205, 221)),
            (1752, (1556, 1597)),
        ];
        for (rows, counts) in expected {
            assert_eq!(chance(rows), counts, "{rows} rows");
        }
    }
}
