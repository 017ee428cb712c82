//! What is learnt from a table's training rows and replayed at every prediction.

mod standardize;

use std::collections::HashSet;

use chainrule::loss_functions::{Link, Loss};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

pub use standardize::Standardization;
pub(crate) use standardize::mean_and_deviation;

use crate::{Table, TableError};

/// Which columns a model reads, by name, and how they and its target are scaled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preprocessing {
    columns: Vec<String>,
    target: String,
    inputs: Standardization,
    output: Standardization,
}

impl Preprocessing {
    /// Learns the scaling of the inputs `x (n, columns)` and of the target `y (n, 1)`.
    ///
    /// Losses with a log link predict a positive mean, so their target is scaled but not shifted.
    pub(crate) fn fit(
        columns: Vec<String>,
        target: String,
        x: ArrayView2<f64>,
        y: ArrayView2<f64>,
        loss: Loss,
    ) -> Self {
        let output = match loss.link() {
            Link::Log => Standardization::fit_scale_only(y),
            Link::Identity => Standardization::fit(y),
        };
        Preprocessing {
            columns,
            target,
            inputs: Standardization::fit(x),
            output,
        }
    }

    /// Hands columns and target on as they are.
    pub(crate) fn identity(columns: Vec<String>, target: String) -> Self {
        Preprocessing {
            inputs: Standardization::identity(columns.len()),
            output: Standardization::identity(1),
            columns,
            target,
        }
    }

    /// The columns that are read, in the order of the network's inputs.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The column that is predicted.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The scaling of the columns.
    pub fn inputs(&self) -> &Standardization {
        &self.inputs
    }

    /// The scaling of the target.
    pub fn output(&self) -> &Standardization {
        &self.output
    }

    /// A table's inputs as the network sees them.     (rows, columns)
    pub fn x(&self, table: &Table) -> Result<Array2<f32>, TableError> {
        standardized(table, &self.columns, &self.inputs)
    }

    /// A table's target as the network sees it.     (rows, 1)
    pub fn y(&self, table: &Table) -> Result<Array2<f32>, TableError> {
        standardized(table, &[&self.target], &self.output)
    }

    /// Whether there are as many scalings as names; a file could say anything.
    pub(crate) fn is_sound(&self) -> bool {
        self.inputs.is_sound(self.columns.len())
            && self.output.is_sound(1)
            && !self.columns.is_empty()
    }

    /// A name that two columns, or a column and the target, have in common.
    pub(crate) fn repeated_name(&self) -> Option<&str> {
        let mut seen = HashSet::from([self.target.as_str()]);
        let mut names = self.columns.iter().map(String::as_str);
        names.find(|name| !seen.insert(name))
    }
}

/// The named columns, scaled, with every value within single precision.
fn standardized(
    table: &Table,
    names: &[impl AsRef<str>],
    scaling: &Standardization,
) -> Result<Array2<f32>, TableError> {
    let raw = table.numeric(names)?;
    let scaled = scaling.apply(raw.view());
    match scaled.indexed_iter().find(|(_, z)| !z.is_finite()) {
        None => Ok(scaled),
        Some(((r, j), _)) => Err(TableError::OutOfRange {
            table: table.source().to_owned(),
            line: table.line(r),
            column: names[j].as_ref().to_owned(),
            value: raw[[r, j]],
            mean: scaling.mean()[j],
            scale: scaling.scale()[j],
        }),
    }
}
