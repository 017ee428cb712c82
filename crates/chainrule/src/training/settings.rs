//! What a training is told.

use super::TrainingError;
use crate::optimizers::{LearningRate, Optimizer, Schedule};

/// Everything that decides how a network is trained, beside the data and its initial weights.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TrainingSettings {
    /// Passes over the training rows.
    pub epochs: usize,
    /// Rows per step; `None` takes all of them, as plain batch gradient descent does.
    pub batch_size: Option<usize>,
    /// Whether each epoch takes the rows in a new random order.
    pub shuffle: bool,
    /// The update rule.
    pub optimizer: Optimizer,
    /// The base learning rate.
    pub learning_rate: f64,
    /// How the learning rate changes.
    pub schedule: Schedule,
    /// Steps over which the learning rate rises to its schedule.
    pub warm_up_steps: u64,
    /// `λ` of the penalty `(λ/2) Σ W²` on the weights.
    pub l2_penalty: f64,
    /// The largest norm a gradient may have; longer ones are scaled down to it.
    pub clip_norm: Option<f64>,
    /// When to stop before the last epoch.
    pub early_stopping: Option<EarlyStopping>,
    /// Decides the order of the rows.
    pub seed: u64,
    /// Which of several networks that share the seed this one is: each has orders of its own. A network that stands
    /// alone is member 0.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_alone"))]
    pub member: u32,
    /// Threads that may work on a step; 0 takes as many as the machine has. It never changes the result, so it is no
    /// part of a stored training.
    #[cfg_attr(feature = "serde", serde(skip, default = "one_thread"))]
    pub threads: usize,
}

/// So that what is stored of a network that stands alone does not speak of members.
#[cfg(feature = "serde")]
fn is_alone(member: &u32) -> bool {
    *member == 0
}

#[cfg(feature = "serde")]
fn one_thread() -> usize {
    1
}

/// Stop when the loss (of the validation rows, if there are any) has not improved for a while.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EarlyStopping {
    /// So many epochs in a row without improvement end the training (0 counts as 1).
    pub patience: usize,
    /// By how much the loss must fall to count as improved.
    pub min_improvement: f64,
}

impl Default for TrainingSettings {
    /// Adam at 0.001 over 200 epochs in shuffled batches of 32, on one thread.
    fn default() -> Self {
        TrainingSettings {
            epochs: 200,
            batch_size: Some(32),
            shuffle: true,
            optimizer: Optimizer::ADAM,
            learning_rate: 1e-3,
            schedule: Schedule::Constant,
            warm_up_steps: 0,
            l2_penalty: 0.0,
            clip_norm: None,
            early_stopping: None,
            seed: 0,
            member: 0,
            threads: 1,
        }
    }
}

impl TrainingSettings {
    /// The learning rate with its schedule.
    pub(super) fn rate(&self) -> LearningRate {
        LearningRate {
            base: self.learning_rate,
            schedule: self.schedule,
            warm_up_steps: self.warm_up_steps,
        }
    }

    /// Refuses what no training should begin with: settings without a meaning, and a penalty beside AdamW's own decay.
    ///
    /// A training that began with both, as could be once, may go on: [`validate`](Self::validate) accepts them.
    pub fn validate_new(&self) -> Result<(), TrainingError> {
        self.validate()?;
        match self.optimizer {
            Optimizer::AdamW { weight_decay, .. }
                if weight_decay > 0.0 && self.l2_penalty > 0.0 =>
            {
                Err(TrainingError::TwoDecays {
                    l2_penalty: self.l2_penalty,
                    weight_decay,
                })
            }
            _ => Ok(()),
        }
    }

