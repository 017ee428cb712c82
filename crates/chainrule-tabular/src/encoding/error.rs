//! Why a table cannot be encoded.

use thiserror::Error;

use crate::table::Kind;

/// A table that does not have a model's columns, or has them of another kind.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
#[allow(missing_docs)] // the messages say what each field is
pub enum EncodeError {
    /// A column that the model reads is not there.
    #[error(
        "{table} has no column {column:?}, which the model reads: its columns are found by name"
    )]
    MissingColumn { table: String, column: String },

    /// A column that was read as something else than what the model learnt from.
    #[error(
        "{table}, column {column:?}: it was read as {}, and the model learnt it as {}: read the table by the model's own plan",
        in_words(*found), in_words(*expected)
    )]
    OtherKind {
        table: String,
        column: String,
        found: Kind,
        expected: Kind,
    },
}

/// The kind as a message names it.
fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "numbers",
        Kind::Boolean => "one of two texts",
        Kind::Category => "categories",
        Kind::Time => "times",
        Kind::LeftOut => "something to leave out",
    }
}
