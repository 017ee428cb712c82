//! Networks that differ in fold and seed alone, with the encoding and the scale of the target that they share.

use chainrule::neural_networks::{PreparedNetwork, SimpleNeuralNetwork, Workspace};
use chainrule::training::EpochRecord;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use crate::RegressorSettings;
use crate::encoding::{BoundTable, Encoding, NetworkRows, TargetScale, Unusual};
use crate::limits::{MOST_FOLDS, at_most};

/// A part of a [`Regressor`](crate::Regressor).
#[derive(Clone, Debug, PartialEq)]
pub struct Bag {
    pub(crate) card: BagCard,
    /// At least one, of the same shape, each prepared once for all that it predicts.
    networks: Vec<PreparedNetwork<f32>>,
}

/// So many rows are encoded or copied at a time, which bounds the memory that a long table takes: a whole number of the
/// blocks in which they go through a network.
pub(crate) const ROWS_AT_A_TIME: usize = 16 * 1024;

/// So few rows take a network no longer than the allocation of its working memory, which all networks then share.
const FEW: usize = 64;

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
    /// A bag of networks as large as the card says.
    ///
    /// # Panics
    /// If the card is not [sound](BagCard::is_sound), or the networks have another number of inputs.
    #[track_caller]
    pub(crate) fn new(card: BagCard, networks: Vec<SimpleNeuralNetwork<f32>>) -> Bag {
        let networks = networks.into_iter();
        Bag {
            networks: networks
                .map(|network| card.encoding.prepare(network))
                .collect(),
            card,
        }
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
    pub fn networks(&self) -> impl ExactSizeIterator<Item = &SimpleNeuralNetwork<f32>> {
        self.networks.iter().map(PreparedNetwork::network)
    }

    /// One record per epoch of each network's training.
    pub fn histories(&self) -> &[Vec<EpochRecord>] {
        &self.card.histories
    }

    /// Whether no row was kept from its networks to choose their epochs by.
    pub fn saw_all_rows(&self) -> bool {
        let mut epochs = self.histories().iter().flatten();
        epochs.all(|epoch| epoch.validation_loss.is_none())
    }

    /// Adds what the bag contributes to the prediction of each row of a table, in the target's units. What is unusual
    /// in the rows is counted.
    pub(super) fn add_to(
        &self,
        predictions: &mut [f64],
        table: &BoundTable,
        mut unusual: Option<&mut Unusual>,
    ) {
        let starts = (0..).step_by(ROWS_AT_A_TIME);
        for (predictions, first) in predictions.chunks_mut(ROWS_AT_A_TIME).zip(starts) {
            let rows: Vec<u32> = (first..).take(predictions.len()).collect();
            let x = table.encode(&rows, unusual.as_deref_mut());
            self.add_rows(predictions, &NetworkRows::of(x));
        }
    }

    /// The same for rows as its networks read them.
    pub(crate) fn add_rows(&self, predictions: &mut [f64], x: &NetworkRows) {
        let share = self.weight() / self.networks.len() as f64;
        // One row alone is multiplied by other loops, which round otherwise: beside its double it gets the bits that it
        // has among others.
        let doubled = (predictions.len() == 1).then(|| x.select(&[0, 0]));
        let x = doubled.as_ref().unwrap_or(x);
        let mut add = |y_hat: ArrayView2<f32>| {
            for (sum, &y_hat) in predictions.iter_mut().zip(y_hat) {
                *sum += share * self.card.target.decode(y_hat);
            }
        };
        if x.inputs().rows() > FEW {
            for network in &self.networks {
                add(network.predict(x.inputs()).view());
            }
            return;
        }
        let mut workspace = Workspace::forward_only(self.networks[0].network(), x.inputs().rows());
        for network in &self.networks {
            add(network.predict_in(x.inputs(), &mut workspace));
        }
    }
}

impl BagCard {
    /// Whether its parts can be computed with; a file could say anything.
    pub(crate) fn is_sound(&self) -> bool {
        self.target.is_sound() && (0.0..=1.0).contains(&self.weight) && !self.histories.is_empty()
    }
}
