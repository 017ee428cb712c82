//! The training loop: batches, steps, epochs.
//!
//! Each thing has one owner: the trainer owns the network, the optimizer's state and the counters; the data stay their
//! owner's. The order of an epoch's rows follows from the seed and the epoch's number, so nothing of it needs to be
//! stored to resume.

use super::{
    BatchGradient, Dataset, EpochRecord, Position, TrainingError, TrainingSettings, TrainingState,
};
use crate::Real;
use crate::neural_networks::SimpleNeuralNetwork;
use crate::optimizers::{OptimizerState, clip_norm, norm};
use crate::parallel::with_threads;
use crate::random::{Purpose, Random, Stream};

/// Room for at most this many epochs' records is made at the start.
const MAX_RESERVED_RECORDS: usize = 1 << 16;

/// What a training tells while it runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event<'a> {
    /// A step has been made.
    Step {
        /// The epoch, counted from 1.
        epoch: usize,
        /// The step, counted from 1 over the whole training.
        step: u64,
        /// The batch's loss before the step.
        loss: f64,
    },
    /// An epoch has been finished.
    Epoch(&'a EpochRecord),
}

/// What the listener answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Go on.
    Continue,
    /// Stop after this step; the training can be resumed.
    Stop,
}

/// How a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All epochs are done.
    Finished,
    /// Early stopping ended it.
    StoppedEarly,
    /// The listener stopped it; the current weights are in place and [`Trainer::state`] can be resumed.
    Interrupted,
}

/// A network in training.
#[derive(Debug)]
pub struct Trainer<R> {
    network: SimpleNeuralNetwork<R>,
    settings: TrainingSettings,
    optimizer: OptimizerState<R>,
    position: Position,
    best_parameters: Vec<R>,
}

impl<R: Real> Trainer<R> {
    /// A training of `network` from its present weights.
    pub fn new(network: SimpleNeuralNetwork<R>, settings: TrainingSettings) -> Self {
        let parameter_count = network.parameter_count();
        Trainer {
            optimizer: OptimizerState::new(settings.optimizer, parameter_count),
            best_parameters: network.flat_parameters(),
            position: Position::default(),
            network,
            settings,
        }
    }

    /// Goes on from a [`state`](Self::state) of the same network's training with the same settings.
    ///
    /// # Panics
    ///
    /// If the state's lengths are not the network's and the optimizer's.
    #[track_caller]
    pub fn resume(
        mut network: SimpleNeuralNetwork<R>,
        settings: TrainingSettings,
        state: TrainingState<R>,
    ) -> Self {
        let count = network.parameter_count();
        assert_eq!(
            (count, count),
            (state.parameters.len(), state.best_parameters.len()),
            "parameters of the network and of the state",
        );
        network.set_flat_parameters(&state.parameters);
        let TrainingState {
            position,
            best_parameters,
            first_moment,
            second_moment,
            ..
        } = state;
        Trainer {
            optimizer: OptimizerState::restore(
                settings.optimizer,
                count,
                position.step,
                first_moment,
                second_moment,
            ),
            network,
            settings,
            position,
            best_parameters,
        }
    }

    /// The network as it stands: after [`fit`](Self::fit) with validation rows, the best epoch's.
    pub fn network(&self) -> &SimpleNeuralNetwork<R> {
        &self.network
    }

    /// The same, given away.
    pub fn into_network(self) -> SimpleNeuralNetwork<R> {
        self.network
    }

    /// What the training was told.
    pub fn settings(&self) -> &TrainingSettings {
        &self.settings
    }

    /// One record per finished epoch.
    pub fn history(&self) -> &[EpochRecord] {
        &self.position.history
    }

    /// A copy of everything that [`resume`](Self::resume) needs.
    pub fn state(&self) -> TrainingState<R> {
        TrainingState {
            position: self.position.clone(),
            parameters: self.network.flat_parameters(),
            best_parameters: self.best_parameters.clone(),
            first_moment: self.optimizer.first_moment().to_vec(),
            second_moment: self.optimizer.second_moment().to_vec(),
        }
    }

