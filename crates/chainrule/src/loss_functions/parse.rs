//! The text form of a loss function: `Display`, `FromStr` and the errors that help to correct a typing mistake.

use std::fmt;
use std::str::FromStr;

use super::Loss;
use crate::text_form::{means, name_and_parameter, ours};

/// Short names, and what other libraries call them: scikit-learn, Keras, PyTorch and LightGBM.
const SYNONYMS: [(&str, &str); 12] = [
    ("mse", "mean_square_error"),
    ("mae", "mean_absolute_error"),
    ("poisson", "poisson_deviance"),
    ("gamma", "gamma_deviance"),
    ("mean_squared_error", "mean_square_error"),
    ("squared_error", "mean_square_error"),
    ("l2", "mean_square_error"),
    ("absolute_error", "mean_absolute_error"),
    ("l1", "mean_absolute_error"),
    ("quantile", "pinball"),
    ("mean_poisson_deviance", "poisson_deviance"),
    ("mean_gamma_deviance", "gamma_deviance"),
];

/// Why a text names no loss function.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ParseLossError {
    /// The name is not one of the known ones.
    #[error("\"{found}\" is not a loss function; choose one of {}", names())]
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
    /// Huber's δ is not a positive, finite number.
    #[error("\"{found}\": huber's delta must be a finite number above 0, as in huber(1.5)")]
    BadDelta {
        /// The whole text.
        found: String,
    },
    /// The pinball loss's level τ is missing or not between 0 and 1.
    #[error(
        "\"{found}\": pinball needs the level of its quantile, between 0 and 1, as in pinball(0.9)"
    )]
    BadTau {
        /// The whole text.
        found: String,
    },
}

fn names() -> String {
    let names = Loss::ALL.map(|loss| match loss {
        Loss::Pinball { .. } => loss.to_string(), // its level has no usual value
        _ => loss.name().to_owned(),
    });
    format!("{} (short: mse, mae, poisson, gamma)", names.join(", "))
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::Huber { delta } => write!(f, "{}({delta})", self.name()),
            Loss::Pinball { tau } => write!(f, "{}({tau})", self.name()),
            _ => f.write_str(self.name()),
        }
    }
}

impl FromStr for Loss {
    type Err = ParseLossError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = text.to_owned();
        let (name, parameter) = name_and_parameter(text);
        let name = ours(name, &SYNONYMS);
        let mut all = Loss::ALL.into_iter();
        let Some(usual) = all.find(|loss| means(name, loss.name())) else {
            return Err(ParseLossError::UnknownName { found });
        };
        match (usual, parameter.map(str::parse::<f64>)) {
            (Loss::Pinball { .. }, Some(Ok(tau))) if 0.0 < tau && tau < 1.0 => {
                Ok(Loss::Pinball { tau })
            }
            (Loss::Pinball { .. }, _) => Err(ParseLossError::BadTau { found }),
            (usual, None) => Ok(usual),
            (Loss::Huber { .. }, Some(Ok(delta))) if 0.0 < delta && delta.is_finite() => {
                Ok(Loss::Huber { delta })
            }
            (Loss::Huber { .. }, _) => Err(ParseLossError::BadDelta { found }),
            (usual, Some(_)) => Err(ParseLossError::NoParameter {
                found,
                name: usual.name(),
            }),
        }
    }
}
