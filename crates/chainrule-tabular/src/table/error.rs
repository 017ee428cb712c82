//! What can be wrong with a table, each case with a message that says where, what was found and what to do.

use std::io;

use thiserror::Error;

use super::plan::Kind;
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

    /// A quote without a partner, or with one that stands where it cannot belong.
    #[error("{table}, line {line}, column {column}: {problem}")]
    StrayQuote {
        table: String,
        line: u64,
        column: String,
        problem: String,
    },

    /// A column that was read as something else than what is needed.
    #[error(
        "{table}, column {}: it was read as {}, where {} are needed: read the table by the model's plan, or say what the column is",
        quoted(column), found.in_words(), expected.in_words()
    )]
    OtherKind {
        table: String,
        column: String,
        found: Kind,
        expected: Kind,
    },

    /// No row to measure errors on.
    #[error(
        "{table}: no row has a value of the target {} and a prediction: there is nothing to compare",
        quoted(target)
    )]
    NothingToCompare { table: String, target: String },

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
        "{table}, line {line}: there are bytes that no text in UTF-8, UTF-16 or Windows-1252 holds: save a text in another \
         encoding as UTF-8; if it is none, the file is damaged or no table"
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
        && let Some(separator) = only.chars().find(|c| matches!(c, ';' | '\t' | '|' | ':'))
    {
        list.push_str(&format!(
            " (values separated by {separator:?}? Try --separator)"
        ));
    } else if 2 * columns
        .iter()
        .filter(|name| name.parse::<f64>().is_ok())
        .count()
        > columns.len()
    {
        list.push_str(&format!(
            " (numbers? Where the first line is a row, give --no-header, and columns by their numbers: --target {})",
            columns.len()
        ));
    }
    list
}
