//! A network of either precision: its parameters as NumPy arrays, its predictions, losses, gradients and their check.
//!
//! It knows nothing of training, which is in `training.rs` and `solver.rs`.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chainrule::gradient_check::stoppable_gradient_check;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Affine, DenseLayer, OutLayer, Predictor, SimpleNeuralNetwork};
use chainrule::training::BatchGradient;
use chainrule_tabular::model_file::{AnyNetwork, network_to_bytes};
use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::RwLockExt;
use pyo3::types::{PyBytes, PyList, PyTuple};

use crate::arrays::{Matrix, Precision, Rows, Vector, array, holds};
use crate::equations::{check_targets, parse_activation, parse_loss};
use crate::panics::caught;
use crate::prediction::{predict, predict_row};
use crate::threads::{interruptible, on_threads, worth};

/// A network in single or double precision.
pub enum Either {
    /// `float32`
    Single(Model<f32>),
    /// `float64`
    Double(Model<f64>),
}

impl From<AnyNetwork> for Either {
    fn from(network: AnyNetwork) -> Either {
        match network {
            AnyNetwork::Single(network) => Either::Single(Model::new(network)),
            AnyNetwork::Double(network) => Either::Double(Model::new(network)),
        }
    }
}

/// Runs one generic expression for the network of whichever precision: a function cannot take such an expression.
macro_rules! with_model {
    ($either:expr, $model:ident => $body:expr) => {
        match $either {
            $crate::network::Either::Single($model) => $body,
            $crate::network::Either::Double($model) => $body,
        }
    };
}
pub(crate) use with_model;

/// A network and, from the first single row on, its weights laid out for single rows.
pub struct Model<R> {
    network: SimpleNeuralNetwork<R>,
    predictor: Mutex<Option<Predictor<R>>>,
}

impl<R: Precision> Model<R> {
    fn new(network: SimpleNeuralNetwork<R>) -> Self {
        Model {
            network,
            predictor: Mutex::new(None),
        }
    }

    /// The network to read.
    pub fn network(&self) -> &SimpleNeuralNetwork<R> {
        &self.network
    }

    /// The network to change; the layout for single rows is made again when it is needed.
    pub fn network_mut(&mut self) -> &mut SimpleNeuralNetwork<R> {
        self.predictor = Mutex::new(None);
        &mut self.network
    }

    /// Inputs and outputs.
    pub fn sizes(&self) -> (usize, usize) {
        (self.network.inputs(), self.network.outputs())
    }
}

/// A network of dense layers and an out layer, in float32 or float64.
///
/// Several threads may use one: who reads waits for who changes it, and the other way round, without holding up the
/// interpreter.
#[pyclass(module = "chainrule._core", frozen)]
pub struct Network {
    either: RwLock<Either>,
}

impl Network {
    fn new_of(either: Either) -> Self {
        Network {
            either: RwLock::new(either),
        }
    }

    /// A network in single precision.
    pub fn single(network: SimpleNeuralNetwork<f32>) -> Self {
        Network::new_of(Either::Single(Model::new(network)))
    }

    /// A network of either precision.
    pub fn of(network: AnyNetwork) -> Self {
        Network::new_of(network.into())
    }

    /// A copy of the network as it is now.
    pub fn copied(&self, py: Python<'_>) -> AnyNetwork {
        match &*self.read(py) {
            Either::Single(model) => AnyNetwork::Single(model.network.clone()),
            Either::Double(model) => AnyNetwork::Double(model.network.clone()),
        }
    }

