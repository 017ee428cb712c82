//! scikit-learn's stochastic solvers, epoch by epoch, over the core's gradients.
//!
//! The order of the rows comes from the caller, who draws it as scikit-learn does. What differs from the core's own
//! training, and has to, for the same loss curve: the penalty `α/(2 Σ w) Σ W²` depends on the batch, Adam's ε stands
//! beside the root of the *uncorrected* second moment, and momentum keeps `u ← μ u − η g`, which remembers old learning
//! rates.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chainrule::Real;
use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::{BatchGradient, Dataset};
use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::PyTuple;

use crate::arrays::{Precision, Rows, Vector, array};
use crate::equations::check_targets;
use crate::network::{Either, Model, Network};
use crate::panics::caught;
use crate::threads::{SIGNALS, interruptible, on_threads, worth};

/// Rows times parameters of a step below which other threads have nothing to do.
const SHARED_STEP: usize = 1 << 20;

/// An update rule of scikit-learn's.
#[derive(Clone, Copy)]
enum Rule {
    Sgd {
        momentum: f64,
        nesterov: bool,
    },
    Adam {
        beta1: f64,
        beta2: f64,
        epsilon: f64,
    },
}

/// A solver at work on one network: its running averages, flat in the order of the network's parameters.
#[pyclass(module = "chainrule._core", frozen)]
pub struct Solver {
    rule: Rule,
    /// One thread at a time makes an epoch.
    progress: Mutex<Progress>,
}

struct Progress {
    steps: i32,
    moments: Moments,
}

impl Solver {
    fn progress(&self, py: Python<'_>) -> MutexGuard<'_, Progress> {
        let guard = self.progress.lock_py_attached(py);
        guard.unwrap_or_else(PoisonError::into_inner)
    }
}

enum Moments {
    Single(Work<f32>),
    Double(Work<f64>),
}

struct Work<R> {
    first: Vec<R>,
    second: Vec<R>,
    /// Kept from epoch to epoch, with the number of rows that it has room for.
    gradient: Option<(usize, BatchGradient<R>)>,
}

impl<R: Precision> Work<R> {
    fn new(parameters: usize, rule: Rule) -> Self {
        let second = match rule {
            Rule::Sgd { .. } => 0,
            Rule::Adam { .. } => parameters,
        };
        Work {
            first: vec![R::zero(); parameters],
            second: vec![R::zero(); second],
            gradient: None,
        }
    }

    /// From stored averages, which are for the precision and the size of this network.
    fn restore(&mut self, first: &Bound<'_, PyAny>, second: &Bound<'_, PyAny>) -> PyResult<()> {
        let read = |values: &Bound<'_, PyAny>, expected: usize| {
            let values: Vector<R> = array(values, "a moment")?;
            let values = values.as_slice()?.to_vec();
            if values.len() == expected {
                return Ok(values);
            }
            let found = values.len();
            Err(PyValueError::new_err(format!(
                "a moment of {found} values instead of {expected}"
            )))
        };
        self.first = read(first, self.first.len())?;
        self.second = read(second, self.second.len())?;
        Ok(())
    }
}

/// What one epoch is told.
struct Epoch<'a> {
    order: &'a [u32],
    batch_size: usize,
    threads: usize,
    alpha: f64,
    factor: f64,
    learning_rate: f64,
}

