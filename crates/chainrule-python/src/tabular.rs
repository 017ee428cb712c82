//! From a table to a model, as `chainrule train` does it, and from a model to predictions of a table.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use chainrule::loss_functions::Loss;
use chainrule::training::{Control, Event, Outcome};
use chainrule_report::Portrait;
use chainrule_tabular::table::{
    Findings, Inspection, PlannedReader, ReadOptions, TypedTable, clean_name,
};
use chainrule_tabular::{
    Deadline, Fitting, MemberEvent, Recipe, Regressor, Report, Roles, TableError, TableFacts,
    Wishes, write_whole,
};
use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::equations::parse_loss;
use crate::frames::{Raised, Rows};
use crate::messages;
use crate::model_file::Model;
use crate::panics::caught;
use crate::threads::{interruptible, on_threads};
use crate::training::{Record, record};

/// Rows up to which a prediction is over before a thread has begun.
const FEW: usize = 1000;

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

/// Writes the page of a model and its errors on a table that has the target.
#[pyfunction]
pub fn write_page_of_table(
    py: Python<'_>,
    model: &Model,
    rows: Rows,
    path: PathBuf,
    settings: &str,
) -> PyResult<()> {
    caught(|| {
        let regressor = model.regressor();
        let raised = Raised::default();
        let wrong = wrong(&rows);
        let page = py.detach(|| {
            let target = regressor.target().to_owned();
            let wanted: Vec<String> = names(regressor).chain([target]).collect();
            let mut reader = rows.planned(regressor.plan(), &wanted, &raised)?;
            let whole = reader.rest().map_err(wrong)?;
            let whole = whole.ok_or_else(|| PyValueError::new_err("the table has no rows"))?;
            let findings = reader.findings();
            let path = "model.safetensors".as_ref();
            let portrait = Portrait::of_table(regressor, path, &whole, findings);
            Ok(portrait.map(|portrait| portrait.page(settings)))
        });
        write_page(&path, raised.or(page)?)
    })
}

fn write_page(path: &std::path::Path, page: Result<String, TableError>) -> PyResult<()> {
    let page = page.map_err(|error| messages::of_frame(&error))?;
    write_whole(path, page.as_bytes())
        .map_err(|error| PyOSError::new_err(format!("{}: {error}", path.display())))
}

/// How an error of such rows is told.
pub fn wrong(rows: &Rows) -> fn(TableError) -> PyErr {
    match rows.are_in_memory() {
        true => |error| messages::of_frame(&error),
        false => messages::of_file,
    }
}

/// The columns that a model reads.
pub fn names(regressor: &Regressor) -> impl Iterator<Item = String> + '_ {
    regressor.columns().into_iter().map(str::to_owned)
}

/// Predictions, lower and upper bounds where a level is given, and what was taken as missing, in words.
type Predicted<'py> = (
    Bound<'py, PyArray1<f64>>,
    Option<(Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>)>,
    Vec<String>,
);

/// What a model says of the rows of a table, read by its plan; NaN where it is no finite number.
#[pyfunction]
pub fn predict_table<'py>(
    py: Python<'py>,
    model: &Model,
    rows: Rows,
    count: usize,
    level: Option<f64>,
    threads: usize,
) -> PyResult<Predicted<'py>> {
    caught(|| {
        let regressor = model.regressor();
        let band = level.map(|level| {
            let intervals = regressor.intervals().ok_or_else(|| {
                PyValueError::new_err(
                    "this model has no intervals, because no rows were kept that its networks had not seen",
                )
            })?;
            Ok::<_, PyErr>(intervals.band(level))
        });
        let band = band.transpose()?;
        let (are_in_memory, wrong) = (rows.are_in_memory(), wrong(&rows));
        let raised = Raised::default();
        let work = |stop: &AtomicBool| {
            let wanted: Vec<String> = names(regressor).collect();
            let mut reader = rows.planned(regressor.plan(), &wanted, &raised)?;
            let read = predicted(regressor, &mut reader, wrong, stop);
            let values = raised.or(read)?;
            let problems = reader.problems().iter();
            let problems: Vec<String> = problems
                .map(|problem| messages::of_problem(reader.source(), problem, are_in_memory))
                .collect();
            Ok::<_, PyErr>((values, problems))
        };
        let (values, problems) = match count {
            ..FEW => py.detach(|| work(&AtomicBool::new(false)))?,
            _ => {
                let (done, signal) = interruptible(py, |stop| on_threads(threads, || work(stop)));
                if let Some(signal) = signal {
                    return Err(signal);
                }
                done??
            }
        };
        let bounds = band.map(|band| {
            let bounds = band.bounds(&values).into_iter();
            let (lower, upper): (Vec<f64>, Vec<f64>) = bounds
                .map(|bounds| bounds.unwrap_or((f64::NAN, f64::NAN)))
                .unzip();
            (lower.into_pyarray(py), upper.into_pyarray(py))
        });
        let values: Vec<f64> = values
            .into_iter()
            .map(|value| value.unwrap_or(f64::NAN))
            .collect();
        Ok((values.into_pyarray(py), bounds, problems))
    })
}

