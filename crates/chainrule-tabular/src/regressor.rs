//! A trained model as one object: what it reads, how it scales, the network, and where it came from.

use std::fmt::Write;

use chainrule::activation_functions::Activation;
use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::{EpochRecord, TrainingSettings};
use ndarray::{Array1, Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::limits::{MOST_REPLAY_ROWS, at_most};
use crate::numbers::six_digits;
use crate::preprocessing::Preprocessing;
use crate::shown::label;
use crate::{Evaluation, RegressorSettings, SettingsError, Table, TableError};

/// How many made-up rows prove a network that was trained elsewhere.
const REPLAY_ROWS: usize = 5;

/// A network with all that turns a table into its inputs and its outputs into predictions.
///
/// It comes from [`Fitting`](crate::Fitting) or from [`model_file::load`](crate::model_file::load).
#[derive(Clone, Debug, PartialEq)]
pub struct Regressor {
    pub(crate) card: Card,
    pub(crate) network: SimpleNeuralNetwork<f32>,
}

/// All of a regressor but its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Card {
    pub preprocessing: Preprocessing,
    pub settings: RegressorSettings,
    pub history: Vec<EpochRecord>,
    pub replay: Replay,
}

/// A few training rows, in raw units, and what the model made of them when it was saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Replay {
    #[serde(deserialize_with = "at_most::<_, _, MOST_REPLAY_ROWS>")]
    pub rows: Vec<Vec<f64>>,
    #[serde(deserialize_with = "at_most::<_, _, MOST_REPLAY_ROWS>")]
    pub predictions: Vec<f64>,
}

impl Regressor {
    pub(crate) fn new(
        preprocessing: Preprocessing,
        settings: RegressorSettings,
        network: SimpleNeuralNetwork<f32>,
        history: Vec<EpochRecord>,
        replay_rows: ArrayView2<f64>,
    ) -> Self {
        let replay = Replay {
            rows: replay_rows.outer_iter().map(|row| row.to_vec()).collect(),
            predictions: Vec::new(),
        };
        let card = Card {
            preprocessing,
            settings,
            history,
            replay,
        };
        let mut regressor = Regressor { card, network };
        regressor.card.replay.predictions = regressor.predict_array(replay_rows).to_vec();
        regressor
    }

    /// A regressor around a network that was trained elsewhere, on values as they are: nothing is shifted or scaled.
    ///
    /// `training` and `history` say how. The rows that prove the model when it is loaded are made up: a network does not
    /// keep its training rows.
    ///
    /// # Errors
    ///
    /// If the network has several outputs, several activations, or another number of inputs than there are columns, if a name
    /// is given twice, or if a setting has no meaning.
    pub fn of_network(
        network: SimpleNeuralNetwork<f32>,
        columns: Vec<String>,
        target: String,
        training: TrainingSettings,
        history: Vec<EpochRecord>,
    ) -> Result<Self, SettingsError> {
        let hidden = network.hidden();
        let activation = hidden.first().map(|layer| layer.activation);
        let one_activation = hidden
            .iter()
            .all(|layer| Some(layer.activation) == activation);
        let (inputs, outputs) = (network.inputs(), network.outputs());
        if outputs != 1 || inputs != columns.len() || !one_activation {
            return Err(SettingsError::Network(format!(
                "a model has one output, one activation for all hidden layers and a name for each input; this network has {outputs} \
                 outputs, {} and {inputs} inputs for {} names",
                if one_activation {
                    "one activation"
                } else {
                    "several activations"
                },
                columns.len()
            )));
        }
        let preprocessing = Preprocessing::identity(columns, target);
        if let Some(repeated) = preprocessing.repeated_name() {
            return Err(SettingsError::Network(format!(
                "the name {repeated:?} is given twice: each column and the target need a name of their own"
            )));
        }
        let settings = RegressorSettings {
            hidden: hidden.iter().map(|layer| layer.affine.outputs()).collect(),
            activation: activation.unwrap_or(Activation::ReLU),
            loss: network.loss(),
            validation_fraction: 0.0,
            training,
            ..RegressorSettings::default()
        };
        settings.validate()?;
        let rows = Array2::from_shape_fn((REPLAY_ROWS, inputs), |(r, j)| {
            (r * (j + 7) % 11) as f64 / 5.0 - 1.0
        });
        Ok(Regressor::new(
            preprocessing,
            settings,
            network,
            history,
            rows.view(),
        ))
    }

    /// The columns that the model reads, in the order of the network's inputs.
    pub fn columns(&self) -> &[String] {
        self.card.preprocessing.columns()
    }

    /// The column that the model predicts.
    pub fn target(&self) -> &str {
        self.card.preprocessing.target()
    }

    /// How inputs and target are scaled.
    pub fn preprocessing(&self) -> &Preprocessing {
        &self.card.preprocessing
    }

