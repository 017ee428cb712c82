//! A training session: the encoded rows of one table and the trainer that learns from them.
//!
//! Everything but the trainer's state follows from the table and the settings. So a [`Checkpoint`] holds that state,
//! the settings, and enough of the table's identity to refuse another one.

mod checkpoint;
mod error;
mod report;
mod rows;

use chainrule::training::{Control, Dataset, EpochRecord, Event, Outcome, Trainer, TrainingError};
use ndarray::{Array1, Array2};

pub use checkpoint::{Checkpoint, TableIdentity};
pub use error::FitError;
pub use report::{Baselines, Report};
use rows::Rows;

use crate::encoding::{Encoding, TargetScale};
use crate::kept_rows::KeptRows;
use crate::numbers::exact;
use crate::regressor::Card;
use crate::shown::quoted;
use crate::table::{Kind, TablePlan, TypedTable};
use crate::{Regressor, RegressorSettings, Roles, memory};

/// How many rows a model keeps to prove itself with.
const REPLAY_ROWS: usize = 5;

/// A regressor in training.
///
/// ```
/// # use chainrule::training::{Control, Event, Outcome};
/// # use chainrule_tabular::{Fitting, RegressorSettings};
/// # use chainrule_tabular::table::{ReadOptions, TypedTable};
/// let csv: String = (0..40).map(|i| format!("{},{}\n", 0.5 * i as f64, i + 1)).collect();
/// let csv = std::io::Cursor::new(format!("x,y\n{csv}"));
/// let (table, _) = TypedTable::from_reader(csv, "line.csv", &ReadOptions::default())?;
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
    roles: Roles,
    /// What was noticed before the training.
    warnings: Vec<String>,
    without_target: usize,
    without_weight: usize,
    settings: RegressorSettings,
    plan: TablePlan,
    encoding: Encoding,
    target: TargetScale,
    replay_rows: KeptRows,
    train: Part,
    validation: Option<Part>,
    trainer: Trainer<f32>,
}

/// Some of the table's rows as the network sees them.
#[derive(Debug)]
struct Part {
    x: Array2<f32>,
    y: Array2<f32>,
    weights: Option<Array1<f32>>,
    /// The target in its own units.
    actual: Vec<f64>,
}

impl Part {
    fn of(
        table: &TypedTable,
        rows: &[u32],
        known: &Rows,
        encoding: &Encoding,
        target: &TargetScale,
    ) -> Result<Part, FitError> {
        let actual: Vec<f64> = rows.iter().map(|&row| known.target[row as usize]).collect();
        let y = Array1::from_iter(actual.iter().map(|&y| target.encode(y)));
        // Only their ratios matter: in units of the largest, none is beyond single precision.
        let weights = known.weights.as_ref().map(|weights| {
            let largest = weights.iter().copied().fold(0.0, f64::max);
            rows.iter()
                .map(|&row| (weights[row as usize] / largest) as f32)
                .collect()
        });
        Ok(Part {
            x: encoding.encode(table, rows)?.x,
            y: y.insert_axis(ndarray::Axis(1)),
            weights,
            actual,
        })
    }

    fn dataset(&self) -> Dataset<'_, f32> {
        let weights = self.weights.as_ref().map(|weights| weights.view());
        Dataset::new(self.x.view(), self.y.view(), weights)
    }
}

impl Fitting {
    /// Prepares to predict one column from all others.
    ///
    /// What is learnt before training, such as medians, is learnt from the training rows alone, so that the validation
    /// rows stay unseen. Rows without a target are [left out](Self::without_target); columns that tell nothing in the
    /// training rows are left out with a [warning](Self::warnings).
    pub fn new(
        table: &TypedTable,
        roles: impl Into<Roles>,
        settings: RegressorSettings,
    ) -> Result<Fitting, FitError> {
        let roles = roles.into();
        settings.validate()?;
        let rows = Rows::of(table, &roles, &settings)?;
        let inputs = inputs(table, &roles)?;
        expect_varying(table, &roles, &rows)?;
        let encoding = Encoding::learn(table, &rows.train, &inputs, &settings.encoding)?;
        let warnings = useless(table, &inputs, &encoding, &rows.train);
        if encoding.columns().is_empty() {
            return Err(FitError::ConstantInputs {
                table: table.source().to_owned(),
                target: roles.target,
            });
        }
        let target = TargetScale::learn(roles.target.clone(), &rows.train_targets(), settings.loss);
        let bytes =
            (rows.train.len() + rows.validation.len()) as u128 * encoding.inputs() as u128 * 4;
        let what = format_args!("{} as {} inputs", table.source(), encoding.inputs());
        memory::expect_free(what, bytes).map_err(FitError::TooLarge)?;
        let part = |some: &[u32]| Part::of(table, some, &rows, &encoding, &target);
        let names = encoding.columns().iter().map(|column| column.name());
        let network = settings.untrained_network(encoding.inputs(), rows.train.len())?;
        Ok(Fitting {
            identity: TableIdentity::of(table),
            warnings,
            without_target: rows.without_target,
            without_weight: rows.without_weight,
            replay_rows: KeptRows::of(table, names, &evenly_chosen(&rows.train)),
            train: part(&rows.train)?,
            validation: (!rows.validation.is_empty())
                .then(|| part(&rows.validation))
                .transpose()?,
            trainer: Trainer::new(network, settings.training.clone()),
            plan: Card::plan_of(&table.plan(roles.missing.clone()), &encoding, &roles.target),
            roles,
            encoding,
            target,
            settings,
        })
    }

