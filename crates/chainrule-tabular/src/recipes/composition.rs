//! What is trained on a table: bags of networks that differ in fold and seed alone.

use chainrule::processors;
use serde::{Deserialize, Serialize};

use crate::limits::{MOST_BAGS, MOST_FOLDS, MOST_REFIT_LENGTH, at_most};
use crate::{RegressorSettings, SettingsError};

/// One network, or bags of networks: everything that decides, with the table, which model comes out.
///
/// Of folds, every bag has a network for each, which learns from all other rows and keeps the weights of the epoch that
/// predicts its own fold best. So each row has predictions by networks that have not seen it, and those tell how good
/// the model is (Breiman 1996, "Out-of-bag estimation"). What the model predicts is the mean of all.
///
/// Where their losses show that training for all epochs does no harm, further networks learn so from all rows, for as
/// long or longer, and stand in the model for those of their bag or beside them (docs/recipes.md has the rule).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Composition {
    /// Into how many parts the rows are cut; 0 for one network, with rows set aside by its `validation_fraction`.
    pub folds: usize,
    /// How many networks of each bag learn from all rows, where that does no harm.
    pub refits: usize,
    /// How many times as many epochs those are trained for.
    pub refit_length: usize,
    /// What the networks of each bag are told.
    #[serde(deserialize_with = "at_most::<_, _, MOST_BAGS>")]
    pub bags: Vec<RegressorSettings>,
}

impl From<RegressorSettings> for Composition {
    /// One network.
    fn from(settings: RegressorSettings) -> Composition {
        Composition {
            folds: 0,
            refits: 0,
            refit_length: 1,
            bags: vec![settings],
        }
    }
}

impl Composition {
    /// Refuses what has no meaning.
    pub fn validate(&self) -> Result<(), SettingsError> {
        let alone = self.folds == 0 && self.bags.len() == 1;
        if self.bags.is_empty() || self.bags.len() > MOST_BAGS {
            return Err(SettingsError::Bags(self.bags.len()));
        }
        if !alone && !(2..=MOST_FOLDS).contains(&self.folds) {
            return Err(SettingsError::Folds(self.folds));
        }
        if self.refits > if alone { 0 } else { MOST_FOLDS } {
            return Err(SettingsError::Refits(self.refits));
        }
        if !(1..=MOST_REFIT_LENGTH).contains(&self.refit_length) {
            return Err(SettingsError::RefitLength(self.refit_length));
        }
        let first = self.level_means();
        if self
            .bags
            .iter()
            .any(|bag| bag.encoding.level_means != first)
        {
            return Err(SettingsError::LevelMeans);
        }
        self.bags.iter().try_for_each(RegressorSettings::validate)
    }

    /// How many networks there are that do not see one of the folds.
    pub fn members(&self) -> usize {
        self.bags.len().saturating_mul(self.folds.max(1))
    }

    /// How many networks a bag has at most.
    pub(crate) fn members_of_a_bag(&self) -> usize {
        self.folds.max(1) + self.refits
    }

    /// What the networks of a bag are told that learn from all rows.
    pub(crate) fn of_refits(&self, settings: &RegressorSettings) -> RegressorSettings {
        let mut settings = settings.clone();
        let epochs = &mut settings.training.epochs;
        *epochs = epochs.saturating_mul(self.refit_length);
        settings
    }

    /// Whether the bags are told what the rows of a level say of the target.
    pub(crate) fn level_means(&self) -> bool {
        self.bags[0].encoding.level_means
    }

    /// How many threads work at a time.
    pub(crate) fn threads(&self) -> usize {
        match self.bags[0].training.threads {
            0 => processors(),
            asked => asked,
        }
    }

    /// The same, trained on another number of threads; 0 for as many as the machine has.
    pub fn with_threads(mut self, threads: usize) -> Composition {
        let bags = self.bags.iter_mut();
        bags.for_each(|settings| settings.training.threads = threads);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compositions_without_meaning_are_refused_with_what_was_found() {
        let message = |folds, bags| {
            let bags = vec![RegressorSettings::default(); bags];
            let (refits, refit_length) = (0, 1);
            Composition {
                folds,
                refits,
                refit_length,
                bags,
            }
            .validate()
            .map_err(|error| error.to_string())
        };
        assert_eq!(message(0, 1), Ok(()));
        assert_eq!(message(8, 4), Ok(()));
        let refused = |folds, bags| message(folds, bags).unwrap_err();
        assert_eq!(refused(8, 0), "0 bags of networks: a model has 1 to 100");
        assert!(refused(0, 2).starts_with("0 folds: rows are cut into 2 to 100"));
        assert!(refused(1, 1).starts_with("1 folds: "));
        assert!(refused(101, 1).starts_with("101 folds: "));
        let mut bags = vec![RegressorSettings::default(); 2];
        bags[1].encoding.level_means = true;
        let (folds, refits, refit_length) = (3, 2, 1);
        let mixed = Composition {
            folds,
            refits,
            refit_length,
            bags,
        };
        assert_eq!(mixed.validate(), Err(SettingsError::LevelMeans));
        let alone = Composition {
            refits,
            ..Composition::from(RegressorSettings::default())
        };
        assert_eq!(alone.validate(), Err(SettingsError::Refits(2)));
        let endless = Composition {
            refit_length: 101,
            ..Composition::from(RegressorSettings::default())
        };
        assert_eq!(endless.validate(), Err(SettingsError::RefitLength(101)));
    }
}
