//! A column of a table by its kind: numbers, texts by code, points in time, each with its gaps.

use std::borrow::Cow;

use super::plan::{ColumnPlan, Form, Kind, LeftOut};
use super::times;
use crate::numbers::exact;

/// The code of a missing value in a column of categories.
pub const MISSING_CODE: u32 = u32::MAX;

/// The code of a text that is none of the levels: it was not in the table that the plan was made from.
pub const UNSEEN_CODE: u32 = u32::MAX - 1;

/// A missing point in time.
pub const MISSING_TIME: i64 = i64::MIN;

/// A name, how the cells are read, and what was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    plan: ColumnPlan,
    values: Values,
}

/// The values of a column, one for each row.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Finite numbers. NaN stands for a missing value and for nothing else; infinities do not occur.
    Number(Vec<f64>),
    /// Whether it is the plan's `yes`; None where the value is missing, or is neither of the two texts.
    Boolean(Vec<Option<bool>>),
    /// Places in the plan's list of levels, [`MISSING_CODE`] or [`UNSEEN_CODE`].
    Category(Vec<u32>),
    /// Microseconds since the beginning of 1970, or [`MISSING_TIME`].
    ///
    /// A time that is written with its zone or offset is the moment in UTC; one without is taken as if it were UTC, so
    /// that its calendar day and hour are those that are written. A time of day lies on 1 January 1970.
    Time(Vec<i64>),
    /// The column is left out, and its values are not kept.
    LeftOut {
        /// How many rows there are.
        rows: usize,
    },
}

impl Column {
    /// Puts a column together.
    ///
    /// # Panics
    /// If the values are of another kind than the plan says.
    #[track_caller]
    pub fn new(plan: ColumnPlan, values: Values) -> Column {
        assert_eq!(
            plan.form.kind(),
            values.kind(),
            "the column {:?} is planned as one kind and read as another",
            plan.name
        );
        Column { plan, values }
    }

    /// The column's name.
    pub fn name(&self) -> &str {
        &self.plan.name
    }

    /// How its cells are read.
    pub fn plan(&self) -> &ColumnPlan {
        &self.plan
    }

    /// What was read.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// What the values are.
    pub fn kind(&self) -> Kind {
        self.values.kind()
    }

    /// Why the column is left out, if it is.
    pub fn left_out(&self) -> Option<LeftOut> {
        match self.plan.form {
            Form::LeftOut(why) => Some(why),
            _ => None,
        }
    }

    /// The texts of a column of categories; no text for every other kind.
    pub fn levels(&self) -> &[String] {
        match &self.plan.form {
            Form::Category { levels } => levels,
            _ => &[],
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        match &self.values {
            Values::Number(values) => values.len(),
            Values::Boolean(values) => values.len(),
            Values::Category(codes) => codes.len(),
            Values::Time(times) => times.len(),
            Values::LeftOut { rows } => *rows,
        }
    }

    /// Whether the value of this row is missing. No value of a column that is left out counts as missing.
    #[track_caller]
    pub fn is_missing(&self, row: usize) -> bool {
        match &self.values {
            Values::Number(values) => values[row].is_nan(),
            Values::Boolean(values) => values[row].is_none(),
            Values::Category(codes) => codes[row] == MISSING_CODE,
            Values::Time(times) => times[row] == MISSING_TIME,
            Values::LeftOut { .. } => false,
        }
    }

    /// How many values are missing.
    pub fn missing(&self) -> usize {
        (0..self.rows()).filter(|&row| self.is_missing(row)).count()
    }

    /// The values as numbers, NaN where they are missing: numbers as they are, booleans as 0 and 1, nothing of other
    /// kinds.
    pub fn numbers(&self) -> Option<Cow<'_, [f64]>> {
        match &self.values {
            Values::Number(values) => Some(Cow::Borrowed(values)),
            Values::Boolean(values) => {
                let number =
                    |value: &Option<bool>| value.map_or(f64::NAN, |v| f64::from(u8::from(v)));
                Some(Cow::Owned(values.iter().map(number).collect()))
            }
            _ => None,
        }
    }

    /// Adds the values of a column that was read by the same plan.
    #[track_caller]
    pub(super) fn append(&mut self, next: Column) {
        assert_eq!(self.plan, next.plan, "the plans of two parts of a column");
        match (&mut self.values, next.values) {
            (Values::Number(values), Values::Number(next)) => values.extend(next),
            (Values::Boolean(values), Values::Boolean(next)) => values.extend(next),
            (Values::Category(codes), Values::Category(next)) => codes.extend(next),
            (Values::Time(times), Values::Time(next)) => times.extend(next),
            (Values::LeftOut { rows }, Values::LeftOut { rows: next }) => *rows += next,
            _ => unreachable!("the plan says what kind the values are"),
        }
    }

    /// Takes the rows from this one on away, and gives their memory back.
    pub(super) fn truncate(&mut self, rows: usize) {
        fn truncate<T>(values: &mut Vec<T>, rows: usize) {
            values.truncate(rows);
            values.shrink_to_fit();
        }
        match &mut self.values {
            Values::Number(values) => truncate(values, rows),
            Values::Boolean(values) => truncate(values, rows),
            Values::Category(codes) => truncate(codes, rows),
            Values::Time(times) => truncate(times, rows),
            Values::LeftOut { rows: all } => *all = rows.min(*all),
        }
    }

    /// The value of this row in words, as a person reads it; None where it is missing.
    #[track_caller]
    pub fn text(&self, row: usize) -> Option<String> {
        if self.is_missing(row) {
            return None;
        }
        match &self.values {
            Values::Number(values) => Some(exact(values[row])),
            Values::Boolean(values) => match &self.plan.form {
                Form::Boolean { no, yes } => {
                    values[row].map(|value| if value { yes } else { no }.clone())
                }
                _ => None,
            },
            Values::Category(codes) => self.levels().get(codes[row] as usize).cloned(),
            Values::Time(times) => match &self.plan.form {
                Form::Time(format) => Some(times::in_words_of(format, times[row])),
                _ => None,
            },
            Values::LeftOut { .. } => None,
        }
    }

    /// The column of the given rows only, in the given order.
    #[track_caller]
    pub fn select(&self, rows: &[u32]) -> Column {
        fn picked<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|&row| values[row as usize]).collect()
        }
        let values = match &self.values {
            Values::Number(values) => Values::Number(picked(values, rows)),
            Values::Boolean(values) => Values::Boolean(picked(values, rows)),
            Values::Category(codes) => Values::Category(picked(codes, rows)),
            Values::Time(times) => Values::Time(picked(times, rows)),
            Values::LeftOut { .. } => Values::LeftOut { rows: rows.len() },
        };
        Column {
            plan: self.plan.clone(),
            values,
        }
    }
}

impl Values {
    /// What the values are.
    pub fn kind(&self) -> Kind {
        match self {
            Values::Number(_) => Kind::Number,
            Values::Boolean(_) => Kind::Boolean,
            Values::Category(_) => Kind::Category,
            Values::Time(_) => Kind::Time,
            Values::LeftOut { .. } => Kind::LeftOut,
        }
    }
}
