//! Encoded rows as the networks of a bag read them: a matrix, or bins and levels that are looked up.

use chainrule::inputs::{EncodedRows, InputLayout, Inputs};
use ndarray::Array2;

use super::{Encoding, Span};

/// A row's look-up costs as much time as so many inputs of a matrix.
const TERM: usize = 2;

/// The rows of a table in the form that their networks read faster.
#[derive(Clone, Debug)]
pub(crate) enum NetworkRows {
    /// Every input of every row.     (n, inputs)
    Matrix(Array2<f32>),
    /// A bin and a share, or a level, in place of many inputs.
    Encoded(EncodedRows<f32>),
}

/// Whether networks look rows of this layout up, rather than multiply a matrix. Training and prediction go by it alike.
pub(crate) fn reads_encoded(layout: &InputLayout) -> bool {
    TERM * layout.terms() <= layout.inputs()
}

impl NetworkRows {
    /// Of rows as they come from the encoders.
    pub(crate) fn of(x: EncodedRows<f32>) -> NetworkRows {
        match reads_encoded(x.layout()) {
            true => NetworkRows::Encoded(x),
            false => NetworkRows::Matrix(x.into_dense()),
        }
    }

    /// How many bytes so many rows of a layout take while they are made.
    pub(crate) fn bytes(layout: &InputLayout, rows: usize) -> u128 {
        let encoded = EncodedRows::<f32>::bytes(layout, rows);
        let is_copied = !reads_encoded(layout) && layout.terms() != layout.inputs();
        let matrix = rows as u128 * layout.inputs() as u128 * size_of::<f32>() as u128;
        encoded.saturating_add(if is_copied { matrix } else { 0 })
    }

    /// How many numbers a row takes before the first layer: its inputs, or what it looks up and by which factor.
    pub(crate) fn numbers_on_the_way(layout: &InputLayout) -> usize {
        match reads_encoded(layout) {
            true => 2 * layout.terms(),
            false => layout.inputs(),
        }
    }

    /// The rows for a network.
    pub(crate) fn inputs(&self) -> Inputs<'_, f32> {
        match self {
            NetworkRows::Matrix(x) => x.into(),
            NetworkRows::Encoded(x) => x.into(),
        }
    }

    /// Copies of the given rows.
    pub(crate) fn select(&self, rows: &[u32]) -> NetworkRows {
        match self {
            NetworkRows::Matrix(x) => {
                let mut selected = Array2::zeros((rows.len(), x.ncols()));
                let places = selected.rows_mut().into_iter().zip(rows);
                places.for_each(|(mut to, &row)| to.assign(&x.row(row as usize)));
                NetworkRows::Matrix(selected)
            }
            NetworkRows::Encoded(x) => NetworkRows::Encoded(x.select(rows)),
        }
    }

    /// The [plain inputs](super::Encoding::plain_inputs) of the given rows.     (n, plain)
    pub(crate) fn plain(&self, rows: &[u32], plain: &[usize]) -> Array2<f32> {
        let mut picked = Array2::zeros((rows.len(), plain.len()));
        let mut all = vec![0.0; self.inputs().inputs()];
        for (mut to, &row) in picked.rows_mut().into_iter().zip(rows) {
            self.write_row_without_bins(row as usize, &mut all);
            let picked = to.iter_mut().zip(plain);
            picked.for_each(|(to, &input)| *to = all[input]);
        }
        picked
    }

    /// Overwrites what is made of one column of a table: the `r`-th row takes it from row `rows[r]` of `from`.
    ///
    /// # Panics
    /// If the two are of different forms, or `rows` has another length.
    #[track_caller]
    pub(crate) fn copy_column(&mut self, span: &Span, from: &NetworkRows, rows: &[u32]) {
        match (self, from) {
            (NetworkRows::Matrix(x), NetworkRows::Matrix(from)) => {
                assert_eq!(rows.len(), x.nrows(), "a row for each row");
                for (mut to, &row) in x.rows_mut().into_iter().zip(rows) {
                    let to = to.as_slice_mut().expect("row-major");
                    let from = from.row(row as usize);
                    let from = from.as_slice().expect("row-major");
                    to[span.inputs.clone()].copy_from_slice(&from[span.inputs.clone()]);
                }
            }
            (NetworkRows::Encoded(x), NetworkRows::Encoded(from)) => {
                x.copy_columns(span.columns.clone(), from, rows);
            }
            _ => panic!("rows of one encoding have one form"),
        }
    }

    /// Writes the bins of all directions of their encoding from the numbers that the rows hold.
    pub(crate) fn fill_oblique(&mut self, encoding: &Encoding) {
        match self {
            NetworkRows::Matrix(x) => encoding.fill_oblique_of_matrix(x),
            NetworkRows::Encoded(x) => encoding.fill_oblique(x),
        }
    }

    /// The matrix that the rows stand for.     (n, inputs)
    pub(crate) fn into_dense(self) -> Array2<f32> {
        match self {
            NetworkRows::Matrix(x) => x,
            NetworkRows::Encoded(x) => x.into_dense(),
        }
    }

    /// Overwrites `inputs` with those of one row, but perhaps for bins: they may keep what they hold.
    fn write_row_without_bins(&self, row: usize, inputs: &mut [f32]) {
        match self {
            NetworkRows::Matrix(x) => {
                let row = x.row(row);
                inputs.copy_from_slice(row.as_slice().expect("row-major"));
            }
            NetworkRows::Encoded(x) => x.write_values_and_levels(row, inputs),
        }
    }
}

