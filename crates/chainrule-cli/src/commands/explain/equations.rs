//! The formulas of activations and losses as text, with their numbers in docs/backpropagation.md.

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;

/// The number and the formula of `a(z)`.
pub fn of_activation(activation: Activation) -> (&'static str, String) {
    let (number, formula) = match activation {
        Activation::ReLU => ("A1", "max(0, z)"),
        Activation::LeakyReLU { leakiness } => {
            return ("A2", format!("z for z > 0, else {leakiness} z"));
        }
        Activation::Identity => ("A3", "z"),
        Activation::Tanh => ("A4", "tanh z"),
        Activation::Sigmoid => ("A5", "1 / (1 + e^−z)"),
        Activation::Gelu => ("A6", "z/2 (1 + erf(z/√2))"),
        Activation::SiLU => ("A7", "z / (1 + e^−z)"),
        Activation::Mish => ("A8", "z tanh(ln(1 + e^z))"),
        Activation::Softplus => ("A9", "ln(1 + e^z)"),
    };
    (number, formula.to_string())
}

/// The number, the formula of `ℓ(ŷ, y)` and that of its derivative by `ŷ`.
pub fn of_loss(loss: Loss) -> (&'static str, String, String) {
    let (number, value, derivative) = match loss {
        Loss::MeanSquareError => ("L1", "(ŷ − y)²", "2 (ŷ − y)"),
        Loss::MeanAbsoluteError => ("L2", "|ŷ − y|", "sign(ŷ − y)"),
        Loss::Huber { delta } => {
            let value =
                format!("½ e² for |e| ≤ {delta}, else {delta} (|e| − ½ {delta}), e = ŷ − y");
            return ("L3", value, format!("e, held between −{delta} and {delta}"));
        }
        Loss::Pinball { tau } => {
            let value = format!("max({tau} (y − ŷ), ({tau} − 1) (y − ŷ))");
            return (
                "L4",
                value,
                format!("1 − {tau} for ŷ > y, −{tau} for ŷ < y"),
            );
        }
        Loss::PoissonDeviance => ("L5", "2 (y ln(y/μ) − (y − μ)), μ = e^ŷ", "2 (μ − y)"),
        Loss::GammaDeviance => ("L6", "2 (−ln(y/μ) + (y − μ)/μ), μ = e^ŷ", "2 (1 − y/μ)"),
    };
    (number, value.to_string(), derivative.to_string())
}
