//! What can go wrong in a training.

use crate::ThreadsError;

/// Why a training did not reach its end.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingError {
    /// The loss or a parameter stopped being a finite number. The network holds the last good weights.
    #[error(
        "training diverged at step {step} (epoch {epoch}): the loss became {loss:?}, after {last_loss:?}. \
         Try a smaller learning rate (it was {learning_rate}), gradient clipping, or smaller inputs and targets \
         (standardise them); the last good weights are kept"
    )]
    Diverged {
        /// The step, counted from 1.
        step: u64,
        /// The epoch, counted from 1.
        epoch: usize,
        /// The loss that is not finite.
        loss: f64,
        /// The loss of the step before.
        last_loss: f64,
        /// The learning rate of the step.
        learning_rate: f64,
    },
    /// There is nothing to learn from.
    #[error("there are no rows to train on")]
    NoRows,
    /// Data and network do not fit together.
    #[error(
        "the {part} data have {found_inputs} inputs and {found_outputs} outputs, the network has {inputs} and {outputs}"
    )]
    Shape {
        /// Which data: training or validation.
        part: &'static str,
        /// Columns of X.
        found_inputs: usize,
        /// Columns of y.
        found_outputs: usize,
        /// The network's inputs.
        inputs: usize,
        /// The network's outputs.
        outputs: usize,
    },
    /// A setting has no meaning.
    #[error("{name} is {value}: {expected}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it should be.
        expected: &'static str,
    },
    /// Two rules make the weights small.
    #[error(
        "the L2 penalty is {l2_penalty}, and the optimizer AdamW makes the weights small by its own weight decay, {weight_decay}: \
         set one of the two to 0"
    )]
    TwoDecays {
        /// `λ` of the penalty.
        l2_penalty: f64,
        /// The optimizer's decay.
        weight_decay: f64,
    },
    /// No threads could be had.
    #[error(transparent)]
    Threads(#[from] ThreadsError),
}
