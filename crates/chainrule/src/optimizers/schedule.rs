//! How the learning rate changes over a training.

use std::fmt;

/// The shape of the learning rate over a training, as a factor of its base.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Schedule {
    /// Always 1.
    #[default]
    Constant,
    /// `factor^⌊epoch / every_epochs⌋`.     (S1)
    Step {
        /// Epochs between two changes, at least 1.
        every_epochs: usize,
        /// What the rate is multiplied by at each change.
        factor: f64,
    },
    /// `½ (1 + cos(π step / total_steps))`: from 1 down, to reach 0 after the last step (Loshchilov and Hutter 2017).
    /// (S2)
    Cosine,
}

impl fmt::Display for Schedule {
    /// The schedule's name and constants, such as `step(every 10 epochs, factor 0.5)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Schedule::Constant => write!(f, "constant"),
            Schedule::Step {
                every_epochs,
                factor,
            } => write!(f, "step(every {every_epochs} epochs, factor {factor})"),
            Schedule::Cosine => write!(f, "cosine"),
        }
    }
}

/// A base rate, its schedule and a linear warm-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearningRate {
    /// The rate `η` that the schedule scales.
    pub base: f64,
    /// The schedule.
    pub schedule: Schedule,
    /// The first `warm_up_steps` steps are scaled by `(step + 1) / warm_up_steps`.     (S3)
    pub warm_up_steps: u64,
}

impl LearningRate {
    /// The rate of step `step` (from 0) in epoch `epoch` (from 0), of a training of `total_steps` steps.
    pub fn at(&self, step: u64, epoch: usize, total_steps: u64) -> f64 {
        let shape = match self.schedule {
            Schedule::Constant => 1.0,
            Schedule::Step {
                every_epochs,
                factor,
            } => factor.powf((epoch / every_epochs.max(1)) as f64), // (S1)
            Schedule::Cosine => {
                let progress = step as f64 / total_steps.max(1) as f64;
                0.5 * (1.0 + (std::f64::consts::PI * progress).cos()) // (S2)
            }
        };
        let warm_up = if step < self.warm_up_steps {
            (step + 1) as f64 / self.warm_up_steps as f64 // (S3)
        } else {
            1.0
        };
        self.base * shape * warm_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(schedule: Schedule, warm_up_steps: u64) -> LearningRate {
        LearningRate {
            base: 2.0,
            schedule,
            warm_up_steps,
        }
    }

    #[test]
    fn a_schedule_is_shown_with_its_constants() {
        let step = Schedule::Step {
            every_epochs: 10,
            factor: 0.5,
        };
        let shown =
            [Schedule::Constant, step, Schedule::Cosine].map(|schedule| schedule.to_string());
        assert_eq!(
            shown,
            ["constant", "step(every 10 epochs, factor 0.5)", "cosine"]
        );
    }

    #[test]
    fn constant_rate_stays() {
        assert_eq!(rate(Schedule::Constant, 0).at(123, 9, 1000), 2.0);
    }

    #[test]
    fn step_schedule_multiplies_at_each_change() {
        let rate = rate(
            Schedule::Step {
                every_epochs: 10,
                factor: 0.5,
            },
            0,
        );
        assert_eq!(
            [9, 10, 19, 20].map(|epoch| rate.at(0, epoch, 1)),
            [2.0, 1.0, 1.0, 0.5]
        );
    }

    #[test]
    fn cosine_schedule_falls_from_the_base_to_zero() {
        let rate = rate(Schedule::Cosine, 0);
        assert_eq!(rate.at(0, 0, 100), 2.0);
        assert!((rate.at(50, 0, 100) - 1.0).abs() < 1e-15);
        assert!(rate.at(100, 0, 100).abs() < 1e-15);
    }

    #[test]
    fn warm_up_rises_linearly_to_the_schedule() {
        let rate = rate(Schedule::Constant, 4);
        assert_eq!(
            [0, 1, 2, 3, 4].map(|step| rate.at(step, 0, 10)),
            [0.5, 1.0, 1.5, 2.0, 2.0]
        );
    }
}
