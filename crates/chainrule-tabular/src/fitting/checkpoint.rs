//! A training session put on paper, and the identity of the table that it belongs to.

use std::collections::HashSet;

use chainrule::optimizers::OptimizerState;
use chainrule::training::{EpochRecord, Position, TrainingState, validation_rows};
use serde::{Deserialize, Serialize};

use super::FitError;
use super::member::Endings;
use crate::shown::quoted;
use crate::table::{Form, TypedTable, Values};
use crate::{Composition, RegressorSettings, Roles};

/// Where a training stands: [`Fitting::resume`](crate::Fitting::resume) goes on from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    pub(crate) identity: TableIdentity,
    pub(crate) roles: Roles,
    /// How many rows are learnt from, and how many are kept for validation alone.
    pub(crate) rows: (usize, usize),
    /// How many inputs the networks of each bag have.
    pub(crate) inputs: Vec<usize>,
    pub(crate) composition: Composition,
    /// The members of each bag.
    pub(crate) members: Vec<Vec<MemberState>>,
}

/// How far a member has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum MemberState {
    /// Not begun.
    Waiting,
    /// Begun.
    Training(TrainingState<f32>),
    /// At its end.
    Done {
        parameters: Vec<f32>,
        history: Vec<EpochRecord>,
        stopped_early: bool,
        endings: Option<Endings>,
    },
}

impl Checkpoint {
    /// The table that the training reads.
    pub fn table(&self) -> &TableIdentity {
        &self.identity
    }

    /// The column that is learnt.
    pub fn target(&self) -> &str {
        &self.roles.target
    }

    /// Which columns are what.
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// What is trained.
    pub fn composition(&self) -> &Composition {
        &self.composition
    }

    /// The same, to be resumed on another number of threads (0 for as many as the machine has). A file does not keep
    /// the number: what comes back from one is set to 1.
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.composition = self.composition.with_threads(threads);
        self
    }

    /// How many epochs the first network has finished.
    pub fn epochs(&self) -> usize {
        let first = self.members.first().and_then(|members| members.first());
        first.map_or(0, |member| member.history().len())
    }

    /// Says what cannot be true of it: a file could say anything, and a right checksum proves nothing about its writer.
    pub(crate) fn expect_sound(&self) -> Result<(), &'static str> {
        let columns = &self.identity.columns;
        if !columns.contains(&self.roles.target) {
            return Err("its target is not a column of its table");
        }
        if columns.iter().collect::<HashSet<_>>().len() < columns.len() {
            return Err("a column of its table occurs twice");
        }
        let bags = &self.composition.bags;
        let as_many = bags.len() == self.inputs.len() && bags.len() == self.members.len();
        if !as_many
            || self
                .members
                .iter()
                .any(|bag| bag.len() != self.composition.members_of_a_bag())
        {
            return Err("its networks are not those of its composition");
        }
        let (learnt, validation) = self.rows;
        let rows = learnt
            .checked_add(validation)
            .filter(|&rows| rows <= self.identity.rows);
        let rows =
            rows.filter(|&rows| u32::try_from(rows).is_ok() && rows >= self.composition.folds);
        let rows = rows.ok_or(CONTRADICTION)?;
        for ((settings, inputs), members) in bags.iter().zip(&self.inputs).zip(&self.members) {
            let of_refits = self.composition.of_refits(settings);
            for (nth, member) in members.iter().enumerate() {
                let is_refit = self.composition.folds > 0 && nth >= self.composition.folds;
                let settings = if is_refit { &of_refits } else { settings };
                let seen = match self.composition.folds {
                    0 if validation != validation_rows(rows, settings.validation_fraction) => {
                        return Err(CONTRADICTION);
                    }
                    0 => (learnt, validation),
                    _ if is_refit => (rows, 0),
                    folds => {
                        let unseen = (nth + 1) * rows / folds - nth * rows / folds;
                        (rows - unseen, unseen)
                    }
                };
                member.expect_sound(settings, *inputs, seen)?;
            }
        }
        Ok(())
    }
}

const CONTRADICTION: &str = "its counters contradict each other";

impl MemberState {
    /// One record for each finished epoch.
    pub(crate) fn history(&self) -> &[EpochRecord] {
        match self {
            MemberState::Waiting => &[],
            MemberState::Training(state) => &state.position.history,
            MemberState::Done { history, .. } => history,
        }
    }

