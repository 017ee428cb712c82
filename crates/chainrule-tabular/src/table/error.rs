//! What can be wrong with a table, each case with a message that says where, what was found and what to do.

use std::io;

use thiserror::Error;

use crate::numbers::{exact, six_digits};
use crate::reason;
use crate::shown::quoted;

/// A table that cannot be used as it is.
///
/// Each message begins with the table's name, then the line and the column where that is known.
#[derive(Debug, Error)]
#[non_exhaustive]
#[allow(missing_docs)] // the messages say what each field is
pub enum TableError {
    /// The path leads nowhere.
    #[error("{table} does not exist: check the name and the folder")]
    NoSuchFile { table: String },

    /// The operating system refused.
    #[error("{table} cannot be read: {}", reason(error))]
    Io { table: String, error: io::Error },

    /// Not a single record.
    #[error(
        "{table} is empty: a table has a line with the columns' names, and below it one line for each row"
    )]
    Empty { table: String },

    /// A header and nothing below it.
    #[error(
        "{table} has a header but no rows: below the columns' names, add one line for each row"
    )]
    NoRows { table: String },

    /// A line with more or fewer values than the header has names.
    #[error(
        "{table}, line {line}: {values} value{} where the header has {columns} column{}: add or remove values \
         (a value that holds a comma needs double quotes)",
        plural(*values), plural(*columns)
    )]
    Ragged {
        table: String,
        line: u64,
        values: usize,
        columns: usize,
    },

    /// A quote without a partner, or with one that stands where it cannot belong.
    #[error("{table}, line {line}, column {column}: {problem}")]
    StrayQuote {
        table: String,
        line: u64,
        column: String,
        problem: String,
    },

    /// A column without a name.
    #[error(
        "{table}: column {position} has no name: give it one in the first line, or remove it \
         (pandas writes such a column unless told index=False)"
    )]
    UnnamedColumn { table: String, position: usize },

    /// Two columns of one name.
    #[error(
        "{table}: columns {first} and {second} are both named {}: rename one of them",
        quoted(column)
    )]
    DuplicateColumn {
        table: String,
        column: String,
        first: usize,
        second: usize,
    },

    /// Text in another encoding, or no text at all.
    #[error(
        "{table}, line {line}, column {column}: the text is not UTF-8: save the table as UTF-8"
    )]
    NotUtf8 {
        table: String,
        line: u64,
        column: String,
    },

    /// A column that is asked for by name and is not there.
    #[error("{table} has no column {}{suggestion}: {columns}", quoted(column))]
    MissingColumn {
        table: String,
        column: String,
        suggestion: String,
        columns: String,
    },

    /// What is named is of another kind than a table.
    #[error("{table} is {what}: {remedy}")]
    NotATable {
        table: String,
        what: String,
        remedy: String,
    },

    /// More columns than anything is made for.
    #[error(
        "{table} has {columns} columns, and {most} is the most: is the separator the right one?"
    )]
    TooWide {
        table: String,
        columns: usize,
        most: usize,
    },

    /// A record that does not end.
    #[error(
        "{table}, line {line}: a row of more than {megabytes} MB begins here: its quote is never closed, the line ends are \
         missing, or this is no table"
    )]
    LongLine {
        table: String,
        line: u64,
        megabytes: usize,
    },

    /// Bytes that no text holds.
    #[error(
        "{table}, line {line}: there are bytes that no text holds: the file is damaged, or it is no table of text"
    )]
    Binary { table: String, line: u64 },

    /// Letters in UTF-8, and further down others that are not.
    #[error(
        "{table}, line {line}: the text is UTF-8 above and something else here: save the table as UTF-8"
    )]
    MixedEncoding { table: String, line: u64 },

    /// A part of the file that its format does not allow, or that is not read here.
    #[error("{table} cannot be read as {format}: {reason}")]
    Format {
        table: String,
        format: &'static str,
        reason: String,
    },

    /// Cells and rows that cannot be read.
    #[error("{}", super::problems::list(table, problems))]
    Problems {
        table: String,
        problems: Vec<super::problems::Problem>,
    },

    /// An empty cell.
    #[error(
        "{table}, line {line}, column {}: the value is missing: fill it in, or remove the row",
        quoted(column)
    )]
    MissingValue {
        table: String,
        line: u64,
        column: String,
    },

    /// A cell that does not read as a number.
    #[error(
        "{table}, line {line}, column {}: {} is not a number ({hint})",
        quoted(column),
        quoted(value)
    )]
    NotANumber {
        table: String,
        line: u64,
        column: String,
        value: String,
        hint: String,
    },

    /// NaN, an infinity, or a number beyond the range of double precision.
    #[error(
        "{table}, line {line}, column {}: {} is not a finite number: correct it, or remove the row",
        quoted(column),
        quoted(value)
    )]
    NotFinite {
        table: String,
        line: u64,
        column: String,
        value: String,
    },

    /// A finite number that single precision cannot hold once it is standardised.
    #[error(
        "{table}, line {line}, column {}: {} is too far from the column's usual values (mean {}, \
         standard deviation {}) to compute with: correct it, or remove the row",
        quoted(column), exact(*value), six_digits(*mean), six_digits(*scale)
    )]
    OutOfRange {
        table: String,
        line: u64,
        column: String,
        value: f64,
        mean: f64,
        scale: f64,
    },

    /// Inputs so far from the training data that the network overflows.
    #[error(
        "{table}, line {line}: the prediction is not a finite number, because the inputs are too far from the \
         rows that the model was trained on: correct them, or remove the row"
    )]
    PredictionNotFinite { table: String, line: u64 },
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// `its columns are "a", "b", "c"`, cut after 20 names, with a hint where the header does not look like one.
pub(super) fn list_of_names(columns: &[String]) -> String {
    const MOST: usize = 20;
    let named: Vec<String> = columns.iter().take(MOST).map(|c| quoted(c)).collect();
    let mut list = match columns {
        [_] => format!("its only column is {}", named[0]),
        _ => format!("its columns are {}", named.join(", ")),
    };
    if columns.len() > MOST {
        list.push_str(&format!(" and {} more", columns.len() - MOST));
    }
    if let [only] = columns
        && let Some(separator) = only.chars().find(|c| matches!(c, ';' | '\t' | '|'))
    {
        list.push_str(&format!(
            " (values separated by {separator:?}? Save the table with commas)"
        ));
    } else if columns.iter().all(|name| name.parse::<f64>().is_ok()) {
        list.push_str(" (numbers? The first line has to name the columns)");
    }
    list
}

