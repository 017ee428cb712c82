//! Prediction intervals, from errors on rows that the predicting networks had not seen.
//!
//! The rows are cut into up to five groups by their prediction, because a model errs more on some predictions than on
//! others. Of the absolute errors of a group, in ascending order, the half-width of its interval at level `1 − α` is
//! number
//!
//! ```text
//! k = ⌈(n + 1)(1 − α)⌉        of n
//! ```
//!
//! the finite-sample quantile: if a new row is one more draw of the same kind, its error is as likely to take any of
//! the n + 1 places among them, and so at most the k-th with probability `k / (n + 1) ≥ 1 − α`. Between the middles of
//! two groups half-widths are interpolated. docs/honest-error.md says what this guarantees and what was measured.
//!
//! Proved by `the_quantile_is_that_of_finite_samples` and `intervals_cover_in_each_third_of_the_predictions`.

mod held_out;

use serde::{Deserialize, Serialize};

use crate::limits::MOST_UNSEEN_ROWS;
use crate::numbers::significant;

/// The level of intervals where none is asked for.
pub const INTERVAL_LEVEL: f64 = 0.9;

/// The most groups. More follow the errors more closely, and lose by the noise of each what they gain.
const MOST_GROUPS: usize = 5;

/// At least so many errors of each group lie beyond its interval, so that chance does not sway its width much.
const FEWEST_BEYOND: f64 = 5.0;

/// What a product of a level and a count is off by at most: 0.9 · 10 means 9.
const ROUNDING: f64 = 1e-9;

/// Predictions of rows by networks that had not seen them, beside what these rows really were: all that intervals of
/// any level need.
///
/// ```
/// # use chainrule::training::Control;
/// # use chainrule_tabular::{Fitting, RegressorSettings};
/// # use chainrule_tabular::table::{ReadOptions, TypedTable};
/// # let csv: String = (0..200).map(|i| format!("{},{}\n", 0.5 * i as f64, i + i % 7)).collect();
/// # let csv = std::io::Cursor::new(format!("x,y\n{csv}"));
/// # let (table, _) = TypedTable::from_reader(csv, "line.csv", &ReadOptions::default())?;
/// # let mut fitting = Fitting::new(&table, "y", RegressorSettings::default())?;
/// # fitting.run(&mut |_| Control::Continue)?;
/// # let regressor = fitting.into_regressor();
/// let band = regressor.intervals().expect("rows were kept for validation").band(0.9);
/// let predicted = regressor.predict(&table)?.values;
/// let (lower, upper) = band.bounds(&predicted)[0].expect("a row that can be predicted");
/// assert!(lower < upper && band.around(100.0).0 < 100.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Intervals {
    pub(crate) card: IntervalCard,
    /// In ascending order.
    pub(crate) predictions: Vec<f64>,
    /// The target of each.
    pub(crate) actual: Vec<f64>,
}

/// All of it but the rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct IntervalCard {
    /// How many rows are kept.
    pub rows: usize,
    /// By how much errors are widened: these rows also chose the networks' best epochs, which flatters.
    pub widening: f64,
    pub limits: Limits,
}

/// Between which values a target can lie, as far as is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Limits {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<f64>,
}

/// The intervals of one level.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    level: f64,
    holds: f64,
    rows: usize,
    /// By prediction, in ascending order: the middle of each group, and the half-width there.
    knots: Vec<(f64, f64)>,
    limits: Limits,
}

impl Limits {
    /// 0, on the side of which all of these values lie.
    pub(crate) fn of_side(values: &[f64]) -> Limits {
        let zero_if = |all: bool| all.then_some(0.0);
        Limits {
            least: zero_if(values.iter().all(|&y| y >= 0.0)),
            most: zero_if(values.iter().all(|&y| y <= 0.0)),
        }
    }

    fn is_sound(&self) -> bool {
        let ends = [self.least, self.most];
        ends.into_iter().flatten().all(f64::is_finite)
            && self
                .least
                .zip(self.most)
                .is_none_or(|(least, most)| least <= most)
    }
}

