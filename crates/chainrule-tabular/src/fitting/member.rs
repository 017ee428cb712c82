//! One network on its way from its initial weights to those of its best epoch.

use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::{
    Control, Dataset, EpochRecord, Event, Outcome, Trainer, TrainingError, TrainingSettings,
};
use serde::{Deserialize, Serialize};

use super::FitError;
use super::checkpoint::MemberState;

/// A network, and how far it has come.
#[derive(Debug)]
pub(super) enum Member {
    /// Not begun: its network is drawn when its turn comes.
    Waiting,
    /// Begun.
    Training(Box<Trainer<f32>>),
    /// At its end, with the best epoch's weights.
    Done(Trained),
}

/// A network at its end.
#[derive(Clone, Debug)]
pub(super) struct Trained {
    pub network: SimpleNeuralNetwork<f32>,
    pub history: Vec<EpochRecord>,
    pub outcome: Outcome,
    /// What a look at its last epoch says; None if it has not come so far, or keeps no fold unseen.
    pub endings: Option<Endings>,
}

/// How a network predicts the rows that it does not see: sums of squared errors of the scaled target.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Endings {
    /// With the weights of its best epoch.
    pub best: f64,
    /// By the mean of what it says with those weights and with those of its last epoch.
    pub best_and_last: f64,
}

impl Member {
    /// Whether it is in training or at its end.
    pub(super) fn has_begun(&self) -> bool {
        !matches!(self, Member::Waiting)
    }

    /// Trains until its end or a [`Control::Stop`]. At the end `compare` is asked about the networks of the best and of
    /// the last epoch, unless there are no rows for validation to tell which is the best.
    pub(super) fn run(
        &mut self,
        train: &Dataset<f32>,
        validation: Option<&Dataset<f32>>,
        begin: impl FnOnce() -> (SimpleNeuralNetwork<f32>, TrainingSettings),
        compare: impl FnOnce(&SimpleNeuralNetwork<f32>, &SimpleNeuralNetwork<f32>) -> Option<Endings>,
        on_event: &mut (dyn FnMut(Event) -> Control + Send),
    ) -> Result<Outcome, TrainingError> {
        if let Member::Waiting = self {
            let (network, settings) = begin();
            *self = Member::Training(Box::new(Trainer::new(network, settings)));
        }
        let trainer = match self {
            Member::Done(trained) => return Ok(trained.outcome),
            Member::Training(trainer) => trainer,
            Member::Waiting => unreachable!("it has just begun"),
        };
        let epochs = trainer.settings().epochs;
        let mut until_last = |event: Event| match (on_event(event), event) {
            (Control::Continue, Event::Epoch(record)) if record.epoch == epochs => Control::Stop,
            (control, _) => control,
        };
        let mut outcome = trainer.fit(train, validation, &mut until_last)?;
        let mut last = None;
        if outcome == Outcome::Interrupted && trainer.history().len() == epochs {
            // All epochs are done, and the weights are still the last one's: from here on they are the best one's.
            last = validation.is_some().then(|| trainer.network().clone());
            outcome = trainer.fit(train, validation, &mut |_| Control::Continue)?;
        }
        if outcome != Outcome::Interrupted {
            let network = trainer.network().clone();
            *self = Member::Done(Trained {
                endings: last.and_then(|last| compare(&network, &last)),
                network,
                history: trainer.history().to_vec(),
                outcome,
            });
        }
        Ok(outcome)
    }

    /// Ends a training that cannot go on, with the best epoch's weights. Whether it has finished an epoch; if not, it
    /// is left as it is.
    pub(super) fn give_up(&mut self) -> bool {
        let Member::Training(trainer) = self else {
            return false;
        };
        if trainer.history().is_empty() {
            return false;
        }
        let mut network = trainer.network().clone();
        network.set_flat_parameters(&trainer.state().best_parameters);
        *self = Member::Done(Trained {
            network,
            history: trainer.history().to_vec(),
            outcome: Outcome::StoppedEarly,
            endings: None,
        });
        true
    }

    /// How far it has come, to be kept.
    pub(super) fn state(&self) -> MemberState {
        match self {
            Member::Waiting => MemberState::Waiting,
            Member::Training(trainer) => MemberState::Training(trainer.state()),
            Member::Done(trained) => MemberState::Done {
                parameters: trained.network.flat_parameters(),
                history: trained.history.clone(),
                stopped_early: trained.outcome == Outcome::StoppedEarly,
                endings: trained.endings,
            },
        }
    }

    /// A member as it was kept; `untrained` gives its network with the initial weights.
    pub(super) fn resume(
        state: MemberState,
        untrained: impl FnOnce() -> (SimpleNeuralNetwork<f32>, TrainingSettings),
    ) -> Result<Member, FitError> {
        let expect = |network: &SimpleNeuralNetwork<f32>, found: usize| {
            let expected = network.parameter_count();
            match found == expected {
                true => Ok(()),
                false => Err(FitError::CheckpointParameters { found, expected }),
            }
        };
        Ok(match state {
            MemberState::Waiting => Member::Waiting,
            MemberState::Training(state) => {
                let (network, settings) = untrained();
                expect(&network, state.parameters.len())?;
                Member::Training(Box::new(Trainer::resume(network, settings, state)))
            }
            MemberState::Done {
                parameters,
                history,
                stopped_early,
                endings,
            } => {
                let (mut network, _) = untrained();
                expect(&network, parameters.len())?;
                network.set_flat_parameters(&parameters);
                let outcome = match stopped_early {
                    true => Outcome::StoppedEarly,
                    false => Outcome::Finished,
                };
                Member::Done(Trained {
                    network,
                    history,
                    outcome,
                    endings,
                })
            }
        })
    }

    /// The network, if it is at its end.
    pub(super) fn trained(&self) -> Option<&Trained> {
        match self {
            Member::Done(trained) => Some(trained),
            _ => None,
        }
    }

    /// The network as it stands, if it has begun.
    pub(super) fn network(&self) -> Option<&SimpleNeuralNetwork<f32>> {
        match self {
            Member::Waiting => None,
            Member::Training(trainer) => Some(trainer.network()),
            Member::Done(trained) => Some(&trained.network),
        }
    }

    /// One record for each epoch that it has finished.
    pub(super) fn history(&self) -> &[EpochRecord] {
        match self {
            Member::Waiting => &[],
            Member::Training(trainer) => trainer.history(),
            Member::Done(trained) => &trained.history,
        }
    }
}
