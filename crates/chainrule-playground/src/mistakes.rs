//! Classic mistakes in a backward pass, the original notes' among them, planted where the gradient check should find
//! them.
//!
//! A pass with a mistake cannot be the core's. It is the same pass, layer by layer, with one line wrong. Without a
//! mistake it gives the core's gradients, which `the_pass_without_a_mistake_is_the_cores` holds.

use chainrule::loss_functions::mean_factor;
use chainrule::neural_networks::{Pass, SimpleNeuralNetwork, Workspace};
use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

/// A mistake in one equation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mistake {
    /// The gradient of the sum of all rows' losses, for the mean.     (L0)
    ForgottenMean,
    /// Each layer divides by the number of rows once more.     (B2, B3)
    DividedTwice,
    /// The function in the place of its slope: `∂C/∂A ⊙ a(Z)`.     (B1)
    FunctionForSlope,
    /// The slope at `A` in the place of that at `Z`.     (B1)
    SlopeAtA,
    /// `G Wᵀ` for `G W`.     (B4)
    Transpose,
    /// One number for all weights of the out layer.     (B2)
    OneSumForAll,
    /// The bias learns from the first row alone.     (B3)
    BiasOfOneRow,
    /// The step goes uphill: `p ← p + η g`.     (O1)
    Uphill,
}

/// Every mistake with the equation that it stands in and what it writes there.
pub const ALL: [(Mistake, &str, &str); 8] = [
    (
        Mistake::ForgottenMean,
        "L0",
        "1/n is forgotten: ∂C/∂Ŷ = ℓ'(Ŷ, Y)",
    ),
    (
        Mistake::DividedTwice,
        "B2",
        "each layer divides by n once more: ∂C/∂W = Gᵀ X / n",
    ),
    (
        Mistake::FunctionForSlope,
        "B1",
        "the function for its slope: G = ∂C/∂A ⊙ a(Z)",
    ),
    (Mistake::SlopeAtA, "B1", "the slope at A: G = ∂C/∂A ⊙ a'(A)"),
    (
        Mistake::Transpose,
        "B4",
        "a transpose too many: ∂C/∂A = G Wᵀ",
    ),
    (
        Mistake::OneSumForAll,
        "B2",
        "one sum for all weights of the out layer",
    ),
    (
        Mistake::BiasOfOneRow,
        "B3",
        "the bias sees the first row alone: ∂C/∂b = G₁",
    ),
    (Mistake::Uphill, "O1", "the sign of the step: p ← p + η g"),
];

/// The gradients, row-major, in the order of the network's parameters.
///
/// # Errors
/// If the mistake asks for a product that does not exist: shapes find it before any check.
pub fn gradients(
    network: &SimpleNeuralNetwork<f64>,
    x: &Array2<f64>,
    y: &Array2<f64>,
    l2_penalty: f64,
    mistake: Option<Mistake>,
) -> Result<Vec<Vec<f64>>, String> {
    if mistake == Some(Mistake::Transpose) {
        expect_square(network)?;
    }
    let n = x.nrows();
    let is = |one: Mistake| mistake == Some(one);
    let (pass, mut workspace) = (Pass::new(network), Workspace::new(network, n));
    pass.forward(x.view(), &mut workspace);
    let targets: Vec<f64> = y.iter().copied().collect();
    let (y_hat, dc_dy_hat) = workspace.out.loss_slices(n);
    let factor = match is(Mistake::ForgottenMean) {
        true => 1.0,
        false => mean_factor(network.outputs(), n as f64), // (L0)
    };
    network
        .loss()
        .sum_and_gradient(y_hat, &targets, network.outputs(), None, factor, dc_dy_hat);

    let maps: Vec<_> = network.affine_maps().collect();
    let mut g = workspace.out.dc_dy_hat(n).to_owned();
    let mut slices = Vec::new();
    for (l, affine) in maps.iter().enumerate().rev() {
        if let Some(dense) = network.hidden().get(l) {
            let (z, a) = (workspace.hidden[l].z(n), workspace.hidden[l].a(n));
            let slope = |z: f64, a: f64| match mistake {
                Some(Mistake::FunctionForSlope) => a,
                Some(Mistake::SlopeAtA) => dense.activation.derivative(a),
                _ => dense.activation.derivative(z), // (B1)
            };
            g = Array2::from_shape_fn(g.dim(), |at| g[at] * slope(z[at], a[at]));
        }
        let input = workspace.input(l, x.view());
        let mut dc_dw = g.t().dot(&input); // (B2)
        let mut dc_db: Array1<f64> = g.sum_axis(Axis(0)); // (B3)
        if is(Mistake::OneSumForAll) && l + 1 == maps.len() {
            let sum = dc_dw.sum();
            dc_dw.fill(sum);
        }
        if is(Mistake::BiasOfOneRow) {
            dc_db.assign(&g.row(0));
        }
        if is(Mistake::DividedTwice) {
            (dc_dw, dc_db) = (dc_dw / n as f64, dc_db / n as f64);
        }
        dc_dw += &(&affine.w * l2_penalty); // (L7)
        slices.push(dc_db.to_vec());
        slices.push(dc_dw.iter().copied().collect());
        if l > 0 {
            let is_square = affine.w.nrows() == affine.w.ncols();
            g = match is(Mistake::Transpose) && is_square {
                true => g.dot(&affine.w.t()),
                false => g.dot(&affine.w), // (B4)
            };
        }
    }
    slices.reverse();
    Ok(slices)
}

/// Says where `G Wᵀ` does not exist, unless some layer above the first has as many neurons as inputs: there it goes
/// unseen.
fn expect_square(network: &SimpleNeuralNetwork<f64>) -> Result<(), String> {
    let above: Vec<_> = network
        .affine_maps()
        .skip(1)
        .map(|affine| affine.w.dim())
        .collect();
    match above.first() {
        _ if above.iter().any(|(o, i)| o == i) => Ok(()),
        None => Err("a network of one layer hands nothing down: there is no B4 in it".to_owned()),
        Some((o, i)) => Err(format!(
            "G (n, {o}) times Wᵀ ({i}, {o}) does not exist: here the shapes find the mistake before any check. Give two layers \
             that follow each other as many neurons, and only the check finds it"
        )),
    }
}
