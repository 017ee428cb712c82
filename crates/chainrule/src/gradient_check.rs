//! Central differences against the very code path that trains.
//!
//! The derivative of the loss by each parameter, as [`BatchGradient::loss_and_gradients`] gives it, stands beside the
//! difference quotient of
//! [`BatchGradient::loss`]: the same blocks, layers, loss, weights and penalty. In `f64` the two agree to about nine
//! digits.
//!
//! # How kinks are avoided
//!
//! A difference quotient across a kink (of ReLU, LeakyReLU, the mean absolute error, Huber's and the pinball loss, and
//! of the deviances where they go over into their tangents) compares two different smooth functions. So each quotient
//! is taken with a step for which every `z` and every raw output stays on its smooth piece at all four points (one that
//! crossed and came back between two of them would go unseen). The step is made ten times smaller, twice, to find one;
//! a coordinate that has none is not checked but counted in [`ParameterCheck::skipped`], and the report shows the
//! count.

use std::fmt;

use crate::neural_networks::{Parameter, Pass, SimpleNeuralNetwork, Workspace};
use crate::training::{BatchGradient, Dataset};

/// The steps that are tried, largest first, for a parameter of size 1; larger parameters take proportionally larger
/// ones.
///
/// With `h = 1e-3` the fourth-order quotient errs by about `h⁴ C⁽⁵⁾/30 ≈ 1e-13 C⁽⁵⁾` and rounding by about
/// `1e-16 C/h = 1e-13 C`.
const STEPS: [f64; 3] = [1e-3, 1e-4, 1e-5];

/// Derivatives below this fraction of the network's largest are compared on that scale: their own digits drown in the
/// loss's rounding.
const SCALE_FLOOR: f64 = 1e-3;

/// The largest relative error that rounding explains, and by far: any wrong formula gives a larger one.
pub const LARGEST_ROUNDING: f64 = 1e-6;

/// The comparison for one parameter, such as `W` of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterCheck {
    /// Which.
    pub parameter: Parameter,
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
    /// One entry per parameter, in their order.
    pub parameters: Vec<ParameterCheck>,
}