impl Intervals {
    /// Keeps rows that have a prediction, evenly chosen by it where there are many; None if there are none.
    pub(crate) fn learn(
        predictions: &[f64],
        actual: &[f64],
        widening: f64,
        limits: Limits,
    ) -> Option<Intervals> {
        let pairs = predictions.iter().copied().zip(actual.iter().copied());
        let mut pairs: Vec<(f64, f64)> = pairs
            .filter(|(y_hat, y)| y_hat.is_finite() && y.is_finite())
            .collect();
        // Rows of equal predictions stay in their order.
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (all, kept) = (pairs.len(), pairs.len().min(MOST_UNSEEN_ROWS));
        let chosen = (0..kept).map(|k| pairs[k * (all - 1) / (kept - 1).max(1)]);
        let (predictions, actual): (Vec<f64>, Vec<f64>) = chosen.unzip();
        let card = IntervalCard {
            rows: kept,
            widening,
            limits,
        };
        (kept > 0).then_some(Intervals {
            card,
            predictions,
            actual,
        })
    }

    /// Predictions of rows by networks that had not seen them, in ascending order. Of many rows at most 2000 are kept,
    /// evenly chosen.
    pub fn predictions(&self) -> &[f64] {
        &self.predictions
    }

    /// By how much intervals are wider than the errors that were found: these rows also chose the networks' best
    /// epochs, which flatters.
    pub fn widening(&self) -> f64 {
        self.card.widening
    }

    /// The targets of these rows.
    pub fn actual(&self) -> &[f64] {
        &self.actual
    }

    /// The intervals that should hold this share of new rows.
    ///
    /// # Panics
    /// If the level is not between 0 and 1.
    #[track_caller]
    pub fn band(&self, level: f64) -> Band {
        assert!(level > 0.0 && level < 1.0, "a level of {level}");
        let rows = self.predictions.len();
        let groups = (rows as f64 * (1.0 - level) / FEWEST_BEYOND + ROUNDING) as usize;
        let ends = group_ends(&self.predictions, groups.clamp(1, MOST_GROUPS));
        let (mut knots, mut holds) = (Vec::with_capacity(ends.len()), level);
        let mut begin = 0;
        for end in ends {
            let (predictions, actual) = (&self.predictions[begin..end], &self.actual[begin..end]);
            let errors = predictions.iter().zip(actual).map(|(y_hat, y)| y - y_hat);
            let mut errors: Vec<f64> = errors.map(f64::abs).collect();
            errors.sort_by(f64::total_cmp);
            let n = errors.len();
            let place = place(n, level);
            if place > n {
                holds = n as f64 / (n as f64 + 1.0);
            }
            let half_width = errors[place.min(n) - 1] * self.card.widening;
            knots.push((predictions[n / 2], half_width));
            begin = end;
        }
        Band {
            level,
            holds,
            rows,
            knots,
            limits: self.card.limits,
        }
    }

    /// Whether it can be computed with; a file could say anything.
    pub(crate) fn is_sound(&self) -> bool {
        let IntervalCard {
            rows,
            widening,
            limits,
        } = &self.card;
        let numbers = || self.predictions.iter().chain(&self.actual);
        (1..=MOST_UNSEEN_ROWS).contains(rows)
            && self.predictions.len() == *rows
            && self.actual.len() == *rows
            && numbers().all(|y| y.is_finite())
            && self.predictions.is_sorted()
            && widening.is_finite()
            && *widening >= 1.0
            && limits.is_sound()
    }
}

impl Band {
    /// The share of new rows that should lie within.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// The share of new rows that the bounds stand for: the level, or less where there are too few rows for it. Then
    /// the bounds are those of the largest error.
    pub fn holds(&self) -> f64 {
        self.holds
    }

    /// The bounds around a prediction. They hold it, and go no farther than the target can lie.
    pub fn around(&self, prediction: f64) -> (f64, f64) {
        let half_width = self.half_width(prediction);
        let (mut lower, mut upper) = (prediction - half_width, prediction + half_width);
        if let Some(least) = self.limits.least {
            lower = lower.max(least).min(prediction);
        }
        if let Some(most) = self.limits.most {
            upper = upper.min(most).max(prediction);
        }
        (lower, upper)
    }

