//! A trained model as one object: how it reads a table, how it encodes it, the network, and where it came from.

mod bag;
mod describe;
mod gradients;

use std::collections::HashSet;

use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::{EpochRecord, TrainingSettings};
use ndarray::{Array1, Array2, ArrayView2};
use serde::{Deserialize, Serialize};

pub use bag::Bag;
pub(crate) use bag::{BagCard, ROWS_AT_A_TIME};

use crate::activations::Activations;
use crate::encoding::{Encoding, Standardize, TargetScale, Unusual};
use crate::fitting::Unseen;
use crate::intervals::Intervals;
use crate::kept_rows::{KeptRows, plans_of};
use crate::limits::{MOST_KEPT_ROWS, at_most};
use crate::reasons::Importance;
use crate::table::plan::NumberFormat;
use crate::table::{Column, ColumnPlan, Form, RowLines, TablePlan, TypedTable, Values};
use crate::{Evaluation, RegressorSettings, SettingsError, TableError};

/// How many made-up rows prove a network that was trained elsewhere.
const REPLAY_ROWS: usize = 5;

/// One network, or bags of them, with all that turns a table into their inputs and their outputs into predictions.
///
/// What it predicts is the mean over the networks of each bag, and over the bags as much as each counts.
///
/// It comes from [`Fitting`](crate::Fitting) or from [`model_file::load`](crate::model_file::load).
#[derive(Clone, Debug, PartialEq)]
pub struct Regressor {
    pub(crate) card: Card,
    /// At least one.
    pub(crate) bags: Vec<Bag>,
    /// How it errs on rows that the predicting networks had not seen.
    pub(crate) intervals: Option<Intervals>,
}

/// What a regressor is beside its bags.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Card {
    /// How the columns are read: those that are encoded, and the target.
    pub plan: TablePlan,
    /// How good it was on rows that the predicting networks had not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Unseen>,
    /// How much it needs each column, found on such rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub importance: Option<Importance>,
    /// Rows that it learnt from, to compare others with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<KeptRows>,
    pub replay: Replay,
}

/// A few training rows, in raw units, and what the model made of them when it was saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Replay {
    pub rows: KeptRows,
    #[serde(deserialize_with = "at_most::<_, _, MOST_KEPT_ROWS>")]
    pub predictions: Vec<f64>,
}

/// What a model says of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    /// One for each row, in the target's units; None where it is not a finite number, because the row's values are too
    /// far from all that the model was trained on.
    pub values: Vec<Option<f64>>,
    /// What was unlike the training rows.
    pub unusual: Unusual,
}

/// How good the predictions of a table are.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// The errors on the rows that have a target and a prediction.
    pub evaluation: Evaluation,
    /// How many rows were left out because they have no target.
    pub without_target: usize,
    /// How many rows were left out because they cannot be predicted.
    pub without_prediction: usize,
    /// What was unlike the training rows.
    pub unusual: Unusual,
}

impl Card {
    /// The plan of the columns of these names and of the target, in this order.
    pub(crate) fn plan_of<'a>(
        plan: &'a TablePlan,
        names: impl Iterator<Item = &'a str>,
        target: &'a str,
    ) -> TablePlan {
        TablePlan {
            columns: plans_of(plan, names.chain([target])).cloned().collect(),
            missing: plan.missing.clone(),
        }
    }
}

impl Regressor {
    pub(crate) fn new(
        plan: TablePlan,
        bags: Vec<Bag>,
        unseen: Option<Unseen>,
        intervals: Option<Intervals>,
        rows: KeptRows,
    ) -> Self {
        let replay = Replay {
            rows,
            predictions: Vec::new(),
        };
        let card = Card {
            plan,
            unseen,
            importance: None,
            background: None,
            replay,
        };
        let mut regressor = Regressor {
            card,
            bags,
            intervals,
        };
        let predictions = regressor
            .replayed()
            .expect("the rows are those of the encoded columns");
        regressor.card.replay.predictions = predictions;
        regressor
    }

