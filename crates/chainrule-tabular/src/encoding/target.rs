//! The target as the network sees it, and predictions back in the target's units.

use chainrule::loss_functions::Loss;
use serde::{Deserialize, Serialize};

use super::Standardize;

/// How one target is scaled, learnt from the training rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetScale {
    name: String,
    scale: Standardize,
}

impl TargetScale {
    /// Learns mean and standard deviation. Losses with a log link predict a positive mean: for them the target is divided by its
    /// mean and not shifted, so that 0 stays 0 and the logarithm of a typical value is near 0.
    ///
    /// # Panics
    /// If there are no values.
    #[track_caller]
    pub fn learn(name: String, values: &[f64], loss: Loss) -> TargetScale {
        let learnt = Standardize::learn(values.iter().copied());
        let scale = match loss {
            Loss::PoissonDeviance | Loss::GammaDeviance => Standardize::new(0.0, learnt.mean()),
            _ => learnt,
        };
        TargetScale { name, scale }
    }

    /// A target that is handed on as it is.
    pub fn identity(name: String) -> TargetScale {
        TargetScale::given(name, Standardize::new(0.0, 1.0))
    }

    /// A target with this scale.
    pub fn given(name: String, scale: Standardize) -> TargetScale {
        TargetScale { name, scale }
    }

    /// The column that is predicted.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The shift and the scale.
    pub fn scale(&self) -> Standardize {
        self.scale
    }

    /// A value as the network should answer it.
    pub fn encode(&self, y: f64) -> f32 {
        self.scale.apply(y)
    }

    /// The network's answer in the target's units.
    pub fn decode(&self, y_hat: f32) -> f64 {
        self.scale.undo(y_hat)
    }

    /// Whether every value can be computed with; a file could say anything.
    pub fn is_sound(&self) -> bool {
        self.scale.is_sound()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_standardised_and_comes_back() {
        let target =
            TargetScale::learn("y".to_owned(), &[2.0, 4.0, 6.0, 8.0], Loss::MeanSquareError);
        assert_eq!(target.encode(5.0), 0.0);
        assert_eq!(target.decode(0.0), 5.0);
        assert_eq!(target.encode(8.0), (3.0 / 5.0_f64.sqrt()) as f32);
    }

    #[test]
    fn a_log_link_keeps_zero_at_zero() {
        for loss in [Loss::PoissonDeviance, Loss::GammaDeviance] {
            let target = TargetScale::learn("y".to_owned(), &[0.0, 2.0, 4.0], loss);
            assert_eq!([0.0, 2.0, 4.0].map(|y| target.encode(y)), [0.0, 1.0, 2.0]);
        }
    }
}
