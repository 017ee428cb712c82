//! What a regressor is told before it sees a table: the network's shape, its loss, and how it is trained.

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Init, SimpleNeuralNetwork};
use chainrule::training::{TrainingError, TrainingSettings};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Everything that decides, with the table, which model comes out: same table, same settings, same model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegressorSettings {
    /// Widths of the hidden layers, from the inputs to the out layer; none gives linear regression.
    pub hidden: Vec<usize>,
    /// Activation function of every hidden layer.
    pub activation: Activation,
    /// What the training makes small. Its parameters are in units of the standardised target.
    pub loss: Loss,
    /// How the initial weights are drawn.
    pub init: Init,
    /// Share of the rows that is set aside to choose the best epoch; 0 for none.
    pub validation_fraction: f64,
    /// How the network is trained. Its seed also draws the initial weights and the validation rows.
    pub training: TrainingSettings,
}

impl Default for RegressorSettings {
    /// Two hidden layers of 64 ReLUs for the mean square error, a fifth of the rows for validation, and the training's
    /// own defaults.
    fn default() -> Self {
        RegressorSettings {
            hidden: vec![64, 64],
            activation: Activation::ReLU,
            loss: Loss::MeanSquareError,
            init: Init::He,
            validation_fraction: 0.2,
            training: TrainingSettings::default(),
        }
    }
}

/// Settings without a meaning.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A layer of no neurons.
    #[error("the hidden layers are {0:?}: every layer needs at least one neuron")]
    EmptyLayer(Vec<usize>),
    /// A share of rows that leaves nothing to train on, or is no share.
    #[error("the validation fraction is {0}: it must be at least 0 and below 1")]
    ValidationFraction(f64),
    /// An activation or a loss whose parameter is out of its range.
    #[error("{0}")]
    Function(String),
    /// A network of another shape than these settings can describe.
    #[error("{0}")]
    Network(String),
    /// A training setting.
    #[error(transparent)]
    Training(#[from] TrainingError),
}

impl RegressorSettings {
    /// Refuses settings that have no meaning.
    pub fn validate(&self) -> Result<(), SettingsError> {
        if self.hidden.contains(&0) {
            return Err(SettingsError::EmptyLayer(self.hidden.clone()));
        }
        if !(0.0..1.0).contains(&self.validation_fraction) {
            return Err(SettingsError::ValidationFraction(self.validation_fraction));
        }
        // Which parameters these two may have is known to their parsers.
        let activation = self.activation.to_string().parse::<Activation>();
        activation.map_err(|error| SettingsError::Function(error.to_string()))?;
        let loss = self.loss.to_string().parse::<Loss>();
        loss.map_err(|error| SettingsError::Function(error.to_string()))?;
        Ok(self.training.validate()?)
    }

    /// The network to be trained, with its initial weights.
    pub(crate) fn untrained_network(&self, inputs: usize) -> SimpleNeuralNetwork<f32> {
        let widths: Vec<usize> = [&[inputs], self.hidden.as_slice(), &[1]].concat();
        SimpleNeuralNetwork::from_widths(
            &widths,
            self.activation,
            self.loss,
            self.init,
            self.training.seed,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(change: impl FnOnce(&mut RegressorSettings)) -> String {
        let mut settings = RegressorSettings::default();
        change(&mut settings);
        settings.validate().unwrap_err().to_string()
    }

    #[test]
    fn settings_without_meaning_are_refused_with_what_was_found() {
        assert_eq!(RegressorSettings::default().validate(), Ok(()));
        assert_eq!(
            message(|s| s.hidden = vec![8, 0]),
            "the hidden layers are [8, 0]: every layer needs at least one neuron"
        );
        assert_eq!(
            message(|s| s.validation_fraction = 1.0),
            "the validation fraction is 1: it must be at least 0 and below 1"
        );
        assert!(message(|s| s.validation_fraction = f64::NAN).contains("is NaN"));
        assert!(message(|s| s.training.learning_rate = 0.0).contains("learning rate is 0"));
        assert!(message(|s| s.loss = Loss::Pinball { tau: 1.5 }).contains("1.5"));
        let leakiness = f64::INFINITY;
        assert!(message(|s| s.activation = Activation::LeakyReLU { leakiness }).contains("inf"));
    }
}
