//! Reasons for predictions: how much a model needs each column.

mod chance;
mod importance;

pub(crate) use chance::{Draw, random_order};
pub use importance::{ColumnImportance, Importance};
pub(crate) use importance::{SHUFFLES, ShuffledFold};