#[pymethods]
impl Solver {
    /// A solver for `network`: "sgd" with (momentum, nesterov) or "adam" with (beta1, beta2, epsilon).
    #[new]
    #[pyo3(signature = (network, kind, constants, steps=0, moments=None))]
    fn new(
        py: Python<'_>,
        network: &Network,
        kind: &str,
        constants: Vec<f64>,
        steps: i32,
        moments: Option<(Bound<'_, PyAny>, Bound<'_, PyAny>)>,
    ) -> PyResult<Self> {
        caught(|| {
            let rule = match (kind, constants.as_slice()) {
                ("sgd", &[momentum, nesterov]) => Rule::Sgd {
                    momentum,
                    nesterov: nesterov != 0.0,
                },
                ("adam", &[beta1, beta2, epsilon]) => Rule::Adam {
                    beta1,
                    beta2,
                    epsilon,
                },
                _ => {
                    let message = format!("no solver \"{kind}\" with the constants {constants:?}");
                    return Err(PyValueError::new_err(message));
                }
            };
            let mut fresh = match &*network.read(py) {
                Either::Single(model) => {
                    Moments::Single(Work::new(model.network().parameter_count(), rule))
                }
                Either::Double(model) => {
                    Moments::Double(Work::new(model.network().parameter_count(), rule))
                }
            };
            if let Some((first, second)) = moments {
                match &mut fresh {
                    Moments::Single(work) => work.restore(&first, &second)?,
                    Moments::Double(work) => work.restore(&first, &second)?,
                }
            }
            let progress = Mutex::new(Progress {
                steps,
                moments: fresh,
            });
            Ok(Solver { rule, progress })
        })
    }

    /// (kind, constants, steps, moments): what `Solver` takes after the network to go on from here.
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        caught(|| {
            let (kind, constants) = match self.rule {
                Rule::Sgd { momentum, nesterov } => {
                    ("sgd", vec![momentum, f64::from(u8::from(nesterov))])
                }
                Rule::Adam {
                    beta1,
                    beta2,
                    epsilon,
                } => ("adam", vec![beta1, beta2, epsilon]),
            };
            let progress = self.progress(py);
            let moments = match &progress.moments {
                Moments::Single(work) => pair(py, work)?,
                Moments::Double(work) => pair(py, work)?,
            };
            (kind, constants, progress.steps, moments).into_pyobject(py)
        })
    }

    /// One pass over the rows of `order`; returns Σ of each batch's loss times its rows.
    ///
    /// Loss and gradient are the core's times `factor`, plus the penalty. Up to `threads` threads share a long epoch's
    /// steps. An exception of Python's signal handlers is passed on after the step at hand.
    #[pyo3(signature = (network, x, y, sample_weight, order, batch_size, alpha, factor, learning_rate, threads=1))]
    #[allow(clippy::too_many_arguments)] // called in one place, by keyword
    fn epoch<'py>(
        &self,
        py: Python<'py>,
        network: &Network,
        x: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        sample_weight: Option<&Bound<'py, PyAny>>,
        order: &Bound<'py, PyAny>,
        batch_size: usize,
        alpha: f64,
        factor: f64,
        learning_rate: f64,
        threads: usize,
    ) -> PyResult<f64> {
        caught(|| {
            let order: PyReadonlyArray1<u32> = order.extract()?;
            let epoch = Epoch {
                order: order.as_slice()?,
                batch_size: batch_size.max(1),
                threads,
                alpha,
                factor,
                learning_rate,
            };
            let rule = self.rule;
            let progress = &mut *self.progress(py);
            let (steps, moments) = (&mut progress.steps, &mut progress.moments);
            match (moments, &mut *network.write(py)) {
                (Moments::Single(work), Either::Single(model)) => {
                    run(py, work, model, (x, y, sample_weight), rule, steps, &epoch)
                }
                (Moments::Double(work), Either::Double(model)) => {
                    run(py, work, model, (x, y, sample_weight), rule, steps, &epoch)
                }
                _ => Err(PyTypeError::new_err(
                    "solver and network differ in precision",
                )),
            }
        })
    }
}

type Arrays<'a, 'py> = (
    &'a Bound<'py, PyAny>,
    &'a Bound<'py, PyAny>,
    Option<&'a Bound<'py, PyAny>>,
);