    /// Refuses settings that have no meaning.
    pub fn validate(&self) -> Result<(), TrainingError> {
        let positive = |name, value: f64| {
            check(
                name,
                value,
                value > 0.0,
                "it must be a positive, finite number",
            )
        };
        let fraction = |name, value: f64| {
            check(
                name,
                value,
                (0.0..1.0).contains(&value),
                "it must be at least 0 and below 1",
            )
        };
        let not_negative =
            |name, value: f64| check(name, value, value >= 0.0, "it must not be negative");

        positive("the learning rate", self.learning_rate)?;
        not_negative("the L2 penalty", self.l2_penalty)?;
        if let Some(limit) = self.clip_norm {
            positive("the largest gradient norm", limit)?;
        }
        if let Some(size) = self.batch_size {
            positive("the batch size", size as f64)?;
        }
        if let Some(early) = &self.early_stopping {
            not_negative("the smallest improvement", early.min_improvement)?;
        }
        if let Schedule::Step {
            every_epochs,
            factor,
        } = self.schedule
        {
            positive("the schedule's number of epochs", every_epochs as f64)?;
            positive("the schedule's factor", factor)?;
        }
        match self.optimizer {
            Optimizer::GradientDescent => Ok(()),
            Optimizer::Momentum { momentum } | Optimizer::Nesterov { momentum } => {
                fraction("the momentum", momentum)
            }
            Optimizer::Adam {
                beta1,
                beta2,
                epsilon,
            } => {
                fraction("β₁", beta1)?;
                fraction("β₂", beta2)?;
                positive("ε", epsilon)
            }
            Optimizer::AdamW {
                beta1,
                beta2,
                epsilon,
                weight_decay,
            } => {
                fraction("β₁", beta1)?;
                fraction("β₂", beta2)?;
                positive("ε", epsilon)?;
                not_negative("the weight decay", weight_decay)
            }
        }
    }
}

fn check(
    name: &'static str,
    value: f64,
    good: bool,
    expected: &'static str,
) -> Result<(), TrainingError> {
    if good && value.is_finite() {
        Ok(())
    } else {
        Err(TrainingError::Setting {
            name,
            value,
            expected,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_without_meaning_are_refused_with_their_name_and_value() {
        let settings = TrainingSettings {
            learning_rate: -0.5,
            ..TrainingSettings::default()
        };
        assert_eq!(
            settings.validate().unwrap_err().to_string(),
            "the learning rate is -0.5: it must be a positive, finite number"
        );
        let settings = TrainingSettings {
            batch_size: Some(0),
            ..TrainingSettings::default()
        };
        assert!(
            settings
                .validate()
                .unwrap_err()
                .to_string()
                .starts_with("the batch size is 0")
        );
        let optimizer = Optimizer::Momentum { momentum: 1.0 };
        let settings = TrainingSettings {
            optimizer,
            ..TrainingSettings::default()
        };
        assert!(
            settings
                .validate()
                .unwrap_err()
                .to_string()
                .starts_with("the momentum is 1")
        );
        assert_eq!(TrainingSettings::default().validate(), Ok(()));
    }

    #[test]
    fn a_penalty_beside_the_decay_of_adamw_is_refused_where_a_training_begins() {
        let both = TrainingSettings {
            optimizer: Optimizer::ADAM_W,
            l2_penalty: 0.5,
            ..TrainingSettings::default()
        };
        assert_eq!(
            both.validate_new().unwrap_err().to_string(),
            "the L2 penalty is 0.5, and the optimizer AdamW makes the weights small by its own weight decay, 0.01: set one of the two to 0"
        );
        assert_eq!(both.validate(), Ok(()), "what is stored can be read");
        let Optimizer::AdamW {
            beta1,
            beta2,
            epsilon,
            ..
        } = both.optimizer
        else {
            unreachable!("it was just chosen")
        };
        let weight_decay = 0.0;
        let optimizer = Optimizer::AdamW {
            beta1,
            beta2,
            epsilon,
            weight_decay,
        };
        let one = TrainingSettings { optimizer, ..both };
        assert_eq!(one.validate_new(), Ok(()));
    }
}
