//! Why a model says what it says: one row on its way in, what each column adds, and how predictions move with a column.

use chainrule_tabular::Contributions;
use chainrule_tabular::table::TypedTable;
use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::frames::{Raised, Rows};
use crate::messages;
use crate::model_file::Model;
use crate::panics::caught;
use crate::tables::{names, wrong};
use crate::threads::on_threads;

/// A column of a row: its name, its value as text, and the inputs that were made of it.
type Cell = (String, Option<String>, Vec<(String, f32)>);

/// What each column adds: the mean prediction, over how many rows and orders, and of each column its name, what it adds
/// and the standard error of that.
type Reasons = (f64, usize, usize, Vec<(String, f64, f64)>);

/// One row: its cells, the measured target and as the network sees it, the prediction, and the reasons where the model
/// keeps rows to find them on.
type Explained = (Vec<Cell>, Option<(f64, f32)>, f64, Option<Reasons>);

/// What a model makes of the one row of a table; `has_target` says that it holds the target, too.
#[pyfunction]
pub fn explain_row(
    py: Python<'_>,
    model: &Model,
    rows: Rows,
    has_target: bool,
) -> PyResult<Explained> {
    caught(|| {
        let regressor = model.regressor();
        let wrong = wrong(&rows);
        let raised = Raised::default();
        let target = has_target.then(|| regressor.target().to_owned());
        let wanted: Vec<String> = names(regressor).chain(target).collect();
        let explained = py.detach(|| {
            let mut reader = rows.planned(regressor.plan(), &wanted, &raised)?;
            let mut found: Option<TypedTable> = None;
            let mut count = 0;
            while let Some(block) = reader.next_block().map_err(wrong)? {
                count += block.table.rows();
                found.get_or_insert(block.table);
            }
            let one = match (found, count) {
                (Some(one), 1) => one,
                _ => {
                    let message =
                        format!("one row is explained at a time, found {count}: give one row");
                    return Err(PyValueError::new_err(message));
                }
            };
            let cells = regressor.encoding().explain(&one, 0).map_err(wrong)?;
            let actual = match has_target {
                true => regressor.actual(&one).map_err(wrong)?[0],
                false => f64::NAN,
            };
            let target = (!actual.is_nan()).then(|| {
                let encoded = regressor.target_scale().encode(actual);
                (actual, encoded)
            });
            let predicted = regressor.predict(&one).map_err(wrong)?.values[0];
            let reasons = on_threads(0, || regressor.contributions(&one, 0))?.map_err(wrong)?;
            let cells = cells.into_iter();
            Ok((
                cells.map(|c| (c.column, c.value, c.inputs)).collect(),
                target,
                predicted.unwrap_or(f64::NAN),
                reasons.map(of_contributions),
            ))
        });
        raised.or(explained)
    })
}

fn of_contributions(found: Contributions) -> Reasons {
    let columns = found.columns.into_iter();
    let columns = columns.map(|column| (column.column, column.value, column.error));
    (
        found.base,
        found.background,
        found.orders,
        columns.collect(),
    )
}

/// Of each value of a column the text, None for a gap, and the number; the mean prediction, and the bounds of most
/// rows.
type Dependence<'py> = (
    Vec<Option<String>>,
    Vec<Option<f64>>,
    [Bound<'py, PyArray1<f64>>; 3],
);

/// How predictions move with a column; None where the model keeps no rows to find it on.
#[pyfunction]
pub fn dependence<'py>(
    py: Python<'py>,
    model: &Model,
    column: &str,
) -> PyResult<Option<Dependence<'py>>> {
    caught(|| {
        let regressor = model.regressor();
        let found = py.detach(|| on_threads(0, || regressor.partial_dependence(column)))?;
        let found = found.map_err(|error| messages::of_frame(&error))?;
        Ok(found.map(|found| {
            let points = &found.points;
            let curve = |of: fn(&chainrule_tabular::DependencePoint) -> f64| {
                points.iter().map(of).collect::<Vec<_>>().into_pyarray(py)
            };
            (
                points.iter().map(|point| point.value.clone()).collect(),
                points.iter().map(|point| point.at).collect(),
                [
                    curve(|point| point.mean),
                    curve(|point| point.spread.0),
                    curve(|point| point.spread.1),
                ],
            )
        }))
    })
}

/// By how much the error rises without each column, the most needed one first; None where no rows were kept to tell it.
#[pyfunction]
pub fn importance(model: &Model) -> PyResult<Option<Vec<(String, f64)>>> {
    caught(|| {
        Ok(model.regressor().importance().map(|found| {
            let columns = found.ranked().into_iter();
            columns
                .map(|column| (column.column.clone(), column.rise))
                .collect()
        }))
    })
}
