//! How weights and biases are drawn before training.

use crate::Real;
use crate::random::Random;

/// The distribution of the initial parameters of a layer with `i` inputs and `o` outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Init {
    /// `W ~ N(0, 2/i)`, `b = 0` (He et al. 2015): keeps the variance of activations through ReLU layers.     (I1)
    #[default]
    He,
    /// `W ~ U(±√(6/(i+o)))`, `b = 0` (Glorot and Bengio 2010): for activations that are near linear at 0.     (I2)
    Glorot,
    /// `W, b ~ N(0, 1/4)`, whatever the layer's width, as in the notes this project started from.     (I3)
    Notes,
}

impl Init {
    pub(super) fn weight<R: Real>(self, inputs: usize, outputs: usize, random: &mut Random) -> R {
        R::from_f64(match self {
            Init::He => (2.0 / inputs.max(1) as f64).sqrt() * random.normal(), // (I1)
            Init::Glorot => {
                let limit = (6.0 / (inputs + outputs).max(1) as f64).sqrt();
                limit * (2.0 * random.uniform() - 1.0) // (I2)
            }
            Init::Notes => 0.5 * random.normal(), // (I3)
        })
    }

    pub(super) fn bias<R: Real>(self, random: &mut Random) -> R {
        match self {
            Init::He | Init::Glorot => R::zero(),
            Init::Notes => R::from_f64(0.5 * random.normal()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variance(init: Init, inputs: usize, outputs: usize) -> f64 {
        let random = &mut Random::seeded(11);
        let n = 50_000;
        (0..n)
            .map(|_| init.weight::<f64>(inputs, outputs, random).powi(2))
            .sum::<f64>()
            / n as f64
    }

    #[test]
    fn weights_have_the_variance_of_their_definition() {
        for (init, expected) in [
            (Init::He, 2.0 / 8.0),
            (Init::Glorot, 2.0 / (8.0 + 3.0)), // a uniform ±l has variance l²/3
            (Init::Notes, 0.25),
        ] {
            let found = variance(init, 8, 3);
            // Six standard errors of a normal's variance: 6 √(2/n).
            assert!(
                (found / expected - 1.0).abs() < 0.04,
                "{init:?}: {found} is not {expected}"
            );
        }
    }

    #[test]
    fn biases_start_at_zero_except_in_the_notes() {
        let random = &mut Random::seeded(1);
        assert_eq!(Init::He.bias::<f64>(random), 0.0);
        assert_eq!(Init::Glorot.bias::<f64>(random), 0.0);
        assert_ne!(Init::Notes.bias::<f64>(random), 0.0);
    }
}
