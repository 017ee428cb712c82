//! Networks that differ in fold and seed alone, with the encoding and the scale of the target that they share.

use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::EpochRecord;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::RegressorSettings;
use crate::encoding::{Encoding, TargetScale};
use crate::limits::{MOST_FOLDS, at_most};

/// A part of a [`Regressor`](crate::Regressor).
#[derive(Clone, Debug, PartialEq)]
pub struct Bag {
    pub(crate) card: BagCard,
    /// At least one, of the same shape.
    pub(crate) networks: Vec<SimpleNeuralNetwork<f32>>,
}

/// All of a bag but its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BagCard {
    pub encoding: Encoding,
    pub target: TargetScale,
    pub settings: RegressorSettings,
    pub weight: f64,
    /// Of each network.
    #[serde(deserialize_with = "at_most::<_, _, MOST_FOLDS>")]
    pub histories: Vec<Vec<EpochRecord>>,
}

impl Bag {
    pub(crate) fn new(
        encoding: Encoding,
        target: TargetScale,
        settings: RegressorSettings,
        weight: f64,
        networks: Vec<SimpleNeuralNetwork<f32>>,
        histories: Vec<Vec<EpochRecord>>,
    ) -> Bag {
        let card = BagCard {
            encoding,
            target,
            settings,
            weight,
            histories,
        };
        Bag { card, networks }
    }

    /// How the columns become the networks' inputs.
    pub fn encoding(&self) -> &Encoding {
        &self.card.encoding
    }

    /// How the target is scaled.
    pub fn target_scale(&self) -> &TargetScale {
        &self.card.target
    }

    /// What the networks were told before they were trained.
    pub fn settings(&self) -> &RegressorSettings {
        &self.card.settings
    }

    /// How much the mean of its networks counts in a prediction; those of all bags sum to 1.
    pub fn weight(&self) -> f64 {
        self.card.weight
    }

    /// The networks, which know only encoded values.
    pub fn networks(&self) -> &[SimpleNeuralNetwork<f32>] {
        &self.networks
    }

    /// One record per epoch of each network's training.
    pub fn histories(&self) -> &[Vec<EpochRecord>] {
        &self.card.histories
    }

    /// Adds what the bag contributes to the prediction of each encoded row, in the target's units.
    pub(super) fn add_to(&self, predictions: &mut [f64], x: ArrayView2<f32>) {
        let share = self.weight() / self.networks.len() as f64;
        for network in &self.networks {
            let y_hat = network.predict(x);
            for (sum, &y_hat) in predictions.iter_mut().zip(&y_hat) {
                *sum += share * self.card.target.decode(y_hat);
            }
        }
    }

    /// Whether its parts can be computed with and belong together; a file could say anything.
    pub(super) fn is_sound(&self) -> bool {
        self.encoding().is_sound()
            && self.target_scale().is_sound()
            && (0.0..=1.0).contains(&self.weight())
            && self.networks.len() == self.histories().len()
            && !self.networks.is_empty()
    }
}
