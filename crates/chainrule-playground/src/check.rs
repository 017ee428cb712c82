//! The gradient check: each derivative beside its difference quotient, and where a planted mistake shows.

use chainrule::gradient_check::{DifferenceQuotients, LARGEST_ROUNDING, relative_error};
use chainrule::neural_networks::{Parameter, SimpleNeuralNetwork};
use chainrule::training::{BatchGradient, Dataset};
use ndarray::{Array2, Axis};
use serde::Serialize;

use crate::mistakes::{self, Mistake};
use crate::numbers::short;
use crate::session::Session;

/// So many rows of the next batch are checked.
const MOST_ROWS: usize = 64;
/// So many derivatives of each parameter are checked, evenly spread over it.
const MOST_ENTRIES: usize = 48;
/// The step of the check of a training step, relative to the gradient's length.
const SMALL_STEP: f64 = 1e-4;

/// What the check found.
#[derive(Debug, Serialize)]
pub struct Check {
    /// How many rows it was made on.
    rows: usize,
    /// One for each parameter, in their order.
    parameters: Vec<ParameterCheck>,
    /// How the cost changes along the step.
    step: StepCheck,
    /// Whether derivatives and step are as they should be.
    passed: bool,
    /// What follows, in a sentence or two.
    verdict: String,
}

/// Some derivatives of one parameter beside their quotients.
#[derive(Debug, Serialize)]
struct ParameterCheck {
    name: &'static str,
    layer: usize,
    shape: Vec<usize>,
    entries: Vec<EntryCheck>,
    /// The largest relative error.
    worst: f64,
    wrong: bool,
}

/// One derivative beside its quotient.
#[derive(Debug, Serialize)]
struct EntryCheck {
    index: usize,
    derivative: f64,
    /// None where a kink lies too near.
    quotient: Option<f64>,
    wrong: bool,
}

/// How the cost changes if the parameters go a tiny way along the step.
#[derive(Debug, Serialize)]
struct StepCheck {
    /// By the gradient.
    expected: f64,
    /// By two costs.
    found: f64,
    wrong: bool,
}

impl Session {
    /// Checks the gradients of the next batch, with a mistake planted or without.
    pub fn check(&self, mistake: Option<Mistake>) -> Result<Check, String> {
        let rows = self.next_batch().into_iter().take(MOST_ROWS);
        let rows: Vec<usize> = rows.map(|row| row as usize).collect();
        let x = self.x.select(Axis(0), &rows).mapv(f64::from);
        let y = self.y.select(Axis(0), &rows).mapv(f64::from);
        let network: SimpleNeuralNetwork<f64> = self.trainer.network().cast();
        let l2_penalty = self.trainer.settings().l2_penalty;
        let data = Dataset::new(x.view(), y.view(), None);
        let derivatives = match mistake {
            None | Some(Mistake::Uphill) => of_the_core(&network, &data, l2_penalty),
            Some(_) => mistakes::gradients(&network, &x, &y, l2_penalty, mistake)?,
        };
        let largest = derivatives
            .iter()
            .flatten()
            .fold(f64::MIN_POSITIVE, |m, d| m.max(d.abs()));
        let mut quotients = DifferenceQuotients::new(&network, &data, l2_penalty);
        let named: Vec<Parameter> = network.architecture().parameters().collect();
        let parameters: Vec<ParameterCheck> = named
            .iter()
            .zip(&derivatives)
            .map(|(parameter, derivatives)| {
                compare(parameter, derivatives, largest, |index| {
                    quotients.of(parameter, index)
                })
            })
            .collect();
        let sign = if mistake == Some(Mistake::Uphill) {
            1.0
        } else {
            -1.0
        };
        let step = along_the_step(&network, &x, &y, l2_penalty, &derivatives, sign);
        let passed = !step.wrong && parameters.iter().all(|parameter| !parameter.wrong);
        Ok(Check {
            rows: rows.len(),
            verdict: verdict(&parameters, &step),
            parameters,
            step,
            passed,
        })
    }
}

/// The gradients that the training uses.
fn of_the_core(
    network: &SimpleNeuralNetwork<f64>,
    data: &Dataset<f64>,
    l2_penalty: f64,
) -> Vec<Vec<f64>> {
    let rows: Vec<u32> = data.row_numbers().collect();
    let mut gradient = BatchGradient::new(network, rows.len(), l2_penalty);
    gradient.loss_and_gradients(network, data, &rows);
    gradient.gradients().slices().map(<[f64]>::to_vec).collect()
}

