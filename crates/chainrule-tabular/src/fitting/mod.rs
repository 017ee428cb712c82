//! A training session: the standardised rows of one table and the trainer that learns from them.
//!
//! Everything but the trainer's state follows from the table and the settings. So a [`Checkpoint`] holds that state, the
//! settings, and enough of the table's identity to refuse another one.

mod checkpoint;
mod error;

use chainrule::training::{
    Control, Dataset, EpochRecord, Event, Outcome, Trainer, TrainingError, validation_split,
};
use ndarray::{Array2, Axis};

pub use checkpoint::{Checkpoint, TableIdentity};
pub use error::FitError;

use crate::numbers::exact;
use crate::preprocessing::Preprocessing;
use crate::shown::quoted;
use crate::{Regressor, RegressorSettings, Table};

/// How many rows a model keeps to prove itself with.
const REPLAY_ROWS: usize = 5;

/// A regressor in training.
///
/// ```
/// # use chainrule::training::{Control, Event, Outcome};
/// # use chainrule_tabular::{Fitting, RegressorSettings, Table};
/// let csv: String = (0..40).map(|i| format!("{i},{}\n", 2 * i + 1)).collect();
/// let table = Table::from_reader(format!("x,y\n{csv}").as_bytes(), "line.csv")?;
/// let settings = RegressorSettings { hidden: vec![8], ..RegressorSettings::default() };
///
/// let mut fitting = Fitting::new(&table, "y", settings)?;
/// let until_tenth_step = &mut |event: Event| match event {
///     Event::Step { step: 10, .. } => Control::Stop,
///     _ => Control::Continue,
/// };
/// assert_eq!(fitting.run(until_tenth_step)?, Outcome::Interrupted);
///
/// let mut resumed = Fitting::resume(&table, fitting.checkpoint())?;
/// assert_eq!(resumed.run(&mut |_| Control::Continue)?, Outcome::Finished);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Fitting {
    identity: TableIdentity,
    warnings: Vec<String>,
    settings: RegressorSettings,
    preprocessing: Preprocessing,
    replay_rows: Array2<f64>,
    train: Part,
    validation: Option<Part>,
    trainer: Trainer<f32>,
}

/// Some of the table's rows as the network sees them.
#[derive(Debug)]
struct Part {
    x: Array2<f32>,
    y: Array2<f32>,
}

impl Part {
    fn dataset(&self) -> Dataset<'_, f32> {
        Dataset::new(self.x.view(), self.y.view(), None)
    }
}

impl Fitting {
    /// Prepares to predict the column `target` from all other columns.
    ///
    /// What is learnt before training, such as means, is learnt from the training rows alone, so that the validation rows
    /// stay unseen. Columns that are constant there are left out, with a [warning](Self::warnings).
    pub fn new(
        table: &Table,
        target: &str,
        settings: RegressorSettings,
    ) -> Result<Fitting, FitError> {
        settings.validate()?;
        let y = table.numeric(&[target])?;
        let mut columns: Vec<String> = table.columns().to_vec();
        columns.retain(|name| name != target);
        let mut x = table.numeric(&columns)?;
        let identity = TableIdentity::of(table, &columns, &x, &y);
        let name = || table.source().to_owned();

        if columns.is_empty() {
            return Err(FitError::NoInputs {
                table: name(),
                target: target.to_owned(),
            });
        }
        if let Some(row) = y.iter().position(|&y| !settings.loss.accepts_target(y)) {
            return Err(FitError::TargetNotAccepted {
                table: name(),
                line: table.line(row),
                target: target.to_owned(),
                value: y[[row, 0]],
                loss: settings.loss,
            });
        }
        let (rows, fraction) = (table.rows(), settings.validation_fraction);
        let (train, validation) = validation_split(rows, fraction, settings.training.seed);
        if train.len() < 2 || (fraction > 0.0 && validation.is_empty()) {
            return Err(FitError::TooFewRows {
                table: name(),
                rows,
                train: train.len(),
                validation: validation.len(),
                fraction,
            });
        }
        let train: Vec<usize> = train.into_iter().map(|row| row as usize).collect();
        let validation: Vec<usize> = validation.into_iter().map(|row| row as usize).collect();

        let where_constant = |values: ndarray::ArrayView1<f64>| -> Option<String> {
            let value = values[train[0]];
            if !train.iter().all(|&row| values[row] == value) {
                return None;
            }
            Some(match values.iter().all(|&v| v == value) {
                true => format!("is constant ({})", exact(value)),
                false => format!(
                    "is constant ({}) in the {} rows to train on",
                    exact(value),
                    train.len()
                ),
            })
        };
        if let Some(constant) = where_constant(y.column(0)) {
            return Err(FitError::ConstantTarget {
                table: name(),
                target: target.to_owned(),
                constant,
            });
        }
        let constant: Vec<Option<String>> = x.columns().into_iter().map(where_constant).collect();
        let warnings: Vec<String> = columns
            .iter()
            .zip(&constant)
            .filter_map(|(column, constant)| {
                let constant = constant.as_ref()?;
                Some(format!(
                    "{}: column {} {constant}: it cannot help and is ignored",
                    table.source(),
                    quoted(column)
                ))
            })
            .collect();
        if !warnings.is_empty() {
            let varying: Vec<usize> = (0..columns.len())
                .filter(|&j| constant[j].is_none())
                .collect();
            if varying.is_empty() {
                return Err(FitError::ConstantInputs {
                    table: name(),
                    target: target.to_owned(),
                });
            }
            x = x.select(Axis(1), &varying);
            columns = varying.iter().map(|&j| columns[j].clone()).collect();
        }

        let x_train = x.select(Axis(0), &train);
        let y_train = y.select(Axis(0), &train);
        let preprocessing = Preprocessing::fit(
            columns,
            target.to_owned(),
            x_train.view(),
            y_train.view(),
            settings.loss,
        );
        let (x, y) = (preprocessing.x(table)?, preprocessing.y(table)?);
        let part = |rows: &[usize]| Part {
            x: x.select(Axis(0), rows),
            y: y.select(Axis(0), rows),
        };
        let inputs = preprocessing.columns().len();
        let network = settings.untrained_network(inputs, train.len())?;
        Ok(Fitting {
            identity,
            warnings,
            replay_rows: evenly_chosen(&x_train),
            train: part(&train),
            validation: (!validation.is_empty()).then(|| part(&validation)),
            trainer: Trainer::new(network, settings.training.clone()),
            preprocessing,
            settings,
        })
    }

