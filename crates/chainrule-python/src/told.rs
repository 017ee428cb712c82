//! What is told of a table before training, and of a model after it.

use chainrule_tabular::table::{Inspection, ReadOptions, clean_name};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::frames::Rows;
use crate::messages;
use crate::model_file::Model;
use crate::panics::caught;
use crate::threads::interruptible;
use crate::training::{Record, record};

/// What `chainrule inspect` says of a table: in words, and as JSON.
#[pyfunction]
pub fn inspect_table(
    py: Python<'_>,
    rows: Rows,
    target: Option<String>,
    categorical: Vec<String>,
) -> PyResult<(String, String)> {
    caught(|| {
        let are_in_memory = rows.are_in_memory();
        let (found, raised) = interruptible(py, |_| {
            let targets: Vec<String> = target.iter().map(|name| clean_name(name)).collect();
            let options = ReadOptions {
                targets: targets.clone(),
                categorical,
                ..ReadOptions::default()
            };
            let (table, findings) = rows.learn(&options)?;
            Ok::<_, PyErr>(Inspection::of(&table, findings, &targets))
        });
        if let Some(raised) = raised {
            return Err(raised);
        }
        let mut found = found?;
        for suspicion in &mut found.suspicions {
            suspicion.message = match are_in_memory {
                true => messages::in_rows(&suspicion.message),
                false => messages::in_python(&suspicion.message),
            };
        }
        let json = serde_json::to_string(&found)
            .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        Ok((found.to_string(), json))
    })
}

/// Each network's way: its bag, the bag's weight, and one record for each epoch.
#[pyfunction]
pub fn histories(model: &Model) -> PyResult<Vec<(usize, f64, Vec<Record>)>> {
    caught(|| {
        let bags = model.regressor().bags().iter().enumerate();
        let networks = bags.flat_map(|(nth, bag)| {
            bag.histories()
                .iter()
                .map(move |history| (nth, bag.weight(), history.iter().map(record).collect()))
        });
        Ok(networks.collect())
    })
}

/// Errors of a model: rows, RMSE, MAE, R².
type Errors = (usize, f64, f64, Option<f64>);

/// The errors on rows that the networks had not seen: with the number of folds (0 where rows were kept for validation)
/// and the spread over them.
#[pyfunction]
pub fn unseen_errors(model: &Model) -> PyResult<Option<(Errors, usize, Option<f64>)>> {
    caught(|| {
        Ok(model.regressor().unseen().map(|unseen| {
            let found = unseen.evaluation;
            let errors = (found.rows, found.rmse, found.mae, found.r2);
            (errors, unseen.folds, unseen.spread)
        }))
    })
}

/// What the networks of the first bag were told: the loss, the seed and the penalty λ.
#[pyfunction]
pub fn told(model: &Model) -> PyResult<(String, u64, f64)> {
    caught(|| {
        let settings = model.regressor().settings();
        let training = &settings.training;
        let loss = settings.loss.to_string();
        Ok((loss, training.seed, training.l2_penalty))
    })
}
