//! Which of a table's columns is what.

use serde::{Deserialize, Serialize};

/// The column to predict, and what else is told of a table; all other columns are inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roles {
    /// The column to predict.
    pub target: String,
    /// The column that says how much each row counts in training.
    pub weight: Option<String>,
    /// Words that stand for a missing value in this table, beside the usual ones: the model reads later tables by them
    /// as well.
    pub missing: Vec<String>,
}

impl Roles {
    /// Whether the column of this name is left to be an input.
    pub(crate) fn leave(&self, name: &str) -> bool {
        name != self.target && Some(name) != self.weight.as_deref()
    }
}

impl From<&str> for Roles {
    /// This target; every row counts once.
    fn from(target: &str) -> Roles {
        Roles {
            target: target.to_owned(),
            ..Roles::default()
        }
    }
}
