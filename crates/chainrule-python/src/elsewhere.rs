//! A training whose networks are trained by workers that Python finds: what is sent to them, and what they do.

use std::sync::atomic::Ordering;

use chainrule::training::Control;
use chainrule_tabular::Workload;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::fitting::{Columns, Prepared, Trained, Wanted};
use crate::frames::Rows;
use crate::panics::caught;
use crate::threads::interruptible;

/// A training in one process whose networks are trained in others.
#[pyclass(module = "chainrule._core")]
pub struct Elsewhere(Option<Prepared>);

#[pymethods]
impl Elsewhere {
    #[new]
    fn new(py: Python<'_>, rows: Rows, columns: Columns, wanted: Wanted) -> PyResult<Elsewhere> {
        caught(|| Ok(Elsewhere(Some(Prepared::of(py, rows, columns, &wanted)?))))
    }

    /// What a worker needs to train any of the networks.
    fn workload<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        caught(|| {
            let prepared = self.prepared()?;
            let sent = py.detach(|| prepared.fitting.workload());
            let sent = sent.map_err(|problem| PyValueError::new_err(problem.to_string()))?;
            Ok(PyBytes::new(py, &sent))
        })
    }

    /// The numbers of the networks that can be trained now.
    fn open_members(&mut self, py: Python<'_>) -> PyResult<Vec<usize>> {
        caught(|| {
            let prepared = self.prepared()?;
            Ok(py.detach(|| prepared.fitting.open_members()))
        })
    }

    /// Takes a network that a worker has trained.
    fn take_member(&mut self, number: usize, returned: &[u8]) -> PyResult<()> {
        caught(|| {
            let taken = self.prepared()?.fitting.take_member(number, returned);
            taken.map_err(|error| PyRuntimeError::new_err(error.to_string()))
        })
    }

    /// Finished epochs, all that are known to come, and networks.
    fn progress(&mut self) -> PyResult<(usize, usize, usize)> {
        caught(|| {
            let fitting = &self.prepared()?.fitting;
            let whole = fitting.whole();
            Ok((fitting.finished_epochs(), whole.epochs, whole.members))
        })
    }

    /// The training as it stands, and its end; None if no network is at its end.
    fn trained(&mut self, py: Python<'_>) -> PyResult<Option<Trained>> {
        caught(|| {
            let fitting = &mut self.prepared()?.fitting;
            let made = py.detach(|| {
                fitting
                    .end_early()
                    .then(|| (fitting.regressor(), fitting.report()))
            });
            let Some((regressor, report)) = made else {
                return Ok(None);
            };
            let prepared = self.0.take();
            Ok(prepared.map(|prepared| prepared.trained(regressor, report)))
        })
    }
}

impl Elsewhere {
    fn prepared(&mut self) -> PyResult<&mut Prepared> {
        let ended = || PyRuntimeError::new_err("the training has ended");
        self.0.as_mut().ok_or_else(ended)
    }
}

/// What a worker keeps of a training: the rows as its networks read them.
#[pyclass(module = "chainrule._core", frozen)]
pub struct Worker(Workload);

#[pymethods]
impl Worker {
    #[new]
    fn new(py: Python<'_>, workload: &[u8]) -> PyResult<Worker> {
        caught(|| {
            let read = py.detach(|| Workload::from_bytes(workload));
            let read = read.map_err(|problem| {
                PyRuntimeError::new_err(format!("what came to the worker {problem}"))
            })?;
            Ok(Worker(read))
        })
    }

    /// Trains a network on one thread: the bytes that `Elsewhere.take_member` takes.
    fn train<'py>(&self, py: Python<'py>, number: usize) -> PyResult<Bound<'py, PyBytes>> {
        caught(|| {
            let (trained, raised) = interruptible(py, |stop| {
                self.0
                    .train(number, &mut |_| match stop.load(Ordering::Relaxed) {
                        true => Control::Stop,
                        false => Control::Continue,
                    })
            });
            let trained = trained.map_err(|error| PyValueError::new_err(error.to_string()))?;
            match (trained, raised) {
                (Some(returned), None) => Ok(PyBytes::new(py, &returned)),
                (_, raised) => Err(raised.expect("only what was raised stops it")),
            }
        })
    }
}
