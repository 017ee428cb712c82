//! What is wrong with single cells and rows of a table: gathered, so that one reading tells all of it.

use std::fmt;

use serde::Serialize;

use crate::shown::quoted;

/// A kind of fault in one column: its first place, and how often it occurs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Problem {
    /// What is wrong.
    pub fault: Fault,
    /// The line of the first such cell.
    pub line: u64,
    /// The column, unless the row as a whole is at fault.
    pub column: Option<String>,
    /// What stands there.
    pub value: String,
    /// What may be the reason, and what to do.
    pub hint: String,
    /// How many cells or rows have this fault.
    pub count: u64,
}

/// The kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A row with more or fewer values than there are columns.
    Ragged,
    /// A text in a column of numbers.
    NotANumber,
    /// An infinity, or a number beyond the range of double precision.
    NotFinite,
    /// What a spreadsheet shows where it could not compute.
    SpreadsheetError,
    /// A text in a column of points in time.
    NotATime,
    /// A text that is none of a column's levels.
    Unseen,
}

impl fmt::Display for Problem {
    /// Everything but the table's name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {}", quoted(column))?;
        }
        let value = quoted(&self.value);
        match self.fault {
            Fault::Ragged => write!(f, ": {}", self.value)?,
            Fault::NotANumber => write!(f, ": {value} is not a number")?,
            Fault::NotFinite => write!(f, ": {value} is not a finite number")?,
            Fault::SpreadsheetError => write!(
                f,
                ": {value} is an error that a spreadsheet could not compute"
            )?,
            Fault::NotATime => write!(f, ": {value} is not a date or time like the others")?,
            Fault::Unseen => write!(
                f,
                ": {value} did not occur in the table that the model learnt from"
            )?,
        }
        write!(f, " ({})", self.hint)?;
        match self.count {
            0 | 1 => Ok(()),
            2 => write!(f, ", and 1 more like it"),
            count => write!(f, ", and {} more like it", count - 1),
        }
    }
}

/// The problems below each other, the first behind the table's name.
pub(super) fn list(table: &str, problems: &[Problem]) -> String {
    const MOST: usize = 10;
    let lines: Vec<String> = problems
        .iter()
        .take(MOST)
        .map(|problem| format!("{table}, {problem}"))
        .collect();
    let mut list = lines.join("\n");
    if problems.len() > MOST {
        list.push_str(&format!(
            "\nand {} more kinds of problems",
            problems.len() - MOST
        ));
    }
    list
}

/// What a spreadsheet writes where it could not compute; #N/A is a missing value instead.
pub(super) fn is_spreadsheet_error(text: &str) -> bool {
    ["#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"].contains(&text)
}

/// Whether a text stands for an infinity.
pub(super) fn is_infinity(text: &str) -> bool {
    let unsigned = text
        .trim_start_matches(['-', '+', '\u{2212}'])
        .to_ascii_lowercase();
    ["inf", "infinity", "∞", "1.#inf", "1e999"].contains(&unsigned.as_str())
        || unsigned.starts_with(|c: char| c.is_ascii_digit())
            && unsigned.parse().is_ok_and(f64::is_infinite)
}