    /// The same, which knows how much it needs each column and keeps rows to compare others with.
    pub(crate) fn with_reasons(
        mut self,
        importance: Option<Importance>,
        background: Option<KeptRows>,
    ) -> Self {
        (self.card.importance, self.card.background) = (importance, background);
        self
    }

    /// Says what cannot be true of it: a file could say anything.
    pub(crate) fn expect_sound(&self) -> Result<(), String> {
        let names = |bag: &Bag| -> Vec<String> {
            let columns = bag.encoding().columns().iter();
            columns.map(|column| column.name().to_owned()).collect()
        };
        let first = names(&self.bags[0]);
        let plans = self.card.plan.columns.iter();
        let plans: HashSet<&str> = plans.map(|plan| plan.name.as_str()).collect();
        let target = self.target();
        let all_planned = first
            .iter()
            .map(String::as_str)
            .chain([target])
            .all(|name| plans.contains(name));
        let agrees = |bag: &Bag| names(bag) == first && bag.target_scale().name() == target;
        if !all_planned || !self.bags.iter().all(agrees) {
            return Err("its encoding does not fit its columns".to_owned());
        }
        let mut seen = HashSet::from([target]);
        if let Some(repeated) = first.iter().find(|name| !seen.insert(name)) {
            return Err(format!("the column {repeated:?} occurs twice"));
        }
        let read = || first.iter().map(String::as_str);
        if self
            .importance()
            .is_some_and(|found| !found.is_sound(read()))
        {
            return Err("its importance is not that of its columns".to_owned());
        }
        match self.card.background.is_some() && self.background().is_none() {
            true => Err("the rows that it compares with do not fit its columns".to_owned()),
            false => Ok(()),
        }
    }

    /// A regressor around a network that was trained elsewhere, on numbers as they are: nothing is shifted or scaled.
    ///
    /// `training` and `history` say how. The rows that prove the model when it is loaded are made up: a network does
    /// not keep its training rows.
    ///
    /// # Errors
    ///
    /// If the network has several outputs or another number of inputs than there are columns, if a name is given twice,
    /// or if a setting has no meaning.
    pub fn of_network(
        network: SimpleNeuralNetwork<f32>,
        columns: Vec<String>,
        target: String,
        training: TrainingSettings,
        history: Vec<EpochRecord>,
    ) -> Result<Self, SettingsError> {
        let hidden = network.hidden();
        let (inputs, outputs) = (network.inputs(), network.outputs());
        if outputs != 1 || inputs != columns.len() {
            return Err(SettingsError::Network(format!(
                "a model has one output and a name for each input; this network has {outputs} outputs and {inputs} inputs for \
                 {} names",
                columns.len()
            )));
        }
        let mut seen = HashSet::new();
        if let Some(repeated) = columns
            .iter()
            .chain([&target])
            .find(|name| !seen.insert(name.as_str()))
        {
            return Err(SettingsError::Network(format!(
                "the name {repeated:?} is given twice: each column and the target need a name of their own"
            )));
        }
        let settings = RegressorSettings {
            hidden: hidden.iter().map(|layer| layer.affine.outputs()).collect(),
            activation: Activations::of_layers(hidden.iter().map(|layer| layer.activation)),
            loss: network.loss(),
            validation_fraction: 0.0,
            training,
            ..RegressorSettings::default()
        };
        settings.validate()?;
        let rows = Array2::from_shape_fn((REPLAY_ROWS, inputs), |(r, j)| {
            (r * (j + 7) % 11) as f64 / 5.0 - 1.0
        });
        let rows = KeptRows::of(
            &numbers(&columns, rows.view()),
            columns.iter().map(String::as_str),
            &all(REPLAY_ROWS),
        );
        let plan = numbers_plan(columns.iter().chain([&target]));
        let as_they_are = |name| (name, Standardize::new(0.0, 1.0));
        let encoding = Encoding::standardized(columns.into_iter().map(as_they_are));
        let card = BagCard {
            encoding,
            target: TargetScale::identity(target),
            settings,
            weight: 1.0,
            histories: vec![history],
        };
        let bag = Bag::new(card, vec![network]);
        Ok(Regressor::new(plan, vec![bag], None, None, rows))
    }

