//! The text form of an activation function: `Display`, `FromStr` and the errors that help to correct a typing mistake.

use std::fmt;
use std::str::FromStr;

use super::Activation;
use crate::text_form::{means, name_and_parameter, ours};

/// What other libraries call them: PyTorch and the paper, Keras, scikit-learn.
const SYNONYMS: [(&str, &str); 3] = [
    ("swish", "silu"),
    ("linear", "identity"),
    ("logistic", "sigmoid"),
];

/// Why a text names no activation function.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ParseActivationError {
    /// The name is not one of the known ones.
    #[error("\"{found}\" is not an activation function; choose one of {}", names())]
    UnknownName {
        /// The whole text.
        found: String,
    },
    /// A parameter was given to a function that has none.
    #[error("\"{found}\": {name} takes no parameter; write {name}")]
    NoParameter {
        /// The whole text.
        found: String,
        /// The name of the function.
        name: &'static str,
    },
    /// The leakiness is not a finite number.
    #[error("\"{found}\": the leakiness must be a finite number, as in leaky_relu(0.01)")]
    BadLeakiness {
        /// The whole text.
        found: String,
    },
}

fn names() -> String {
    Activation::ALL
        .map(|activation| activation.name())
        .join(", ")
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Activation::LeakyReLU { leakiness } => write!(f, "{}({leakiness})", self.name()),
            _ => f.write_str(self.name()),
        }
    }
}

impl FromStr for Activation {
    type Err = ParseActivationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = text.to_owned();
        let (name, parameter) = name_and_parameter(text);
        let name = ours(name, &SYNONYMS);
        let mut all = Activation::ALL.into_iter();
        let Some(usual) = all.find(|a| means(name, a.name())) else {
            return Err(ParseActivationError::UnknownName { found });
        };
        match (usual, parameter) {
            (usual, None) => Ok(usual),
            (Activation::LeakyReLU { .. }, Some(parameter)) => match parameter.parse::<f64>() {
                Ok(leakiness) if leakiness.is_finite() => Ok(Activation::LeakyReLU { leakiness }),
                _ => Err(ParseActivationError::BadLeakiness { found }),
            },
            (usual, Some(_)) => Err(ParseActivationError::NoParameter {
                found,
                name: usual.name(),
            }),
        }
    }
}