#[cfg(test)]
mod tests {
    use chainrule::inputs::InputColumn::{Levels, Steps, Value};

    use super::*;

    #[test]
    fn rows_are_looked_up_where_that_is_shorter_than_their_matrix() {
        let is_encoded = |columns: &[_]| reads_encoded(&InputLayout::new(columns.iter().copied()));
        assert!(!is_encoded(&[Value, Value]));
        assert!(!is_encoded(&[Value, Steps(4)]));
        assert!(is_encoded(&[Value, Steps(16)]));
        assert!(is_encoded(&[Value, Levels(9)]));
    }

    #[test]
    fn both_forms_give_the_same_rows() {
        for columns in [[Value, Levels(2)], [Value, Levels(5)]] {
            let mut x = EncodedRows::<f32>::zeros(&InputLayout::new(columns), 3);
            (0..3).for_each(|r| {
                x.row_mut(r).value(r as f32).level(Some(r % 2));
            });
            let (dense, rows) = (x.to_dense(), NetworkRows::of(x));
            assert_eq!(
                matches!(rows, NetworkRows::Encoded(_)),
                columns[1] == Levels(5)
            );
            let picked = rows.select(&[2, 0]).into_dense();
            assert_eq!(picked, dense.select(ndarray::Axis(0), &[2, 0]));
            let some = rows.plain(&[2, 0], &[2, 0]);
            assert_eq!(some, picked.select(ndarray::Axis(1), &[2, 0]));
            let mut row = vec![f32::NAN; dense.ncols()];
            rows.write_row_without_bins(1, &mut row);
            assert_eq!(row, dense.row(1).to_vec());
        }
    }

    #[test]
    fn a_column_of_a_table_is_copied_whole_in_both_forms() {
        // What is made of two columns: a value and a mark for gaps, then levels.
        for levels in [2, 9] {
            let mut x =
                EncodedRows::<f32>::zeros(&InputLayout::new([Value, Value, Levels(levels)]), 3);
            for r in 0..3 {
                let mut row = x.row_mut(r);
                row.value(r as f32).value(-1.0).level(Some(r % 2));
            }
            let (mut dense, rows) = (x.to_dense(), NetworkRows::of(x));
            let span = Span {
                columns: 0..2,
                inputs: 0..2,
            };
            let mut copied = rows.clone();
            copied.copy_column(&span, &rows, &[2, 2, 0]);
            for (r, value) in [2.0, 2.0, 0.0].into_iter().enumerate() {
                dense[[r, 0]] = value;
            }
            assert_eq!(copied.into_dense(), dense);
        }
    }

    #[test]
    fn bytes_are_those_of_the_bins_and_not_of_the_inputs() {
        // A value, a share and a bin for each column of 64 bins.
        let layout = InputLayout::new([Value, Steps(64)].repeat(10));
        assert_eq!(NetworkRows::bytes(&layout, 1000), 1000 * 10 * (4 + 4 + 2));
        let values = InputLayout::new([Value; 10]);
        assert_eq!(NetworkRows::bytes(&values, 1000), 1000 * 10 * 4);
    }
}
