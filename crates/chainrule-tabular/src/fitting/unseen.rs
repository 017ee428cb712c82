//! How good the model is on rows that the predicting networks had not seen.

use serde::{Deserialize, Serialize};

use super::{Fitting, blend};
use crate::Evaluation;

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

impl Fitting {
    /// How good the model is on rows that the predicting networks had not seen, if there are such rows.
    ///
    /// Of folds, the errors are as much larger than found as the choice of the best epochs on these rows made them
    /// smaller.
    pub fn unseen(&self) -> Option<Unseen> {
        let predictions = self.unseen_predictions();
        let compare = |rows: &mut dyn Iterator<Item = usize>| {
            let known = rows.filter(|&row| !predictions[row].is_nan());
            let (actual, predicted): (Vec<f64>, Vec<f64>) = known
                .map(|row| (self.rows.target[row], predictions[row]))
                .unzip();
            (!actual.is_empty()).then(|| Evaluation::of(&actual, &predicted))
        };
        let splits = self.rows.splits.iter();
        let folds: Vec<f64> = splits
            .filter_map(|split| compare(&mut split.unseen.iter().map(|&row| row as usize)))
            .map(|evaluation| evaluation.rmse)
            .collect();
        let flattery = self.flattery();
        Some(Unseen {
            evaluation: compare(&mut (0..self.rows.count()))?.scaled(flattery.sqrt()),
            folds: self.composition.folds,
            spread: (folds.len() > 1).then(|| flattery.sqrt() * sample_deviation(&folds)),
        })
    }

    /// By how much the mean square error is flattered, over the bags that count.
    fn flattery(&self) -> f64 {
        let bags = self.bags.iter().zip(self.weights());
        bags.map(|(bag, weight)| weight * bag.flattery(&self.rows))
            .sum()
    }

    /// How much each bag counts.
    pub(super) fn weights(&self) -> Vec<f64> {
        let errors = self.bags.iter().map(|bag| {
            let unseen = bag.is_done().then(|| bag.unseen(&self.rows))?;
            let errors = unseen
                .iter()
                .zip(&self.rows.target)
                .map(|(y_hat, y)| y_hat - y);
            let errors = errors.filter(|error| !error.is_nan());
            let (count, sum) = errors.fold((0.0, 0.0), |(n, sum), e| (n + 1.0, sum + e * e));
            (count > 0.0).then(|| f64::sqrt(sum / count * bag.flattery(&self.rows)))
        });
        blend::weights(&errors.collect::<Vec<_>>())
    }

    /// The model's predictions of rows by networks that had not seen them, by row number; NaN where there are none.
    pub(super) fn unseen_predictions(&self) -> Vec<f64> {
        let (mut sums, mut weights) = (vec![0.0; self.rows.count()], vec![0.0; self.rows.count()]);
        for (bag, weight) in self.bags.iter().zip(self.weights()) {
            for (row, y_hat) in bag.unseen(&self.rows).into_iter().enumerate() {
                if !y_hat.is_nan() {
                    sums[row] += weight * y_hat;
                    weights[row] += weight;
                }
            }
        }
        let mean = |(sum, weight): (f64, f64)| sum / weight; // 0/0 is NaN
        sums.into_iter().zip(weights).map(mean).collect()
    }
}

/// The standard deviation of a sample of at least two.
fn sample_deviation(sample: &[f64]) -> f64 {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let squares = sample.iter().map(|x| (x - mean) * (x - mean));
    (squares.sum::<f64>() / (n - 1.0)).sqrt()
}