    /// The bounds around each of some predictions; None where there is none.
    pub fn bounds(&self, predictions: &[Option<f64>]) -> Vec<Option<(f64, f64)>> {
        let around = |y_hat: &Option<f64>| y_hat.map(|y_hat| self.around(y_hat));
        predictions.iter().map(around).collect()
    }

    /// The half-widths of the narrowest group, of all groups on average, and of the widest.
    pub fn half_widths(&self) -> (f64, f64, f64) {
        let widths = || self.knots.iter().map(|&(_, half_width)| half_width);
        (
            widths().fold(f64::INFINITY, f64::min),
            widths().sum::<f64>() / self.knots.len() as f64,
            widths().fold(0.0, f64::max),
        )
    }

    /// `90 % of new rows should lie within ± 96.3 of their prediction (± 70.1 to ± 117, depending on it)`
    pub fn in_words(&self) -> String {
        let (least, mean, most) = self.half_widths();
        let [least, mean, most] = [least, mean, most].map(|width| significant(width, 3));
        let range = match self.knots.len() {
            1 => String::new(),
            _ => format!(" (± {least} to ± {most}, depending on it)"),
        };
        format!(
            "{} of new rows should lie within ± {mean} of their prediction{range}",
            percent(self.holds)
        )
    }

    /// What there is to say where there are too few rows for the level.
    pub fn shortfall(&self) -> Option<String> {
        (self.holds < self.level).then(|| {
            format!(
                "{} rows that the networks had not seen are too few for intervals of {}: the bounds are those of the \
                 largest error, which stand for {}",
                self.rows,
                percent(self.level),
                percent(self.holds)
            )
        })
    }

    fn half_width(&self, prediction: f64) -> f64 {
        let above = self.knots.partition_point(|&(at, _)| at <= prediction);
        let (first, last) = (self.knots[0], self.knots[self.knots.len() - 1]);
        if above == 0 || above == self.knots.len() {
            return if above == 0 { first.1 } else { last.1 };
        }
        let ((left, narrow), (right, wide)) = (self.knots[above - 1], self.knots[above]);
        let share = (prediction - left) / (right - left);
        narrow + share * (wide - narrow)
    }
}

/// Which of n errors in ascending order, counted from 1, bounds the interval of a level; n + 1 where none does.
fn place(n: usize, level: f64) -> usize {
    let place = ((n as f64 + 1.0) * level - ROUNDING).ceil() as usize;
    place.clamp(1, n + 1)
}

/// Where each of at most so many groups ends, of predictions in ascending order. Equal predictions are in one group,
/// and no group has fewer rows than an even share.
fn group_ends(predictions: &[f64], groups: usize) -> Vec<usize> {
    let (rows, share) = (predictions.len(), predictions.len() / groups);
    let (mut ends, mut begin) = (Vec::with_capacity(groups), 0);
    for end in 1..rows {
        let is_full = end - begin >= share && rows - end >= share;
        if is_full && predictions[end - 1] < predictions[end] {
            ends.push(end);
            begin = end;
        }
    }
    ends.push(rows);
    ends
}

