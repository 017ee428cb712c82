//! A category as inputs: its usual levels one-hot, and, where many levels are rare, what their rows say of the target.

use chainrule::inputs::{EncodedRow, InputColumn};
use serde::{Deserialize, Serialize};

use super::one_hot::Level;
use super::unusual::Cell;
use super::{EncodingSettings, LevelMeans, OneHot};
use crate::encoding::level_means::{LearntRow, LevelRows};

/// How one column of categories is encoded, learnt from the training rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Category {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    one_hot: Option<OneHot>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    means: Option<LevelMeans>,
}

/// What one text is to the encoder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    level: Level,
    rows: LevelRows,
}

impl Category {
    /// Learns from how many of the training rows have each level, and how many have none. Where all have the same, or
    /// no level is frequent, there is nothing to learn.
    pub(super) fn learn(counts: &[(&str, usize)], missing: usize) -> Option<Category> {
        let one_hot = Some(OneHot::learn(counts, missing)?);
        Some(Category {
            one_hot,
            means: None,
        })
    }

    /// The same, and what the rows of each level say of the target, where many levels are rare.
    pub(super) fn learn_with_means(
        counts: &[(&str, usize)],
        missing: usize,
        rows: &[LearntRow],
        settings: &EncodingSettings,
    ) -> Option<Category> {
        let one_hot = OneHot::learn(counts, missing);
        let usual = one_hot.as_ref().map_or(&[][..], OneHot::levels);
        let usual_rows: usize = counts
            .iter()
            .filter(|(text, _)| {
                usual
                    .binary_search_by(|level| level.as_str().cmp(text))
                    .is_ok()
            })
            .map(|(_, count)| count)
            .sum();
        let means = LevelMeans::learn(counts, rows, usual_rows, settings);
        (one_hot.is_some() || means.is_some()).then_some(Category { one_hot, means })
    }

    /// The levels that have an input of their own, or share one; none where the means alone are told.
    pub fn one_hot(&self) -> Option<&OneHot> {
        self.one_hot.as_ref()
    }

    /// What the rows of each level say of the target, where that is told.
    pub fn means(&self) -> Option<&LevelMeans> {
        self.means.as_ref()
    }

    pub(super) fn inputs(&self) -> usize {
        let one_hot = self.one_hot.as_ref().map_or(0, OneHot::inputs);
        one_hot + self.means.as_ref().map_or(0, LevelMeans::inputs)
    }

    /// Names the inputs of the column `name`.
    pub(super) fn push_names(&self, name: &str, names: &mut Vec<String>) {
        if let Some(one_hot) = &self.one_hot {
            one_hot.push_names(name, names);
        }
        if let Some(means) = &self.means {
            means.push_names(name, names);
        }
    }

    /// What each of a table's texts is to the encoder.
    pub(super) fn known<'a>(&self, texts: impl Iterator<Item = &'a str> + Clone) -> Vec<Known> {
        let count = texts.clone().count();
        let levels = match &self.one_hot {
            Some(one_hot) => one_hot.levels_of(texts.clone()),
            None => vec![Level::Unseen; count],
        };
        let rows = match &self.means {
            Some(means) => texts.map(|text| means.rows_of(text)).collect(),
            None => vec![LevelRows::NONE; count],
        };
        let known = levels.into_iter().zip(rows);
        known.map(|(level, rows)| Known { level, rows }).collect()
    }

    /// Appends the columns that a level is encoded as.
    pub(super) fn push_columns(&self, columns: &mut Vec<InputColumn>) {
        if let Some(one_hot) = &self.one_hot {
            one_hot.push_columns(columns);
        }
        if let Some(means) = &self.means {
            means.push_columns(columns);
        }
    }

    /// Writes one level; of a training row by what its level's rows in other folds say.
    pub(super) fn write(
        &self,
        known: Known,
        others: Option<LevelRows>,
        row: &mut EncodedRow<f32>,
    ) -> Cell {
        let cell = match (&self.one_hot, known.rows == LevelRows::NONE) {
            (Some(encoder), _) => encoder.write(known.level, row),
            (None, true) => Cell::Unseen,
            (None, false) => Cell::Usual,
        };
        if let Some(encoder) = &self.means {
            encoder.write(others.unwrap_or(known.rows), row);
        }
        cell
    }

    pub(super) fn describe(&self) -> String {
        let one_hot = self.one_hot.as_ref().map(OneHot::describe);
        let means = self.means.as_ref().map(LevelMeans::describe);
        let parts: Vec<String> = one_hot.into_iter().chain(means).collect();
        parts.join(", ")
    }

    pub(super) fn is_sound(&self) -> bool {
        self.one_hot.as_ref().is_none_or(OneHot::is_sound)
            && self.means.as_ref().is_none_or(LevelMeans::is_sound)
            && self.inputs() > 0
    }
}

impl Known {
    /// No text at all.
    pub(super) const MISSING: Known = Known {
        level: Level::Missing,
        rows: LevelRows::NONE,
    };

    /// A text that no training row had.
    pub(super) const UNSEEN: Known = Known {
        level: Level::Unseen,
        rows: LevelRows::NONE,
    };
}
