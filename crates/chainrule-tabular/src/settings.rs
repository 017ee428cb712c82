//! What a regressor is told before it sees a table: the network's shape, its loss, and how it is trained.

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::{Link, Loss};
use chainrule::neural_networks::{Architecture, HiddenLayer, Init, SimpleNeuralNetwork};
use chainrule::training::{TrainingError, TrainingSettings};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::activations::Activations;
use crate::encoding::{EncodingSettings, TargetTransform};
use crate::limits::{
    MOST_BAGS, MOST_BINS, MOST_FOLDS, MOST_HIDDEN_LAYERS, MOST_REFIT_LENGTH, at_most,
};
use crate::memory::{self, MemoryError};

/// Everything that decides, with the table, which model comes out: same table, same settings, same model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegressorSettings {
    /// Widths of the hidden layers, from the inputs to the out layer; none gives linear regression.
    #[serde(deserialize_with = "at_most::<_, _, MOST_HIDDEN_LAYERS>")]
    pub hidden: Vec<usize>,
    /// Activation functions of the hidden layers.
    pub activation: Activations,
    /// What the training makes small. Its parameters are in units of the standardised target.
    pub loss: Loss,
    /// How the initial weights are drawn.
    pub init: Init,
    /// Share of the rows that is set aside to choose the best epoch; 0 for none. A [composition](crate::Composition) of
    /// folds has no use for it.
    pub validation_fraction: f64,
    /// What is done to the target before it is scaled.
    #[serde(default)]
    pub target: TargetTransform,
    /// How columns become inputs.
    #[serde(default)]
    pub encoding: EncodingSettings,
    /// How the network is trained. Its seed also draws the initial weights and the validation rows.
    pub training: TrainingSettings,
}

