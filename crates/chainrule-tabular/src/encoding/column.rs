//! One column of a table and the inputs that are made of it.

use std::borrow::Cow;

use chainrule::inputs::{EncodedRow, InputColumn};
use serde::{Deserialize, Serialize};

use super::category::Known;
use super::dates::civil;
use super::level_means::{LearntRow, LevelMeans, LevelRows, Sums};
use super::number::Number;
use super::unusual::Cell;
use super::{Category, Dates, EncodingSettings, Standardize, TrainingRows};
use crate::TableError;
use crate::numbers::exact;
use crate::table::column::{MISSING_CODE, MISSING_TIME};
use crate::table::{Column, Form, Kind, TypedTable, Values};

/// A column by name, and how it is encoded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnEncoding {
    name: String,
    encoder: Encoder,
}

/// How a column is encoded, by its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoder {
    /// Numbers shifted and scaled, as models of the first file format have them.
    Standardize(Standardize),
    /// Numbers.
    Number(Number),
    /// Categories, two texts among them.
    Category(Category),
    /// Points in time.
    Dates(Dates),
}

impl ColumnEncoding {
    pub(super) fn new(name: String, encoder: Encoder) -> ColumnEncoding {
        ColumnEncoding { name, encoder }
    }

    /// Learns from the rows of a column that are learnt from, which are given by their places as well; None if they
    /// tell nothing.
    pub(super) fn learn(
        column: &Column,
        learnt: &[usize],
        training: &TrainingRows,
        settings: &EncodingSettings,
    ) -> Option<ColumnEncoding> {
        let rows = || learnt.iter().copied();
        let encoder = match (column.values(), &column.plan().form) {
            (Values::Number(values), _) => {
                Encoder::Number(Number::learn(rows().map(|row| values[row]), settings)?)
            }
            (Values::Boolean(values), Form::Boolean { no, yes }) => {
                let count = |value| rows().filter(|&row| values[row] == value).count();
                let counts = [
                    (no.as_str(), count(Some(false))),
                    (yes.as_str(), count(Some(true))),
                ];
                Encoder::Category(Category::learn(&counts, count(None))?)
            }
            (Values::Category(codes), Form::Category { levels }) => {
                let (mut counts, mut missing) = (vec![0; levels.len()], 0);
                for row in rows() {
                    match counts.get_mut(codes[row] as usize) {
                        Some(count) => *count += 1,
                        None => missing += usize::from(codes[row] == MISSING_CODE),
                    }
                }
                let counts: Vec<(&str, usize)> =
                    levels.iter().map(String::as_str).zip(counts).collect();
                Encoder::Category(match settings.level_means {
                    true => {
                        let rows: Vec<LearntRow> = LearntRow::of(codes, training).collect();
                        Category::learn_with_means(&counts, missing, &rows, settings)?
                    }
                    false => Category::learn(&counts, missing)?,
                })
            }
            (Values::Time(times), Form::Time(format)) => {
                let times = rows().map(|row| times[row]);
                Encoder::Dates(Dates::learn(times, format.resolution, settings)?)
            }
            _ => return None,
        };
        Some(ColumnEncoding {
            name: column.name().to_owned(),
            encoder,
        })
    }

    /// The column's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is encoded.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// How many inputs are made of it.
    pub fn inputs(&self) -> usize {
        match &self.encoder {
            Encoder::Standardize(_) => 1,
            Encoder::Number(number) => number.inputs(),
            Encoder::Category(category) => category.inputs(),
            Encoder::Dates(dates) => dates.inputs(),
        }
    }

    /// Appends the columns of encoded rows that a cell becomes.
    pub(super) fn push_columns(&self, columns: &mut Vec<InputColumn>) {
        match &self.encoder {
            Encoder::Standardize(_) => columns.push(InputColumn::Value),
            Encoder::Number(number) => number.push_columns(columns),
            Encoder::Category(category) => category.push_columns(columns),
            Encoder::Dates(dates) => dates.push_columns(columns),
        }
    }

    /// How many inputs, the last ones, tell what the rows of a level say of the target.
    pub(super) fn inputs_of_means(&self) -> usize {
        match &self.encoder {
            Encoder::Category(category) => category.means().map_or(0, LevelMeans::inputs),
            _ => 0,
        }
    }

    /// Appends a name for each input.
    pub(super) fn push_names(&self, names: &mut Vec<String>) {
        match &self.encoder {
            Encoder::Standardize(_) => names.push(self.name.clone()),
            Encoder::Number(number) => number.push_names(&self.name, names),
            Encoder::Category(category) => category.push_names(&self.name, names),
            Encoder::Dates(dates) => dates.push_names(&self.name, names),
        }
    }

    /// The column's kind and what was learnt of it, in words.
    pub(super) fn describe(&self) -> (&'static str, String) {
        match &self.encoder {
            Encoder::Standardize(scale) => {
                let [mean, deviation] =
                    [scale.mean(), scale.scale()].map(crate::numbers::six_digits);
                ("number", format!("mean {mean}, scale {deviation}"))
            }
            Encoder::Number(number) => ("number", number.describe()),
            Encoder::Category(category) => ("category", category.describe()),
            Encoder::Dates(dates) => ("time", dates.describe()),
        }
    }