fn predicted(
    regressor: &Regressor,
    reader: &mut PlannedReader,
    wrong: fn(TableError) -> PyErr,
    stop: &AtomicBool,
) -> PyResult<Vec<Option<f64>>> {
    let mut values = Vec::new();
    while let Some(block) = reader.next_block().map_err(wrong)? {
        if stop.load(Ordering::Relaxed) {
            break; // what was raised is told in its place
        }
        let predicted = regressor.predict(&block.table);
        values.extend(predicted.map_err(wrong)?.values);
    }
    Ok(values)
}

/// The width of the intervals of a level in a sentence, with what falls short of it; None where a model has none.
#[pyfunction]
pub fn interval_in_words(model: &Model, level: f64) -> PyResult<Option<String>> {
    caught(|| {
        let intervals = model.regressor().intervals();
        Ok(intervals.map(|intervals| intervals.band(level).in_words()))
    })
}

/// What `chainrule inspect` says of a table: in words, and as JSON.
#[pyfunction]
pub fn inspect_table(
    py: Python<'_>,
    rows: Rows,
    target: Option<String>,
    categorical: Vec<String>,
) -> PyResult<(String, String)> {
    caught(|| {
        let are_in_memory = rows.are_in_memory();
        let (found, raised) = interruptible(py, |_| {
            let targets: Vec<String> = target.iter().map(|name| clean_name(name)).collect();
            let options = ReadOptions {
                targets: targets.clone(),
                categorical,
                ..ReadOptions::default()
            };
            let (table, findings) = rows.learn(&options)?;
            Ok::<_, PyErr>(Inspection::of(&table, findings, &targets))
        });
        if let Some(raised) = raised {
            return Err(raised);
        }
        let mut found = found?;
        for suspicion in &mut found.suspicions {
            suspicion.message = match are_in_memory {
                true => messages::in_rows(&suspicion.message),
                false => messages::in_python(&suspicion.message),
            };
        }
        let json = serde_json::to_string(&found)
            .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        Ok((found.to_string(), json))
    })
}

/// Each network's way: its bag, the bag's weight, and one record for each epoch.
#[pyfunction]
pub fn histories(model: &Model) -> PyResult<Vec<(usize, f64, Vec<Record>)>> {
    caught(|| {
        let bags = model.regressor().bags().iter().enumerate();
        let networks = bags.flat_map(|(nth, bag)| {
            bag.histories()
                .iter()
                .map(move |history| (nth, bag.weight(), history.iter().map(record).collect()))
        });
        Ok(networks.collect())
    })
}

/// Errors of a model: rows, RMSE, MAE, R².
type Errors = (usize, f64, f64, Option<f64>);

/// The errors on rows that the networks had not seen: with the number of folds (0 where rows were kept for validation)
/// and the spread over them.
#[pyfunction]
pub fn unseen_errors(model: &Model) -> PyResult<Option<(Errors, usize, Option<f64>)>> {
    caught(|| {
        Ok(model.regressor().unseen().map(|unseen| {
            let found = unseen.evaluation;
            let errors = (found.rows, found.rmse, found.mae, found.r2);
            (errors, unseen.folds, unseen.spread)
        }))
    })
}

/// What the networks of the first bag were told: the loss, the seed and the penalty λ.
#[pyfunction]
pub fn told(model: &Model) -> PyResult<(String, u64, f64)> {
    caught(|| {
        let settings = model.regressor().settings();
        let training = &settings.training;
        let loss = settings.loss.to_string();
        Ok((loss, training.seed, training.l2_penalty))
    })
}
