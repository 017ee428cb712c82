//! NumPy arrays as the core's views: what is accepted, and what is said of the rest.

use chainrule::Real;
use chainrule::training::Dataset;
use ndarray::{ArrayView1, ArrayView2};
use numpy::{
    Element, PyArray, PyArrayDescrMethods, PyArrayMethods, PyReadonlyArray, PyUntypedArray,
    PyUntypedArrayMethods,
};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

/// A precision that both the core and NumPy know: `f32` or `f64`.
pub trait Precision: Real + Element {}

impl<R: Real + Element> Precision for R {}

/// A borrowed array whose memory can be read as it is.
pub type Matrix<'py, R> = PyReadonlyArray<'py, R, ndarray::Ix2>;
/// The same in one dimension.
pub type Vector<'py, R> = PyReadonlyArray<'py, R, ndarray::Ix1>;

/// `value` as an array of `R`, row-major and aligned, without a copy.
pub fn array<'py, R: Precision, D: ndarray::Dimension>(
    value: &Bound<'py, PyAny>,
    name: &str,
) -> PyResult<PyReadonlyArray<'py, R, D>> {
    let wrong = || {
        let dimensions = D::NDIM.unwrap_or_default();
        let found = found(value);
        PyTypeError::new_err(format!(
            "{name} has to be a C-contiguous NumPy array of {} with {dimensions} dimension(s), found {found}",
            R::NAME
        ))
    };
    let array = value.cast::<PyArray<R, D>>().map_err(|_| wrong())?;
    if !is_readable(array) {
        return Err(wrong());
    }
    array
        .try_readonly()
        .map_err(|error| PyValueError::new_err(format!("{name}: {error}")))
}

/// Whether the memory can be read as a row-major slice.
pub fn is_readable<T: Element, D: ndarray::Dimension>(array: &Bound<'_, PyArray<T, D>>) -> bool {
    array.is_c_contiguous() && (array.data() as usize).is_multiple_of(align_of::<T>())
}

/// Whether `value` is an array of `R`.
pub fn holds<R: Precision>(value: &Bound<'_, PyAny>) -> bool {
    value
        .cast::<PyUntypedArray>()
        .is_ok_and(|array| array.dtype().is_equiv_to(&numpy::dtype::<R>(value.py())))
}

/// What was given instead.
fn found(value: &Bound<'_, PyAny>) -> String {
    match value.cast::<PyUntypedArray>() {
        Ok(array) => format!(
            "an array of {} with shape {:?}{}",
            array.dtype(),
            array.shape(),
            if array.is_c_contiguous() {
                ""
            } else {
                ", not contiguous"
            }
        ),
        Err(_) => value
            .get_type()
            .name()
            .map_or_else(|_| "something else".to_owned(), |name| name.to_string()),
    }
}

/// The three arrays of a data set, held while they are read.
pub struct Rows<'py, R: Precision> {
    x: Matrix<'py, R>,
    y: Matrix<'py, R>,
    weights: Option<Vector<'py, R>>,
}

impl<'py, R: Precision> Rows<'py, R> {
    /// `x (n,i)`, `y (n,o)` and `weights (n)` for a network of `inputs` inputs and `outputs` outputs.
    pub fn new(
        x: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        weights: Option<&Bound<'py, PyAny>>,
        (inputs, outputs): (usize, usize),
    ) -> PyResult<Self> {
        let rows = Rows {
            x: array(x, "X")?,
            y: array(y, "y")?,
            weights: weights
                .map(|weights| array(weights, "sample_weight"))
                .transpose()?,
        };
        let (x, y) = (rows.x.as_array(), rows.y.as_array());
        check_inputs(x.dim(), inputs)?;
        if y.ncols() != outputs {
            return Err(PyValueError::new_err(format!(
                "y {:?} for a network of {outputs} outputs",
                y.dim()
            )));
        }
        let weighed = rows.weights.as_ref().map_or(x.nrows(), |w| w.len());
        if x.nrows() != y.nrows() || x.nrows() != weighed {
            return Err(PyValueError::new_err(format!(
                "X has {} rows, y has {}, sample_weight {weighed}",
                x.nrows(),
                y.nrows()
            )));
        }
        if x.nrows() == 0 || u32::try_from(x.nrows()).is_err() {
            return Err(PyValueError::new_err(format!(
                "X has {} rows: it needs at least one, and fewer than 2**32",
                x.nrows()
            )));
        }
        Ok(rows)
    }

    /// The core's view of them.
    pub fn dataset(&self) -> Dataset<'_, R> {
        Dataset::new(self.x.as_array(), self.y.as_array(), self.weights())
    }

    /// The rows' weights.
    pub fn weights(&self) -> Option<ArrayView1<'_, R>> {
        self.weights.as_ref().map(|weights| weights.as_array())
    }

    /// The targets.
    pub fn y(&self) -> ArrayView2<'_, R> {
        self.y.as_array()
    }
}

/// Refuses inputs of another width than the network's.
pub fn check_inputs(x: (usize, usize), inputs: usize) -> PyResult<()> {
    if x.1 == inputs {
        return Ok(());
    }
    Err(PyValueError::new_err(format!(
        "X {x:?} for a network of {inputs} inputs"
    )))
}