    /// To read it. (Parameters are numbers whatever happened to who wrote them: a poisoned lock is no reason to stop.)
    pub fn read(&self, py: Python<'_>) -> RwLockReadGuard<'_, Either> {
        let guard = self.either.read_py_attached(py);
        guard.unwrap_or_else(PoisonError::into_inner)
    }

    /// To change it.
    pub fn write(&self, py: Python<'_>) -> RwLockWriteGuard<'_, Either> {
        let guard = self.either.write_py_attached(py);
        guard.unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Network {
    /// `weights` and `biases` hold W (o,i) and b (o) of every layer, the out layer last; `activations` one text for
    /// each hidden layer.
    #[new]
    fn new(
        weights: Vec<Bound<'_, PyAny>>,
        biases: Vec<Bound<'_, PyAny>>,
        activations: Vec<String>,
        loss: &str,
    ) -> PyResult<Self> {
        caught(|| {
            let either = if weights.first().is_some_and(holds::<f32>) {
                Either::Single(Model::new(build(&weights, &biases, &activations, loss)?))
            } else {
                Either::Double(Model::new(build(&weights, &biases, &activations, loss)?))
            };
            Ok(Network::new_of(either))
        })
    }

    /// What pickle and joblib store: the bytes of a model file, which prove themselves when they are read.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        caught(|| {
            let reader = py
                .import("chainrule._core")?
                .getattr("network_from_bytes")?;
            let bytes =
                with_model!(&*self.read(py), model => network_to_bytes(model.network(), &[], &[]));
            let bytes =
                bytes.map_err(|problem| PyValueError::new_err(format!("the network {problem}")))?;
            (reader, (PyBytes::new(py, &bytes),)).into_pyobject(py)
        })
    }

    /// Number of inputs.
    #[getter]
    fn inputs(&self, py: Python<'_>) -> usize {
        with_model!(&*self.read(py), model => model.network.inputs())
    }

    /// Number of outputs.
    #[getter]
    fn outputs(&self, py: Python<'_>) -> usize {
        with_model!(&*self.read(py), model => model.network.outputs())
    }

    /// `"float32"` or `"float64"`.
    #[getter]
    fn dtype(&self, py: Python<'_>) -> &'static str {
        match *self.read(py) {
            Either::Single(_) => "float32",
            Either::Double(_) => "float64",
        }
    }

    /// The activation of each hidden layer.
    #[getter]
    fn activations(&self, py: Python<'_>) -> Vec<String> {
        with_model!(&*self.read(py), model => {
            model.network.hidden().iter().map(|layer| layer.activation.to_string()).collect()
        })
    }

    /// The loss.
    #[getter]
    fn loss(&self, py: Python<'_>) -> String {
        with_model!(&*self.read(py), model => model.network.loss().to_string())
    }

    /// Copies of W (o,i) of every layer, the out layer last.
    fn weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        caught(|| {
            with_model!(&*self.read(py), model => {
                PyList::new(py, model.network.affine_maps().map(|affine| affine.w.clone().into_pyarray(py)))
            })
        })
    }

    /// Copies of b (o) of every layer, the out layer last.
    fn biases<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        caught(|| {
            with_model!(&*self.read(py), model => {
                PyList::new(py, model.network.affine_maps().map(|affine| affine.b.clone().into_pyarray(py)))
            })
        })
    }

