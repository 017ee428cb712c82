//! What a person should know after a training: errors beside those of simpler models, and what looks wrong.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use ndarray::ArrayView1;

use super::{Fitting, Part};
use crate::Evaluation;
use crate::metrics::Ridge;

/// The outcome of a training on its own rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// On the rows that it learnt from.
    pub training: Evaluation,
    /// On the rows that were kept for validation, if there are some.
    pub validation: Option<Evaluation>,
    /// Simpler models on the validation rows, or on the training rows where none were kept.
    pub baselines: Baselines,
    /// The epoch whose weights the model has, if rows were kept for validation.
    pub best_epoch: Option<usize>,
    /// What looks wrong, one sentence each.
    pub warnings: Vec<String>,
}

/// Root mean square errors of models that a network should beat, learnt from the training rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baselines {
    /// Of always predicting the mean of the training rows.
    pub mean: f64,
    /// Of ridge regression on the same inputs; None for tables so wide that it would take long.
    pub ridge: Option<f64>,
}

/// Of so many validation rows the same row among the training rows is no accident.
const REPEATED: f64 = 0.05;

impl Fitting {
    /// How good the model is, and what looks wrong.
    pub fn report(&self) -> Report {
        let predicted = self.predicted(&self.train);
        let training = Evaluation::of(&self.train.actual, &predicted);
        let validated = self
            .validation
            .as_ref()
            .map(|part| (part, self.predicted(part)));
        let validation = validated
            .as_ref()
            .map(|(part, predicted)| Evaluation::of(&part.actual, predicted));
        let judged = self.validation.as_ref().unwrap_or(&self.train);
        let baselines = self.baselines(judged);

        let losses = self
            .history()
            .iter()
            .filter_map(|record| Some((record.validation_loss?, record.epoch)));
        let best_epoch = losses
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, epoch)| epoch);
        let negative = [
            &predicted,
            validated
                .as_ref()
                .map_or(&Vec::new(), |(_, predicted)| predicted),
        ]
        .into_iter()
        .flatten()
        .filter(|&&y_hat| y_hat < 0.0)
        .count();
        let warnings = [
            self.more_inputs_than_rows(),
            self.repeated_rows(),
            self.negative_predictions(negative),
            worse_than_ridge(&validation.unwrap_or(training), baselines.ridge),
            self.still_improving(best_epoch),
        ];
        Report {
            training,
            validation,
            baselines,
            best_epoch,
            warnings: warnings.into_iter().flatten().collect(),
        }
    }

    fn predicted(&self, part: &Part) -> Vec<f64> {
        let y_hat = self.trainer.network().predict(part.x.view());
        y_hat
            .iter()
            .map(|&y_hat| self.target.decode(y_hat))
            .collect()
    }

    fn baselines(&self, judged: &Part) -> Baselines {
        let n = self.train.actual.len() as f64;
        let mean = self.train.actual.iter().map(|y| y / n).sum::<f64>();
        let rmse = |predicted: &[f64]| Evaluation::of(&judged.actual, predicted).rmse;
        let ridge = Ridge::fit(self.train.x.view(), self.train.y.column(0)).map(|ridge| {
            let y_hat = ridge.predict(judged.x.view());
            let predicted: Vec<f64> = y_hat
                .iter()
                .map(|&y_hat| self.target.decode(y_hat))
                .collect();
            rmse(&predicted)
        });
        Baselines {
            mean: rmse(&vec![mean; judged.actual.len()]),
            ridge,
        }
    }

    fn more_inputs_than_rows(&self) -> Option<String> {
        let (inputs, rows) = (self.encoding.inputs(), self.train.x.nrows());
        (inputs > rows).then(|| {
            format!(
                "there are more inputs ({inputs}) than rows to train on ({rows}): the network can learn them by heart; \
                 use fewer columns (--only, --ignore), or add rows"
            )
        })
    }

    fn repeated_rows(&self) -> Option<String> {
        let validation = self.validation.as_ref()?;
        // A hash for each row: a table of millions has no room for all of its bits once more.
        let hashed = |x: ArrayView1<f32>, y: f64| {
            let mut hasher = DefaultHasher::new();
            x.iter().for_each(|x| x.to_bits().hash(&mut hasher));
            y.to_bits().hash(&mut hasher);
            hasher.finish()
        };
        let train: HashSet<u64> = self
            .train
            .x
            .outer_iter()
            .zip(&self.train.actual)
            .map(|(x, &y)| hashed(x, y))
            .collect();
        let rows = validation.x.outer_iter().zip(&validation.actual);
        let repeated = rows
            .filter(|&(x, &y)| train.contains(&hashed(x, y)))
            .count();
        let share = repeated as f64 / validation.x.nrows() as f64;
        (repeated > 1 && share >= REPEATED).then(|| {
            format!(
                "{repeated} of the {} rows kept for validation are repeated among the rows to train on: \
                 their errors flatter the model",
                validation.x.nrows()
            )
        })
    }

    fn negative_predictions(&self, negative: usize) -> Option<String> {
        let parts = [Some(&self.train), self.validation.as_ref()];
        let least = parts
            .into_iter()
            .flatten()
            .flat_map(|part| &part.actual)
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
        (best_epoch == Some(last) && last == self.settings.training.epochs && last > 1).then(|| {
            format!("the last epoch, {last}, was the best one: with more --epochs the model may become better")
        })
    }
}

fn worse_than_ridge(network: &Evaluation, ridge: Option<f64>) -> Option<String> {
    ridge.filter(|&ridge| ridge < network.rmse).map(|_| {
        "ridge regression, a straight line, is better than this network on these rows: try other settings, such as \
         --hidden 16, --l2 0.01 or more --epochs, or use a straight line"
            .to_owned()
    })
}