    /// The numbers of the rows of `train` that the next step takes, in their order.
    pub fn next_batch(&self, train: &Dataset<R>) -> Vec<u32> {
        let mut order: Vec<u32> = train.row_numbers().collect();
        let batch_size = self.batch_size(order.len());
        let batches = order.len().div_ceil(batch_size.max(1));
        // Stopped behind an epoch's last step, the training goes on with the next epoch.
        let (epoch, batch) = match self.position.batch < batches {
            true => (self.position.epoch, self.position.batch),
            false => (self.position.epoch + 1, 0),
        };
        self.arrange(epoch, train, &mut order);
        let batch = order.chunks(batch_size.max(1)).nth(batch);
        batch.map(<[u32]>::to_vec).unwrap_or_default()
    }

    /// How many of so many rows a step takes.
    fn batch_size(&self, rows: usize) -> usize {
        self.settings.batch_size.unwrap_or(rows).min(rows)
    }

    /// Trains until the last epoch, early stopping, or a [`Control::Stop`] from `on_event`.
    ///
    /// With validation rows the network ends with the weights of the epoch that predicted them best, without with the
    /// last.
    ///
    /// # Errors
    ///
    /// [`TrainingError::Diverged`] when the loss or a parameter is no longer finite: the network then holds the best
    /// epoch's weights (before the end of the first epoch: the initial ones). Data or settings that do not fit are
    /// refused before the first step.
    pub fn fit(
        &mut self,
        train: &Dataset<R>,
        validation: Option<&Dataset<R>>,
        on_event: &mut (dyn FnMut(Event) -> Control + Send),
    ) -> Result<Outcome, TrainingError> {
        match self.position.step {
            0 => self.settings.validate_new()?,
            _ => self.settings.validate()?,
        }
        self.check_shape("training", train)?;
        if let Some(validation) = validation {
            self.check_shape("validation", validation)?;
        }
        let threads = self.settings.threads;
        let outcome = with_threads(threads, || R::fit(self, train, validation, on_event))?;
        if matches!(outcome, Err(TrainingError::Diverged { .. })) {
            self.network.set_flat_parameters(&self.best_parameters);
        }
        outcome
    }

    fn check_shape(&self, part: &'static str, data: &Dataset<R>) -> Result<(), TrainingError> {
        if data.rows() == 0 {
            return Err(TrainingError::NoRows);
        }
        let (found_inputs, found_outputs) = (data.x().inputs(), data.y().ncols());
        let (inputs, outputs) = (self.network.inputs(), self.network.outputs());
        if (found_inputs, found_outputs) == (inputs, outputs) {
            return Ok(());
        }
        Err(TrainingError::Shape {
            part,
            found_inputs,
            found_outputs,
            inputs,
            outputs,
        })
    }

    /// [`fit`](Self::fit), once all is checked.
    pub(crate) fn run(
        &mut self,
        train: &Dataset<R>,
        validation: Option<&Dataset<R>>,
        on_event: &mut (dyn FnMut(Event) -> Control + Send),
    ) -> Result<Outcome, TrainingError> {
        let rows = train.rows();
        let batch_size = self.batch_size(rows);
        let mut gradient = BatchGradient::new(&self.network, batch_size, self.settings.l2_penalty);
        let validation = validation.map(|data| (data, data.row_numbers().collect::<Vec<_>>()));
        let mut order: Vec<u32> = train.row_numbers().collect();
        // So that no step allocates; bounded, since nobody may ever reach a huge last epoch.
        let epochs_left = self.settings.epochs.saturating_sub(self.position.epoch);
        self.position
            .history
            .reserve(epochs_left.min(MAX_RESERVED_RECORDS));

        while self.position.epoch < self.settings.epochs && !self.position.finished {
            self.arrange(self.position.epoch, train, &mut order);
            for batch in order.chunks(batch_size).skip(self.position.batch) {
                let loss = self.step(&mut gradient, train, batch)?;
                let event = Event::Step {
                    epoch: self.position.epoch + 1,
                    step: self.position.step,
                    loss,
                };
                if on_event(event) == Control::Stop {
                    return Ok(Outcome::Interrupted);
                }
            }
            let validation_loss = validation.as_ref().map(|(data, all)| {
                gradient
                    .loss_without_penalty(&self.network, data, all)
                    .to_f64()
            });
            self.finish_epoch(rows, validation_loss)?;
            let record = self
                .position
                .history
                .last()
                .expect("an epoch was just recorded");
            if on_event(Event::Epoch(record)) == Control::Stop && !self.position.finished {
                return Ok(Outcome::Interrupted);
            }
        }
        self.position.finished = true;
        if validation.is_some() {
            self.network.set_flat_parameters(&self.best_parameters);
        }
        let early = self.position.epoch < self.settings.epochs;
        Ok(if early {
            Outcome::StoppedEarly
        } else {
            Outcome::Finished
        })
    }