    /// All parameters in double precision: W then b, layer by layer.
    fn parameters<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        let flat: Vec<f64> =
            with_model!(&*self.read(py), model => flat(model.network.parameters()));
        flat.into_pyarray(py)
    }

    /// Takes all parameters from such an array.
    fn set_parameters(&self, parameters: &Bound<'_, PyAny>) -> PyResult<()> {
        caught(|| {
            let given = parameters;
            let parameters: Vector<f64> = array(given, "parameters")?;
            let parameters = parameters.as_slice()?;
            with_model!(&mut *self.write(given.py()), model => {
                let expected = model.network.parameter_count();
                if parameters.len() != expected {
                    let found = parameters.len();
                    return Err(PyValueError::new_err(format!(
                        "{found} parameters for a network of {expected}"
                    )));
                }
                write(model.network_mut(), parameters);
            });
            Ok(())
        })
    }

    /// Predictions (n,o) for X (n,i), the loss's link applied; many rows on up to `threads` threads.
    #[pyo3(signature = (x, threads=1))]
    fn predict<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        threads: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        caught(|| with_model!(&*self.read(py), model => predict(py, &model.network, x, threads)))
    }

    /// The prediction for X (1,i) by the shortest way: (1) for one output, else (1,o).
    ///
    /// None where X is anything but one row of finite numbers in an array of the network's precision.
    fn predict_row<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        caught(
            || with_model!(&*self.read(py), model => predict_row(py, &model.network, &model.predictor, x)),
        )
    }

    /// (C, [∂C/∂W ...], [∂C/∂b ...]) of rows, with the penalty (λ/2) Σ W².
    #[pyo3(signature = (x, y, sample_weight=None, l2_penalty=0.0))]
    fn loss_and_gradients<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        sample_weight: Option<&Bound<'py, PyAny>>,
        l2_penalty: f64,
    ) -> PyResult<Bound<'py, PyTuple>> {
        caught(|| {
            with_model!(&*self.read(py), model => {
                let rows = Rows::new(x, y, sample_weight, model.sizes())?;
                check_targets(model.network.loss(), rows.y())?;
                let (loss, gradient) = batch_gradient(py, &model.network, &rows, l2_penalty, 1)?;
                let layers = &gradient.gradients().layers;
                let dc_dw = PyList::new(py, layers.iter().map(|l| l.dc_dw.clone().into_pyarray(py)))?;
                let dc_db = PyList::new(py, layers.iter().map(|l| l.dc_db.clone().into_pyarray(py)))?;
                (loss, dc_dw, dc_db).into_pyobject(py)
            })
        })
    }

    /// (C, its gradient) at the given parameters, which the network then has; for minimisers that work on one vector.
    /// Up to `threads` threads share many rows.
    #[pyo3(signature = (parameters, x, y, sample_weight=None, l2_penalty=0.0, threads=1))]
    #[allow(clippy::too_many_arguments)] // called in one place
    fn objective<'py>(
        &self,
        py: Python<'py>,
        parameters: &Bound<'py, PyAny>,
        x: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        sample_weight: Option<&Bound<'py, PyAny>>,
        l2_penalty: f64,
        threads: usize,
    ) -> PyResult<(f64, Bound<'py, PyArray1<f64>>)> {
        caught(|| {
            self.set_parameters(parameters)?;
            with_model!(&*self.read(py), model => {
                let rows = Rows::new(x, y, sample_weight, model.sizes())?;
                let (loss, gradient) = batch_gradient(py, &model.network, &rows, l2_penalty, threads)?;
                Ok((loss, flat(gradient.gradients().slices()).into_pyarray(py)))
            })
        })
    }

    /// Rows of (layer, parameter, checked, skipped, max_absolute_error, max_relative_error) and the report as a table.
    #[pyo3(signature = (x, y, l2_penalty=0.0))]
    fn gradient_check<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        l2_penalty: f64,
    ) -> PyResult<Bound<'py, PyTuple>> {
        caught(|| {
            let network = self.read(py);
            let Either::Double(model) = &*network else {
                let message = "finite differences need float64, this network is in float32";
                return Err(PyTypeError::new_err(message));
            };
            let rows = Rows::new(x, y, None, model.sizes())?;
            check_targets(model.network.loss(), rows.y())?;
            let data = rows.dataset();
            let (report, raised) = interruptible(py, |stop| {
                let stop = || stop.load(Ordering::Relaxed);
                stoppable_gradient_check(&model.network, &data, l2_penalty, usize::MAX, stop)
            });
            let report = match (report, raised) {
                (Some(report), None) => report,
                (_, Some(raised)) => return Err(raised),
                (None, None) => unreachable!("only what Python raises stops it"),
            };
            let parameters = report.parameters.iter().map(|p| {
                (
                    p.parameter.layer,
                    p.parameter.name,
                    p.checked,
                    p.skipped,
                    p.max_absolute_error,
                    p.max_relative_error,
                )
            });
            let worst = report.max_relative_error();
            (PyList::new(py, parameters)?, worst, report.to_string()).into_pyobject(py)
        })
    }
}

