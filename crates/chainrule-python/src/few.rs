//! A few rows of numbers and texts that lie in one array, predicted by the shortest way.
//!
//! Whatever is not as plain as that, and whatever there is to say of a value, is left to the way that all rows can go.

use std::mem::{discriminant, take};

use chainrule_tabular::table::source::{Block, Cell, Source};
use chainrule_tabular::table::{Findings, PlannedReader, ReadOptions};
use chainrule_tabular::{Regressor, TableError};
use numpy::ndarray::{ArrayView2, Axis};
use numpy::{Element, IntoPyArray, PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};

use crate::arrays::Matrix;
use crate::model_file::Model;
use crate::panics::caught;
use crate::tables::{names, or_nan};

/// What a model says of a few rows X (n, k): (n), NaN where that is no finite number. Its columns are those of X at
/// `places`. None where X is no array of doubles or objects that can be read as it lies, or holds anything but finite
/// numbers, texts, truths and gaps that the model can read, one kind a column.
#[pyfunction]
pub fn predict_few<'py>(
    py: Python<'py>,
    model: &Model,
    x: &Bound<'py, PyAny>,
    places: Vec<usize>,
) -> PyResult<Option<Bound<'py, PyArray1<f64>>>> {
    caught(|| {
        let regressor = model.regressor();
        let predicted = if let Some(x) = readable::<f64>(x) {
            let x = x.as_array().select(Axis(1), &places);
            if x.iter().any(|x| x.is_infinite()) {
                None
            } else {
                py.detach(|| match regressor.predict_array(x.view()) {
                    Ok(y_hat) => Some(y_hat.mapv(finite_or_nan).to_vec()),
                    // It reads texts as well, of which these numbers are the names.
                    Err(_) => Cells::of_numbers(x.view()).predicted_by(regressor),
                })
            }
        } else {
            let cells = readable(x).and_then(|x| Cells::of_objects(py, x.as_array(), &places));
            cells.and_then(|cells| py.detach(|| cells.predicted_by(regressor)))
        };
        Ok(predicted.map(|y_hat| y_hat.into_pyarray(py)))
    })
}

fn finite_or_nan(y_hat: f64) -> f64 {
    if y_hat.is_finite() { y_hat } else { f64::NAN }
}

/// Whether one of the values (n, k) may come from a column in single precision, where it stands for the shortest
/// decimal that is it: whether it has no further bits, and is no small whole number.
#[pyfunction]
pub fn may_be_single(py: Python<'_>, x: &Bound<'_, PyAny>) -> PyResult<bool> {
    /// Below it every whole number is a single, and its shortest decimal is it.
    const WHOLE: f64 = 16_777_216.0;
    let is_single = |x: f64| f64::from(x as f32) == x && (x.fract() != 0.0 || x.abs() >= WHOLE);
    let is_single_object = |x: &Py<PyAny>| {
        let x = x.bind(py).cast_exact::<PyFloat>();
        x.is_ok_and(|x| is_single(x.value()))
    };
    caught(|| match (readable::<f64>(x), readable::<Py<PyAny>>(x)) {
        (Some(x), _) => Ok(x.as_array().iter().any(|&x| is_single(x))),
        (_, Some(x)) => Ok(x.as_array().iter().any(is_single_object)),
        (None, None) => Ok(true),
    })
}

/// An array whose values are where the machine can read them.
fn readable<'py, T: Element>(x: &Bound<'py, PyAny>) -> Option<Matrix<'py, T>> {
    let x = x.cast_exact::<PyArray2<T>>().ok()?;
    let is_aligned = (x.data() as usize).is_multiple_of(align_of::<T>());
    is_aligned.then(|| x.try_readonly().ok()).flatten()
}

/// The rows as a source of tables that has one block.
struct Cells {
    names: Vec<String>,
    block: Block,
}

impl Cells {
    fn of_numbers(x: ArrayView2<f64>) -> Cells {
        let mut cells = Cells::missing(x.dim());
        for ((row, column), &x) in x.indexed_iter() {
            cells.block.put(row, column, Cell::Number(x));
        }
        cells
    }

    /// None if one of the columns is of several kinds, or of one that is not read here.
    fn of_objects(py: Python<'_>, x: ArrayView2<Py<PyAny>>, places: &[usize]) -> Option<Cells> {
        let mut cells = Cells::missing((x.nrows(), places.len()));
        for (column, &place) in places.iter().enumerate() {
            let mut kind = None;
            for (row, value) in x.column(place).iter().enumerate() {
                let value = value.bind(py);
                let cell = cell(value)?;
                if cell != Cell::Missing {
                    let found = discriminant(&cell);
                    if *kind.get_or_insert(found) != found {
                        return None;
                    }
                    cells.block.put(row, column, cell);
                }
            }
        }
        Some(cells)
    }

    fn missing((rows, columns): (usize, usize)) -> Cells {
        let mut block = Block::default();
        block.begin(columns, rows, 1);
        Cells {
            names: Vec::new(),
            block,
        }
    }

    /// None if there is anything to say of the values beside the predictions.
    fn predicted_by(mut self, regressor: &Regressor) -> Option<Vec<f64>> {
        let wanted: Vec<String> = names(regressor).collect();
        self.names = wanted.clone();
        let plan = regressor.plan();
        let options = ReadOptions::default();
        let reader = PlannedReader::from_source(Box::new(self), "X", plan, &wanted, &options);
        let mut reader = reader.ok()?;
        let block = reader.next_block().ok()??;
        if !reader.problems().is_empty() {
            return None;
        }
        Some(or_nan(regressor.predict(&block.table).ok()?.values))
    }
}

impl Source for Cells {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn next_block(&mut self, block: &mut Block) -> Result<bool, TableError> {
        *block = take(&mut self.block);
        Ok(block.rows() > 0)
    }

    fn findings(&self) -> Findings {
        Findings::default()
    }
}

/// A value as the cell that it becomes in a column of its kind; None where it is not read here.
fn cell<'a>(value: &'a Bound<'_, PyAny>) -> Option<Cell<'a>> {
    let number = |x: f64| (!x.is_infinite()).then_some(Cell::Number(x));
    if value.is_none() {
        Some(Cell::Missing)
    } else if let Ok(x) = value.cast_exact::<PyFloat>() {
        match x.value() {
            x if x.is_nan() => Some(Cell::Missing),
            x => number(x),
        }
    } else if let Ok(text) = value.cast_exact::<PyString>() {
        text.to_str().ok().map(Cell::Text)
    } else if let Ok(truth) = value.cast_exact::<PyBool>() {
        Some(Cell::Boolean(truth.is_true()))
    } else {
        let whole = value.cast_exact::<PyInt>().ok()?;
        whole.extract().ok().and_then(number)
    }
}