/// A share as people say it.
fn percent(share: f64) -> String {
    format!("{} %", (share * 1e4).round() / 1e2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intervals(pairs: &[(f64, f64)], limits: Limits) -> Intervals {
        let (predictions, actual): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        Intervals::learn(&predictions, &actual, 1.0, limits).unwrap()
    }

    /// Errors 1, 2, ..., n around predictions that are all 0.
    fn counted(n: usize) -> Intervals {
        let pairs: Vec<_> = (1..=n).map(|error| (0.0, error as f64)).collect();
        intervals(&pairs, Limits::default())
    }

    #[test]
    fn the_quantile_is_that_of_finite_samples() {
        // Of 9 errors the largest: a tenth is below it with probability 9/10. The interpolated quantile would be 8.2.
        assert_eq!(counted(9).band(0.9).around(0.0), (-9.0, 9.0));
        assert_eq!(counted(99).band(0.9).around(0.0), (-90.0, 90.0));
        assert_eq!(counted(100).band(0.9).around(0.0), (-91.0, 91.0));
        assert_eq!(counted(19).band(0.95).around(0.0), (-19.0, 19.0));
        assert_eq!(counted(9).band(0.9).holds(), 0.9);
        assert_eq!(counted(9).band(0.9).shortfall(), None);
    }

    #[test]
    fn too_few_rows_for_a_level_give_the_largest_error_and_say_so() {
        let band = counted(8).band(0.9);
        assert_eq!(band.around(0.0), (-8.0, 8.0));
        assert_eq!(band.holds(), 8.0 / 9.0);
        let words = band.shortfall().unwrap();
        assert!(
            words.starts_with("8 rows that the networks had not seen"),
            "{words}"
        );
        assert!(words.ends_with("which stand for 88.89 %"), "{words}");
        assert_eq!(counted(1).band(0.5).around(3.0), (2.0, 4.0));
    }

    #[test]
    fn intervals_are_wider_where_the_errors_are_and_continuous_in_between() {
        let row = |i: usize| {
            let prediction = (i / 2) as f64;
            let sign = if i.is_multiple_of(2) { 1.0 } else { -1.0 };
            (prediction, prediction + sign * (1.0 + prediction / 100.0))
        };
        let band = intervals(&(0..1000).map(row).collect::<Vec<_>>(), Limits::default()).band(0.9);
        let width = |y_hat: f64| band.around(y_hat).1 - y_hat;
        assert_eq!(band.knots.len(), 5);
        assert!(width(50.0) < 2.1 && width(450.0) > 5.4);
        let steps = (0..500).map(|y_hat| width(f64::from(y_hat) + 1.0) - width(f64::from(y_hat)));
        assert!(steps.into_iter().all(|step| (0.0..0.02).contains(&step)));
    }

    #[test]
    fn equal_predictions_are_one_group() {
        let pairs: Vec<_> = (0..600)
            .map(|i| (f64::from(i / 400), f64::from(i % 7)))
            .collect();
        let band = intervals(&pairs, Limits::default()).band(0.9);
        let middles: Vec<f64> = band.knots.iter().map(|knot| knot.0).collect();
        assert_eq!(middles, [0.0, 1.0]);
        assert_eq!(counted(600).band(0.9).knots.len(), 1);
    }

    #[test]
    fn bounds_go_no_farther_than_the_target_can_lie_and_hold_the_prediction() {
        let pairs: Vec<_> = (1..=9)
            .map(|error| (10.0, 10.0 + f64::from(error)))
            .collect();
        let limits = Limits::of_side(&[0.0, 5.0]);
        assert_eq!((limits.least, limits.most), (Some(0.0), None));
        let band = intervals(&pairs, limits).band(0.9);
        assert_eq!(band.around(4.0), (0.0, 13.0));
        assert_eq!(band.around(-20.0), (-20.0, -11.0));
        let below = intervals(&pairs, Limits::of_side(&[-1.0, -5.0])).band(0.9);
        assert_eq!(below.around(-4.0), (-13.0, 0.0));
    }

    #[test]
    fn of_many_rows_an_even_choice_is_kept() {
        let rows: Vec<f64> = (0..100_000).rev().map(f64::from).collect();
        let kept = Intervals::learn(&rows, &rows, 1.0, Limits::default()).unwrap();
        assert_eq!(kept.predictions.len(), MOST_UNSEEN_ROWS);
        assert_eq!(kept.predictions[0], 0.0);
        assert_eq!(kept.predictions[MOST_UNSEEN_ROWS - 1], 99_999.0);
        assert!(kept.is_sound());
        let none = Intervals::learn(&[f64::NAN], &[1.0], 1.0, Limits::default());
        assert_eq!(none, None);
    }

    #[test]
    fn words_tell_the_widths() {
        assert_eq!(
            counted(99).band(0.9).in_words(),
            "90 % of new rows should lie within ± 90.0 of their prediction"
        );
        let pairs: Vec<_> = (0..500)
            .map(|i| (f64::from(i), f64::from(i + i / 250 + 1)))
            .collect();
        assert_eq!(
            intervals(&pairs, Limits::default()).band(0.9).in_words(),
            "90 % of new rows should lie within ± 1.60 of their prediction (± 1.00 to ± 2.00, depending on it)"
        );
    }
}
