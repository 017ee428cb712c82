//! Central differences against the very code path that trains.
//!
//! The derivative of the loss by each parameter, as [`BatchGradient::loss_and_gradients`] gives it, stands beside the difference quotient of
//! [`BatchGradient::loss`]: the same blocks, layers, loss, weights and penalty. In `f64` the two agree to about nine digits.
//!
//! # How kinks are avoided
//!
//! A difference quotient across a kink (of ReLU, LeakyReLU, the mean absolute error, Huber's and the pinball loss) compares two
//! different smooth functions. So each quotient is taken with a step for which every such `z` and every residual is on its side at all four
//! points (one that crossed and came back between two of them would go unseen). The step is made ten times smaller, twice, to find one; a coordinate that has none is not checked but counted in
//! [`ParameterCheck::skipped`], and the report shows the count.

use std::fmt;

use crate::activation_functions::Activation;
use crate::loss_functions::Loss;
use crate::neural_networks::{SimpleNeuralNetwork, Workspace};
use crate::training::{BatchGradient, Dataset};

/// The steps that are tried, largest first, for a parameter of size 1; larger parameters take proportionally larger ones.
///
/// With `h = 1e-3` the fourth-order quotient errs by about `h⁴ C⁽⁵⁾/30 ≈ 1e-13 C⁽⁵⁾` and rounding by about `1e-16 C/h = 1e-13 C`.
const STEPS: [f64; 3] = [1e-3, 1e-4, 1e-5];

/// Derivatives below this fraction of the network's largest are compared on that scale: their own digits drown in the loss's rounding.
const SCALE_FLOOR: f64 = 1e-3;

/// The comparison for one `W` or `b`.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterCheck {
    /// The layer, counted from 0; the out layer is the last.
    pub layer: usize,
    /// `"W"` or `"b"`.
    pub parameter: &'static str,
    /// How many derivatives were compared.
    pub checked: usize,
    /// How many were not, because a kink lay within the smallest step.
    pub skipped: usize,
    /// The largest `|derivative − quotient|`.
    pub max_absolute_error: f64,
    /// The largest `|derivative − quotient| / max(|derivative|, |quotient|, 0.001 · the network's largest)`.
    pub max_relative_error: f64,
}

/// The comparison for every parameter of a network. `Display` shows it as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientReport {
    /// One entry per `W` and `b`, in order.
    pub parameters: Vec<ParameterCheck>,
}

impl GradientReport {
    /// The largest relative error of all parameters; infinite if nothing could be compared, so that no check passes by not happening.
    pub fn max_relative_error(&self) -> f64 {
        if self.checked() == 0 {
            return f64::INFINITY;
        }
        self.parameters
            .iter()
            .map(|p| p.max_relative_error)
            .fold(0.0, worse)
    }

    /// How many derivatives were compared.
    pub fn checked(&self) -> usize {
        self.parameters.iter().map(|p| p.checked).sum()
    }

    /// How many derivatives were not compared, because a kink lay too near.
    pub fn skipped(&self) -> usize {
        self.parameters.iter().map(|p| p.skipped).sum()
    }
}

impl fmt::Display for GradientReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "layer  parameter  checked  skipped  max absolute error  max relative error"
        )?;
        for p in &self.parameters {
            writeln!(
                f,
                "{:<5}  {:<9}  {:>7}  {:>7}  {:>18.1e}  {:>18.1e}",
                p.layer,
                p.parameter,
                p.checked,
                p.skipped,
                p.max_absolute_error,
                p.max_relative_error
            )?;
        }
        write!(
            f,
            "{} derivatives compared, {} skipped at kinks, largest relative error {:.1e}",
            self.checked(),
            self.skipped(),
            self.max_relative_error()
        )
    }
}

/// Compares every derivative of the loss of `data` (all its rows as one batch, with an L2 penalty of `λ`) with a central difference.     (G1)
///
/// The quotient is `[8 (C(p+h) − C(p−h)) − (C(p+2h) − C(p−2h))] / 12h`: two central differences combined so that their `h²` errors
/// cancel (Richardson 1911). It costs four forward passes a parameter.
pub fn gradient_check(
    network: &SimpleNeuralNetwork<f64>,
    data: &Dataset<f64>,
    l2_penalty: f64,
) -> GradientReport {
    let rows: Vec<u32> = (0..data.rows() as u32).collect();
    let mut gradient = BatchGradient::new(network, data.rows(), l2_penalty);
    gradient.loss_and_gradients(network, data, &rows);
    let derivatives: Vec<Vec<f64>> = gradient.gradients().slices().map(<[f64]>::to_vec).collect();
    let sides = Sides::new(network, data);
    let probe = Probe {
        network: network.clone(),
        sides,
        gradient,
        data: *data,
        rows,
    };
    compare(&derivatives, probe)
}

/// Puts each derivative beside its quotient.
fn compare(derivatives: &[Vec<f64>], mut probe: Probe) -> GradientReport {
    let largest = derivatives
        .iter()
        .flatten()
        .fold(f64::MIN_POSITIVE, |m, d| m.max(d.abs()));
    let check = |(tensor, derivatives): (usize, &Vec<f64>)| {
        let mut check = ParameterCheck {
            layer: tensor / 2,
            parameter: if tensor.is_multiple_of(2) { "W" } else { "b" },
            checked: 0,
            skipped: 0,
            max_absolute_error: 0.0,
            max_relative_error: 0.0,
        };
        for (index, &derivative) in derivatives.iter().enumerate() {
            let Some(quotient) = probe.quotient(tensor, index) else {
                check.skipped += 1;
                continue;
            };
            let error = (derivative - quotient).abs();
            let scale = derivative
                .abs()
                .max(quotient.abs())
                .max(SCALE_FLOOR * largest);
            check.checked += 1;
            check.max_absolute_error = worse(check.max_absolute_error, error);
            check.max_relative_error = worse(check.max_relative_error, error / scale);
        }
        check
    };
    GradientReport {
        parameters: derivatives.iter().enumerate().map(check).collect(),
    }
}