    /// Puts the rows of `train` into an epoch's order.
    fn arrange(&self, epoch: usize, train: &Dataset<R>, order: &mut [u32]) {
        if self.settings.shuffle {
            let rows = order.iter_mut().zip(train.row_numbers());
            rows.for_each(|(row, number)| *row = number);
            let purpose = Purpose::EpochOrder(epoch as u64);
            let stream = Stream::new(self.settings.member, purpose);
            Random::new(self.settings.seed, stream).shuffle(order);
        }
    }

    /// One step on the given rows; returns their loss before it.
    fn step(
        &mut self,
        gradient: &mut BatchGradient<R>,
        train: &Dataset<R>,
        batch: &[u32],
    ) -> Result<f64, TrainingError> {
        let steps_per_epoch = train.rows().div_ceil(self.batch_size(train.rows()));
        let position = &mut self.position;
        let total_steps = (steps_per_epoch as u64).saturating_mul(self.settings.epochs as u64);
        let learning_rate = self
            .settings
            .rate()
            .at(position.step, position.epoch, total_steps);

        position.learning_rate = learning_rate;
        let loss = gradient
            .loss_and_gradients(&self.network, train, batch)
            .to_f64();
        if !loss.is_finite() {
            return Err(self.diverged(loss));
        }
        if let Some(limit) = self.settings.clip_norm {
            let norm = norm(gradient.gradients().slices());
            clip_norm(gradient.gradients_mut().slices_mut(), norm, limit);
        }
        let parameters = self.network.parameters_with_gradients(gradient.gradients());
        let slices = parameters.map(|(_, p, g)| (p, g));
        self.optimizer.step(slices, learning_rate);

        position.step += 1;
        position.batch += 1;
        position.loss_sum += loss * batch.len() as f64;
        position.last_loss = loss;
        Ok(loss)
    }

    /// Records the epoch, keeps its weights if they are the best, and decides whether to stop early.
    fn finish_epoch(
        &mut self,
        rows: usize,
        validation_loss: Option<f64>,
    ) -> Result<(), TrainingError> {
        let training_loss = self.position.loss_sum / rows as f64;
        let monitored = validation_loss.unwrap_or(training_loss);
        // A last step may have overflowed without any later batch to show it.
        // No short cut inside a slice: a loop without a way out is vectorised.
        let all_finite = |p: &[R]| p.iter().fold(true, |finite, p| finite & p.is_finite());
        let finite = monitored.is_finite() && self.network.parameters().all(all_finite);
        if !finite {
            return Err(self.diverged(if monitored.is_finite() {
                f64::NAN
            } else {
                monitored
            }));
        }

        let position = &mut self.position;
        let margin = self
            .settings
            .early_stopping
            .map_or(0.0, |early| early.min_improvement);
        if position
            .best_loss
            .is_none_or(|best| monitored < best - margin)
        {
            position.best_loss = Some(monitored);
            position.epochs_without_improvement = 0;
            let mut best = self.best_parameters.as_mut_slice();
            for parameters in self.network.parameters() {
                let (head, tail) = best.split_at_mut(parameters.len());
                head.copy_from_slice(parameters);
                best = tail;
            }
        } else {
            position.epochs_without_improvement += 1;
        }
        position.epoch += 1;
        position.batch = 0;
        position.loss_sum = 0.0;
        position.history.push(EpochRecord {
            epoch: position.epoch,
            training_loss,
            validation_loss,
            learning_rate: position.learning_rate,
        });
        position.finished = self
            .settings
            .early_stopping
            .is_some_and(|early| position.epochs_without_improvement >= early.patience.max(1));
        Ok(())
    }

    fn diverged(&self, loss: f64) -> TrainingError {
        TrainingError::Diverged {
            step: self.position.step + 1,
            epoch: self.position.epoch + 1,
            loss,
            last_loss: self.position.last_loss,
            learning_rate: self.position.learning_rate,
        }
    }
}