    /// Goes on from a checkpoint, on the table that it was made from: the result has the same bits as if the training had
    /// never been interrupted.
    pub fn resume(table: &Table, checkpoint: Checkpoint) -> Result<Fitting, FitError> {
        checkpoint.identity.check_shape(table)?;
        let mut fitting = Fitting::new(table, &checkpoint.target, checkpoint.settings)?;
        checkpoint.identity.check_values(&fitting.identity, table)?;
        let network = fitting.trainer.network().clone();
        let (found, expected) = (checkpoint.state.parameters.len(), network.parameter_count());
        if found != expected {
            return Err(FitError::CheckpointParameters { found, expected });
        }
        let training = fitting.settings.training.clone();
        fitting.trainer = Trainer::resume(network, training, checkpoint.state);
        Ok(fitting)
    }

    /// What the user should know though nothing stops: one sentence each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What the training was told.
    pub fn settings(&self) -> &RegressorSettings {
        &self.settings
    }

    /// Number of weights and biases that are learnt.
    pub fn parameter_count(&self) -> usize {
        self.trainer.network().parameter_count()
    }

    /// One record per finished epoch.
    pub fn history(&self) -> &[EpochRecord] {
        self.trainer.history()
    }

    /// Trains until the last epoch, early stopping, or a [`Control::Stop`] from `on_event`; after that it can be run again.
    pub fn run(
        &mut self,
        on_event: &mut (dyn FnMut(Event) -> Control + Send),
    ) -> Result<Outcome, TrainingError> {
        let validation = self.validation.as_ref().map(Part::dataset);
        self.trainer
            .fit(&self.train.dataset(), validation.as_ref(), on_event)
    }

    /// Where the training stands, to go on from later.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            identity: self.identity.clone(),
            target: self.preprocessing.target().to_owned(),
            settings: self.settings.clone(),
            state: self.trainer.state(),
        }
    }

    /// The model as it stands.
    pub fn regressor(&self) -> Regressor {
        Regressor::new(
            self.preprocessing.clone(),
            self.settings.clone(),
            self.trainer.network().clone(),
            self.trainer.history().to_vec(),
            self.replay_rows.view(),
        )
    }

    /// The model, and the end of the session.
    pub fn into_regressor(self) -> Regressor {
        let history = self.trainer.history().to_vec();
        Regressor::new(
            self.preprocessing,
            self.settings,
            self.trainer.into_network(),
            history,
            self.replay_rows.view(),
        )
    }
}

/// A few rows from the first to the last.
fn evenly_chosen(x: &Array2<f64>) -> Array2<f64> {
    let n = x.nrows();
    let count = n.min(REPLAY_ROWS);
    let rows: Vec<usize> = (0..count)
        .map(|k| k * (n - 1) / (count - 1).max(1))
        .collect();
    x.select(Axis(0), &rows)
}