/// The network of such bytes as pickle stores.
#[pyfunction]
pub fn network_from_bytes(bytes: &[u8]) -> PyResult<Network> {
    caught(
        || match chainrule_tabular::model_file::network_from_bytes(bytes) {
            Ok(stored) => Ok(Network::of(stored.network)),
            Err(problem) => Err(PyValueError::new_err(format!("the network {problem}"))),
        },
    )
}

fn build<R: Precision>(
    weights: &[Bound<'_, PyAny>],
    biases: &[Bound<'_, PyAny>],
    activations: &[String],
    loss: &str,
) -> PyResult<SimpleNeuralNetwork<R>> {
    let loss: Loss = parse_loss(loss)?;
    let (layers, hidden) = (weights.len(), activations.len());
    if layers != biases.len() || layers != hidden + 1 {
        return Err(PyValueError::new_err(format!(
            "{layers} weights, {} biases and {hidden} activations: every layer has W and b, every one but the last an activation",
            biases.len(),
        )));
    }
    let mut maps = Vec::with_capacity(layers);
    for (l, (w, b)) in weights.iter().zip(biases).enumerate() {
        let w: Matrix<R> = array(w, &format!("W of layer {l}"))?;
        let b: Vector<R> = array(b, &format!("b of layer {l}"))?;
        let (w, b) = (w.as_array(), b.as_array());
        if w.nrows() != b.len() || w.is_empty() {
            return Err(PyValueError::new_err(format!(
                "layer {l} has W {:?} and b ({}): W needs one row for each bias, and at least one element",
                w.dim(),
                b.len()
            )));
        }
        let below = maps.last().map_or(w.ncols(), Affine::outputs);
        if below != w.ncols() {
            return Err(PyValueError::new_err(format!(
                "layer {l} has W {:?}, but the layer below has {below} neurons",
                w.dim()
            )));
        }
        maps.push(Affine::new(w.to_owned(), b.to_owned()));
    }
    let out = OutLayer {
        affine: maps
            .pop()
            .expect("there is one more layer than hidden ones"),
    };
    let hidden = maps.into_iter().zip(activations).map(|(affine, text)| {
        Ok(DenseLayer {
            affine,
            activation: parse_activation(text)?,
        })
    });
    let hidden = hidden.collect::<PyResult<_>>()?;
    Ok(SimpleNeuralNetwork::from_layers(hidden, out, loss))
}

fn batch_gradient<R: Precision>(
    py: Python<'_>,
    network: &SimpleNeuralNetwork<R>,
    rows: &Rows<'_, R>,
    l2_penalty: f64,
    threads: usize,
) -> PyResult<(f64, BatchGradient<R>)> {
    let data = rows.dataset();
    let threads = worth(
        threads,
        data.rows().saturating_mul(network.parameter_count()),
    );
    let work = || {
        let order: Vec<u32> = (0..data.rows() as u32).collect();
        let mut gradient = BatchGradient::new(network, order.len(), l2_penalty);
        let loss = gradient.loss_and_gradients(network, &data, &order);
        (loss.to_f64(), gradient)
    };
    py.detach(|| on_threads(threads, work))
}

fn flat<'a, R: Precision>(slices: impl Iterator<Item = &'a [R]>) -> Vec<f64> {
    slices.flatten().map(|&p| p.to_f64()).collect()
}

fn write<R: Precision>(network: &mut SimpleNeuralNetwork<R>, mut values: &[f64]) {
    for parameters in network.parameters_mut() {
        let (head, tail) = values.split_at(parameters.len());
        for (p, &v) in parameters.iter_mut().zip(head) {
            *p = R::from_f64(v);
        }
        values = tail;
    }
}
