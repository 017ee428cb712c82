//! Training by the core's `Trainer`: the settings as keywords, callbacks after each epoch, Ctrl-C.
//!
//! Ctrl-C is answered within a step, also where several threads share one.

use std::sync::atomic::Ordering;

use chainrule::neural_networks::{Affine, SimpleNeuralNetwork};
use chainrule::optimizers::{Optimizer, Schedule};
use chainrule::processors;
use chainrule::training::{
    Control, Dataset, EarlyStopping, EpochRecord, Event, Outcome, Trainer, TrainingError,
    TrainingSettings,
};
use chainrule_tabular::memory;
use chainrule_tabular::model_file::AnyNetwork;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrays::{Precision, Rows};
use crate::equations::check_targets;
use crate::memory::error;
use crate::network::Network;
use crate::panics::caught;
use crate::threads::interruptible;

/// What a training is told, from a dict of the same names.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Settings {
    epochs: usize,
    batch_size: Option<usize>,
    optimizer: String,
    learning_rate: f64,
    shuffle: bool,
    seed: u64,
    l2_penalty: f64,
    momentum: f64,
    weight_decay: f64,
    schedule: String,
    clip_norm: Option<f64>,
    patience: Option<usize>,
    threads: usize,
}

/// Trains the network: (history, outcome, error), where the error, if any, is to be raised once the rest has been
/// stored.
#[pyfunction]
#[pyo3(signature = (network, x, y, sample_weight, validation, callback, settings))]
#[allow(clippy::too_many_arguments)] // called in one place
pub fn fit<'py>(
    py: Python<'py>,
    network: &Network,
    x: &Bound<'py, PyAny>,
    y: &Bound<'py, PyAny>,
    sample_weight: Option<&Bound<'py, PyAny>>,
    validation: Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    callback: Option<Py<PyAny>>,
    settings: Settings,
) -> PyResult<Ending> {
    caught(|| {
        let settings = training_settings(settings)?;
        let rows = (x, y, sample_weight);
        // A copy is trained: callbacks and other threads may read the network meanwhile.
        let (ending, trained) = match network.copied(py) {
            AnyNetwork::Single(copy) => {
                let (ending, trained) = train(py, copy, rows, validation, callback, settings)?;
                (ending, AnyNetwork::Single(trained))
            }
            AnyNetwork::Double(copy) => {
                let (ending, trained) = train(py, copy, rows, validation, callback, settings)?;
                (ending, AnyNetwork::Double(trained))
            }
        };
        *network.write(py) = trained.into();
        Ok(ending)
    })
}

/// One epoch: its number, training loss, validation loss, learning rate.
pub type Record = (usize, f64, Option<f64>, f64);

/// History, outcome, and what went wrong.
type Ending = (Vec<Record>, Option<&'static str>, Option<PyErr>);

type Arrays<'a, 'py> = (
    &'a Bound<'py, PyAny>,
    &'a Bound<'py, PyAny>,
    Option<&'a Bound<'py, PyAny>>,
);

fn train<'py, R: Precision>(
    py: Python<'py>,
    network: SimpleNeuralNetwork<R>,
    (x, y, sample_weight): Arrays<'_, 'py>,
    validation: Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    callback: Option<Py<PyAny>>,
    settings: TrainingSettings,
) -> PyResult<(Ending, SimpleNeuralNetwork<R>)> {
    let loss = network.loss();
    let sizes = (network.inputs(), network.outputs());
    let rows = Rows::<R>::new(x, y, sample_weight, sizes)?;
    check_targets(loss, rows.y())?;
    let validation = validation
        .map(|(x, y)| Rows::<R>::new(&x, &y, None, sizes))
        .transpose()?;
    if let Some(rows) = &validation {
        check_targets(loss, rows.y())?;
    }
    let validation = validation.as_ref().map(Rows::dataset);
    let outputs = network.affine_maps().map(Affine::outputs);
    let widths: Vec<usize> = [network.inputs()].into_iter().chain(outputs).collect();
    let numbers =
        memory::training_numbers(&widths, network.inputs(), rows.dataset().rows(), &settings);
    let what = format_args!(
        "training a network of {} parameters",
        network.parameter_count()
    );
    let needed = numbers.saturating_mul(size_of::<R>() as u128);
    memory::expect_free(what, needed).map_err(error)?;

    let mut trainer = Trainer::new(network, settings);
    let (result, error) = run(py, &mut trainer, &rows.dataset(), validation, callback);
    let history = trainer.history().iter().map(record).collect();
    let (outcome, error) = match (result, error) {
        (_, Some(error)) => (None, Some(error)),
        (Err(error), None) => (None, Some(PyValueError::new_err(error.to_string()))),
        (Ok(outcome), None) => (Some(name(outcome)), None),
    };
    Ok(((history, outcome, error), trainer.into_network()))
}

