//! A network in training on a page: its rows, its trainer, and the start that it is taken back to.

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Affine, DenseLayer, OutLayer, SimpleNeuralNetwork};
use chainrule::training::{BatchGradient, Control, Dataset, Event, Trainer, TrainingState};
use chainrule_tabular::encoding::TargetScale;
use chainrule_tabular::table::TypedTable;
use chainrule_tabular::{Activations, Fitting, Regressor, model_file};
use ndarray::{Array1, Array2, array};
use serde::Serialize;

use crate::grid::Grid;
use crate::opening::Opened;
use crate::settings::Settings;
use crate::sources::Source;

/// Of longer tables the loss of all rows is not computed for every picture.
const MOST_ROWS_AT_ONCE: usize = 5000;

/// A network in training.
#[derive(Debug)]
pub struct Session {
    pub(crate) settings: Settings,
    /// The table with its session of the command's training; None for the worked example.
    pub(crate) origin: Option<(TypedTable, Box<Fitting>)>,
    /// The names of the network's inputs.
    pub(crate) inputs: Vec<String>,
    pub(crate) target: TargetScale,
    pub(crate) grid: Grid,
    pub(crate) trainer: Trainer<f32>,
    pub(crate) initial: SimpleNeuralNetwork<f32>,
    /// (n, inputs)  (n, 1)
    pub(crate) x: Array2<f32>,
    pub(crate) y: Array2<f32>,
    /// The model of the command that the network comes from, if that was trained on another table, and what is called
    /// so.
    pub(crate) opened: Option<Opened>,
    /// The rows that the network learns from, and those that it does not see.
    pub(crate) training: Vec<u32>,
    pub(crate) unseen: Vec<u32>,
}

/// Where a training stands.
#[derive(Debug, Serialize)]
pub struct State {
    epoch: usize,
    /// Finished steps of the epoch, and how many it has.
    batch: usize,
    batches: usize,
    step: u64,
    /// The loss of all training rows, with its penalty, and of the unseen ones, as the network stands.
    loss: Option<f32>,
    unseen_loss: Option<f32>,
    /// Every layer's `W`, row by row, and `b`.
    layers: Vec<LayerNumbers>,
}

#[derive(Debug, Serialize)]
struct LayerNumbers {
    w: Vec<f32>,
    b: Vec<f32>,
}

impl Session {
    /// Prepares a training. `own` is the name of a table of one's own with the bytes of its file.
    pub fn new(settings: Settings, own: Option<(&str, &[u8])>) -> Result<Session, String> {
        let table = settings
            .data
            .table(&settings.target, settings.noise, settings.seed, own)?;
        match table {
            None => Session::example(settings),
            Some((table, target)) => Session::of_table(settings, table, &target),
        }
    }

    pub(crate) fn of_table(
        settings: Settings,
        table: TypedTable,
        target: &str,
    ) -> Result<Session, String> {
        let fitting = Fitting::new(&table, target, settings.regressor()?);
        let fitting = fitting.map_err(|error| error.to_string())?;
        let alone = fitting
            .alone()
            .ok_or("a page trains one network at a time")?;
        Ok(Session {
            inputs: alone.encoding.names(),
            grid: Grid::of(&table, &alone.encoding, &alone.x, &alone.y, &alone.training),
            target: alone.target,
            trainer: Trainer::new(alone.network.clone(), alone.settings),
            initial: alone.network,
            x: alone.x,
            y: alone.y,
            training: alone.training,
            unseen: alone.unseen,
            opened: None,
            origin: Some((table, Box::new(fitting))),
            settings,
        })
    }

    /// The worked example of docs/backpropagation.md: its rows, and the weights that it begins with.
    fn example(mut settings: Settings) -> Result<Session, String> {
        let hidden = DenseLayer {
            affine: Affine {
                w: array![[2.0, -1.0], [1.0, 1.0]],
                b: array![-2.0, 1.0],
            },
            activation: Activation::LeakyReLU { leakiness: 0.5 },
        };
        let out = OutLayer {
            affine: Affine {
                w: array![[2.0, -1.0]],
                b: Array1::from_elem(1, 1.0),
            },
        };
        settings.hidden = vec![2];
        settings.activation = hidden.activation.to_string();
        settings.loss = Loss::MeanSquareError.to_string();
        settings.held_out = 0.0;
        let x = array![[1.0, 2.0], [2.0, -1.0]];
        let network = SimpleNeuralNetwork::from_layers(vec![hidden], out, Loss::MeanSquareError);
        let mut training = settings.training()?;
        training.shuffle = false; // The rows stay in the order of the page that works the example out.
        Ok(Session {
            inputs: vec!["x1".to_owned(), "x2".to_owned()],
            target: TargetScale::identity("y".to_owned()),
            grid: Grid::plain(&["x1", "x2"], &x),
            trainer: Trainer::new(network.clone(), training),
            initial: network,
            x,
            y: array![[-8.0], [6.0]],
            training: vec![0, 1],
            unseen: Vec::new(),
            opened: None,
            origin: None,
            settings,
        })
    }

