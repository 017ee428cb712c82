//! Reasons for predictions: which columns a model needs, how predictions move with one of them, and what each adds to
//! the prediction of a row.

mod background;
mod chance;
mod contributions;
mod importance;
mod mixer;
mod partial_dependence;

pub(crate) use background::background;
pub(crate) use chance::{Draw, random_order};
pub use contributions::{Contribution, Contributions};
pub use importance::{ColumnImportance, Importance};
pub(crate) use importance::{SHUFFLES, ShuffledFold};
pub use partial_dependence::{DependencePoint, PartialDependence};
