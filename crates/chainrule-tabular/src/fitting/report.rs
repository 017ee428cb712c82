//! What a person should know after a training: errors beside those of simpler models, and what looks wrong.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::unseen::Judged;
use super::{Baselines, Fitting, Unseen};
use crate::Evaluation;

/// The outcome of a training on its own rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// On the rows that a network that stands alone learnt from. Members of bags learn from different rows.
    pub training: Option<Evaluation>,
    /// On rows that the predicting networks had not seen.
    pub unseen: Option<Unseen>,
    /// Simpler models on the same unseen rows, or on the training rows where none were kept.
    pub baselines: Baselines,
    /// The same errors in each fold of the rows, where there are folds.
    pub folds: Vec<FoldErrors>,
    /// The epoch whose weights a network that stands alone has, if rows were kept for validation.
    pub best_epoch: Option<usize>,
    /// What looks wrong, one sentence each.
    pub warnings: Vec<String>,
}

/// Root mean square errors on the rows of one fold, of models that learnt from the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoldErrors {
    /// How many rows it has.
    pub rows: usize,
    /// Of the networks; None where none of them is at its end.
    pub model: Option<f64>,
    /// Of simpler models.
    pub baselines: Baselines,
}

/// Of so many validation rows the same row among the training rows is no accident.
const REPEATED: f64 = 0.05;

/// So many rows are taken together to be told apart.
const HASHED_AT_A_TIME: usize = 512;

impl Fitting {
    /// How good the model is, and what looks wrong.
    pub fn report(&self) -> Report {
        let alone = match self.rows.splits.as_slice() {
            [alone] => Some(alone),
            _ => None,
        };
        let learnt = alone.map(|split| {
            let train = split.train();
            let (bag, member) = (&self.bags[0], &self.bags[0].members[0]);
            let untrained = || bag.data.untrained(0);
            let network = member.network().cloned().unwrap_or_else(untrained);
            let predicted = bag.data.predict(&network, &train);
            (self.rows.targets_of(&train), predicted)
        });
        let training = learnt.as_ref();
        let training = training.map(|(actual, predicted)| Evaluation::of(actual, predicted));
        let judged = self.judge();
        let unseen = self.errors_of(&judged);
        let best_epoch = alone.and_then(|_| self.best_epoch());
        let negative = judged
            .predictions
            .iter()
            .chain(learnt.iter().flat_map(|(_, predicted)| predicted));
        let negative = negative.filter(|&&y_hat| y_hat < 0.0).count();
        let baselines = self.baselines();
        let folds = match self.composition.folds {
            0 => vec![],
            _ => self.folds(&judged),
        };
        let errors = unseen.as_ref().map(|unseen| unseen.evaluation).or(training);
        let warnings = [
            self.more_inputs_than_rows(),
            self.repeated_rows(),
            self.negative_predictions(negative),
            errors.and_then(|errors| self.worse_than_ridge(&errors, baselines.ridge)),
            self.still_improving(best_epoch),
        ];
        Report {
            training,
            unseen,
            baselines,
            folds,
            best_epoch,
            warnings: warnings.into_iter().flatten().collect(),
        }
    }

    /// The epoch of the first network with the least validation loss, if rows were kept for validation.
    fn best_epoch(&self) -> Option<usize> {
        let losses = self.history().iter();
        let losses = losses.filter_map(|record| Some((record.validation_loss?, record.epoch)));
        let best = losses.min_by(|a, b| a.0.total_cmp(&b.0));
        best.map(|(_, epoch)| epoch)
    }

    /// The networks beside simpler models in each fold.
    fn folds(&self, judged: &Judged) -> Vec<FoldErrors> {
        let folds = self.rows.splits.iter().zip(self.baselines_of_splits());
        let fold = folds.map(|(split, &baselines)| FoldErrors {
            rows: split.unseen.len(),
            model: self.error_of(judged, &split.unseen),
            baselines,
        });
        fold.collect()
    }

    fn more_inputs_than_rows(&self) -> Option<String> {
        let (inputs, rows) = (self.encoding().plain_inputs().len(), self.rows().0);
        (inputs > rows).then(|| {
            format!(
                "there are more inputs ({inputs}) than rows to train on ({rows}): the network can learn them by heart; \
                 use fewer columns (--only, --ignore), or add rows"
            )
        })
    }

    /// Rows kept for validation that a row to train on repeats. Rows are told apart by 64 bits of theirs.
    fn repeated_rows(&self) -> Option<String> {
        let hashes = self.hashes();
        let hash = |&row: &u32| hashes[row as usize];
        let (mut repeated, mut judged) = (0, 0);
        for split in &self.rows.splits {
            let train: HashSet<u64> = split.train().iter().map(hash).collect();
            repeated += split
                .unseen
                .iter()
                .filter(|row| train.contains(&hash(row)))
                .count();
            judged += split.unseen.len();
        }
        let share = repeated as f64 / judged as f64;
        (repeated > 1 && share >= REPEATED).then(|| match self.rows.splits.as_slice() {
            [_] => format!(
                "{repeated} of the {judged} rows kept for validation are repeated among the rows to train on: \
                 their errors flatter the model"
            ),
            _ => format!(
                "{repeated} of the {judged} rows are repeated in other folds: their errors flatter the model"
            ),
        })
    }

    /// A hash of the plain inputs and the target of each row: a table of millions has no room for all of its bits once
    /// more.
    fn hashes(&self) -> Vec<u64> {
        let (x, plain) = (self.bags[0].data.x(), self.encoding().plain_inputs());
        let all: Vec<u32> = (0..self.rows.count() as u32).collect();
        let mut hashes = Vec::with_capacity(all.len());
        for some in all.chunks(HASHED_AT_A_TIME) {
            let inputs = x.plain(some, &plain);
            hashes.extend(inputs.rows().into_iter().zip(some).map(|(inputs, &row)| {
                let mut hasher = DefaultHasher::new();
                inputs.iter().for_each(|x| x.to_bits().hash(&mut hasher));
                let target = self.rows.target[row as usize];
                target.to_bits().hash(&mut hasher);
                hasher.finish()
            }));
        }
        hashes
    }

    fn negative_predictions(&self, negative: usize) -> Option<String> {
        let least = self
            .rows
            .target
            .iter()
            .copied()
            .fold(f64::INFINITY, f64::min);
        (negative > 0 && least >= 0.0).then(|| {
            let loss = if least > 0.0 { "gamma_deviance" } else { "poisson_deviance" };
            format!(
                "{negative} prediction{} {} below 0, where the target never is: --loss {loss} predicts positive values only",
                if negative == 1 { "" } else { "s" },
                if negative == 1 { "is" } else { "are" }
            )
        })
    }

    fn still_improving(&self, best_epoch: Option<usize>) -> Option<String> {
        let last = self.history().last()?.epoch;
        (best_epoch == Some(last) && last == self.settings().training.epochs && last > 1).then(|| {
            format!("the last epoch, {last}, was the best one: with more --epochs the model may become better")
        })
    }

    fn worse_than_ridge(&self, judged: &Evaluation, ridge: Option<f64>) -> Option<String> {
        let words = match self.composition.members() {
            1 => {
                "ridge regression, a straight line, is better than this network on these rows: try other settings, such as \
                 --hidden 16, --l2 0.01 or more --epochs, or use a straight line"
            }
            _ => {
                "ridge regression, a straight line, is better than these networks on rows that neither has seen: add rows, \
                 leave out columns that say little (--ignore), or use a straight line (--hidden none)"
            }
        };
        ridge
            .filter(|&ridge| ridge < judged.rmse)
            .map(|_| words.to_owned())
    }
}