    /// The same with another network in the place of its only one, trained elsewhere on rows that were read and encoded
    /// as this model's. How it errs is no longer known.
    ///
    /// # Panics
    /// If it has several networks, or the other has another number of inputs.
    #[track_caller]
    pub fn with_network(
        &self,
        network: SimpleNeuralNetwork<f32>,
        training: TrainingSettings,
        history: Vec<EpochRecord>,
    ) -> Self {
        assert_eq!(self.members(), 1, "networks of the model");
        let mut card = self.bags[0].card.clone();
        card.settings.training = training;
        card.histories = vec![history];
        let bag = Bag::new(card, vec![network]);
        let rows = self.card.replay.rows.clone();
        Regressor::new(self.card.plan.clone(), vec![bag], None, None, rows)
    }

    /// How a table is to be read for this model: its inputs, in their order, and its target.
    pub fn plan(&self) -> &TablePlan {
        &self.card.plan
    }

    /// The columns that the model reads, in the order of the network's inputs.
    pub fn columns(&self) -> Vec<&str> {
        self.encoding()
            .columns()
            .iter()
            .map(|column| column.name())
            .collect()
    }

    /// The bags of networks that it is made of; a network that stands alone is one bag of one.
    pub fn bags(&self) -> &[Bag] {
        &self.bags
    }

    /// How many networks there are.
    pub fn members(&self) -> usize {
        self.bags.iter().map(|bag| bag.networks().len()).sum()
    }

    /// How good it was on rows that the predicting networks had not seen, if it was trained on a table that had some.
    pub fn unseen(&self) -> Option<&Unseen> {
        self.card.unseen.as_ref()
    }

    /// How much its error rises when the values of a column are shuffled, for each column, if it was trained on a table
    /// that had enough rows which the predicting networks did not see.
    pub fn importance(&self) -> Option<&Importance> {
        self.card.importance.as_ref()
    }

    /// What intervals around its predictions are made of, if it was trained on a table that had rows which the
    /// predicting networks did not see.
    pub fn intervals(&self) -> Option<&Intervals> {
        self.intervals.as_ref()
    }

    /// How the columns are encoded for the first bag.
    pub fn encoding(&self) -> &Encoding {
        self.bags[0].encoding()
    }

    /// The column that the model predicts.
    pub fn target(&self) -> &str {
        self.target_scale().name()
    }

    /// How the target is scaled for the first bag.
    pub fn target_scale(&self) -> &TargetScale {
        self.bags[0].target_scale()
    }

    /// What the networks of the first bag were told before they were trained.
    pub fn settings(&self) -> &RegressorSettings {
        self.bags[0].settings()
    }

    /// One record per epoch of the first network's training.
    pub fn history(&self) -> &[EpochRecord] {
        &self.bags[0].histories()[0]
    }

    /// The first network, which knows only encoded values.
    pub fn network(&self) -> &SimpleNeuralNetwork<f32> {
        let mut networks = self.bags[0].networks();
        networks.next().expect("a bag has a network")
    }

    /// A prediction for each row of a table that was read by the model's [plan](Self::plan). Columns are found by name:
    /// their order and further columns do not matter.
    pub fn predict(&self, table: &TypedTable) -> Result<Predictions, TableError> {
        let (values, unusual) = self.answers(table)?;
        let finite = |value: f64| value.is_finite().then_some(value);
        Ok(Predictions {
            values: values.into_iter().map(finite).collect(),
            unusual,
        })
    }

    /// The same for an array whose columns are [`columns`](Self::columns), in raw units; NaN is a gap, and so is a
    /// number that stands for one in the model's [plan](Self::plan).     x (n, columns) → (n)
    ///
    /// # Errors
    /// If the model reads anything but numbers.
    ///
    /// # Panics
    /// If `x` has another number of columns.
    #[track_caller]
    pub fn predict_array(&self, x: ArrayView2<f64>) -> Result<Array1<f64>, TableError> {
        let columns = self.columns();
        assert_eq!(x.ncols(), columns.len(), "columns of X");
        let gaps = self.card.plan.missing_numbers();
        let known = |&x: &f64| if gaps.contains(&x) { f64::NAN } else { x };
        let table = match gaps.is_empty() {
            true => numbers(&columns, x),
            false => numbers(&columns, x.map(known).view()),
        };
        Ok(Array1::from(self.answers(&table)?.0))
    }

