//! How good the model is on rows that the predicting networks had not seen.

use serde::{Deserialize, Serialize};

use super::Fitting;
use super::bag::Bag;
use super::blend::{self, Candidate, Share};
use crate::Evaluation;
use crate::intervals::{Intervals, Limits};
use crate::metrics::mean_and_deviation;

/// Errors on rows that the predicting networks had not seen: those kept for validation, or each row by the members
/// without its fold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unseen {
    /// The errors of all those rows together.
    pub evaluation: Evaluation,
    /// Into how many folds the rows were cut; 0 where some were kept for validation.
    pub folds: usize,
    /// The standard deviation of the folds' root mean square errors, where there are several folds.
    pub spread: Option<f64>,
}

/// What the networks say of rows that they had not seen, and what follows from it for the bags.
pub(super) struct Judged {
    /// How much each bag counts.
    pub shares: Vec<Share>,
    /// The model's predictions by networks without the row, by row number; NaN where there are none.
    pub predictions: Vec<f64>,
    /// By how much the mean square error is flattered, over the bags that count.
    flattery: f64,
}

impl Fitting {
    /// How good the model is on rows that the predicting networks had not seen, if there are such rows.
    ///
    /// Of folds, the errors are as much larger than found as the choice of the best epochs on these rows made them
    /// smaller.
    pub fn unseen(&self) -> Option<Unseen> {
        self.errors_of(&self.judge())
    }

    /// Lets every network at its end predict the rows that it did not see.
    pub(super) fn judge(&self) -> Judged {
        let predict = || self.bags.iter().map(|bag| bag.unseen(&self.rows)).collect();
        let unseen = self.unseen.get_or_init(predict);
        let flattery = self
            .bags
            .iter()
            .map(|bag| bag.curves(&self.rows).flattery());
        let flattery: Vec<f64> = flattery.collect();
        // Where no bag is whole, each is judged by what it has; one without any network at its end has nothing.
        let any_whole = self.bags.iter().any(Bag::is_done);
        let error = |(bag, (y_hat, flattery)): (&Bag, (&Vec<f64>, &f64))| {
            let errors = y_hat
                .iter()
                .zip(&self.rows.target)
                .map(|(y_hat, y)| y_hat - y);
            let errors = errors.filter(|error| !error.is_nan());
            let (count, sum) = errors.fold((0.0, 0.0), |(n, sum), e| (n + 1.0, sum + e * e));
            ((bag.is_done() || !any_whole) && count > 0.0)
                .then(|| f64::sqrt(sum / count * flattery))
        };
        let judged = self.bags.iter().zip(unseen.iter().zip(&flattery));
        let candidates = judged.zip(&self.refits).map(|(judged, &refits)| Candidate {
            error: error(judged),
            refits,
            plain: judged.0.data.settings.target.is_none(),
        });
        let shares = blend::shares(&candidates.collect::<Vec<_>>());
        let weights: Vec<f64> = shares.iter().map(|share| share.whole()).collect();
        Judged {
            flattery: weights.iter().zip(&flattery).map(|(w, f)| w * f).sum(),
            predictions: means(unseen, &weights),
            shares,
        }
    }

    /// What these predictions and their errors make of others.
    pub(super) fn intervals_of(&self, judged: &Judged) -> Option<Intervals> {
        let (target, actual) = (&self.bags[0].data.target, &self.rows.target);
        let limits = match target.bounds() {
            Some((least, most)) => Limits {
                least: Some(least),
                most: Some(most),
            },
            None => Limits::of_side(actual),
        };
        Intervals::learn(&judged.predictions, actual, judged.flattery.sqrt(), limits)
    }

    /// The errors of these predictions.
    pub(super) fn errors_of(&self, judged: &Judged) -> Option<Unseen> {
        let splits = self.rows.splits.iter();
        let folds: Vec<f64> = splits
            .filter_map(|split| self.error_of(judged, &split.unseen))
            .collect();
        let all = self.compared(judged, &mut (0..self.rows.count()))?;
        Some(Unseen {
            evaluation: all.scaled(judged.flattery.sqrt()),
            folds: self.composition.folds,
            spread: (folds.len() > 1).then(|| mean_and_deviation(&folds).1),
        })
    }

    /// The root mean square error of the predictions of some rows, if there are any.
    pub(super) fn error_of(&self, judged: &Judged, rows: &[u32]) -> Option<f64> {
        let evaluation = self.compared(judged, &mut rows.iter().map(|&row| row as usize))?;
        Some(judged.flattery.sqrt() * evaluation.rmse)
    }

    /// The predictions of some rows beside what was measured, as they are.
    fn compared(
        &self,
        judged: &Judged,
        rows: &mut dyn Iterator<Item = usize>,
    ) -> Option<Evaluation> {
        let known = rows.filter(|&row| !judged.predictions[row].is_nan());
        let (actual, predicted): (Vec<f64>, Vec<f64>) = known
            .map(|row| (self.rows.target[row], judged.predictions[row]))
            .unzip();
        (!actual.is_empty()).then(|| Evaluation::of(&actual, &predicted))
    }
}

/// The weighted mean over the bags that predict a row; NaN where none does.
fn means(unseen: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
    let rows = unseen.first().map_or(0, Vec::len);
    let mean = |row: usize| {
        let known = unseen
            .iter()
            .zip(weights)
            .filter(|(y_hat, _)| !y_hat[row].is_nan());
        let (sum, weight) = known.fold((0.0, 0.0), |(sum, weight), (y_hat, w)| {
            (sum + w * y_hat[row], weight + w)
        });
        sum / weight // 0/0 is NaN
    };
    (0..rows).map(mean).collect()
}
