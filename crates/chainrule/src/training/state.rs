//! Where a training stands: everything that resuming needs beside the data and the settings.

/// What one epoch left behind.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EpochRecord {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// Mean loss (penalty included) of the epoch's batches, each before its step.
    pub training_loss: f64,
    /// Loss of the validation rows after the epoch, without penalty.
    pub validation_loss: Option<f64>,
    /// Learning rate of the epoch's last step.
    pub learning_rate: f64,
}

/// The counters of a training.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Position {
    /// Finished epochs. The order of the rows follows from the seed and this number.
    pub epoch: usize,
    /// Finished steps of the current epoch.
    pub batch: usize,
    /// Finished steps in all.
    pub step: u64,
    /// Σ over the current epoch's steps of the batch's loss times its rows.
    pub loss_sum: f64,
    /// The last step's loss.
    pub last_loss: f64,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// The lowest monitored loss, if an epoch has been finished.
    pub best_loss: Option<f64>,
    /// Epochs since then.
    pub epochs_without_improvement: usize,
    /// Whether the training has reached its end.
    pub finished: bool,
    /// One record per finished epoch.
    pub history: Vec<EpochRecord>,
}

/// A training that stands still: [`super::Trainer::resume`] goes on from it to the same bits.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingState<R> {
    /// The counters.
    pub position: Position,
    /// The current parameters, flat in the order of
    /// [`parameters`](crate::neural_networks::SimpleNeuralNetwork::parameters).
    pub parameters: Vec<R>,
    /// The best epoch's parameters (before the first epoch's end: the initial ones).
    pub best_parameters: Vec<R>,
    /// The optimizer's first moment; empty where it has none.
    pub first_moment: Vec<R>,
    /// The optimizer's second moment; empty where it has none.
    pub second_moment: Vec<R>,
}