    /// Says what cannot be true of a member that learns from so many rows and does not see so many.
    pub(super) fn expect_sound(
        &self,
        settings: &RegressorSettings,
        inputs: usize,
        (learnt, unseen): (usize, usize),
    ) -> Result<(), &'static str> {
        let (parameters, values_are_sound, counters_agree) = match self {
            MemberState::Waiting => return Ok(()),
            MemberState::Training(state) => (
                &state.parameters,
                values_are_sound(state, settings),
                counters_agree(&state.position, settings, learnt).unwrap_or(false),
            ),
            MemberState::Done { parameters, .. } => {
                (parameters, parameters.iter().all(|p| p.is_finite()), true)
            }
        };
        let history = self.history();
        let counted = history
            .iter()
            .zip(1..)
            .all(|(record, epoch)| record.epoch == epoch)
            && history.len() <= settings.training.epochs
            && history
                .iter()
                .all(|record| record.validation_loss.is_some() == (unseen > 0));
        if !values_are_sound {
            return Err("a parameter is missing or not a finite number");
        }
        if !settings.have(parameters.len(), inputs) {
            return Err("its parameters are not those of a network of its settings");
        }
        match counted && counters_agree {
            true => Ok(()),
            false => Err(CONTRADICTION),
        }
    }
}

/// Whether there is a finite value for each parameter and for each average of the optimizer.
fn values_are_sound(state: &TrainingState<f32>, settings: &RegressorSettings) -> bool {
    let count = state.parameters.len();
    let fresh = OptimizerState::<f32>::new(settings.training.optimizer, count);
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
fn counters_agree(
    position: &Position,
    settings: &RegressorSettings,
    learnt: usize,
) -> Option<bool> {
    let training = &settings.training;
    let batch = training.batch_size.unwrap_or(learnt).min(learnt);
    let steps_per_epoch = learnt.checked_sub(1)?.checked_div(batch)? + 1;
    let before = u64::try_from(position.epoch.checked_mul(steps_per_epoch)?).ok()?;
    let step = before.checked_add(u64::try_from(position.batch).ok()?)?;
    let ended = position.batch == 0
        && (position.epoch == training.epochs || training.early_stopping.is_some());
    Some(
        position.epoch == position.history.len()
            && position.epoch <= training.epochs
            && position.batch <= steps_per_epoch
            && position.step == step
            && position.best_loss.is_some() == (position.epoch > 0)
            && position.epochs_without_improvement <= position.epoch
            && (ended || !position.finished),
    )
}

/// What tells one table from another: its size, its columns, and a checksum of its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableIdentity {
    rows: usize,
    columns: Vec<String>,
    crc32: u32,
}

impl TableIdentity {
    /// Of a table, with what all of its columns hold.
    pub(super) fn of(table: &TypedTable) -> Self {
        let mut hasher = crc32fast::Hasher::new();
        for column in table.columns() {
            match column.values() {
                Values::Number(values) => {
                    values.iter().for_each(|x| hasher.update(&x.to_le_bytes()))
                }
                Values::Boolean(values) => values.iter().for_each(|&value| {
                    hasher.update(&[value.map_or(2, u8::from)]);
                }),
                Values::Category(codes) => codes
                    .iter()
                    .for_each(|code| hasher.update(&code.to_le_bytes())),
                Values::Time(times) => times
                    .iter()
                    .for_each(|time| hasher.update(&time.to_le_bytes())),
                Values::LeftOut { .. } => {}
            }
            match &column.plan().form {
                Form::Boolean { no, yes } => [no, yes]
                    .iter()
                    .for_each(|text| hasher.update(text.as_bytes())),
                Form::Category { levels } => levels
                    .iter()
                    .for_each(|text| hasher.update(text.as_bytes())),
                _ => {}
            }
        }
        TableIdentity {
            rows: table.rows(),
            columns: table
                .columns()
                .iter()
                .map(|column| column.name().to_owned())
                .collect(),
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
    pub(super) fn check_shape(&self, table: &TypedTable) -> Result<(), FitError> {
        let columns: Vec<String> = table
            .columns()
            .iter()
            .map(|column| column.name().to_owned())
            .collect();
        let difference = if table.rows() != self.rows {
            format!("it has {} rows, that one had {}", table.rows(), self.rows)
        } else if let Some(column) = missing(&columns, &self.columns) {
            format!("its column {} was not in that one", quoted(column))
        } else if let Some(column) = missing(&self.columns, &columns) {
            format!("that one had a column {}", quoted(column))
        } else if columns != self.columns {
            "its columns are in another order".to_owned()
        } else {
            return Ok(());
        };
        Err(FitError::OtherTable {
            table: table.source().to_owned(),
            difference,
        })
    }

    /// Refuses a table of the same shape with other values, or with columns that were read in another way.
    pub(super) fn check_values(&self, table: &TypedTable) -> Result<(), FitError> {
        if TableIdentity::of(table) == *self {
            return Ok(());
        }
        Err(FitError::OtherTable {
            table: table.source().to_owned(),
            difference: "some of its values are different, or were read with other options"
                .to_owned(),
        })
    }
}

/// The first of `names` that is not among `others`.
fn missing<'a>(names: &'a [String], others: &[String]) -> Option<&'a String> {
    let others: HashSet<&String> = others.iter().collect();
    names.iter().find(|name| !others.contains(name))
}