fn run<R: Precision>(
    py: Python<'_>,
    trainer: &mut Trainer<R>,
    train: &Dataset<R>,
    validation: Option<Dataset<R>>,
    callback: Option<Py<PyAny>>,
) -> (Result<Outcome, TrainingError>, Option<PyErr>) {
    let mut callback_error = None;
    let callback_error_ref = &mut callback_error;
    let (result, signal) = interruptible(py, |stop| {
        let mut listen = |event: Event| {
            if stop.load(Ordering::Relaxed) {
                return Control::Stop;
            }
            let (Event::Epoch(epoch), Some(callback)) = (event, &callback) else {
                return Control::Continue;
            };
            match Python::attach(|py| callback.bind(py).call1(record(epoch))?.is_truthy()) {
                Ok(false) => Control::Continue,
                Ok(true) => Control::Stop,
                Err(error) => {
                    *callback_error_ref = Some(error);
                    Control::Stop
                }
            }
        };
        trainer.fit(train, validation.as_ref(), &mut listen)
    });
    (result, signal.or(callback_error))
}

/// The core's record for Python.
pub fn record(record: &EpochRecord) -> Record {
    (
        record.epoch,
        record.training_loss,
        record.validation_loss,
        record.learning_rate,
    )
}

fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Finished => "finished",
        Outcome::StoppedEarly => "stopped early",
        Outcome::Interrupted => "stopped by the callback",
    }
}

/// The core's settings, checked.
pub fn training_settings(settings: Settings) -> PyResult<TrainingSettings> {
    let invalid = |error: &dyn std::error::Error| PyValueError::new_err(error.to_string());
    let mut optimizer: Optimizer = settings.optimizer.parse().map_err(|e| invalid(&e))?;
    match &mut optimizer {
        Optimizer::Momentum { momentum } | Optimizer::Nesterov { momentum } => {
            *momentum = settings.momentum;
        }
        Optimizer::AdamW { weight_decay, .. } => *weight_decay = settings.weight_decay,
        Optimizer::GradientDescent | Optimizer::Adam { .. } => {}
    }
    let schedule = match settings.schedule.as_str() {
        "constant" => Schedule::Constant,
        "cosine" => Schedule::Cosine,
        other => {
            return Err(PyValueError::new_err(format!(
                "\"{other}\" is not a schedule; choose constant or cosine"
            )));
        }
    };
    let settings = TrainingSettings {
        epochs: settings.epochs,
        batch_size: settings.batch_size,
        shuffle: settings.shuffle,
        optimizer,
        learning_rate: settings.learning_rate,
        schedule,
        warm_up_steps: 0,
        l2_penalty: settings.l2_penalty,
        clip_norm: settings.clip_norm,
        early_stopping: settings.patience.map(|patience| EarlyStopping {
            patience,
            min_improvement: 0.0,
        }),
        seed: settings.seed,
        member: 0,
        // Further ones would wait for the others, and thousands are more than a system may start.
        threads: settings.threads.min(processors()),
    };
    settings.validate_new().map_err(|e| invalid(&e))?;
    Ok(settings)
}
