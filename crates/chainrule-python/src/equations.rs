//! Single equations over NumPy arrays: what the layers and losses of the Python package are written with.
//!
//! F1, F2, B1–B4, L0–L6, each by the core's own code. There are no networks here.

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::{Link, Loss, mean_factor};
use chainrule::neural_networks::{
    Affine, Gradients, OutLayer, Pass, SimpleNeuralNetwork, Workspace,
};
use numpy::{IntoPyArray, PyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::arrays::{Matrix, Precision, Vector, array, holds};
use crate::memory::zeros;
use crate::panics::caught;

/// The activation function of a text, such as `leaky_relu(0.2)`.
pub fn parse_activation(text: &str) -> PyResult<Activation> {
    text.parse()
        .map_err(|error| PyValueError::new_err(format!("{error}")))
}

/// The loss function of a text, such as `huber(1.5)`.
pub fn parse_loss(text: &str) -> PyResult<Loss> {
    text.parse()
        .map_err(|error| PyValueError::new_err(format!("{error}")))
}

/// The full text form of an activation function, or a ValueError that lists them all.
#[pyfunction]
pub fn canonical_activation(text: &str) -> PyResult<String> {
    caught(|| Ok(parse_activation(text)?.to_string()))
}

/// The full text form of a loss function, or a ValueError that lists them all.
#[pyfunction]
pub fn canonical_loss(text: &str) -> PyResult<String> {
    caught(|| Ok(parse_loss(text)?.to_string()))
}

/// Whether predictions under a loss are the exponential of what the out layer says.
#[pyfunction]
pub fn has_log_link(loss: &str) -> PyResult<bool> {
    caught(|| Ok(parse_loss(loss)?.link() == Link::Log))
}

/// Z = X Wᵀ + 1 bᵀ.     (F1)
#[pyfunction]
pub fn affine_forward<'py>(
    x: &Bound<'py, PyAny>,
    w: &Bound<'py, PyAny>,
    b: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    caught(|| {
        if holds::<f32>(x) {
            forward::<f32>(x, w, b)
        } else {
            forward::<f64>(x, w, b)
        }
    })
}

fn forward<'py, R: Precision>(
    x: &Bound<'py, PyAny>,
    w: &Bound<'py, PyAny>,
    b: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let x: Matrix<R> = array(x, "X")?;
    let network = out_layer_of::<R>(w, b)?;
    let x_shape = x.as_array().dim();
    if x_shape.1 != network.inputs() {
        return Err(shapes(("X", x_shape), ("W", network.out().affine.w.dim())));
    }
    let mut z = zeros((x_shape.0, network.outputs()))?;
    let mut workspace = Workspace::new(&network, x_shape.0);
    Pass::new(&network).forward(x.as_array(), &mut workspace); // (F1)
    z.assign(&workspace.out.y_hat(x_shape.0));
    Ok(z.into_pyarray(x.py()).into_any())
}

/// (∂C/∂W, ∂C/∂b, ∂C/∂X) = (Gᵀ X, Gᵀ 1, G W) for G = ∂C/∂Z.     (B2, B3, B4)
#[pyfunction]
pub fn affine_backward<'py>(
    x: &Bound<'py, PyAny>,
    w: &Bound<'py, PyAny>,
    g: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    caught(|| {
        if holds::<f32>(x) {
            backward::<f32>(x, w, g)
        } else {
            backward::<f64>(x, w, g)
        }
    })
}

fn backward<'py, R: Precision>(
    x: &Bound<'py, PyAny>,
    w: &Bound<'py, PyAny>,
    g: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let py = x.py();
    let x: Matrix<R> = array(x, "X")?;
    let w: Matrix<R> = array(w, "W")?;
    let g: Matrix<R> = array(g, "G")?;
    let (x, w, g) = (x.as_array(), w.as_array(), g.as_array());
    if g.nrows() != x.nrows() || g.ncols() != w.nrows() {
        return Err(shapes(("X", x.dim()), ("G", g.dim())));
    }
    if x.ncols() != w.ncols() {
        return Err(shapes(("X", x.dim()), ("W", w.dim())));
    }
    let network = network_of(Affine::new(w.to_owned(), ndarray::Array1::zeros(w.nrows())));
    let (pass, n) = (Pass::new(&network), x.nrows());
    let mut workspace = Workspace::new(&network, n);
    let mut gradients = Gradients::zeros_like(&network);
    workspace.out.dc_dy_hat_mut(n).assign(&g);
    pass.backward(x, &mut workspace, &mut gradients); // (B2, B3)
    let mut dc_dx = zeros(x.dim())?;
    pass.input_gradient(0, g, dc_dx.view_mut()); // (B4)
    let layer = gradients.layers.remove(0);
    (
        layer.dc_dw.into_pyarray(py),
        layer.dc_db.into_pyarray(py),
        dc_dx.into_pyarray(py),
    )
        .into_pyobject(py)
}

