//! Predictions for NumPy arrays: of many rows, with an ear for Ctrl-C, and of a single one by the shortest way.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use chainrule::neural_networks::{Predictor, SimpleNeuralNetwork};
use chainrule_tabular::memory::expect_free;
use numpy::ndarray::{Array2, ArrayView2, Axis};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::arrays::{Matrix, Precision, array, check_inputs, is_readable};
use crate::memory;
use crate::threads::{interruptible, on_threads, worth};

/// Multiplications between two looks whether a long prediction is to end: some hundredths of a second.
const PIECE: usize = 1 << 32;

/// Rows that are predicted at a time at least: with fewer, preparing the weights takes longer than using them.
const LEAST_ROWS: usize = 4096;

/// Predictions (n,o) for X (n,i), the loss's link applied; many rows on up to `threads` threads.
pub fn predict<'py, R: Precision>(
    py: Python<'py>,
    network: &SimpleNeuralNetwork<R>,
    x: &Bound<'py, PyAny>,
    threads: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let x: Matrix<R> = array(x, "X")?;
    let x = x.as_array();
    check_inputs(x.dim(), network.inputs())?;
    let outputs = x.nrows() as u128 * network.outputs() as u128;
    expect_free("the predictions", outputs * size_of::<R>() as u128).map_err(memory::error)?;
    let work = x.nrows().saturating_mul(network.parameter_count());
    let threads = worth(threads, work);
    if work < PIECE {
        let y_hat = py.detach(|| on_threads(threads, || network.predict(x)))?;
        return Ok(y_hat.into_pyarray(py).into_any());
    }
    let (y_hat, raised) = interruptible(py, |stop| {
        on_threads(threads, || predict_in_pieces(network, x, stop))
    });
    match raised {
        Some(raised) => Err(raised),
        None => Ok(y_hat?.into_pyarray(py).into_any()),
    }
}

/// Predictions of many rows, some at a time; those that are left when `stop` turns true stay 0.
fn predict_in_pieces<R: Precision>(
    network: &SimpleNeuralNetwork<R>,
    x: ArrayView2<R>,
    stop: &AtomicBool,
) -> Array2<R> {
    let rows = (PIECE / network.parameter_count()).max(LEAST_ROWS);
    let mut y_hat = Array2::zeros((x.nrows(), network.outputs()));
    let pieces = y_hat.axis_chunks_iter_mut(Axis(0), rows);
    for (x, mut y_hat) in x.axis_chunks_iter(Axis(0), rows).zip(pieces) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        y_hat.assign(&network.predict(x));
    }
    y_hat
}

/// The prediction for X (1,i): (1) for one output, else (1,o). None where X is anything but one row of finite numbers
/// in an array of the network's precision; the first row makes the `predictor`.
pub fn predict_row<'py, R: Precision>(
    py: Python<'py>,
    network: &SimpleNeuralNetwork<R>,
    predictor: &Mutex<Option<Predictor<R>>>,
    x: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let Ok(x) = x.cast_exact::<PyArray2<R>>() else {
        return Ok(None);
    };
    let (inputs, outputs) = (network.inputs(), network.outputs());
    if x.shape() != [1, inputs] || !is_readable(x) {
        return Ok(None);
    }
    let Ok(row) = x.try_readonly() else {
        return Ok(None);
    };
    let row = row.as_slice()?;
    if !row.iter().all(|x| x.is_finite()) {
        return Ok(None);
    }
    // Held by nobody for longer than one row, and never across a release of the interpreter.
    let mut predictor = predictor.lock().unwrap_or_else(PoisonError::into_inner);
    let predictor = predictor.get_or_insert_with(|| network.predictor());
    let y_hat = PyArray1::from_slice(py, predictor.predict_row(row));
    Ok(Some(if outputs == 1 {
        y_hat.into_any()
    } else {
        y_hat.reshape([1, outputs])?.into_any()
    }))
}
