//! The encoders of all columns beside the columns of a table, which are looked up once for all of its rows.

use chainrule::inputs::EncodedRows;

use super::column::Bound;
use super::{Encoding, LevelRows, Unusual};
use crate::TableError;
use crate::table::TypedTable;

/// A table that can be encoded row by row.
#[derive(Debug)]
pub(crate) struct BoundTable<'a> {
    encoding: &'a Encoding,
    table: &'a TypedTable,
    columns: Vec<Bound<'a>>,
}

impl<'a> BoundTable<'a> {
    pub(super) fn new(
        encoding: &'a Encoding,
        table: &'a TypedTable,
    ) -> Result<BoundTable<'a>, TableError> {
        BoundTable::told(encoding, table, (0..).map(|_| None))
    }

    /// The same, with what is told in each column of each row of the table about the others of its level.
    pub(super) fn told(
        encoding: &'a Encoding,
        table: &'a TypedTable,
        told: impl Iterator<Item = Option<&'a [LevelRows]>>,
    ) -> Result<BoundTable<'a>, TableError> {
        let columns = encoding.columns().iter().zip(told);
        let columns = columns.map(|(column, told)| column.bind(table, told));
        Ok(BoundTable {
            encoding,
            table,
            columns: columns.collect::<Result<_, _>>()?,
        })
    }

    /// The given rows as the networks see them; what is unlike the training rows is counted.
    ///
    /// # Panics
    /// If the table has no such row.
    #[track_caller]
    pub(crate) fn encode(&self, rows: &[u32], unusual: Option<&mut Unusual>) -> EncodedRows<f32> {
        let mut x = EncodedRows::zeros(self.encoding.layout(), rows.len());
        self.write(&mut x, 0, rows, unusual);
        self.encoding.fill_oblique(&mut x);
        x
    }

    /// Writes what is made of the columns of the given rows, from row `first` of `x` on.
    #[track_caller]
    pub(super) fn write(
        &self,
        x: &mut EncodedRows<f32>,
        first: usize,
        rows: &[u32],
        mut unusual: Option<&mut Unusual>,
    ) {
        for (r, &row) in (first..).zip(rows) {
            let mut encoded = x.row_mut(r);
            for (j, column) in self.columns.iter().enumerate() {
                let cell = column.write(row, &mut encoded);
                if let Some(unusual) = &mut unusual {
                    unusual.count(j, cell, || self.table.line(row as usize));
                }
            }
        }
    }
}
