//! Tables of every format as typed columns: what a column is, is decided once from all of its cells, kept as a
//! [`TablePlan`], and followed by every later reading.
//!
//! ```text
//! bytes ── formats ──> Source, blocks of cells ── kinds ──> TypedTable, and the plan      (TypedTable::read)
//!                                  └── a plan that was made before ──> blocks of rows     (PlannedReader)
//! ```

#[cfg(any(feature = "parquet", feature = "workbook"))]
mod caught;
pub mod column;
mod error;
mod findings;
mod formats;
mod gather;
mod input;
mod inspection;
mod inspection_text;
#[cfg(feature = "json-lines")]
mod json;
mod kinds;
mod names;
mod nearest;
mod numbers;
mod options;
#[cfg(feature = "parquet")]
mod parquet;
pub mod plan;
mod planned;
mod problems;
mod quotes;
mod read;
pub mod source;
mod suspicions;
pub mod text;
mod times;
mod typed;
mod wider;
#[cfg(feature = "workbook")]
mod workbook;

pub use column::{Column, Values};
pub use error::TableError;
pub use findings::Findings;
pub use formats::{open_reader, open_source};
pub use inspection::{ColumnInspection, Inspection};
pub use names::clean_name;
pub use options::{OnError, ReadOptions, Separator};
#[cfg(feature = "parquet")]
pub use parquet::WiderParquet;
pub use plan::{ColumnPlan, Form, Kind, TablePlan};
pub use planned::{PlannedBlock, PlannedReader};
pub use problems::{Fault, Problem};
pub use suspicions::{About, Suspicion};
pub use typed::{RowLines, TypedTable};
pub use wider::WiderText;

/// Words that stand for a missing value in every table, whatever their case.
pub const MISSING_WORDS: [&str; 11] = [
    "", "na", "n/a", "#n/a", "#na", "null", "none", "nan", "?", "-", ".",
];
