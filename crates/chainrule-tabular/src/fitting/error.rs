//! Why a table cannot be learnt from.

use chainrule::loss_functions::Loss;
use thiserror::Error;

use crate::memory::MemoryError;
use crate::numbers::exact;
use crate::shown::quoted;
use crate::{SettingsError, TableError};

/// A table, settings or a checkpoint from which no training can start.
#[derive(Debug, Error)]
#[non_exhaustive]
#[allow(missing_docs)] // the messages say what each field is
pub enum FitError {
    /// The table itself.
    #[error(transparent)]
    Table(#[from] TableError),

    /// The settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),

    /// Nothing but the target.
    #[error(
        "{table} has no column beside the target {}: add at least one column to predict it from",
        quoted(target)
    )]
    NoInputs { table: String, target: String },

    /// Inputs without information.
    #[error(
        "{table}: every column beside the target {} is constant: there is nothing to predict it from",
        quoted(target)
    )]
    ConstantInputs { table: String, target: String },

    /// Columns beside the target, none of which can be used.
    #[error(
        "{table}: none of the {columns} columns beside the target {} can be used, because they are constant, number the rows, or \
         are free text: name one with --categorical or --numeric to use it all the same",
        quoted(target)
    )]
    NoUsableInputs {
        table: String,
        target: String,
        columns: usize,
    },

    /// A row that counts less than nothing.
    #[error("{table}, line {line}, column {}: the weight {} is below 0: correct it", quoted(column), exact(*value))]
    NegativeWeight {
        table: String,
        line: u64,
        column: String,
        value: f64,
    },

    /// More encoded rows than the machine has room for.
    #[error("{0}: use fewer columns (--only, --ignore) or fewer rows")]
    TooLarge(MemoryError),

    /// A target without information.
    #[error(
        "{table}: the target {} {constant}: there is nothing to learn",
        quoted(target)
    )]
    ConstantTarget {
        table: String,
        target: String,
        constant: String,
    },

    /// A target that the loss is not defined for.
    #[error(
        "{table}, line {line}, column {}: {} cannot be a target of the loss {loss}, for which it has to be {}: \
         correct the value, or choose another loss",
        quoted(target), exact(*value), loss.domain()
    )]
    TargetNotAccepted {
        table: String,
        line: u64,
        target: String,
        value: f64,
        loss: Loss,
    },

    /// A target that has no logarithm where that is learnt.
    #[error(
        "{table}, line {line}, column {}: {} has no logarithm, which is to be learnt: correct the value, or learn the \
         target as it is",
        quoted(target), exact(*value)
    )]
    NoLogarithm {
        table: String,
        line: u64,
        target: String,
        value: f64,
    },

    /// Not enough rows to train on and to validate with.
    #[error("{table} has {rows} row{}: {}", if *rows == 1 { "" } else { "s" }, too_few(*train, *validation, *fraction))]
    TooFewRows {
        table: String,
        rows: usize,
        train: usize,
        validation: usize,
        fraction: f64,
    },

    /// Not enough rows for the folds.
    #[error("{table} has {rows} row{}: {}", if *rows == 1 { "" } else { "s" }, too_few_for(*folds, *rows))]
    TooFewForFolds {
        table: String,
        rows: usize,
        folds: usize,
    },

    /// A checkpoint of another table.
    #[error(
        "{table} is not the table that the checkpoint was made from: {difference}; resume with that table, or start anew"
    )]
    OtherTable { table: String, difference: String },

    /// A checkpoint whose network is not the one that its settings describe.
    #[error(
        "the checkpoint holds {found} parameters where its settings make a network of {expected}: start anew"
    )]
    CheckpointParameters { found: usize, expected: usize },

    /// Bytes that do not hold the member that was trained elsewhere.
    #[error("what came back of network {number} cannot be used: {reason}")]
    NotTheMember { number: usize, reason: String },
}

fn too_few_for(folds: usize, rows: usize) -> String {
    /// Two to learn from and one that is not seen.
    const FEWEST: usize = 3;
    match rows < FEWEST {
        true => format!("at least {FEWEST} are needed; add rows"),
        false => format!("{folds} folds need at least {folds}; add rows, or ask for fewer folds"),
    }
}

fn too_few(train: usize, validation: usize, fraction: f64) -> String {
    if fraction == 0.0 {
        return "at least 2 are needed to train on; add rows".to_owned();
    }
    format!(
        "a validation fraction of {fraction} leaves {train} to train on and {validation} to validate with, where at least \
         2 and 1 are needed; add rows, or train without validation"
    )
}