    pub(super) fn is_sound(&self) -> bool {
        match &self.encoder {
            Encoder::Standardize(scale) => scale.is_sound(),
            Encoder::Number(number) => number.is_sound(),
            Encoder::Category(category) => category.is_sound(),
            Encoder::Dates(dates) => dates.is_sound(),
        }
    }

    /// The column of a table, ready to be encoded row by row; for training with what each row is told of the others of
    /// its level.
    pub(super) fn bind<'a>(
        &'a self,
        table: &'a TypedTable,
        told: Option<&'a [LevelRows]>,
    ) -> Result<Bound<'a>, TableError> {
        let column = table.find(&self.name)?;
        let other_kind = |expected: Kind| TableError::OtherKind {
            table: table.source().to_owned(),
            column: self.name.clone(),
            found: column.kind(),
            expected,
        };
        let numbers = || column.numbers().ok_or_else(|| other_kind(Kind::Number));
        Ok(match &self.encoder {
            Encoder::Standardize(scale) => Bound::Standardize(scale, numbers()?),
            Encoder::Number(number) => Bound::Number(number, numbers()?),
            Encoder::Category(category) => match (column.values(), &column.plan().form) {
                (Values::Category(codes), Form::Category { levels }) => {
                    let known = category.known(levels.iter().map(String::as_str));
                    Bound::Codes(category, codes, known, told)
                }
                (Values::Boolean(values), Form::Boolean { no, yes }) => {
                    let known = category.known([no.as_str(), yes.as_str()].into_iter());
                    Bound::Booleans(category, values, known)
                }
                _ => return Err(other_kind(Kind::Category)),
            },
            Encoder::Dates(dates) => match column.values() {
                Values::Time(times) => Bound::Times(dates, times),
                _ => return Err(other_kind(Kind::Time)),
            },
        })
    }

    /// What each row of the table that the encoder was learnt from is told of the others of its level, where their mean
    /// is told.
    pub(super) fn told_in_training(
        &self,
        table: &TypedTable,
        training: &TrainingRows,
    ) -> Result<Option<Vec<LevelRows>>, TableError> {
        let Bound::Codes(category, codes, known, _) = self.bind(table, None)? else {
            return Ok(None);
        };
        if category.means().is_none() {
            return Ok(None);
        }
        let learnt: Vec<LearntRow> = LearntRow::of(codes, training).collect();
        let sums = Sums::of(&learnt, known.len());
        let mut told: Vec<LevelRows> = vec![LevelRows::NONE; codes.len()];
        for (&place, &fold) in training.places.iter().zip(training.folds) {
            let row = place as usize;
            told[row] = sums.others(codes[row] as usize, fold);
        }
        Ok(Some(told))
    }
}

/// A column of a table beside its encoder.
#[derive(Debug)]
pub(super) enum Bound<'a> {
    Standardize(&'a Standardize, Cow<'a, [f64]>),
    Number(&'a Number, Cow<'a, [f64]>),
    /// With what each code is to the encoder, and for training rows what is told of each row of the table.
    Codes(&'a Category, &'a [u32], Vec<Known>, Option<&'a [LevelRows]>),
    /// With what false and true are to the encoder.
    Booleans(&'a Category, &'a [Option<bool>], Vec<Known>),
    Times(&'a Dates, &'a [i64]),
}

impl Bound<'_> {
    /// Writes one row of the table, and tells what the cell is.
    pub(super) fn write(&self, row: u32, encoded: &mut EncodedRow<f32>) -> Cell {
        let row = row as usize;
        match self {
            Bound::Standardize(scale, values) => {
                let gap = values[row].is_nan();
                encoded.value(if gap { 0.0 } else { scale.apply(values[row]) });
                Cell::unexpected_gap(gap)
            }
            Bound::Number(number, values) => number.write(values[row], encoded),
            Bound::Codes(category, codes, known, others) => {
                let known = match codes[row] {
                    MISSING_CODE => Known::MISSING,
                    code => known.get(code as usize).copied().unwrap_or(Known::UNSEEN),
                };
                let others = others.map(|others| others[row]);
                category.write(known, others, encoded)
            }
            Bound::Booleans(category, values, known) => {
                let known = values[row].map_or(Known::MISSING, |value| known[usize::from(value)]);
                category.write(known, None, encoded)
            }
            Bound::Times(dates, times) => dates.write(times[row], encoded),
        }
    }
}

/// The cell as it would be written in a table; None where it is missing.
pub(super) fn cell_text(column: &Column, row: usize) -> Option<String> {
    Some(match (column.values(), &column.plan().form) {
        (Values::Number(values), _) if !values[row].is_nan() => exact(values[row]),
        (Values::Boolean(values), Form::Boolean { no, yes }) => {
            if values[row]? {
                yes.clone()
            } else {
                no.clone()
            }
        }
        (Values::Category(codes), Form::Category { levels }) if codes[row] != MISSING_CODE => {
            levels
                .get(codes[row] as usize)
                .cloned()
                .unwrap_or_else(|| "a new level".to_owned())
        }
        (Values::Time(times), _) if times[row] != MISSING_TIME => civil(times[row]).to_string(),
        _ => return None,
    })
}
