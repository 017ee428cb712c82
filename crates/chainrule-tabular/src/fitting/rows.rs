//! Which rows of a table are learnt from, and which are kept for validation.

use std::borrow::Cow;

use chainrule::training::validation_split;

use super::FitError;
use crate::table::TypedTable;
use crate::{RegressorSettings, Roles};

/// The rows of a table that can be learnt from, and what they say.
pub(super) struct Rows {
    /// The target of every row of the table, NaN where it is missing.
    pub target: Vec<f64>,
    /// How much every row of the table counts, where that was told.
    pub weights: Option<Vec<f64>>,
    pub train: Vec<u32>,
    pub validation: Vec<u32>,
    /// How many rows were left out because they have no target.
    pub without_target: usize,
    /// How many more were left out because they have no weight, or the weight 0.
    pub without_weight: usize,
}

impl Rows {
    pub(super) fn of(
        table: &TypedTable,
        roles: &Roles,
        settings: &RegressorSettings,
    ) -> Result<Rows, FitError> {
        let target = table.numbers_of(&roles.target)?.into_owned();
        let weights = roles
            .weight
            .as_deref()
            .map(|name| table.numbers_of(name))
            .transpose()?
            .map(Cow::into_owned);
        if let (Some(weights), Some(column)) = (&weights, &roles.weight)
            && let Some(row) = weights.iter().position(|&w| w < 0.0)
        {
            return Err(FitError::NegativeWeight {
                table: table.source().to_owned(),
                line: table.line(row),
                column: column.clone(),
                value: weights[row],
            });
        }
        let has_target = |row: u32| !target[row as usize].is_nan();
        let counts = |row: u32| {
            weights
                .as_ref()
                .is_none_or(|weights| weights[row as usize] > 0.0)
        };
        let with_target: Vec<u32> = (0..table.rows() as u32)
            .filter(|&row| has_target(row))
            .collect();
        let usable: Vec<u32> = with_target
            .iter()
            .copied()
            .filter(|&row| counts(row))
            .collect();
        let refused = usable
            .iter()
            .find(|&&row| !settings.loss.accepts_target(target[row as usize]));
        if let Some(&row) = refused {
            return Err(FitError::TargetNotAccepted {
                table: table.source().to_owned(),
                line: table.line(row as usize),
                target: roles.target.clone(),
                value: target[row as usize],
                loss: settings.loss,
            });
        }
        let fraction = settings.validation_fraction;
        let (train, validation) = validation_split(usable.len(), fraction, settings.training.seed);
        if train.len() < 2 || (fraction > 0.0 && validation.is_empty()) {
            return Err(FitError::TooFewRows {
                table: table.source().to_owned(),
                rows: usable.len(),
                train: train.len(),
                validation: validation.len(),
                fraction,
            });
        }
        let rows = |places: Vec<u32>| {
            places
                .into_iter()
                .map(|place| usable[place as usize])
                .collect()
        };
        Ok(Rows {
            without_target: table.rows() - with_target.len(),
            without_weight: with_target.len() - usable.len(),
            train: rows(train),
            validation: rows(validation),
            target,
            weights,
        })
    }

    /// The targets of the rows to train on.
    pub(super) fn train_targets(&self) -> Vec<f64> {
        self.train
            .iter()
            .map(|&row| self.target[row as usize])
            .collect()
    }
}