impl Default for RegressorSettings {
    /// Two hidden layers of 64 ReLUs for the mean square error, a fifth of the rows for validation, and the training's
    /// own defaults.
    fn default() -> Self {
        RegressorSettings {
            hidden: vec![64, 64],
            activation: Activation::ReLU.into(),
            loss: Loss::MeanSquareError,
            init: Init::He,
            validation_fraction: 0.2,
            target: TargetTransform::None,
            encoding: EncodingSettings::default(),
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
    /// More or fewer activations than hidden layers.
    #[error("{0} activations for {1} hidden layers: give one for all of them, or one for each")]
    Activations(usize, usize),
    /// More layers than a model may have.
    #[error("{0} hidden layers are too many: a model has at most {MOST_HIDDEN_LAYERS}")]
    TooManyLayers(usize),
    /// More weights than the machine has room for.
    #[error("{0}: choose narrower hidden layers")]
    TooLarge(MemoryError),
    /// More bins than a column can use.
    #[error("{0} bins for each number are too many: there are at most {MOST_BINS}")]
    TooManyBins(usize),
    /// A share of rows that leaves nothing to train on, or is no share.
    #[error("the validation fraction is {0}: it must be at least 0 and below 1")]
    ValidationFraction(f64),
    /// An activation or a loss whose parameter is out of its range.
    #[error("{0}")]
    Function(String),
    /// Folds without a meaning.
    #[error(
        "{0} folds: rows are cut into 2 to {MOST_FOLDS} of them, or 0 for a network that stands alone"
    )]
    Folds(usize),
    /// Nothing to train, or more than a model may have.
    #[error("{0} bags of networks: a model has 1 to {MOST_BAGS}")]
    Bags(usize),
    /// Networks on all rows where nothing tells whether that does harm, or more than a bag may have.
    #[error(
        "{0} networks of a bag on all rows: there are at most {MOST_FOLDS}, and none without folds"
    )]
    Refits(usize),
    /// Networks on all rows that are not trained, or for far longer than the others.
    #[error(
        "networks on all rows are trained {0} times as long as the others: 1 to {MOST_REFIT_LENGTH} times is possible"
    )]
    RefitLength(usize),
    /// Bags that would read different columns.
    #[error(
        "some bags are told what the rows of a level say of the target, and others are not: all are, or none is"
    )]
    LevelMeans,
    /// A loss whose targets have a transform of their own.
    #[error(
        "the loss {0} predicts a logarithm already: it cannot learn the logarithm of the target"
    )]
    LogOfLog(Loss),
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
        if self.hidden.len() > MOST_HIDDEN_LAYERS {
            return Err(SettingsError::TooManyLayers(self.hidden.len()));
        }
        if self.hidden.contains(&0) {
            return Err(SettingsError::EmptyLayer(self.hidden.clone()));
        }
        if self.encoding.bins > MOST_BINS {
            return Err(SettingsError::TooManyBins(self.encoding.bins));
        }
        if !(0.0..1.0).contains(&self.validation_fraction) {
            return Err(SettingsError::ValidationFraction(self.validation_fraction));
        }
        if self.target == TargetTransform::Log && self.loss.link() == Link::Log {
            return Err(SettingsError::LogOfLog(self.loss));
        }
        // Which parameters these two may have is known to their parsers.
        let activation = self.activation.to_string().parse::<Activations>();
        activation.map_err(|error| SettingsError::Function(error.to_string()))?;
        match self.activation.layers() {
            Some(activations) if activations != self.hidden.len() => {
                let layers = self.hidden.len();
                return Err(SettingsError::Activations(activations, layers));
            }
            _ => {}
        }
        let loss = self.loss.to_string().parse::<Loss>();
        loss.map_err(|error| SettingsError::Function(error.to_string()))?;
        Ok(self.training.validate()?)
    }

    /// Refuses networks that the machine has no room to train, so many of them at a time, on rows that hold so many
    /// numbers each before the first layer.
    pub(crate) fn expect_room(
        &self,
        inputs: usize,
        held: usize,
        rows: usize,
        at_a_time: usize,
    ) -> Result<(), SettingsError> {
        let widths = self.widths(inputs);
        let training = memory::training_numbers(&widths, held, rows, &self.training);
        let checkpoint = memory::checkpoint_numbers(&widths, self.training.optimizer);
        let bytes = training
            .saturating_add(checkpoint)
            .saturating_mul((size_of::<f32>() * at_a_time) as u128);
        let parameters = memory::parameters(&widths);
        let what = format_args!("training a network of {parameters} parameters");
        memory::expect_free(what, bytes).map_err(SettingsError::TooLarge)
    }

    /// The network of the given member, with its initial weights.
    pub(crate) fn untrained_network(&self, inputs: usize, member: u32) -> SimpleNeuralNetwork<f32> {
        self.architecture(inputs)
            .build_member(self.training.seed, member)
    }

    /// The network that these settings describe, for so many inputs.
    pub fn architecture(&self, inputs: usize) -> Architecture {
        let layer = |(l, &neurons)| HiddenLayer {
            neurons,
            activation: self.activation.of_layer(l),
        };
        Architecture {
            inputs,
            hidden: self.hidden.iter().enumerate().map(layer).collect(),
            outputs: 1,
            loss: self.loss,
            init: self.init,
        }
    }

    /// The widths of all layers, inputs first.
    fn widths(&self, inputs: usize) -> Vec<usize> {
        [&[inputs], self.hidden.as_slice(), &[1]].concat()
    }

    /// Whether a network of these settings with so many inputs has so many parameters.
    pub(crate) fn have(&self, parameters: usize, inputs: usize) -> bool {
        memory::parameters(&self.widths(inputs)) == parameters as u128
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
            message(|s| s.hidden = vec![1; 400_000]),
            "400000 hidden layers are too many: a model has at most 1000"
        );
        assert_eq!(
            message(|s| s.validation_fraction = 1.0),
            "the validation fraction is 1: it must be at least 0 and below 1"
        );
        assert_eq!(
            message(|s| s.encoding.bins = 1 << 60),
            "1152921504606846976 bins for each number are too many: there are at most 1024"
        );
        assert!(message(|s| s.validation_fraction = f64::NAN).contains("is NaN"));
        assert!(message(|s| s.training.learning_rate = 0.0).contains("learning rate is 0"));
        assert!(message(|s| s.loss = Loss::Pinball { tau: 1.5 }).contains("1.5"));
        let leakiness = f64::INFINITY;
        assert!(
            message(|s| s.activation = Activation::LeakyReLU { leakiness }.into()).contains("inf")
        );
    }

    #[test]
    fn a_network_that_no_machine_has_room_for_is_refused_before_it_is_made() {
        let with = |hidden: Vec<usize>| RegressorSettings {
            hidden,
            ..RegressorSettings::default()
        };
        let refused = |hidden| {
            with(hidden)
                .expect_room(1000, 1000, 500, 1)
                .unwrap_err()
                .to_string()
        };
        let message = refused(vec![100_000_000]);
        let begin = "training a network of 100200000001 parameters needs about 9.3 TB of memory, and about ";
        assert!(message.starts_with(begin), "{message}");
        assert!(
            message.ends_with(" are free: choose narrower hidden layers"),
            "{message}"
        );
        refused(vec![usize::MAX; 3]);
        with(vec![8]).expect_room(1000, 1000, 500, 1).unwrap();
    }

    #[test]
    fn the_number_of_parameters_tells_whether_settings_can_be_true() {
        let with = |hidden: Vec<usize>| RegressorSettings {
            hidden,
            ..RegressorSettings::default()
        };
        let count = |inputs: usize| (inputs + 1) * 7 + 8 * 5 + 6;
        assert!(with(vec![7, 5]).have(count(3), 3));
        assert!(!with(vec![7, 5]).have(count(4), 3));
        assert!(!with(vec![7, 5]).have(count(2) + 1, 2));
        assert!(!with(vec![1 << 60]).have(count(2), 2));
        assert!(with(vec![]).have(4, 3));
    }
}
