//! Memory that an argument asks for, compared with what there is before it is allocated: an allocation that fails would
//! end the interpreter.

use chainrule_tabular::memory::{self, MemoryError};
use ndarray::Array2;
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;

use crate::arrays::Precision;
use crate::panics::caught;

/// A MemoryError if `what` needs more bytes than this process can still get.
#[pyfunction]
pub fn expect_free(what: &str, bytes: f64) -> PyResult<()> {
    caught(|| memory::expect_free(what, bytes as u128).map_err(error))
}

/// Zeros of the given shape, or a MemoryError.
pub fn zeros<R: Precision>(shape: (usize, usize)) -> PyResult<Array2<R>> {
    let (rows, columns) = (shape.0 as u128, shape.1 as u128);
    let what = format_args!("an array of {} with the shape {shape:?}", R::NAME);
    memory::expect_free(what, rows * columns * size_of::<R>() as u128).map_err(error)?;
    Ok(Array2::zeros(shape))
}

/// As Python says it.
pub fn error(error: MemoryError) -> PyErr {
    PyMemoryError::new_err(error.to_string())
}
