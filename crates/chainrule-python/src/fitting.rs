//! From a table to a model, as `chainrule train` does it.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chainrule::loss_functions::Loss;
use chainrule::training::{Control, Event, Outcome};
use chainrule_report::Portrait;
use chainrule_tabular::table::{Findings, Inspection, ReadOptions, TypedTable, clean_name};
use chainrule_tabular::{
    Deadline, Fitting, MemberEvent, Recipe, Regressor, Report, Roles, TableFacts, Wishes,
};
use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::equations::parse_loss;
use crate::frames::Rows;
use crate::messages;
use crate::model_file::Model;
use crate::panics::caught;
use crate::tables::write_page;
use crate::threads::interruptible;
use crate::training::{Record, record};

/// Time between two looks at a training's progress.
const PROGRESS: Duration = Duration::from_millis(200);

/// Which columns of a table are what.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Columns {
    target: String,
    weight: Option<String>,
    categorical: Vec<String>,
}

/// What a training is told, from a dict of the same names.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Wanted {
    recipe: String,
    loss: Option<String>,
    seed: u64,
    members: Option<usize>,
    threads: usize,
    seconds: Option<f64>,
}

impl Columns {
    /// What the columns are for.
    fn roles(&self) -> Roles {
        Roles {
            target: clean_name(&self.target),
            weight: self.weight.as_deref().map(clean_name),
            missing: Vec::new(),
        }
    }

    /// Reads the table.
    fn read(&self, rows: Rows) -> PyResult<(TypedTable, Findings)> {
        let roles = self.roles();
        rows.learn(&ReadOptions {
            targets: vec![roles.target],
            weight: roles.weight,
            categorical: self.categorical.clone(),
            ..ReadOptions::default()
        })
    }
}

/// A training that is over: its model, and all that its report needs but the table, of which Python has the rows.
#[pyclass(module = "chainrule._core", frozen)]
pub struct Trained {
    regressor: Regressor,
    fitting: Fitting,
    report: Report,
    /// Each column's name, and what its values become.
    made: Vec<(String, String)>,
    warnings: Vec<String>,
}

/// A training that can begin. Its table has been used up.
pub struct Prepared {
    pub fitting: Fitting,
    made: Vec<(String, String)>,
    warnings: Vec<String>,
    are_in_memory: bool,
}

impl Prepared {
    /// Reads the table and decides what is trained on it.
    pub fn of(py: Python<'_>, rows: Rows, columns: Columns, wanted: &Wanted) -> PyResult<Self> {
        let recipe = match wanted.recipe.as_str() {
            "strong" => Recipe::Strong,
            "basic" => Recipe::Basic,
            other => {
                let message = format!("recipe is {other:?}: choose \"strong\" or \"basic\"");
                return Err(PyValueError::new_err(message));
            }
        };
        if recipe == Recipe::Basic && wanted.members.is_some() {
            let message = "members belongs to the strong recipe: the basic one is one network";
            return Err(PyValueError::new_err(message));
        }
        let loss: Option<Loss> = wanted.loss.as_deref().map(parse_loss).transpose()?;
        let are_in_memory = rows.are_in_memory();
        let wrong = |error: &dyn std::error::Error| match are_in_memory {
            true => messages::of_frame(&error),
            false => PyValueError::new_err(messages::in_python(&error.to_string())),
        };
        let (prepared, raised) = interruptible(py, |_| {
            let (table, _) = columns.read(rows)?;
            let roles = columns.roles();
            let facts = TableFacts::of(&table, &roles).map_err(|error| wrong(&error))?;
            let wishes = Wishes {
                loss,
                seed: wanted.seed,
                folds: wanted.members,
            };
            let composition = recipe.compose(facts, &wishes).with_threads(wanted.threads);
            let suspicions = Inspection::warnings(&table, &roles.target);
            let made = made(&table, &roles.target);
            let fitting = Fitting::new(table, roles, composition).map_err(|error| wrong(&error))?;
            Ok::<_, PyErr>((made, suspicions, fitting))
        });
        let (made, mut warnings, fitting) = prepared?;
        if let Some(raised) = raised {
            return Err(raised);
        }
        warnings.extend_from_slice(fitting.warnings());
        warnings.extend(fitting.left_out());
        Ok(Prepared {
            fitting,
            made,
            warnings,
            are_in_memory,
        })
    }

    /// What its networks have come to.
    pub fn trained(mut self, regressor: Regressor, report: Report) -> Trained {
        self.warnings.extend_from_slice(&report.warnings);
        let in_words = |warning: &String| match self.are_in_memory {
            true => messages::in_rows(warning),
            false => messages::in_python(warning),
        };
        Trained {
            warnings: self.warnings.iter().map(in_words).collect(),
            regressor,
            fitting: self.fitting,
            report,
            made: self.made,
        }
    }
}

/// What is made of each column.
fn made(table: &TypedTable, target: &str) -> Vec<(String, String)> {
    let found = Inspection::of(table, Findings::default(), &[target.to_owned()]);
    let columns = found.columns.into_iter();
    columns
        .map(|column| (column.name, column.becomes))
        .collect()
}

