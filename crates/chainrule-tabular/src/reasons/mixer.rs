//! Rows that are put together of other rows, column by column: what would be predicted if one thing were otherwise.

use crate::encoding::NetworkRows;
use crate::regressor::Bag;
use crate::table::TypedTable;
use crate::{Regressor, TableError};

/// So many rows are put together at a time.
const ROWS: usize = 4096;

/// The rows of some tables, one table behind the other, as the networks of each bag read them.
///
/// What is mixed is what was made of a column, not its cells: each cell is encoded once, and tables whose texts are
/// numbered differently can be mixed.
pub(super) struct Mixer<'a> {
    bags: Vec<Mixed<'a>>,
}

/// The rows as the networks of a bag read them.
struct Mixed<'a> {
    bag: &'a Bag,
    x: NetworkRows,
}

impl<'a> Mixer<'a> {
    /// # Errors
    /// If a table lacks a column of the model, or has it as another kind.
    pub(super) fn of(
        model: &'a Regressor,
        tables: &[&TypedTable],
    ) -> Result<Mixer<'a>, TableError> {
        let of_bag = |bag: &'a Bag| {
            let encoding = bag.encoding();
            let mut x = encoding.encode(tables[0], &all_rows(tables[0]))?.x;
            for table in &tables[1..] {
                x.append(&encoding.encode(table, &all_rows(table))?.x);
            }
            Ok(Mixed {
                bag,
                x: NetworkRows::of(x),
            })
        };
        let bags = model.bags().iter().map(of_bag);
        Ok(Mixer {
            bags: bags.collect::<Result<_, TableError>>()?,
        })
    }

    /// The model's predictions of `count` rows, of which the `r`-th has column j of the model from row `from(j, r)`.
    pub(super) fn predict(&self, count: usize, from: impl Fn(usize, usize) -> usize) -> Vec<f64> {
        let mut predictions = vec![0.0; count];
        for (predictions, first) in predictions.chunks_mut(ROWS).zip((0..).step_by(ROWS)) {
            let rows = first..first + predictions.len();
            for of_bag in &self.bags {
                let encoding = of_bag.bag.encoding();
                let mut mixed = of_bag.x.select(&vec![0; rows.len()]);
                for (j, span) in encoding.spans().iter().enumerate() {
                    let donors = rows.clone().map(|r| from(j, r) as u32);
                    mixed.copy_column(span, &of_bag.x, &donors.collect::<Vec<u32>>());
                }
                mixed.fill_oblique(encoding);
                of_bag.bag.add_rows(predictions, &mixed);
            }
        }
        predictions
    }
}

fn all_rows(table: &TypedTable) -> Vec<u32> {
    (0..table.rows() as u32).collect()
}
