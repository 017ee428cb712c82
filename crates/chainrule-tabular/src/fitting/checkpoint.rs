//! A training session put on paper, and the identity of the table that it belongs to.

use std::collections::HashSet;

use chainrule::optimizers::OptimizerState;
use chainrule::training::{Position, TrainingState, validation_rows};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::FitError;
use crate::shown::quoted;
use crate::{RegressorSettings, Table};

/// Where a training stands: [`Fitting::resume`](crate::Fitting::resume) goes on from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    pub(crate) identity: TableIdentity,
    pub(crate) target: String,
    pub(crate) settings: RegressorSettings,
    pub(crate) state: TrainingState<f32>,
}

impl Checkpoint {
    /// The table that the training reads.
    pub fn table(&self) -> &TableIdentity {
        &self.identity
    }

    /// The column that is learnt.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// What the training was told.
    pub fn settings(&self) -> &RegressorSettings {
        &self.settings
    }

    /// The same, to be resumed on another number of threads (0 for as many as the machine has). A file does not keep the
    /// number: what comes back from one is set to 1.
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.settings.training.threads = threads;
        self
    }

    /// How far it has come.
    pub fn position(&self) -> &Position {
        &self.state.position
    }

    /// Says what cannot be true of it: a file could say anything, and a right checksum proves nothing about its writer.
    pub(crate) fn expect_sound(&self) -> Result<(), &'static str> {
        let columns = &self.identity.columns;
        let parameters = self.state.parameters.len();
        if !self.values_are_sound() {
            return Err("a parameter is missing or not a finite number");
        }
        if !columns.contains(&self.target) {
            return Err("its target is not a column of its table");
        }
        if columns.iter().collect::<HashSet<_>>().len() < columns.len() {
            return Err("a column of its table occurs twice");
        }
        if !self.settings.can_have(parameters, columns.len() - 1) {
            return Err("its parameters are not those of a network of its settings");
        }
        if !self.counters_agree().unwrap_or(false) {
            return Err("its counters contradict each other");
        }
        Ok(())
    }

    /// Whether there is a finite value for each parameter and for each average of the optimizer.
    fn values_are_sound(&self) -> bool {
        let state = &self.state;
        let count = state.parameters.len();
        let fresh = OptimizerState::<f32>::new(self.settings.training.optimizer, count);
        let lengths = (
            state.best_parameters.len(),
            state.first_moment.len(),
            state.second_moment.len(),
        );
        let values = [
            &state.parameters,
            &state.best_parameters,
            &state.first_moment,
            &state.second_moment,
        ];
        lengths
            == (
                count,
                fresh.first_moment().len(),
                fresh.second_moment().len(),
            )
            && values.into_iter().flatten().all(|v| v.is_finite())
    }

    /// Whether epochs, steps and history are those of one training; `None` where they are beyond counting.
    fn counters_agree(&self) -> Option<bool> {
        let (position, training) = (&self.state.position, &self.settings.training);
        let rows = self.identity.rows;
        u32::try_from(rows).ok()?;
        let validation = validation_rows(rows, self.settings.validation_fraction);
        let learnt = rows - validation;
        let batch = training.batch_size.unwrap_or(learnt).min(learnt);
        let steps_per_epoch = learnt.checked_sub(1)?.checked_div(batch)? + 1;
        let before = u64::try_from(position.epoch.checked_mul(steps_per_epoch)?).ok()?;
        let step = before.checked_add(u64::try_from(position.batch).ok()?)?;

        let losses = position.history.iter().map(|record| record.validation_loss);
        let ended = position.batch == 0
            && (position.epoch == training.epochs || training.early_stopping.is_some());
        Some(
            position.epoch == position.history.len()
                && position
                    .history
                    .iter()
                    .zip(1..)
                    .all(|(record, epoch)| record.epoch == epoch)
                && losses
                    .into_iter()
                    .all(|loss| loss.is_some() == (validation > 0))
                && position.epoch <= training.epochs
                && position.batch <= steps_per_epoch
                && position.step == step
                && position.best_loss.is_some() == (position.epoch > 0)
                && position.epochs_without_improvement <= position.epoch
                && (ended || !position.finished),
        )
    }
}

/// What tells one table from another: its size, its columns, and a checksum of its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableIdentity {
    rows: usize,
    columns: Vec<String>,
    crc32: u32,
}

impl TableIdentity {
    /// Of a table with the inputs `x (rows, inputs.len())` and the target `y (rows, 1)`.
    pub(super) fn of(table: &Table, inputs: &[String], x: &Array2<f64>, y: &Array2<f64>) -> Self {
        debug_assert_eq!(x.dim(), (table.rows(), inputs.len()));
        let mut hasher = crc32fast::Hasher::new();
        for value in x.iter().chain(y) {
            hasher.update(&value.to_le_bytes());
        }
        TableIdentity {
            rows: table.rows(),
            columns: table.columns().to_vec(),
            crc32: hasher.finalize(),
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Names of all columns.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Refuses a table of another size or with other columns.
    pub(super) fn check_shape(&self, table: &Table) -> Result<(), FitError> {
        let difference = if table.rows() != self.rows {
            format!("it has {} rows, that one had {}", table.rows(), self.rows)
        } else if let Some(column) = missing(table.columns(), &self.columns) {
            format!("its column {} was not in that one", quoted(column))
        } else if let Some(column) = missing(&self.columns, table.columns()) {
            format!("that one had a column {}", quoted(column))
        } else if table.columns() != self.columns {
            "its columns are in another order".to_owned()
        } else {
            return Ok(());
        };
        Err(FitError::OtherTable {
            table: table.source().to_owned(),
            difference,
        })
    }

    /// Refuses a table with other values, given the identity that it turned out to have.
    pub(super) fn check_values(&self, found: &Self, table: &Table) -> Result<(), FitError> {
        if found == self {
            return Ok(());
        }
        Err(FitError::OtherTable {
            table: table.source().to_owned(),
            difference: "some of its values are different".to_owned(),
        })
    }
}

/// The first of `names` that is not among `others`.
fn missing<'a>(names: &'a [String], others: &[String]) -> Option<&'a String> {
    let others: HashSet<&String> = others.iter().collect();
    names.iter().find(|name| !others.contains(name))
}
