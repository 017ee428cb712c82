//! The model file of the command line: networks saved as models, models loaded with all that they learnt.

use std::path::PathBuf;

use chainrule::training::EpochRecord;
use chainrule_tabular as tabular;
use chainrule_tabular::model_file::{self, Problem, StoredNetwork};
use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrays::{Matrix, array, check_inputs};
use crate::network::{Either, Network, with_model};
use crate::panics::caught;
use crate::training::{Record, Settings, record, training_settings};

/// Writes a network in float32 as a model that takes its inputs as they are.
#[pyfunction]
pub fn save_model(
    network: &Network,
    path: PathBuf,
    columns: Vec<String>,
    target: String,
    settings: Settings,
    history: Vec<Record>,
) -> PyResult<()> {
    caught(|| {
        let Either::Single(model) = &network.either else {
            return Err(PyValueError::new_err(
                "a model file holds float32, this network is in float64",
            ));
        };
        let history = history.into_iter().map(epoch).collect();
        let settings = training_settings(settings)?;
        let network = model.network().clone();
        let regressor = tabular::Regressor::of_network(network, columns, target, settings, history)
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        model_file::save(&regressor, &path)
            .map_err(|error| PyValueError::new_err(error.to_string()))
    })
}

/// Writes any network, without columns.
#[pyfunction]
pub fn save_network(network: &Network, path: PathBuf, history: Vec<Record>) -> PyResult<()> {
    caught(|| {
        let history: Vec<_> = history.into_iter().map(epoch).collect();
        let saved = with_model!(&network.either, model => {
            model_file::save_network(model.network(), &history, &path)
        });
        saved.map_err(|error| PyValueError::new_err(error.to_string()))
    })
}

/// What a file of either kind holds: (network, history) of [`save_network`], or a [`Model`].
#[pyfunction]
pub fn load(py: Python<'_>, path: PathBuf) -> PyResult<Bound<'_, PyAny>> {
    caught(|| match model_file::load_network(&path) {
        Ok(StoredNetwork { network, history }) => {
            let history: Vec<_> = history.iter().map(record).collect();
            let found = (Network::of(network), history).into_pyobject(py)?;
            Ok(found.into_any())
        }
        Err(error) if matches!(error.problem(), Problem::IsModel) => {
            Ok(Bound::new(py, Model::new(path)?)?.into_any())
        }
        Err(error) => Err(PyValueError::new_err(error.to_string())),
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

#[pymethods]
impl Model {
    /// Reads a model and lets it prove itself.
    #[new]
    fn new(path: PathBuf) -> PyResult<Self> {
        caught(|| {
            let regressor = model_file::load(&path)
                .map_err(|error| PyValueError::new_err(error.to_string()))?;
            Ok(Model { regressor })
        })
    }

    /// The columns that it reads, in order.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.regressor.columns().to_vec()
    }

    /// What it predicts.
    #[getter]
    fn target(&self) -> &str {
        self.regressor.target()
    }

    /// Mean and scale of each column, then of the target.
    fn scaling(&self) -> Vec<(f64, f64)> {
        let preprocessing = self.regressor.preprocessing();
        [preprocessing.inputs(), preprocessing.output()]
            .iter()
            .flat_map(|s| s.mean().iter().copied().zip(s.scale().iter().copied()))
            .collect()
    }

    /// The network, which knows only scaled values.
    fn network(&self) -> Network {
        Network::single(self.regressor.network().clone())
    }

    /// (epoch, training loss, validation loss, learning rate) of every epoch.
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
            Ok(py
                .detach(|| self.regressor.predict_array(x))
                .into_pyarray(py))
        })
    }
}