    /// Goes on from a checkpoint, on the table that it was made from: the result has the same bits as if the training
    /// had never been interrupted.
    pub fn resume(table: &TypedTable, checkpoint: Checkpoint) -> Result<Fitting, FitError> {
        checkpoint.identity.check_shape(table)?;
        checkpoint.identity.check_values(table)?;
        let mut fitting = Fitting::new(table, checkpoint.roles, checkpoint.settings)?;
        let network = fitting.trainer.network().clone();
        let (found, expected) = (checkpoint.state.parameters.len(), network.parameter_count());
        if found != expected {
            return Err(FitError::CheckpointParameters { found, expected });
        }
        let training = fitting.settings.training.clone();
        fitting.trainer = Trainer::resume(network, training, checkpoint.state);
        Ok(fitting)
    }

    /// What the user should know before the training though nothing stops: one sentence each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// How many rows are learnt from, and how many are kept for validation.
    pub fn rows(&self) -> (usize, usize) {
        (
            self.train.x.nrows(),
            self.validation.as_ref().map_or(0, |part| part.x.nrows()),
        )
    }

    /// How many rows were left out because they have no target.
    pub fn without_target(&self) -> usize {
        self.without_target
    }

    /// How many more rows were left out because they have no weight, or the weight 0.
    pub fn without_weight(&self) -> usize {
        self.without_weight
    }

    /// How the inputs are encoded.
    pub fn encoding(&self) -> &Encoding {
        &self.encoding
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

    /// Trains until the last epoch, early stopping, or a [`Control::Stop`] from `on_event`; after that it can be run
    /// again.
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
            roles: self.roles.clone(),
            rows: self.rows(),
            inputs: self.encoding.inputs(),
            settings: self.settings.clone(),
            state: self.trainer.state(),
        }
    }

    /// The model as it stands.
    pub fn regressor(&self) -> Regressor {
        Regressor::new(
            self.plan.clone(),
            self.encoding.clone(),
            self.target.clone(),
            self.settings.clone(),
            self.trainer.network().clone(),
            self.trainer.history().to_vec(),
            self.replay_rows.clone(),
        )
    }

    /// The model, and the end of the session.
    pub fn into_regressor(self) -> Regressor {
        let history = self.trainer.history().to_vec();
        Regressor::new(
            self.plan,
            self.encoding,
            self.target,
            self.settings,
            self.trainer.into_network(),
            history,
            self.replay_rows,
        )
    }
}

/// All columns but target and weight, as far as they can be used.
fn inputs(table: &TypedTable, roles: &Roles) -> Result<Vec<String>, FitError> {
    let is_input = |name: &str| name != roles.target && Some(name) != roles.weight.as_deref();
    let beside = || {
        table
            .columns()
            .iter()
            .filter(|column| is_input(column.name()))
    };
    let used = beside().filter(|column| column.kind() != Kind::LeftOut);
    let inputs: Vec<String> = used.map(|column| column.name().to_owned()).collect();
    if !inputs.is_empty() {
        return Ok(inputs);
    }
    let (table_name, target) = (table.source().to_owned(), roles.target.clone());
    Err(match beside().count() {
        0 => FitError::NoInputs {
            table: table_name,
            target,
        },
        columns => FitError::NoUsableInputs {
            table: table_name,
            target,
            columns,
        },
    })
}

/// Refuses a target that is the same in all rows to train on.
fn expect_varying(table: &TypedTable, roles: &Roles, rows: &Rows) -> Result<(), FitError> {
    let value = rows.target[rows.train[0] as usize];
    let all = |rows_of: &[u32]| {
        rows_of
            .iter()
            .all(|&row| rows.target[row as usize] == value)
    };
    if !all(&rows.train) {
        return Ok(());
    }
    let among = match all(&rows.validation) {
        true => String::new(),
        false => format!(" in the {} rows to train on", rows.train.len()),
    };
    Err(FitError::ConstantTarget {
        table: table.source().to_owned(),
        target: roles.target.clone(),
        constant: format!("is constant ({}){among}", exact(value)),
    })
}

/// A sentence for each input that the encoding does without, because it tells nothing in the training rows.
fn useless(
    table: &TypedTable,
    inputs: &[String],
    encoding: &Encoding,
    train: &[u32],
) -> Vec<String> {
    let mut used = encoding
        .columns()
        .iter()
        .map(|column| column.name())
        .peekable();
    let mut warnings = Vec::new();
    for name in inputs {
        if used.next_if_eq(&name.as_str()).is_none() {
            warnings.push(format!(
                "{}: column {} tells nothing apart in the {} rows to train on: it cannot help and is ignored",
                table.source(),
                quoted(name),
                train.len()
            ));
        }
    }
    warnings
}

/// A few rows from the first to the last.
fn evenly_chosen(rows: &[u32]) -> Vec<u32> {
    let n = rows.len();
    let count = n.min(REPLAY_ROWS);
    (0..count)
        .map(|k| rows[k * (n - 1) / (count - 1).max(1)])
        .collect()
}
