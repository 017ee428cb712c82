//! Recipes: which networks are trained on a table, from a few facts about it.
//!
//! [`Recipe::Basic`] is the plain network of docs/backpropagation.md, [`Recipe::Strong`] what is best on most tables.
//! docs/recipes.md explains each ingredient and what it brought.

mod composition;
mod strong;

use chainrule::loss_functions::Loss;

pub use composition::Composition;

use crate::encoding::TargetTransform;
use crate::table::{Column, Kind, TypedTable};
use crate::{RegressorSettings, Roles, TableError};

/// A way to choose what is trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recipe {
    /// One network, some rows set aside for validation.
    Basic,
    /// Bags of networks over several encodings, judged out of fold.
    #[default]
    Strong,
}

/// What a recipe is told of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableFacts {
    /// Rows that can be learnt from.
    pub rows: usize,
    /// Columns beside the target.
    pub columns: usize,
    /// Whether the target has a long tail that its [logarithm](TargetTransform::Log) has not.
    pub long_tail: bool,
}

impl TableFacts {
    /// Of the rows of a table that have a target, and of its columns that can be used.
    ///
    /// # Errors
    /// If the table has no such target.
    pub fn of(table: &TypedTable, roles: &Roles) -> Result<TableFacts, TableError> {
        let mut target = table.numbers_of(&roles.target)?.to_vec();
        target.retain(|y| !y.is_nan());
        let is_input =
            |column: &&Column| column.kind() != Kind::LeftOut && roles.leave(column.name());
        Ok(TableFacts {
            rows: target.len(),
            columns: table.columns().iter().filter(is_input).count(),
            long_tail: TargetTransform::Log.suits(&target),
        })
    }
}

/// What may be wished of a recipe.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Wishes {
    /// The loss; the mean square error where none is named.
    pub loss: Option<Loss>,
    /// Of everything random.
    pub seed: u64,
    /// How many networks each bag has; the recipe's choice where no number is given.
    pub folds: Option<usize>,
}

impl Recipe {
    /// What is trained on such a table.
    pub fn compose(self, table: TableFacts, wishes: &Wishes) -> Composition {
        match self {
            Recipe::Basic => {
                let mut settings = RegressorSettings::default();
                settings.loss = wishes.loss.unwrap_or(settings.loss);
                settings.training.seed = wishes.seed;
                settings.into()
            }
            Recipe::Strong => strong::compose(table, wishes),
        }
    }
}