fn compare(
    parameter: &Parameter,
    derivatives: &[f64],
    largest: f64,
    mut quotient: impl FnMut(usize) -> Option<f64>,
) -> ParameterCheck {
    let every = derivatives.len().div_ceil(MOST_ENTRIES).max(1);
    let mut worst = 0.0_f64;
    let entry = |(index, &derivative): (usize, &f64)| {
        let quotient = quotient(index);
        let error = quotient.map_or(0.0, |quotient| {
            relative_error(derivative, quotient, largest)
        });
        worst = worst.max(error);
        EntryCheck {
            index,
            derivative,
            quotient,
            wrong: is_wrong(error),
        }
    };
    let entries: Vec<EntryCheck> = derivatives
        .iter()
        .enumerate()
        .step_by(every)
        .map(entry)
        .collect();
    ParameterCheck {
        name: parameter.name,
        layer: parameter.layer,
        shape: parameter.shape.to_vec(),
        wrong: entries.iter().any(|entry| entry.wrong),
        entries,
        worst,
    }
}

/// Written so that a NaN is wrong.
fn is_wrong(error: f64) -> bool {
    !matches!(
        error.partial_cmp(&LARGEST_ROUNDING),
        Some(std::cmp::Ordering::Less | std::cmp::Ordering::Equal)
    )
}

/// Goes a tiny way along the step: a gradient g promises that the cost changes by −η g·g.
fn along_the_step(
    network: &SimpleNeuralNetwork<f64>,
    x: &Array2<f64>,
    y: &Array2<f64>,
    l2_penalty: f64,
    derivatives: &[Vec<f64>],
    sign: f64,
) -> StepCheck {
    let data = Dataset::new(x.view(), y.view(), None);
    let rows: Vec<u32> = data.row_numbers().collect();
    let mut gradient = BatchGradient::new(network, rows.len(), l2_penalty);
    let direction: Vec<f64> = derivatives.iter().flatten().copied().collect();
    let square: f64 = direction.iter().map(|g| g * g).sum();
    let rate = SMALL_STEP / square.sqrt().max(f64::MIN_POSITIVE);
    let mut cost = |way: f64| {
        let mut moved = network.clone();
        let start = network.flat_parameters();
        let moved_to: Vec<f64> = start
            .iter()
            .zip(&direction)
            .map(|(p, g)| p + way * rate * g)
            .collect();
        moved.set_flat_parameters(&moved_to);
        gradient.loss(&moved, &data, &rows)
    };
    let (expected, found) = (-rate * square, 0.5 * (cost(sign) - cost(-sign)));
    StepCheck {
        expected,
        found,
        // A kink on the way makes the two differ by little; a wrong sign makes them opposite.
        wrong: found * expected < 0.0,
    }
}

/// Where the mistake lies, as far as the derivatives tell.
fn verdict(parameters: &[ParameterCheck], step: &StepCheck) -> String {
    let checked: usize = parameters.iter().map(|p| p.entries.len()).sum();
    let worst = parameters.iter().map(|p| p.worst).fold(0.0, f64::max);
    let wrong: Vec<&ParameterCheck> = parameters
        .iter()
        .filter(|parameter| parameter.wrong)
        .collect();
    let Some(highest) = wrong.iter().map(|parameter| parameter.layer).max() else {
        return match step.wrong {
            false => format!(
                "All {checked} derivatives agree with their difference quotients: the largest relative error is {}.",
                short(worst)
            ),
            true => "All derivatives are right, and yet the cost rises along the step: its sign is wrong. Look at O1.".to_owned(),
        };
    };
    let last = parameters
        .iter()
        .map(|parameter| parameter.layer)
        .max()
        .unwrap_or(0);
    let whole = |layer: usize| {
        parameters
            .iter()
            .filter(|p| p.layer == layer)
            .all(|p| p.wrong)
    };
    let names = |layer: usize| -> Vec<&str> {
        wrong
            .iter()
            .filter(|p| p.layer == layer)
            .map(|p| p.name)
            .collect()
    };
    let place = if highest == last {
        "the out layer".to_owned()
    } else {
        format!("layer {}", highest + 1)
    };
    let only_one = !whole(highest);
    match (only_one, highest == last) {
        (true, _) => format!(
            "∂C/∂{} of {place} is wrong, and its neighbour is right: the mistake is in {}.",
            names(highest).join(" and ∂C/∂"),
            if names(highest) == ["W"] { "B2" } else { "B3" }
        ),
        (false, true) => "∂C/∂W and ∂C/∂b are wrong from the out layer on: the mistake is in what all layers share, L0, B2 or B3."
            .to_owned(),
        (false, false) => format!(
            "The layers above {place} are right, and from {place} on down all is wrong: the mistake lies on the way between, in B4 or B1."
        ),
    }
}