/// An affine map alone, as a network that is an out layer.
fn out_layer_of<R: Precision>(
    w: &Bound<'_, PyAny>,
    b: &Bound<'_, PyAny>,
) -> PyResult<SimpleNeuralNetwork<R>> {
    let w: Matrix<R> = array(w, "W")?;
    let b: Vector<R> = array(b, "b")?;
    let (w, b) = (w.as_array(), b.as_array());
    if w.nrows() != b.len() {
        return Err(shapes(("W", w.dim()), ("b", (b.len(), 1))));
    }
    Ok(network_of(Affine::new(w.to_owned(), b.to_owned())))
}

fn network_of<R: Precision>(affine: Affine<R>) -> SimpleNeuralNetwork<R> {
    SimpleNeuralNetwork::from_layers(vec![], OutLayer { affine }, Loss::MeanSquareError)
}

fn shapes(a: (&str, (usize, usize)), b: (&str, (usize, usize))) -> PyErr {
    PyValueError::new_err(format!(
        "{} {:?} and {} {:?} do not fit together",
        a.0, a.1, b.0, b.1
    ))
}

/// A = a(Z), element by element.     (F2)
#[pyfunction]
pub fn activation_forward<'py>(
    activation: &str,
    z: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    caught(|| {
        let activation = parse_activation(activation)?;
        if holds::<f32>(z) {
            map::<f32>(z, |z, a| activation.forward(z, a))
        } else {
            map::<f64>(z, |z, a| activation.forward(z, a))
        }
    })
}

/// a'(Z), element by element, by the code that multiplies ∂C/∂A by it (B1).
#[pyfunction]
pub fn activation_derivative<'py>(
    activation: &str,
    z: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    caught(|| {
        let activation = parse_activation(activation)?;
        if holds::<f32>(z) {
            map::<f32>(z, |z, g| {
                g.fill(1.0);
                activation.multiply_by_derivative(z, g);
            })
        } else {
            map::<f64>(z, |z, g| {
                g.fill(1.0);
                activation.multiply_by_derivative(z, g);
            })
        }
    })
}

fn map<'py, R: Precision>(
    z: &Bound<'py, PyAny>,
    function: impl Fn(&[R], &mut [R]),
) -> PyResult<Bound<'py, PyAny>> {
    let z: Matrix<R> = array(z, "z")?;
    let mut a = zeros(z.as_array().dim())?;
    function(
        z.as_array().as_slice().expect("checked to be row-major"),
        a.as_slice_mut().expect("row-major"),
    );
    Ok(a.into_pyarray(z.py()).into_any())
}

/// (C, ∂C/∂Ŷ) of raw outputs Ŷ and targets y.     (L0)
#[pyfunction]
pub fn loss_and_gradient<'py>(
    loss: &str,
    y_hat: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
) -> PyResult<(f64, Bound<'py, PyAny>)> {
    caught(|| {
        let loss = parse_loss(loss)?;
        if holds::<f32>(y_hat) {
            let (c, gradient) = mean_and_gradient::<f32>(loss, y_hat, y)?;
            Ok((c, gradient.into_any()))
        } else {
            let (c, gradient) = mean_and_gradient::<f64>(loss, y_hat, y)?;
            Ok((c, gradient.into_any()))
        }
    })
}

fn mean_and_gradient<'py, R: Precision>(
    loss: Loss,
    y_hat: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
) -> PyResult<(f64, Bound<'py, PyArray2<R>>)> {
    let y_hat: Matrix<R> = array(y_hat, "y_hat")?;
    let y: Matrix<R> = array(y, "y")?;
    let (rows, outputs) = y_hat.as_array().dim();
    if y.as_array().dim() != (rows, outputs) {
        return Err(shapes(
            ("y_hat", (rows, outputs)),
            ("y", y.as_array().dim()),
        ));
    }
    check_targets(loss, y.as_array())?;
    if rows * outputs == 0 {
        return Err(PyValueError::new_err("the mean over no rows is undefined"));
    }
    let mut gradient = zeros((rows, outputs))?;
    let c = loss.sum_and_gradient(
        y_hat
            .as_array()
            .as_slice()
            .expect("checked to be row-major"),
        y.as_array().as_slice().expect("checked to be row-major"),
        outputs,
        None,
        mean_factor(outputs, R::from_f64(rows as f64)), // (L0)
        gradient.as_slice_mut().expect("row-major"),
    );
    Ok((c.to_f64(), gradient.into_pyarray(y.py())))
}

/// Refuses targets for which the loss is not defined.
pub fn check_targets<R: Precision>(loss: Loss, y: ndarray::ArrayView2<R>) -> PyResult<()> {
    let wrong = y
        .indexed_iter()
        .find(|&(_, &y)| !loss.accepts_target(y.to_f64()));
    match wrong {
        None => Ok(()),
        Some(((row, _), y)) => Err(PyValueError::new_err(format!(
            "y is {y} in row {row}: for the loss {loss} it has to be {}",
            loss.domain()
        ))),
    }
}
