//! Models of format 1: columns of numbers, standardised. They become models as they are today, and predict the same
//! bits.

use chainrule::training::EpochRecord;
use serde::Deserialize;

use super::{ModelContent, Problem};
use crate::RegressorSettings;
use crate::encoding::{Encoding, Standardize, TargetScale};
use crate::kept_rows::{KeptColumn, KeptRows};
use crate::limits::{MOST_KEPT_ROWS, at_most};
use crate::regressor::{BagCard, Card, Replay, numbers_plan};

/// The content of a file.
#[derive(Deserialize)]
pub(super) struct OldCard {
    preprocessing: Preprocessing,
    settings: RegressorSettings,
    history: Vec<EpochRecord>,
    replay: Rows,
}

#[derive(Deserialize)]
struct Preprocessing {
    columns: Vec<String>,
    target: String,
    inputs: Scales,
    output: Scales,
}

/// A mean and a scale for each column.
#[derive(Deserialize)]
struct Scales {
    mean: Vec<f64>,
    scale: Vec<f64>,
}

#[derive(Deserialize)]
struct Rows {
    #[serde(deserialize_with = "at_most::<_, _, MOST_KEPT_ROWS>")]
    rows: Vec<Vec<f64>>,
    #[serde(deserialize_with = "at_most::<_, _, MOST_KEPT_ROWS>")]
    predictions: Vec<f64>,
}

impl Scales {
    /// As many scales as there are columns.
    fn of(self, columns: usize) -> Result<Vec<Standardize>, Problem> {
        if (self.mean.len(), self.scale.len()) != (columns, columns) {
            return Err(Problem::damaged("its scaling does not fit its columns"));
        }
        let pairs = self.mean.into_iter().zip(self.scale);
        Ok(pairs
            .map(|(mean, scale)| Standardize::new(mean, scale))
            .collect())
    }
}

impl OldCard {
    /// The same model as it is kept today.
    pub(super) fn into_content(self) -> Result<ModelContent, Problem> {
        let Preprocessing {
            columns,
            target,
            inputs,
            output,
        } = self.preprocessing;
        let Rows { rows, predictions } = self.replay;
        if rows.iter().any(|row| row.len() != columns.len()) {
            return Err(Problem::damaged(
                "the rows that it keeps do not fit its columns",
            ));
        }
        let column = |j: usize| KeptColumn::Numbers(rows.iter().map(|row| Some(row[j])).collect());
        let kept = KeptRows {
            columns: (0..columns.len()).map(column).collect(),
        };
        let plan = numbers_plan(columns.iter().chain([&target]));
        let inputs = inputs.of(columns.len())?;
        let output = output.of(1)?[0];
        let bag = BagCard {
            encoding: Encoding::standardized(columns.into_iter().zip(inputs)),
            target: TargetScale::given(target, output),
            settings: self.settings,
            weight: 1.0,
            histories: vec![self.history],
        };
        let card = Card {
            plan,
            unseen: None,
            importance: None,
            background: None,
            replay: Replay {
                rows: kept,
                predictions,
            },
        };
        Ok(ModelContent {
            card,
            intervals: None,
            bags: vec![bag],
        })
    }
}
