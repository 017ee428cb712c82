//! Training: batches, epochs, validation, early stopping, history, and going on after an interruption.
//!
//! [`BatchGradient`] turns rows into a loss and gradients, and is the only code that does: training, validation and the
//! gradient check all run it. [`Trainer`] repeats it over shuffled batches and lets the optimizer move the parameters.

mod batch_gradient;
mod blocks;
mod dataset;
mod error;
mod gather;
mod penalty;
mod settings;
mod state;
mod trainer;
mod worker;

pub use batch_gradient::BatchGradient;
pub use dataset::{Dataset, cross_validation_folds, validation_rows, validation_split};
pub use error::TrainingError;
pub use settings::{EarlyStopping, TrainingSettings};
pub use state::{EpochRecord, Position, TrainingState};
pub use trainer::{Control, Event, Outcome, Trainer};
pub(crate) use worker::Wanted;
