//! What a model says of a table: predictions with their bounds, the page of its errors.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use chainrule_report::Portrait;
use chainrule_tabular::table::PlannedReader;
use chainrule_tabular::{Band, Regressor, TableError, write_whole};
use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;

use crate::frames::{Raised, Rows};
use crate::messages;
use crate::model_file::Model;
use crate::panics::caught;
use crate::threads::{interruptible, on_threads};

/// Rows up to which a prediction is over before a thread has begun.
const FEW: usize = 1000;

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

/// Predictions, lower and upper bounds where a level is given, and what there is to warn of, in words.
type Predicted<'py> = (
    Bound<'py, PyArray1<f64>>,
    Option<(Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>)>,
    Vec<String>,
);

/// What a model says of the rows of a table, read by its plan; NaN where it is no finite number. `count` is how many
/// they are, where that is known.
#[pyfunction]
pub fn predict_table<'py>(
    py: Python<'py>,
    model: &Model,
    rows: Rows,
    count: Option<usize>,
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
            let problems = problems
                .map(|problem| messages::of_problem(reader.source(), problem, are_in_memory));
            let shortfall = band.as_ref().and_then(Band::shortfall);
            let problems: Vec<String> = problems.chain(shortfall).collect();
            Ok::<_, PyErr>((values, problems))
        };
        let (values, problems) = match count {
            Some(..FEW) => py.detach(|| work(&AtomicBool::new(false)))?,
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
        Ok((or_nan(values).into_pyarray(py), bounds, problems))
    })
}

/// The values that are there, and NaN for the others.
pub fn or_nan(values: Vec<Option<f64>>) -> Vec<f64> {
    let values = values.into_iter();
    values.map(|value| value.unwrap_or(f64::NAN)).collect()
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

/// Writes a page, as a whole or not at all.
pub fn write_page(path: &Path, page: Result<String, TableError>) -> PyResult<()> {
    let page = page.map_err(|error| messages::of_frame(&error))?;
    write_whole(path, page.as_bytes())
        .map_err(|error| PyOSError::new_err(format!("{}: {error}", path.display())))
}