fn run<'py, R: Precision>(
    py: Python<'py>,
    work: &mut Work<R>,
    model: &mut Model<R>,
    (x, y, sample_weight): Arrays<'_, 'py>,
    rule: Rule,
    steps: &mut i32,
    epoch: &Epoch,
) -> PyResult<f64> {
    let rows = Rows::<R>::new(x, y, sample_weight, model.sizes())?;
    check_targets(model.network().loss(), rows.y())?;
    let data = rows.dataset();
    if let Some(row) = epoch.order.iter().find(|&&r| r as usize >= data.rows()) {
        let message = format!("row {row} of {} rows", data.rows());
        return Err(PyValueError::new_err(message));
    }
    let network = model.network_mut();
    let parameters = network.parameter_count();
    if work.first.len() != parameters {
        return Err(PyValueError::new_err("the solver is another network's"));
    }
    let batch_rows = epoch.batch_size.min(data.rows());
    let threads = match batch_rows.saturating_mul(parameters) {
        0..SHARED_STEP => 1,
        _ => worth(epoch.threads, epoch.order.len().saturating_mul(parameters)),
    };
    if work.gradient.as_ref().is_none_or(|g| g.0 != batch_rows) {
        work.gradient = Some((batch_rows, BatchGradient::new(network, batch_rows, 0.0)));
    }
    let mut pass = |go_on: &mut dyn FnMut() -> bool| {
        let mut sum = 0.0;
        for batch in epoch.order.chunks(batch_rows) {
            *steps = steps.saturating_add(1);
            let loss = step(work, network, &data, batch, rule, *steps, epoch);
            sum += loss * batch.len() as f64;
            if !go_on() {
                break;
            }
        }
        sum
    };
    if threads != 1 {
        let (sum, raised) = interruptible(py, |stop| {
            on_threads(threads, || pass(&mut || !stop.load(Ordering::Relaxed)))
        });
        return raised.map_or(sum, Err);
    }
    let mut raised = None;
    let sum = py.detach(|| {
        let mut last_look = Instant::now();
        pass(&mut || {
            if last_look.elapsed() > SIGNALS {
                raised = Python::attach(|py| py.check_signals()).err();
                last_look = Instant::now();
            }
            raised.is_none()
        })
    });
    raised.map_or(Ok(sum), Err)
}

/// One step; returns the batch's loss before it, penalty included.
fn step<R: Precision>(
    work: &mut Work<R>,
    network: &mut SimpleNeuralNetwork<R>,
    data: &Dataset<R>,
    batch: &[u32],
    rule: Rule,
    t: i32,
    epoch: &Epoch,
) -> f64 {
    let (_, gradient) = work.gradient.as_mut().expect("made before the first step");
    let loss = gradient.loss_and_gradients(network, data, batch).to_f64();
    let total = match data.weights() {
        Some(weights) => batch.iter().map(|&r| weights[r as usize].to_f64()).sum(),
        None => batch.len() as f64,
    };
    // A batch of weight 0 has neither a loss nor a penalty.
    let decay = if total > 0.0 {
        epoch.alpha / total
    } else {
        0.0
    };
    let mut squares = 0.0;
    if decay > 0.0 {
        let decaying = network.named_parameters().filter(|(p, _)| p.decays);
        squares = decaying.map(|(_, w)| sum_of_squares(w)).sum();
    }
    // The core's loss is a mean over the weight that such a batch has on average, scikit-learn's over the weight that
    // it has.
    let factor = match total > 0.0 {
        true => epoch.factor * (batch.len() as f64 * data.mean_weight() / total),
        false => epoch.factor,
    };

    let (mut first, mut second) = (work.first.as_mut_slice(), work.second.as_mut_slice());
    for (parameter, p, g) in network.parameters_with_gradients(gradient.gradients()) {
        let terms = Terms {
            factor: R::from_f64(factor),
            decay: R::from_f64(if parameter.decays { decay } else { 0.0 }),
        };
        let u = split_off(&mut first, p.len());
        let eta = epoch.learning_rate;
        match rule {
            Rule::Sgd { momentum, nesterov } => sgd(p, g, u, terms, (eta, momentum, nesterov)),
            Rule::Adam {
                beta1,
                beta2,
                epsilon,
            } => {
                let corrected = eta * (1.0 - beta2.powi(t)).sqrt() / (1.0 - beta1.powi(t));
                let v = split_off(&mut second, p.len());
                adam(p, g, u, v, terms, (corrected, beta1, beta2, epsilon));
            }
        }
    }
    factor * loss + 0.5 * decay * squares
}