impl GradientReport {
    /// The largest relative error of all parameters. It is infinite if nothing could be compared: such a check must
    /// fail.
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
                p.parameter.layer,
                p.parameter.name,
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

/// Compares every derivative of the loss of `data` (all its rows as one batch, with an L2 penalty of `λ`) with a
/// central difference.     (G1)
pub fn gradient_check(
    network: &SimpleNeuralNetwork<f64>,
    data: &Dataset<f64>,
    l2_penalty: f64,
) -> GradientReport {
    sampled_gradient_check(network, data, l2_penalty, usize::MAX)
}

/// The same for at most `most` derivatives of each parameter, evenly spread over it: those of a large network would
/// take minutes.
///
/// # Panics
/// If `most` is 0.
pub fn sampled_gradient_check(
    network: &SimpleNeuralNetwork<f64>,
    data: &Dataset<f64>,
    l2_penalty: f64,
    most: usize,
) -> GradientReport {
    let report = stoppable_gradient_check(network, data, l2_penalty, most, || false);
    report.expect("nobody stops it")
}

/// The same, unless `stop` says so between two derivatives: then there is no report.
///
/// # Panics
/// If `most` is 0.
pub fn stoppable_gradient_check(
    network: &SimpleNeuralNetwork<f64>,
    data: &Dataset<f64>,
    l2_penalty: f64,
    most: usize,
    stop: impl FnMut() -> bool,
) -> Option<GradientReport> {
    let rows: Vec<u32> = data.row_numbers().collect();
    let mut gradient = BatchGradient::new(network, data.rows(), l2_penalty);
    gradient.loss_and_gradients(network, data, &rows);
    let derivatives: Vec<Vec<f64>> = gradient.gradients().slices().map(<[f64]>::to_vec).collect();
    let quotients = DifferenceQuotients::new(network, data, l2_penalty);
    compare(&derivatives, network, quotients, most, stop)
}

/// Puts derivatives beside their quotients, at most so many of each parameter, until `stop` says so.
fn compare(
    derivatives: &[Vec<f64>],
    network: &SimpleNeuralNetwork<f64>,
    mut quotients: DifferenceQuotients,
    most: usize,
    mut stop: impl FnMut() -> bool,
) -> Option<GradientReport> {
    let largest = derivatives
        .iter()
        .flatten()
        .fold(f64::MIN_POSITIVE, |m, d| m.max(d.abs()));
    let check = |((parameter, _), derivatives): ((Parameter, _), &Vec<f64>)| {
        let mut check = ParameterCheck {
            parameter,
            checked: 0,
            skipped: 0,
            max_absolute_error: 0.0,
            max_relative_error: 0.0,
        };
        let step = derivatives.len().div_ceil(most).max(1);
        for (index, &derivative) in derivatives.iter().enumerate().step_by(step) {
            if stop() {
                return None;
            }
            let Some(quotient) = quotients.of(&parameter, index) else {
                check.skipped += 1;
                continue;
            };
            let error = (derivative - quotient).abs();
            let relative = relative_error(derivative, quotient, largest);
            check.checked += 1;
            check.max_absolute_error = worse(check.max_absolute_error, error);
            check.max_relative_error = worse(check.max_relative_error, relative);
        }
        Some(check)
    };
    let named = network.named_parameters();
    Some(GradientReport {
        parameters: named.zip(derivatives).map(check).collect::<Option<_>>()?,
    })
}

/// `|derivative − quotient|` relative to the larger of the two, or to a thousandth of `largest`, the network's largest
/// derivative, where both are small.
pub fn relative_error(derivative: f64, quotient: f64, largest: f64) -> f64 {
    let scale = derivative
        .abs()
        .max(quotient.abs())
        .max(SCALE_FLOOR * largest);
    (derivative - quotient).abs() / scale
}

/// The larger error. `f64::max` would drop a NaN, which must fail a check.
fn worse(worst: f64, error: f64) -> f64 {
    if error.is_nan() || error > worst {
        error
    } else {
        worst
    }
}

/// Difference quotients of the loss of some rows: a copy of the network whose parameters are moved one at a time.
pub struct DifferenceQuotients<'a> {
    network: SimpleNeuralNetwork<f64>,
    pieces: Pieces,
    gradient: BatchGradient<f64>,
    data: Dataset<'a, f64>,
    rows: Vec<u32>,
}

impl<'a> DifferenceQuotients<'a> {
    /// Of the loss of `data` (all its rows as one batch, with an L2 penalty of `λ`).
    pub fn new(
        network: &SimpleNeuralNetwork<f64>,
        data: &Dataset<'a, f64>,
        l2_penalty: f64,
    ) -> Self {
        DifferenceQuotients {
            network: network.clone(),
            pieces: Pieces::new(network, data),
            gradient: BatchGradient::new(network, data.rows(), l2_penalty),
            data: *data,
            rows: data.row_numbers().collect(),
        }
    }

    /// The quotient of value `index` of a parameter of the network, or `None` where every step crosses a kink.
    ///
    /// It is `[8 (C(p+h) − C(p−h)) − (C(p+2h) − C(p−2h))] / 12h`: two central differences combined so that their `h²`
    /// errors cancel (Richardson 1911). At each of the four points one forward pass looks for kinks and one takes the
    /// loss.     (G1)
    pub fn of(&mut self, parameter: &Parameter, index: usize) -> Option<f64> {
        let p = *self.value(parameter, index);
        let quotient = STEPS.iter().find_map(|step| {
            let h = step * p.abs().max(1.0);
            let mut loss_at = |offset: f64| {
                *self.value(parameter, index) = p + offset;
                let same = self.pieces.unchanged(&self.network, &self.data);
                same.then(|| self.gradient.loss(&self.network, &self.data, &self.rows))
            };
            let near = loss_at(h)? - loss_at(-h)?;
            let far = loss_at(2.0 * h)? - loss_at(-2.0 * h)?;
            Some((8.0 * near - far) / (12.0 * h)) // (G1)
        });
        *self.value(parameter, index) = p;
        quotient
    }

    fn value(&mut self, parameter: &Parameter, index: usize) -> &mut f64 {
        let mut named = self.network.named_parameters_mut();
        let found = named.find(|(other, _)| other == parameter);
        let (_, values) = found.expect("a parameter of this network");
        &mut values[index]
    }
}

/// On which smooth piece of its function every `z` and every raw output lies.
struct Pieces {
    workspace: Workspace<f64>,
    at_start: Vec<i8>,
}

