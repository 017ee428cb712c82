//! The model file of the command line: networks saved as models, models loaded with all that they learnt.

use std::path::PathBuf;

use chainrule::training::EpochRecord;
use chainrule_tabular as tabular;
use chainrule_tabular::encoding::Encoder;
use chainrule_tabular::model_file::{self, ModelFileError, Problem, StoredNetwork};
use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::{PyFileNotFoundError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::arrays::{Matrix, array, check_inputs};
use crate::network::{Either, Network, with_model};
use crate::panics::caught;
use crate::training::{Record, Settings, record, training_settings};

/// Writes a network in float32 as a model that takes its inputs as they are.
#[pyfunction]
pub fn save_model(
    py: Python<'_>,
    network: &Network,
    path: PathBuf,
    columns: Vec<String>,
    target: String,
    settings: Settings,
    history: Vec<Record>,
) -> PyResult<()> {
    caught(|| {
        let network = network.read(py);
        let Either::Single(model) = &*network else {
            return Err(PyValueError::new_err(
                "a model file holds float32, this network is in float64",
            ));
        };
        let history = history.into_iter().map(epoch).collect();
        let settings = training_settings(settings)?;
        let network = model.network().clone();
        let regressor = tabular::Regressor::of_network(network, columns, target, settings, history)
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        model_file::save(&regressor, &path).map_err(file_error)
    })
}

/// As Python says it.
fn file_error(error: ModelFileError) -> PyErr {
    let message = error.to_string();
    match error.problem() {
        Problem::NoSuchFile => PyFileNotFoundError::new_err(message),
        _ => PyValueError::new_err(message),
    }
}

/// Writes any network; where its inputs have names, with those.
#[pyfunction]
pub fn save_network(
    py: Python<'_>,
    network: &Network,
    path: PathBuf,
    history: Vec<Record>,
    columns: Option<Vec<String>>,
) -> PyResult<()> {
    caught(|| {
        let history: Vec<_> = history.into_iter().map(epoch).collect();
        let columns = columns.unwrap_or_default();
        let saved = with_model!(&*network.read(py), model => {
            model_file::save_network(model.network(), &history, &columns, &path)
        });
        saved.map_err(file_error)
    })
}

/// What a file of either kind holds: (network, history, columns) of [`save_network`], or a [`Model`].
#[pyfunction]
pub fn load(py: Python<'_>, path: PathBuf) -> PyResult<Bound<'_, PyAny>> {
    caught(|| match model_file::load_network(&path) {
        Ok(StoredNetwork {
            network,
            history,
            columns,
        }) => {
            let history: Vec<_> = history.iter().map(record).collect();
            let columns = (!columns.is_empty()).then_some(columns);
            let found = (Network::of(network), history, columns).into_pyobject(py)?;
            Ok(found.into_any())
        }
        Err(error) if matches!(error.problem(), Problem::IsModel) => {
            Ok(Bound::new(py, Model::new(path)?)?.into_any())
        }
        Err(error) => Err(file_error(error)),
    })
}

fn epoch((epoch, training_loss, validation_loss, learning_rate): Record) -> EpochRecord {
    EpochRecord {
        epoch,
        training_loss,
        validation_loss,
        learning_rate,
    }
}

/// A model: a network, and how its inputs and its target are scaled.
#[pyclass(module = "chainrule._core", frozen)]
pub struct Model {
    regressor: tabular::Regressor,
}

impl Model {
    /// Around a regressor.
    pub fn of(regressor: tabular::Regressor) -> Model {
        Model { regressor }
    }

    /// What it is.
    pub fn regressor(&self) -> &tabular::Regressor {
        &self.regressor
    }
}

/// A model from the bytes of its file.
#[pyfunction]
pub fn model_from_bytes(bytes: &[u8]) -> PyResult<Model> {
    caught(|| {
        let regressor = model_file::model_from_bytes(bytes)
            .map_err(|problem| PyValueError::new_err(format!("the model {problem}")))?;
        Ok(Model { regressor })
    })
}

#[pymethods]
impl Model {
    /// Reads a model and lets it prove itself.
    #[new]
    fn new(path: PathBuf) -> PyResult<Self> {
        caught(|| Ok(Model::of(model_file::load(&path).map_err(file_error)?)))
    }

    /// Writes the model to a file, as a whole or not at all.
    fn save(&self, path: PathBuf) -> PyResult<()> {
        caught(|| model_file::save(&self.regressor, &path).map_err(file_error))
    }

    /// The bytes of its file.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        caught(|| {
            let bytes = model_file::model_to_bytes(&self.regressor)
                .map_err(|problem| PyValueError::new_err(format!("the model {problem}")))?;
            Ok(PyBytes::new(py, &bytes))
        })
    }

    /// The columns that it reads, in order.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.regressor
            .columns()
            .into_iter()
            .map(str::to_owned)
            .collect()
    }

    /// How many networks it is made of.
    #[getter]
    fn members(&self) -> usize {
        self.regressor.members()
    }

    /// What each column that it reads becomes: its name, and how it is encoded.
    fn encoded(&self) -> Vec<(String, String)> {
        let columns = self.regressor.encoding().describe().into_iter();
        columns
            .map(|(name, kind, how, _)| (name, format!("{kind}: {how}")))
            .collect()
    }

    /// What each column holds: "number", "category" (two texts among them) or "time".
    #[getter]
    fn kinds(&self) -> Vec<&'static str> {
        let columns = self.regressor.encoding().columns().iter();
        let kind = |column: &tabular::encoding::ColumnEncoding| match column.encoder() {
            Encoder::Standardize(_) | Encoder::Number(_) => "number",
            Encoder::Category(_) => "category",
            Encoder::Dates(_) => "time",
        };
        columns.map(kind).collect()
    }

    /// What it predicts.
    #[getter]
    fn target(&self) -> &str {
        self.regressor.target()
    }

    /// Mean and scale of each column, then of the target; an error where columns are encoded in another way.
    fn scaling(&self) -> PyResult<Vec<(f64, f64)>> {
        caught(|| {
            let columns = self.regressor.encoding().columns().iter();
            let inputs = columns.map(|column| match column.encoder() {
                Encoder::Standardize(scale) => Ok(*scale),
                _ => Err(PyValueError::new_err(
                    "this model encodes its columns, and not by mean and scale alone: print it to see how",
                )),
            });
            let target = Ok(self.regressor.target_scale().scale());
            let scales = inputs.chain([target]);
            scales
                .map(|scale| scale.map(|scale| (scale.mean(), scale.scale())))
                .collect()
        })
    }

    /// Whether the network takes the columns' numbers as they are and gives the target as it is.
    fn takes_numbers_as_they_are(&self) -> bool {
        let scales = self.scaling();
        scales.is_ok_and(|scales| scales.iter().all(|&scale| scale == (0.0, 1.0)))
    }

    /// The network, which knows only encoded values; of several the first.
    fn network(&self) -> Network {
        Network::single(self.regressor.network().clone())
    }

    /// (epoch, training loss, validation loss, learning rate) of every epoch of that network.
    fn history(&self) -> Vec<Record> {
        self.regressor.history().iter().map(record).collect()
    }

    /// The model in words and numbers.
    fn describe(&self) -> PyResult<String> {
        caught(|| Ok(self.regressor.describe()))
    }

    /// Predictions (n) for X (n, columns) in raw units.
    fn predict<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        caught(|| {
            let x: Matrix<f64> = array(x, "X")?;
            let x = x.as_array();
            check_inputs(x.dim(), self.regressor.columns().len())?;
            let predicted = py.detach(|| self.regressor.predict_array(x));
            let predicted = predicted.map_err(|error| PyValueError::new_err(error.to_string()))?;
            Ok(predicted.into_pyarray(py))
        })
    }
}