/// The likeliest reason why a cell is not a number, and the remedy.
pub(super) fn why_not_a_number(cell: &str) -> String {
    const TEXT: &str = "a column of text? Remove the column, or write its values as numbers";
    /// Longer cells are no numbers, whatever is wrong with them, and may be of any length.
    const LONGEST: usize = 100;
    if cell.len() > LONGEST {
        return TEXT.to_owned();
    }
    const MISSING: [&str; 8] = ["na", "n/a", "#n/a", "null", "none", "missing", "?", "-"];
    if MISSING.contains(&cell.to_lowercase().as_str()) {
        return "a missing value? Fill it in, or remove the row".to_owned();
    }
    let is_number = |text: &str| text.parse::<f64>().is_ok_and(f64::is_finite);
    let (commas, points) = (cell.matches(',').count(), cell.matches('.').count());
    if commas == 1 && points == 0 && is_number(&cell.replace(',', ".")) {
        return format!("decimal comma? Write {}", cell.replace(',', "."));
    }
    for separator in [",", " ", "'", "_", "\u{a0}", "\u{202f}", "’"] {
        let joined = cell.replace(separator, "");
        if joined != cell && is_number(&joined) {
            return format!("digits in groups? Write {joined}");
        }
    }
    let begins_as_number = cell.starts_with(|c: char| c.is_ascii_digit());
    if begins_as_number && cell.ends_with(|c: char| !c.is_ascii_digit()) {
        return "a unit? Leave only the number".to_owned();
    }
    TEXT.to_owned()
}