/// The larger error. `f64::max` would drop a NaN, which must fail a check.
fn worse(worst: f64, error: f64) -> f64 {
    if error.is_nan() || error > worst {
        error
    } else {
        worst
    }
}

/// A copy of the network whose parameters are moved one at a time.
struct Probe<'a> {
    network: SimpleNeuralNetwork<f64>,
    sides: Sides,
    gradient: BatchGradient<f64>,
    data: Dataset<'a, f64>,
    rows: Vec<u32>,
}

impl Probe<'_> {
    /// The difference quotient of one parameter, or `None` where every step crosses a kink.
    fn quotient(&mut self, tensor: usize, index: usize) -> Option<f64> {
        let p = *self.parameter(tensor, index);
        let quotient = STEPS.iter().find_map(|step| {
            let h = step * p.abs().max(1.0);
            let mut loss_at = |offset: f64| {
                *self.parameter(tensor, index) = p + offset;
                let same_side = self.sides.unchanged(&self.network, &self.data);
                same_side.then(|| self.gradient.loss(&self.network, &self.data, &self.rows))
            };
            let near = loss_at(h)? - loss_at(-h)?;
            let far = loss_at(2.0 * h)? - loss_at(-2.0 * h)?;
            Some((8.0 * near - far) / (12.0 * h)) // (G1)
        });
        *self.parameter(tensor, index) = p;
        quotient
    }

    fn parameter(&mut self, tensor: usize, index: usize) -> &mut f64 {
        &mut self
            .network
            .parameters_mut()
            .nth(tensor)
            .expect("one slice per W and b")[index]
    }
}

/// On which side of its kink every `z` and every residual lies.
struct Sides {
    workspace: Workspace<f64>,
    at_start: Vec<i8>,
}

impl Sides {
    fn new(network: &SimpleNeuralNetwork<f64>, data: &Dataset<f64>) -> Self {
        let mut sides = Sides {
            workspace: Workspace::new(network, data.rows()),
            at_start: Vec::new(),
        };
        sides.at_start = sides.of(network, data).collect();
        sides
    }

    fn unchanged(&mut self, network: &SimpleNeuralNetwork<f64>, data: &Dataset<f64>) -> bool {
        let at_start = std::mem::take(&mut self.at_start);
        let unchanged = self.of(network, data).eq(at_start.iter().copied());
        self.at_start = at_start;
        unchanged
    }

    fn of<'a>(
        &'a mut self,
        network: &'a SimpleNeuralNetwork<f64>,
        data: &'a Dataset<f64>,
    ) -> impl Iterator<Item = i8> + 'a {
        network.forward(data.x(), &mut self.workspace);
        let n = data.rows();
        let kinked = network
            .hidden()
            .iter()
            .zip(&self.workspace.hidden)
            .filter(|(layer, _)| has_kink(layer.activation));
        let activations =
            kinked.flat_map(move |(_, state)| state.z(n).into_iter().map(|&z| i8::from(z > 0.0)));
        let y_hat = self.workspace.out.y_hat(n).into_iter();
        let residuals = y_hat
            .zip(data.y())
            .map(move |(&y_hat, &y)| side_of_residual(network.loss(), y_hat - y));
        activations.chain(residuals)
    }
}

fn has_kink(activation: Activation) -> bool {
    matches!(activation, Activation::ReLU | Activation::LeakyReLU { .. })
}

/// Which smooth piece of the loss a residual `ŷ − y` lies on.
fn side_of_residual(loss: Loss, residual: f64) -> i8 {
    match loss {
        Loss::MeanAbsoluteError | Loss::Pinball { .. } => i8::from(residual > 0.0),
        Loss::Huber { delta } => i8::from(residual > delta) - i8::from(residual < -delta),
        Loss::MeanSquareError | Loss::PoissonDeviance | Loss::GammaDeviance => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural_networks::Init;
    use ndarray::array;

    #[test]
    fn a_wrong_derivative_is_reported_where_it_stands() {
        let network = SimpleNeuralNetwork::from_widths(
            &[2, 3, 1],
            Activation::Tanh,
            Loss::MeanSquareError,
            Init::He,
            1,
        );
        let (x, y) = (array![[0.5, -1.0], [1.5, 0.25]], array![[1.0], [-1.0]]);
        let data = Dataset::new(x.view(), y.view(), None);
        let probe = || Probe {
            network: network.clone(),
            sides: Sides::new(&network, &data),
            gradient: BatchGradient::new(&network, 2, 0.0),
            data,
            rows: vec![0, 1],
        };
        let mut right = probe();
        right.gradient.loss_and_gradients(&network, &data, &[0, 1]);
        let mut derivatives: Vec<Vec<f64>> = right
            .gradient
            .gradients()
            .slices()
            .map(<[f64]>::to_vec)
            .collect();
        assert!(compare(&derivatives, probe()).max_relative_error() < 1e-9);

        // The third bias of the hidden layer off by one part in a thousand.
        derivatives[1][2] *= 1.001;
        let report = compare(&derivatives, probe());
        assert!(
            (report.parameters[1].max_relative_error - 1e-3).abs() < 1e-5,
            "{report}"
        );
        assert!(
            report
                .parameters
                .iter()
                .enumerate()
                .all(|(p, c)| p == 1 || c.max_relative_error < 1e-9)
        );

        derivatives[1][2] = f64::NAN;
        assert!(compare(&derivatives, probe()).max_relative_error().is_nan());
    }
}
