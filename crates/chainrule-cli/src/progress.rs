//! A training's progress bar on standard error, shown only where that is a terminal.

use std::time::Duration;

use chainrule::training::{EpochRecord, Event};
use chainrule_tabular::{Fitting, MemberEvent, RegressorSettings};
use indicatif::{ProgressBar, ProgressStyle};

use crate::numbers::significant;

/// The bar of a training of a known number of epochs. It vanishes when dropped.
pub struct Progress {
    bar: ProgressBar,
    so_far: SoFar,
    /// The error of ridge regression on the rows that the networks do not see.
    ridge: Option<f64>,
}

impl Progress {
    /// A bar for all that is to be done, of which some epochs may be finished.
    pub fn new(fitting: &Fitting) -> Self {
        let bar = ProgressBar::new(fitting.whole().epochs as u64);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:30} epoch {pos}/{len}  {msg}  {elapsed}, {eta} left")
        {
            bar.set_style(style);
        }
        bar.set_position(fitting.finished_epochs() as u64);
        bar.enable_steady_tick(Duration::from_millis(250));
        let shown = !bar.is_hidden() && fitting.whole().members > 1;
        Progress {
            so_far: SoFar::new(fitting),
            ridge: shown.then(|| fitting.baselines().ridge).flatten(),
            bar,
        }
    }

    /// Shows what a training tells.
    pub fn show(&mut self, told: MemberEvent) {
        let Event::Epoch(record) = told.event else {
            return;
        };
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_length(told.of.epochs as u64); // more than at first where networks are trained on all rows
        match told.of.members {
            1 => self.bar.set_position(record.epoch as u64),
            _ => self.bar.inc(1),
        }
        self.so_far.hear(told.member, record);
        self.bar.set_message(match told.of.members {
            1 => losses(record),
            all => {
                let how = self.errors().map_or_else(
                    || format!(": {}", losses(record)),
                    |errors| format!(", {errors}"),
                );
                format!("network {} of {all}{how}", told.member + 1)
            }
        });
    }

    /// The error out of fold so far, once a network is at its end.
    fn errors(&self) -> Option<String> {
        let rmse = significant(self.so_far.least()?, 4);
        let ridge = self.ridge.map(|ridge| significant(ridge, 4));
        let ridge = ridge.map_or_else(String::new, |ridge| format!(" (ridge {ridge})"));
        Some(format!("rmse out of fold so far {rmse}{ridge}"))
    }
}

fn losses(record: &EpochRecord) -> String {
    let loss = significant(record.training_loss, 4);
    match record.validation_loss {
        Some(validation) => format!("loss {loss}, validation {}", significant(validation, 4)),
        None => format!("loss {loss}"),
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// What is known of the errors out of fold while networks are trained.
struct SoFar {
    bags: Vec<BagSoFar>,
    /// How many networks of each bag do not see one of the folds.
    folds: usize,
}

struct BagSoFar {
    /// What a loss of 1 is in the target's units; None where a loss is no mean of squares.
    unit: Option<f64>,
    epochs: usize,
    /// The least loss of each network, and whether it has come to its last epoch.
    networks: Vec<(f64, bool)>,
}

impl SoFar {
    fn new(fitting: &Fitting) -> SoFar {
        let composition = fitting.composition();
        let bags = composition.bags.iter().zip(fitting.units());
        let bag = |(settings, unit): (&RegressorSettings, _)| BagSoFar {
            unit,
            epochs: settings.training.epochs,
            networks: vec![(f64::INFINITY, false); composition.folds],
        };
        SoFar {
            bags: bags.map(bag).collect(),
            folds: composition.folds.max(1),
        }
    }

    /// Takes an epoch of a network in; those that learn from all rows come after all others, and tell nothing here.
    fn hear(&mut self, member: usize, record: &EpochRecord) {
        let Some(bag) = self.bags.get_mut(member / self.folds) else {
            return;
        };
        let network = bag.networks.get_mut(member % self.folds);
        if let (Some((least, ended)), Some(loss)) = (network, record.validation_loss) {
            *least = least.min(loss);
            *ended = record.epoch == bag.epochs;
        }
    }

    /// The least root mean square error of a bag, over its networks that are at their end.
    fn least(&self) -> Option<f64> {
        let of_bag = |bag: &BagSoFar| {
            let ended = bag.networks.iter().filter(|(_, ended)| *ended);
            let (sum, count) = ended.fold((0.0, 0.0), |(sum, n), (loss, _)| (sum + loss, n + 1.0));
            bag.unit
                .filter(|_| count > 0.0)
                .map(|unit| unit * f64::sqrt(sum / count))
        };
        self.bags.iter().filter_map(of_bag).min_by(f64::total_cmp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_so_far_is_that_of_the_best_bag_over_networks_at_their_end() {
        let bag = |unit| BagSoFar {
            unit,
            epochs: 2,
            networks: vec![(f64::INFINITY, false); 2],
        };
        let mut so_far = SoFar {
            bags: vec![bag(Some(10.0)), bag(Some(10.0)), bag(None)],
            folds: 2,
        };
        let mut hear = |member, epoch, validation| {
            let record = EpochRecord {
                epoch,
                training_loss: 0.0,
                learning_rate: 0.1,
                validation_loss: Some(validation),
            };
            so_far.hear(member, &record);
            so_far.least()
        };
        assert_eq!(hear(0, 1, 0.04), None, "not at its end");
        assert_eq!(hear(0, 2, 0.16), Some(2.0), "its best epoch counts");
        hear(1, 1, 0.5);
        assert_eq!(hear(1, 2, 0.5), Some(10.0 * 0.27f64.sqrt()));
        hear(2, 1, 0.01);
        assert_eq!(hear(2, 2, 0.01), Some(1.0), "the better bag");
        hear(4, 1, 0.0001);
        assert_eq!(hear(4, 2, 0.0001), Some(1.0), "a loss without a unit");
        assert_eq!(hear(9, 1, 0.0), Some(1.0), "a network on all rows");
    }
}