    /// What the networks answer together, in the target's units, and what was unusual in the rows.
    fn answers(&self, table: &TypedTable) -> Result<(Vec<f64>, Unusual), TableError> {
        let mut predictions = vec![0.0; table.rows()];
        let mut unusual = self.encoding().unusual();
        for (nth, bag) in self.bags.iter().enumerate() {
            let bound = bag.encoding().bind(table)?;
            // All bags read the same columns: what is unusual to the first is so to each.
            let unusual = (nth == 0).then_some(&mut unusual);
            bag.add_to(&mut predictions, &bound, unusual);
        }
        Ok((predictions, unusual))
    }

    /// Rows that the model learnt from, with its columns, to compare others with: a hundred, fewer where there are many
    /// columns, and none where there are more than 749.
    pub fn background(&self) -> Option<TypedTable> {
        let names = self.columns();
        let rows = self.card.background.as_ref()?;
        let table = rows.table(plans_of(&self.card.plan, names.into_iter()))?;
        (table.rows() > 0).then_some(table)
    }

    /// What the model says of the rows that it keeps; None if they are not rows of its columns.
    pub(crate) fn replayed(&self) -> Option<Vec<f64>> {
        let plans = plans_of(
            &self.card.plan,
            self.encoding().columns().iter().map(|c| c.name()),
        );
        let table = self.card.replay.rows.table(plans)?;
        Some(self.answers(&table).ok()?.0)
    }

    /// The values of a table's target; NaN where they are missing.
    pub fn actual(&self, table: &TypedTable) -> Result<Vec<f64>, TableError> {
        Ok(table.numbers_of(self.target())?.into_owned())
    }

    /// How far the predictions for a table are from its own target column.
    pub fn evaluate(&self, table: &TypedTable) -> Result<Evaluated, TableError> {
        let actual = self.actual(table)?;
        let Predictions { values, unusual } = self.predict(table)?;
        let without_target = actual.iter().filter(|y| y.is_nan()).count();
        let compared = actual.iter().zip(values).filter(|(y, _)| !y.is_nan());
        let (y, y_hat): (Vec<f64>, Vec<f64>) = compared.filter_map(|(&y, p)| Some((y, p?))).unzip();
        if y.is_empty() {
            return Err(TableError::NothingToCompare {
                table: table.source().to_owned(),
                target: self.target().to_owned(),
            });
        }
        Ok(Evaluated {
            evaluation: Evaluation::of(&y, &y_hat),
            without_target,
            without_prediction: table.rows() - without_target - y.len(),
            unusual,
        })
    }
}

/// The numbers of all rows.
fn all(rows: usize) -> Vec<u32> {
    (0..rows as u32).collect()
}

/// The plan of columns of plain numbers.
pub(crate) fn numbers_plan<'a>(names: impl Iterator<Item = &'a String>) -> TablePlan {
    let plan = |name: &String| ColumnPlan {
        name: name.clone(),
        form: Form::Number(NumberFormat::default()),
    };
    TablePlan {
        columns: names.map(plan).collect(),
        missing: Vec::new(),
    }
}

/// An array as a table of numbers.
pub(crate) fn numbers(names: &[impl AsRef<str>], x: ArrayView2<f64>) -> TypedTable {
    let columns = names.iter().zip(x.columns()).map(|(name, x)| {
        let form = Form::Number(NumberFormat::default());
        Column::new(
            ColumnPlan {
                name: name.as_ref().to_owned(),
                form,
            },
            Values::Number(x.to_vec()),
        )
    });
    let mut lines = RowLines::default();
    (1..=x.nrows()).for_each(|row| lines.push(row as u64));
    TypedTable::new("the array".to_owned(), columns.collect(), lines)
}