    /// All rows.
    fn rows(&self) -> Dataset<'_, f32> {
        Dataset::new(self.x.view(), self.y.view(), None)
    }

    /// Trains for so many steps. An epoch that ends with the last of them is finished.
    pub fn train(&mut self, steps: u64) -> Result<(), String> {
        let mut left = steps;
        let batches = self.batches() as u64;
        self.fit(&mut |event| match event {
            Event::Step { step, .. } => {
                left = left.saturating_sub(1);
                stop_if(left == 0 && !step.is_multiple_of(batches))
            }
            Event::Epoch(_) => stop_if(left == 0),
        })
    }

    /// Trains to the end of the epoch.
    pub fn train_epoch(&mut self) -> Result<(), String> {
        self.fit(&mut |event| stop_if(matches!(event, Event::Epoch(_))))
    }

    fn fit(&mut self, on_event: &mut (dyn FnMut(Event) -> Control + Send)) -> Result<(), String> {
        let rows = Dataset::new(self.x.view(), self.y.view(), None);
        let training = rows.select(&self.training);
        let unseen = (!self.unseen.is_empty()).then(|| rows.select(&self.unseen));
        let outcome = self.trainer.fit(&training, unseen.as_ref(), on_event);
        outcome.map(drop).map_err(|error| error.to_string())
    }

    /// The rows that the next step takes, in their order.
    pub(crate) fn next_batch(&self) -> Vec<u32> {
        self.trainer.next_batch(&self.rows().select(&self.training))
    }

    /// How many steps an epoch has.
    fn batches(&self) -> usize {
        let rows = self.training.len();
        rows.div_ceil(
            self.trainer
                .settings()
                .batch_size
                .unwrap_or(rows)
                .clamp(1, rows),
        )
    }

    /// Takes the training back to the weights that it began with.
    pub fn rewind(&mut self) {
        let settings = self.trainer.settings().clone();
        self.trainer = Trainer::new(self.initial.clone(), settings);
    }

    /// Overwrites one number of the parameters, which are counted layer by layer, `W` row by row before `b`.
    pub fn set_parameter(&mut self, index: usize, value: f32) -> Result<(), String> {
        if !value.is_finite() {
            return Err("a weight is a finite number".to_owned());
        }
        let mut state = self.trainer.state();
        let count = state.parameters.len();
        let place = state.parameters.get_mut(index);
        *place.ok_or_else(|| format!("there is no parameter {index} of {count}"))? = value;
        self.resume(state);
        Ok(())
    }

    /// Overwrites all parameters, in the same order.
    pub fn set_parameters(&mut self, values: Vec<f32>) -> Result<(), String> {
        let mut state = self.trainer.state();
        let (count, found) = (state.parameters.len(), values.len());
        if found != count || !values.iter().all(|value| value.is_finite()) {
            return Err(format!(
                "{found} values are no weights of a network with {count}"
            ));
        }
        state.parameters = values;
        self.resume(state);
        Ok(())
    }

    /// Goes on with another learning rate and another penalty.
    pub fn retune(&mut self, learning_rate: f64, penalty: f64) -> Result<(), String> {
        let settings = Settings {
            learning_rate,
            penalty,
            ..self.settings.clone()
        };
        let told = settings.training()?;
        let state = self.trainer.state();
        let mut training = self.trainer.settings().clone();
        (training.learning_rate, training.l2_penalty) = (told.learning_rate, told.l2_penalty);
        self.trainer = Trainer::resume(self.trainer.network().clone(), training, state);
        self.settings = settings;
        Ok(())
    }

    fn resume(&mut self, state: TrainingState<f32>) {
        let (network, settings) = (
            self.trainer.network().clone(),
            self.trainer.settings().clone(),
        );
        self.trainer = Trainer::resume(network, settings, state);
    }

    /// Where the training stands.
    pub fn state(&self) -> State {
        let network = self.trainer.network();
        let position = self.trainer.state().position;
        let penalty = self.trainer.settings().l2_penalty;
        let mut gradient = BatchGradient::new(network, 0, penalty);
        let rows = self.rows();
        let few = self.x.nrows() <= MOST_ROWS_AT_ONCE;
        let loss = few.then(|| gradient.loss(network, &rows, &self.training));
        let unseen_loss = (few && !self.unseen.is_empty())
            .then(|| gradient.loss_without_penalty(network, &rows, &self.unseen));
        let batches = self.batches();
        State {
            epoch: position.epoch,
            batch: position.batch,
            batches,
            step: position.step,
            loss,
            unseen_loss,
            layers: network
                .affine_maps()
                .map(|affine| LayerNumbers {
                    w: affine.w.iter().copied().collect(),
                    b: affine.b.to_vec(),
                })
                .collect(),
        }
    }

    /// Training and unseen loss of each epoch from the given one on.
    pub fn history(&self, from: usize) -> Vec<(f64, Option<f64>)> {
        let records = self.trainer.history().iter().skip(from);
        records
            .map(|record| (record.training_loss, record.validation_loss))
            .collect()
    }

    /// The bytes of the command's model file with the network as it stands.
    pub fn model_file(&mut self) -> Result<Vec<u8>, String> {
        let state = self.trainer.state();
        // A reader of the file wants to know for how long it was trained, not that it might have gone on for ever.
        let mut told = self.trainer.settings().clone();
        told.epochs = state.position.epoch.max(1);
        let regressor = match (&self.opened, &mut self.origin) {
            (Some(opened), _) => {
                let (network, history) = (self.trainer.network(), self.trainer.history());
                opened
                    .model
                    .with_network(network.clone(), told, history.to_vec())
            }
            (None, Some((_, fitting))) => {
                fitting.take_back(&Trainer::resume(
                    self.trainer.network().clone(),
                    told,
                    state,
                ));
                fitting.regressor()
            }
            (None, None) => {
                let (network, columns) = (self.trainer.network().clone(), self.inputs.clone());
                let target = self.target.name().to_owned();
                Regressor::of_network(
                    network,
                    columns,
                    target,
                    told,
                    self.trainer.history().to_vec(),
                )
                .map_err(|error| error.to_string())?
            }
        };
        model_file::model_to_bytes(&regressor).map_err(|problem| format!("the model {problem}"))
    }

    /// What the page needs to know once.
    pub fn describe(&self) -> Result<Card, String> {
        let activations = self.settings.activation()?;
        let layers = 1..=self.settings.hidden.len();
        let formulas = match &activations {
            Activations::Same(activation) => vec![format!("a(z) = {}", activation.formula())],
            Activations::Each(each) => layers
                .zip(each)
                .map(|(layer, activation)| {
                    format!("layer {layer}: a(z) = {}", activation.formula())
                })
                .collect(),
        };
        let (_, number, formula) = self.settings.optimizer()?;
        let report = self.origin.as_ref().map(|(_, fitting)| fitting.report());
        let notes = self.origin.as_ref().map(|(_, fitting)| {
            let mut notes = fitting.warnings().to_vec();
            notes.extend(fitting.left_out());
            notes.extend(self.opened.iter().flat_map(|opened| opened.notes.clone()));
            notes
        });
        Ok(Card {
            settings: self.settings.clone(),
            inputs: self.inputs.clone(),
            target: self.target.name().to_owned(),
            shapes: self
                .trainer
                .network()
                .affine_maps()
                .map(|affine| affine.w.dim())
                .collect(),
            training_rows: self.training.len(),
            unseen_rows: self.unseen.len(),
            activations: formulas,
            loss: format!("ℓ(ŷ, y) = {}", self.settings.loss()?.formulas().0),
            optimizer: format!("{number}  {formula}"),
            grid: self.grid.clone(),
            mean_error: report.as_ref().map(|report| report.baselines.mean),
            line_error: report.as_ref().and_then(|report| report.baselines.ridge),
            notes: notes.unwrap_or_default(),
            rows_at_once: self.x.nrows() <= MOST_ROWS_AT_ONCE,
            is_table: self.settings.data != Source::Example,
            is_opened: self.opened.is_some(),
        })
    }
}

/// What the page needs to know of a session once.
#[derive(Debug, Serialize)]
pub struct Card {
    settings: Settings,
    inputs: Vec<String>,
    target: String,
    /// Of each layer's `W`, (outputs, inputs).
    shapes: Vec<(usize, usize)>,
    training_rows: usize,
    unseen_rows: usize,
    /// A formula for all hidden layers, or one for each.
    activations: Vec<String>,
    loss: String,
    optimizer: String,
    grid: Grid,
    /// The errors of predicting the mean and of a straight line.
    mean_error: Option<f64>,
    line_error: Option<f64>,
    notes: Vec<String>,
    /// Whether the loss of all rows is told at every step.
    rows_at_once: bool,
    is_table: bool,
    /// Whether the network is that of a model file whose training had another table.
    is_opened: bool,
}

fn stop_if(stop: bool) -> Control {
    match stop {
        true => Control::Stop,
        false => Control::Continue,
    }
}
