//! What was found when a table was read: its format, and what a person should know about the reading.

use serde::Serialize;

/// How a table was read, and what was passed over or decided on the way.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Findings {
    /// The format: text, Parquet, JSON lines, workbook.
    pub format: String,
    /// What separates the values of a line of text, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// How letters are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// What the table was packed by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression: Option<String>,
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// How many rows were read and kept.
    pub rows: usize,
    /// How many rows were left out because they cannot be read, where that was asked for.
    pub skipped_rows: usize,
    /// What was passed over or decided, in sentences without a full stop.
    pub notes: Vec<String>,
}