    /// What the model was told before it was trained.
    pub fn settings(&self) -> &RegressorSettings {
        &self.card.settings
    }

    /// One record per epoch of its training.
    pub fn history(&self) -> &[EpochRecord] {
        &self.card.history
    }

    /// The network, which knows only standardised values.
    pub fn network(&self) -> &SimpleNeuralNetwork<f32> {
        &self.network
    }

    /// A prediction for each row, in the target's units. Columns are found by name: their order and further columns
    /// do not matter.
    pub fn predict(&self, table: &Table) -> Result<Vec<f64>, TableError> {
        let x = self.card.preprocessing.x(table)?;
        let predictions = self.predict_standardized(x.view());
        match predictions.iter().position(|p| !p.is_finite()) {
            None => Ok(predictions.to_vec()),
            Some(row) => Err(TableError::PredictionNotFinite {
                table: table.source().to_owned(),
                line: table.line(row),
            }),
        }
    }

    /// The same for an array whose columns are [`columns`](Self::columns), in raw units.     x (n, columns) → (n)
    ///
    /// Here nobody looks for values that are not finite: NaN in, NaN out.
    ///
    /// # Panics
    ///
    /// If `x` has another number of columns.
    #[track_caller]
    pub fn predict_array(&self, x: ArrayView2<f64>) -> Array1<f64> {
        self.predict_standardized(self.card.preprocessing.inputs().apply(x).view())
    }

    fn predict_standardized(&self, x: ArrayView2<f32>) -> Array1<f64> {
        let y_hat = self.network.predict(x);
        let output = self.card.preprocessing.output();
        output.undo(y_hat.view()).column(0).to_owned()
    }

    /// How far the predictions for a table are from its own target column.
    pub fn evaluate(&self, table: &Table) -> Result<Evaluation, TableError> {
        let actual = table.numeric(&[self.target()])?;
        let predicted = self.predict(table)?;
        Ok(Evaluation::of(
            &actual.into_raw_vec_and_offset().0,
            &predicted,
        ))
    }

    /// Exactly what the network sees of a table, and what it should answer.     x (n, columns)  y (n, 1)
    ///
    /// The values are those of single precision, widened so that they can be checked in double.
    pub fn standardized(&self, table: &Table) -> Result<(Array2<f64>, Array2<f64>), TableError> {
        let preprocessing = &self.card.preprocessing;
        let (x, y) = (preprocessing.x(table)?, preprocessing.y(table)?);
        Ok((x.mapv(f64::from), y.mapv(f64::from)))
    }

    /// The model in words and numbers, for people.
    pub fn describe(&self) -> String {
        let preprocessing = &self.card.preprocessing;
        let settings = &self.card.settings;
        let training = &settings.training;
        let labels: Vec<String> = self
            .columns()
            .iter()
            .map(|name| label(name))
            .chain([label(self.target())])
            .collect();
        let width = labels
            .iter()
            .map(|label| label.chars().count())
            .fold("column".len(), usize::max);

        let mut text = format!("{}\n\n", self.network.describe().trim_end());
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:width$}  {:>14}  {:>14}", "column", "mean", "scale");
        let (inputs, output) = (preprocessing.inputs(), preprocessing.output());
        let means = inputs.mean().iter().chain(output.mean());
        let scales = inputs.scale().iter().chain(output.scale());
        for ((label, mean), scale) in labels.iter().zip(means).zip(scales) {
            let (mean, scale) = (six_digits(*mean), six_digits(*scale));
            let _ = writeln!(text, "{label:width$}  {mean:>14}  {scale:>14}");
        }
        text.truncate(text.trim_end().len());
        let _ = writeln!(text, "  (target)\n");

        let batch = training
            .batch_size
            .map_or("all rows".to_owned(), |size| format!("{size} rows"));
        let _ = writeln!(
            text,
            "trained with {}, learning rate {}, schedule {}, batches of {batch}, L2 penalty {}, validation fraction {}, seed {}",
            training.optimizer,
            training.learning_rate,
            training.schedule,
            training.l2_penalty,
            settings.validation_fraction,
            training.seed
        );
        match self.history().last() {
            None => text.push_str("not trained for a whole epoch yet"),
            Some(last) => {
                let _ = write!(
                    text,
                    "after epoch {} of {}: training loss {}",
                    last.epoch,
                    training.epochs,
                    six_digits(last.training_loss)
                );
                if let Some(loss) = last.validation_loss {
                    let _ = write!(text, ", validation loss {}", six_digits(loss));
                }
            }
        }
        let best = self
            .history()
            .iter()
            .filter_map(|record| Some((record.validation_loss?, record.epoch)))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((loss, epoch)) = best {
            let loss = six_digits(loss);
            let _ = write!(text, "\nbest validation loss {loss}, after epoch {epoch}");
        }
        text
    }
}
