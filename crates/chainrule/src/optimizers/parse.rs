//! The text form of an optimizer's choice: its name, which stands for the rule with its usual constants.

use std::str::FromStr;

use super::Optimizer;
use crate::text_form::{means, ours};

/// What other libraries call them: PyTorch, Keras and scikit-learn.
const SYNONYMS: [(&str, &str); 2] = [("sgd", "gradient_descent"), ("gd", "gradient_descent")];

/// Why a text names no optimizer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("\"{found}\" is not an optimizer; choose one of {}", names())]
pub struct ParseOptimizerError {
    /// The text.
    pub found: String,
}

fn names() -> String {
    Optimizer::ALL.map(|rule| rule.name()).join(", ")
}

impl FromStr for Optimizer {
    type Err = ParseOptimizerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = ours(text.trim(), &SYNONYMS);
        let mut all = Optimizer::ALL.into_iter();
        all.find(|rule| means(name, rule.name()))
            .ok_or_else(|| ParseOptimizerError {
                found: text.to_owned(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optimizers_are_found_by_the_names_that_people_know() {
        for (rule, names) in [
            (
                Optimizer::GradientDescent,
                ["gradient_descent", "sgd", "SGD", "gradient-descent"],
            ),
            (Optimizer::ADAM, ["adam", "Adam", " ADAM ", "adam"]),
            (Optimizer::ADAM_W, ["adam_w", "adamw", "AdamW", "adam-w"]),
        ] {
            for name in names {
                assert_eq!(name.parse(), Ok(rule), "{name}");
            }
        }
        let told = "rmsprop".parse::<Optimizer>().unwrap_err().to_string();
        assert_eq!(
            told,
            "\"rmsprop\" is not an optimizer; choose one of gradient_descent, momentum, nesterov, adam, adam_w"
        );
    }
}
