//! The gradients of a model's networks beside finite differences, on rows of a table.

use chainrule::gradient_check::{GradientReport, sampled_gradient_check};
use chainrule::training::Dataset;
use ndarray::{Array2, ArrayView2};

use super::{Bag, Regressor};
use crate::TableError;
use crate::table::TypedTable;

impl Regressor {
    /// The first rows that have a target, at most so many.
    pub fn first_rows(&self, table: &TypedTable, most: usize) -> Result<Vec<u32>, TableError> {
        let actual = self.actual(table)?;
        let rows = 0..table.rows() as u32;
        let with_target = rows.filter(|&row| !actual[row as usize].is_nan());
        Ok(with_target.take(most).collect())
    }

    /// Exactly what the first bag's networks see of some rows, and what they should answer.     x (rows, inputs)  y
    /// (rows, 1)
    ///
    /// The values are those of single precision, widened so that they can be checked in double.
    ///
    /// # Errors
    /// If a column is missing, or one of the rows has no target.
    pub fn encoded(
        &self,
        table: &TypedTable,
        rows: &[u32],
    ) -> Result<(Array2<f64>, Array2<f64>), TableError> {
        self.encoded_for(&self.bags[0], table, rows)
    }

    /// The same for one of its bags.
    pub fn encoded_for(
        &self,
        bag: &Bag,
        table: &TypedTable,
        rows: &[u32],
    ) -> Result<(Array2<f64>, Array2<f64>), TableError> {
        let actual = self.actual(table)?;
        if let Some(&row) = rows.iter().find(|&&row| actual[row as usize].is_nan()) {
            return Err(TableError::MissingValue {
                table: table.source().to_owned(),
                line: table.line(row as usize),
                column: self.target().to_owned(),
            });
        }
        let x = bag.encoding().encode(table, rows)?.x.into_dense();
        let y = Array2::from_shape_fn((rows.len(), 1), |(r, _)| {
            f64::from(bag.target_scale().encode(actual[rows[r] as usize]))
        });
        Ok((x.mapv(f64::from), y))
    }
}

impl Bag {
    /// The gradients of the bag's first network on encoded rows beside finite differences, in double precision: at most
    /// so many derivatives of each parameter.     x (n, inputs)  y (n, 1)
    pub fn check_gradients(
        &self,
        x: ArrayView2<f64>,
        y: ArrayView2<f64>,
        most: usize,
    ) -> GradientReport {
        let mut networks = self.networks();
        let network = networks.next().expect("a bag has a network");
        let l2_penalty = self.settings().training.l2_penalty;
        sampled_gradient_check(&network.cast(), &Dataset::new(x, y, None), l2_penalty, most)
    }
}