/// Trains as `chainrule train` does: (training, error), where the error, if any, was raised while it ran and the
/// training is what was reached until then.
#[pyfunction]
pub fn fit_table(
    py: Python<'_>,
    rows: Rows,
    columns: Columns,
    wanted: Wanted,
    progress: Option<Py<PyAny>>,
) -> PyResult<(Trained, Option<PyErr>)> {
    caught(|| {
        let start = Instant::now();
        let mut prepared = Prepared::of(py, rows, columns, &wanted)?;
        let fitting = &mut prepared.fitting;
        let limit = wanted
            .seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let progress = progress.map(|listener| Progress::new(listener, fitting));
        let (outcome, raised) = interruptible(py, |stop| {
            let mut deadline = Deadline::new(start, limit, fitting);
            let outcome = fitting.run(&mut |told| {
                deadline.hear(&told);
                if let Some(progress) = &progress {
                    progress.hear(told, stop);
                }
                match stop.load(Ordering::Relaxed) || deadline.is_over() {
                    true => Control::Stop,
                    false => Control::Continue,
                }
            });
            let is_usable = match outcome {
                Ok(Outcome::Interrupted) => fitting.end_early(),
                _ => true,
            };
            outcome.map_err(|error| PyValueError::new_err(error.to_string()))?;
            Ok::<_, PyErr>(is_usable.then(|| (fitting.regressor(), fitting.report())))
        });
        let raised = raised.or(progress.and_then(Progress::into_raised));
        let Some((regressor, report)) = outcome? else {
            return Err(raised.expect("only an exception ends a training before its first epoch"));
        };
        Ok((prepared.trained(regressor, report), raised))
    })
}

/// Tells a Python function how far a training is.
struct Progress {
    listener: Py<PyAny>,
    state: Mutex<State>,
}

struct State {
    epochs: usize,
    told: Instant,
    raised: Option<PyErr>,
}

impl Progress {
    fn new(listener: Py<PyAny>, fitting: &Fitting) -> Progress {
        let state = State {
            epochs: fitting.finished_epochs(),
            told: Instant::now(),
            raised: None,
        };
        Progress {
            listener,
            state: Mutex::new(state),
        }
    }

    /// Counts epochs, and tells of them now and then; what the function raises ends the training.
    fn hear(&self, told: MemberEvent, stop: &AtomicBool) {
        let Event::Epoch(_) = told.event else {
            return;
        };
        let Ok(mut state) = self.state.lock() else {
            return;
        };
        state.epochs += 1;
        if state.told.elapsed() < PROGRESS || state.raised.is_some() {
            return;
        }
        let (epochs, of) = (state.epochs, told.of);
        let heard = Python::attach(|py| {
            self.listener
                .call1(py, (epochs, of.epochs, of.members))
                .map(drop)
        });
        state.told = Instant::now();
        if let Err(error) = heard {
            state.raised = Some(error);
            stop.store(true, Ordering::Relaxed);
        }
    }

    fn into_raised(self) -> Option<PyErr> {
        self.state.into_inner().ok()?.raised
    }
}

/// Places, actual and predicted values.
type UnseenRows<'py> = (
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
);

#[pymethods]
impl Trained {
    /// The model alone.
    fn model(&self) -> Model {
        Model::of(self.regressor.clone())
    }

    /// What a person should know, one sentence each.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }

    /// Root mean square errors of always predicting the mean, and of ridge regression.
    #[getter]
    fn baselines(&self) -> (f64, Option<f64>) {
        (self.report.baselines.mean, self.report.baselines.ridge)
    }

    /// What was made of each column, the target last: its name, its kind, and what its values become.
    fn columns(&self) -> Vec<(String, String)> {
        self.made.clone()
    }

    /// Each network's way, of those that do not see one of the folds: its bag, the bag's weight, and one record for
    /// each epoch.
    fn courses(&self) -> PyResult<Vec<(usize, f64, Vec<Record>)>> {
        caught(|| {
            let bags = self.fitting.courses();
            let networks = bags.iter().enumerate().flat_map(|(nth, bag)| {
                let histories = bag.histories.iter();
                histories
                    .map(move |history| (nth, bag.weight, history.iter().map(record).collect()))
            });
            Ok(networks.collect())
        })
    }

    /// Rows that some networks had not seen: their places in the table, the measured target, and what those predicted.
    fn unseen_rows<'py>(&self, py: Python<'py>) -> PyResult<UnseenRows<'py>> {
        caught(|| {
            let rows = self.fitting.unseen_rows();
            Ok((
                rows.places.into_pyarray(py),
                rows.actual.into_pyarray(py),
                rows.predicted.into_pyarray(py),
            ))
        })
    }

    /// Writes the page that shows the model: `rows` and `columns` are those of the training, `path` is where it goes,
    /// `settings` what the training was told.
    fn write_page(
        &self,
        py: Python<'_>,
        rows: Rows,
        columns: Columns,
        path: PathBuf,
        settings: &str,
    ) -> PyResult<()> {
        caught(|| {
            let page = py.detach(|| {
                let (table, findings) = columns.read(rows)?;
                if !self.fitting.is_of(&table) {
                    return Err(PyValueError::new_err("they have changed since"));
                }
                let portrait = Portrait::of_training(
                    &self.regressor,
                    "model.safetensors".as_ref(),
                    &table,
                    findings,
                    &self.fitting,
                    &self.report,
                );
                Ok::<_, PyErr>(portrait.map(|portrait| portrait.page(settings)))
            });
            write_page(&path, page?)
        })
    }
}
