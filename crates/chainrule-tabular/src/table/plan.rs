//! How each column of a table is read: decided once, from the whole table that a model learns from, and kept in the
//! model.
//!
//! A table that comes for prediction is read by the plan and never by looking again: the same text gives the same
//! value, whatever other rows stand beside it.

use serde::{Deserialize, Serialize};

use super::gather::numbers_among;

/// How all columns of a table are read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TablePlan {
    /// One plan for each column, from left to right as they stood in the table that the plan was made from.
    pub columns: Vec<ColumnPlan>,
    /// Words that stand for a missing value, beside the [usual ones](super::MISSING_WORDS).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

impl TablePlan {
    /// The plan of the column of this name.
    pub fn column(&self, name: &str) -> Option<&ColumnPlan> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The numbers among the words that stand for a missing value.
    pub(crate) fn missing_numbers(&self) -> Vec<f64> {
        numbers_among(&self.missing)
    }

    /// The decimal sign of the column of this name, if it holds numbers.
    pub fn decimal_of(&self, name: &str) -> Option<char> {
        match &self.column(name)?.form {
            Form::Number(format) => Some(format.decimal),
            _ => None,
        }
    }
}

/// How one column is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnPlan {
    /// The column's name: trimmed, in Unicode's composed form (NFC).
    pub name: String,
    /// What its cells are.
    pub form: Form,
}

/// What the cells of a column are, with all that is needed to read one of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Numbers, all written in one way.
    Number(NumberFormat),
    /// One of two texts.
    Boolean {
        /// The text that is read as false.
        no: String,
        /// The text that is read as true.
        yes: String,
    },
    /// One of a few texts.
    Category {
        /// The texts; a value's code is its text's place here.
        levels: Vec<String>,
    },
    /// Points in time, all written in one way.
    Time(TimeFormat),
    /// Nothing that a network could use: the column is left out.
    LeftOut(LeftOut),
}

impl Form {
    /// The form without its details.
    pub fn kind(&self) -> Kind {
        match self {
            Form::Number(_) => Kind::Number,
            Form::Boolean { .. } => Kind::Boolean,
            Form::Category { .. } => Kind::Category,
            Form::Time(_) => Kind::Time,
            Form::LeftOut(_) => Kind::LeftOut,
        }
    }

    /// Which of the two texts of a [`Boolean`](Self::Boolean) column a text is: that very text, or, where the two say
    /// true and false in some way, one that says so in another, as `TRUE`, `True` and `1` do.
    pub fn truth(&self, text: &str) -> Option<bool> {
        let Form::Boolean { no, yes } = self else {
            return None;
        };
        if text == no || text == yes {
            return Some(text == yes);
        }
        let are_truths = says(no) == Some(false) && says(yes) == Some(true);
        says(text).filter(|_| are_truths)
    }
}

/// Whether a text says true or false.
pub(super) fn says(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// The kinds of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Finite numbers.
    Number,
    /// Two texts.
    Boolean,
    /// A few texts.
    Category,
    /// Dates, times of day, or both.
    Time,
    /// Not used.
    LeftOut,
}

impl Kind {
    /// The kind as a message names it.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Kind::Number => "numbers",
            Kind::Boolean => "one of two texts",
            Kind::Category => "categories",
            Kind::Time => "points in time",
            Kind::LeftOut => "nothing that can be used",
        }
    }
}

/// Why a column is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// The user asked for it.
    Ignored,
    /// It names or numbers the rows.
    Identifier,
    /// Texts that hardly repeat.
    FreeText,
    /// The same value in every row.
    Constant,
    /// No value at all.
    AllMissing,
}

/// How a column writes its numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberFormat {
    /// The decimal sign, a point or a comma.
    pub decimal: char,
    /// The sign between groups of digits, as the comma in 1,234,567.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<char>,
    /// What stands before or behind the digits and is left away: a currency sign, `%`, a unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Whether letters behind the digits are magnitudes, as in 565K and 1.5M.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub magnitudes: bool,
}

impl Default for NumberFormat {
    fn default() -> Self {
        NumberFormat {
            decimal: '.',
            group: None,
            unit: None,
            magnitudes: false,
        }
    }
}

/// How a column writes its points in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeFormat {
    /// The order of the parts.
    pub order: TimeOrder,
    /// The smallest part that is written in any cell of the column.
    pub resolution: Resolution,
}

/// In which order a date's parts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeOrder {
    /// 2024-03-31, as ISO 8601 wants it.
    YearFirst,
    /// 31/3/2024.
    DayFirst,
    /// 3/31/2024.
    MonthFirst,
    /// A time of day without a date, 14:05.
    Clock,
    /// Seconds since the beginning of 1970.
    UnixSeconds,
}

/// The smallest part of a date or time that is written, from the largest to the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// Year and month.
    Month,
    /// A date.
    Day,
    /// Hours and minutes.
    Minute,
    /// Seconds, or parts of them.
    Second,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truths_are_one_answer_however_they_are_written_and_other_texts_are_themselves() {
        let of = |no: &str, yes: &str| Form::Boolean {
            no: no.to_owned(),
            yes: yes.to_owned(),
        };
        let truths = of("false", "true");
        for text in ["true", "TRUE", "True", "yes", "1", "T"] {
            assert_eq!(truths.truth(text), Some(true), "{text}");
        }
        assert_eq!(truths.truth("0"), Some(false));
        assert_eq!(truths.truth("maybe"), None);
        assert_eq!(of("No", "Yes").truth("false"), Some(false));
        assert_eq!(of("north", "south").truth("south"), Some(true));
        assert_eq!(of("north", "south").truth("yes"), None);
        assert_eq!(of("n", "s").truth("no"), None);
    }
}