/// From the core's gradient to the one that is followed: `factor · ∂C + decay · p`.
#[derive(Clone, Copy)]
struct Terms<R> {
    factor: R,
    decay: R,
}

impl<R: Real> Terms<R> {
    #[inline(always)]
    fn of(self, g: R, p: R) -> R {
        self.factor * g + self.decay * p
    }
}

/// `u ← μ u − η g`, then `p ← p + u`, or Nesterov's `p ← p + μ u − η g`.
fn sgd<R: Real>(
    p: &mut [R],
    g: &[R],
    u: &mut [R],
    terms: Terms<R>,
    (eta, momentum, nesterov): (f64, f64, bool),
) {
    let (eta, mu) = (R::from_f64(eta), R::from_f64(momentum));
    pulp::Arch::new().dispatch(|| {
        for ((p, &g), u) in p.iter_mut().zip(g).zip(u.iter_mut()) {
            let descent = eta * terms.of(g, *p);
            *u = mu * *u - descent;
            *p += if nesterov { mu * *u - descent } else { *u };
        }
    });
}

/// `m ← β₁ m + (1−β₁) g`, `v ← β₂ v + (1−β₂) g²`, `p ← p − η √(1−β₂ᵗ)/(1−β₁ᵗ) · m / (√v + ε)`.
fn adam<R: Real>(
    p: &mut [R],
    g: &[R],
    m: &mut [R],
    v: &mut [R],
    terms: Terms<R>,
    (eta, beta1, beta2, epsilon): (f64, f64, f64, f64),
) {
    let of = R::from_f64;
    let (eta, epsilon, beta1, beta2) = (of(eta), of(epsilon), of(beta1), of(beta2));
    let (rest1, rest2) = (R::one() - beta1, R::one() - beta2);
    pulp::Arch::new().dispatch(|| {
        for (((p, &g), m), v) in p.iter_mut().zip(g).zip(m.iter_mut()).zip(v.iter_mut()) {
            let g = terms.of(g, *p);
            *m = beta1 * *m + rest1 * g;
            *v = beta2 * *v + rest2 * g * g;
            *p -= eta * *m / (v.sqrt() + epsilon);
        }
    });
}

/// Several sums at a time: one alone would wait for each addition.
fn sum_of_squares<R: Real>(w: &[R]) -> f64 {
    pulp::Arch::new().dispatch(|| {
        let mut sums = [R::zero(); 16];
        let (chunks, rest) = w.as_chunks::<16>();
        for chunk in chunks {
            for (sum, &w) in sums.iter_mut().zip(chunk) {
                *sum += w * w;
            }
        }
        for (sum, &w) in sums.iter_mut().zip(rest) {
            *sum += w * w;
        }
        sums.iter().map(|&sum| sum.to_f64()).sum()
    })
}

/// Takes the first `count` elements off a slice.
fn split_off<'a, R>(slice: &mut &'a mut [R], count: usize) -> &'a mut [R] {
    let (head, tail) = std::mem::take(slice).split_at_mut(count);
    *slice = tail;
    head
}

fn pair<'py, R: Precision>(py: Python<'py>, work: &Work<R>) -> PyResult<Bound<'py, PyAny>> {
    let first = work.first.clone().into_pyarray(py);
    let second = work.second.clone().into_pyarray(py);
    Ok((first, second).into_pyobject(py)?.into_any())
}