impl Pieces {
    fn new(network: &SimpleNeuralNetwork<f64>, data: &Dataset<f64>) -> Self {
        let mut pieces = Pieces {
            workspace: Workspace::new(network, data.x().rows()),
            at_start: Vec::new(),
        };
        pieces.at_start = pieces.of(network, data).collect();
        pieces
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
        let pass = Pass::prepared(network, data.x().layout());
        pass.forward(data.x(), &mut self.workspace);
        let n = data.x().rows();
        let layers = network.hidden().iter().zip(&self.workspace.hidden);
        let activations = layers.flat_map(move |(layer, state)| {
            let z = state.z(n).into_iter();
            z.map(|&z| layer.activation.piece(z))
        });
        let y_hat = self.workspace.out.y_hat(n).into_iter();
        let losses = y_hat
            .zip(data.y())
            .map(move |(&y_hat, &y)| network.loss().piece(y_hat, y));
        activations.chain(losses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation_functions::Activation;
    use crate::loss_functions::Loss;
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
        let mut gradient = BatchGradient::new(&network, 2, 0.0);
        gradient.loss_and_gradients(&network, &data, &[0, 1]);
        let slices = gradient.gradients().slices();
        let mut derivatives: Vec<Vec<f64>> = slices.map(<[f64]>::to_vec).collect();
        let compared = |derivatives: &[Vec<f64>]| {
            let quotients = DifferenceQuotients::new(&network, &data, 0.0);
            compare(derivatives, &network, quotients, usize::MAX, || false).unwrap()
        };
        assert!(compared(&derivatives).max_relative_error() < 1e-9);

        // The third bias of the hidden layer off by one part in a thousand.
        derivatives[1][2] *= 1.001;
        let report = compared(&derivatives);
        for check in &report.parameters {
            let expected = match (check.parameter.layer, check.parameter.name) {
                (0, "b") => 1e-3,
                _ => 0.0,
            };
            let error = check.max_relative_error;
            assert!((error - expected).abs() < 1e-5, "{report}");
        }

        derivatives[1][2] = f64::NAN;
        assert!(compared(&derivatives).max_relative_error().is_nan());
    }

    #[test]
    fn a_check_that_is_stopped_computes_no_further_derivative() {
        let network = SimpleNeuralNetwork::builder(2)
            .dense(3, Activation::Tanh)
            .out(1)
            .build(1);
        let (x, y) = (array![[0.5, -1.0]], array![[1.0]]);
        let data = Dataset::new(x.view(), y.view(), None);
        let mut asked = 0;
        let stop = || {
            asked += 1;
            asked == 5
        };
        let report = stoppable_gradient_check(&network, &data, 0.0, usize::MAX, stop);
        assert!(report.is_none());
        assert_eq!(asked, 5);
    }

    #[test]
    fn a_sample_is_spread_over_each_parameter() {
        let builder = SimpleNeuralNetwork::builder(3);
        let network = builder.dense(8, Activation::Tanh).out(1).build(1);
        let (x, y) = (array![[0.5, -1.0, 2.0]], array![[1.0]]);
        let data = Dataset::new(x.view(), y.view(), None);
        let checked = |most: usize| -> Vec<usize> {
            let report = sampled_gradient_check(&network, &data, 0.0, most);
            report
                .parameters
                .iter()
                .map(|check| check.checked)
                .collect()
        };
        assert_eq!(checked(usize::MAX), [24, 8, 8, 1]);
        assert_eq!(checked(5), [5, 4, 4, 1]);
    }

    #[test]
    fn the_bounds_of_the_log_link_are_no_place_for_a_quotient() {
        // Beyond 40 a deviance is its tangent: a raw output of 40 is a kink for the out layer's bias.
        let mut network = SimpleNeuralNetwork::builder(1)
            .loss(Loss::PoissonDeviance)
            .build(1);
        let out = network.affine_maps_mut().next().unwrap();
        (out.w[[0, 0]], out.b[0]) = (0.0, 40.0);
        let (x, y) = (array![[1.0]], array![[2.0]]);
        let data = Dataset::new(x.view(), y.view(), None);
        assert_eq!(gradient_check(&network, &data, 0.0).skipped(), 2);
    }
}
