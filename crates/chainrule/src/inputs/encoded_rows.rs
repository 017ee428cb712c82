//! Rows as an encoding makes them, before its bins and levels are written out as inputs: a number or a place for each
//! column.

use std::ops::Range;
use std::sync::Arc;

use ndarray::Array2;

use super::encoded_row::EncodedRow;
use super::layout::{InputColumn, InputLayout};
use crate::Real;

/// Encoded rows. A network with as many inputs as their [layout](InputLayout) stands for reads them as it would read
/// [the matrix](Self::to_dense) that they stand for.
///
/// ```
/// use chainrule::inputs::{EncodedRows, InputColumn, InputLayout};
/// use chainrule::neural_networks::SimpleNeuralNetwork;
/// use ndarray::array;
///
/// let layout = InputLayout::new([InputColumn::Value, InputColumn::Steps(4), InputColumn::Levels(3)]);
/// let mut rows = EncodedRows::<f32>::zeros(&layout, 2);
/// rows.row_mut(0).value(-1.5).steps(2, 0.25).level(Some(1));
/// rows.row_mut(1).value(0.5).steps(0, 0.0).level(None);
/// assert_eq!(rows.to_dense(), array![
///     [-1.5, 1.0, 1.0, 0.25, 0.0, 0.0, 1.0, 0.0],
///     [ 0.5, 0.0, 0.0, 0.0,  0.0, 0.0, 0.0, 0.0],
/// ]);
///
/// let network = SimpleNeuralNetwork::builder(8).out(1).build(0);
/// let difference = network.predict(&rows) - network.predict(&rows.to_dense());
/// assert!(difference.iter().all(|d| d.abs() < 1e-5));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct EncodedRows<R> {
    layout: Arc<InputLayout>,
    rows: usize,
    /// Of each row its values, in the layout's order.
    values: Vec<R>,
    /// Of each row the bin of each column of steps, then for each column of levels 0, or 1 more than its level. All lie
    /// within their columns.
    places: Vec<u16>,
    /// Of each row the share of each column of steps.
    shares: Vec<R>,
}

impl<R: Real> EncodedRows<R> {
    /// Rows whose every input is zero, to be written.
    pub fn zeros(layout: &Arc<InputLayout>, rows: usize) -> Self {
        let steps = layout.steps().len();
        EncodedRows {
            layout: Arc::clone(layout),
            rows,
            values: vec![R::zero(); rows * layout.values().len()],
            places: vec![0; rows * (steps + layout.levels().len())],
            shares: vec![R::zero(); rows * steps],
        }
    }

    /// Rows of what [`values`](Self::values), [`places`](Self::places) and [`shares`](Self::shares) gave; None if that
    /// is not what so many rows of this layout hold.
    pub fn from_parts(
        layout: &Arc<InputLayout>,
        rows: usize,
        values: Vec<R>,
        places: Vec<u16>,
        shares: Vec<R>,
    ) -> Option<Self> {
        let (steps, levels) = (layout.steps().len(), layout.levels().len());
        let is_whole = rows.checked_mul(layout.values().len()) == Some(values.len())
            && rows.checked_mul(steps) == Some(shares.len())
            && rows.checked_mul(steps + levels) == Some(places.len());
        if !is_whole {
            return None;
        }
        let bins = layout.columns().iter().filter_map(|column| match column {
            InputColumn::Steps(bins) => Some(bins - 1),
            _ => None,
        });
        let levels = layout.columns().iter().filter_map(|column| match column {
            InputColumn::Levels(levels) => Some(*levels),
            _ => None,
        });
        let last: Vec<usize> = bins.chain(levels).collect();
        let of_rows = places.chunks(last.len().max(1));
        let lie_within = of_rows.flat_map(|row| row.iter().zip(&last));
        let mut lie_within = lie_within.map(|(&place, &last)| usize::from(place) <= last);
        lie_within.all(|lies| lies).then(|| EncodedRows {
            layout: Arc::clone(layout),
            rows,
            values,
            places,
            shares,
        })
    }

    /// Of each row its values, in the layout's order.
    pub fn values(&self) -> &[R] {
        &self.values
    }

    /// Of each row the bin of each column of steps, then for each column of levels 0, or 1 more than its level.
    pub fn places(&self) -> &[u16] {
        &self.places
    }

    /// Of each row the share of each column of steps.
    pub fn shares(&self) -> &[R] {
        &self.shares
    }

    /// What the columns are.
    pub fn layout(&self) -> &Arc<InputLayout> {
        &self.layout
    }

    /// Number of rows, `n`.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// One row, to be written column by column.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[track_caller]
    pub fn row_mut(&mut self, row: usize) -> EncodedRow<'_, R> {
        assert!(row < self.rows, "row {row} of {}", self.rows);
        let (values, steps) = (self.layout.values().len(), self.layout.steps().len());
        let places = steps + self.layout.levels().len();
        let (steps, levels) = self.places[row * places..][..places].split_at_mut(steps);
        EncodedRow {
            columns: self.layout.columns(),
            values: &mut self.values[row * values..][..values],
            shares: &mut self.shares[row * steps.len()..][..steps.len()],
            steps,
            levels,
        }
    }

    /// Overwrites what a row holds in one column of steps, the `nth` of them: see [`EncodedRow::steps`].
    ///
    /// # Panics
    ///
    /// If there is no such row, column or bin.
    #[track_caller]
    pub fn set_steps(&mut self, row: usize, nth: usize, bin: usize, share: R) {
        let (steps, levels) = (self.layout.steps().len(), self.layout.levels().len());
        assert!(row < self.rows, "row {row} of {}", self.rows);
        assert!(
            bin < self.layout.bins_of(nth),
            "bin {bin} in the columns of steps {nth}"
        );
        self.places[row * (steps + levels) + nth] = bin as u16;
        self.shares[row * steps + nth] = share;
    }

    /// The matrix that the rows stand for.     `X (n,i)`
    pub fn to_dense(&self) -> Array2<R> {
        let mut x = Array2::zeros((self.rows, self.layout.inputs()));
        for (r, mut x) in x.rows_mut().into_iter().enumerate() {
            self.write_dense(r, x.as_slice_mut().expect("row-major"));
        }
        x
    }

    /// The same; rows of nothing but values are that matrix already and are not copied.
    pub fn into_dense(self) -> Array2<R> {
        let shape = (self.rows, self.layout.inputs());
        match self.layout.values().len() == shape.1 {
            true => Array2::from_shape_vec(shape, self.values).expect("a value for each input"),
            false => self.to_dense(),
        }
    }

    /// Overwrites `x (i)` with the inputs of row `r`.
    ///
    /// # Panics
    ///
    /// If there is no such row, or `x` does not have as many elements as there are inputs.
    #[track_caller]
    pub fn write_dense(&self, r: usize, x: &mut [R]) {
        self.write_values_and_levels(r, x);
        for (nth, (first, bin, share)) in self.steps_of(r).enumerate() {
            let bins = &mut x[first as usize..][..self.layout.bins_of(nth)];
            let (before, behind) = bins.split_at_mut(bin);
            before.fill(R::one());
            behind.fill(R::zero());
            behind[0] = share;
        }
    }

    /// The same, but for the inputs that are bins: they keep what they hold.
    ///
    /// # Panics
    ///
    /// If there is no such row, or `x` does not have as many elements as there are inputs.
    #[track_caller]
    pub fn write_values_and_levels(&self, r: usize, x: &mut [R]) {
        assert!(r < self.rows, "row {r} of {}", self.rows);
        assert_eq!(x.len(), self.layout.inputs(), "inputs of a row");
        for (input, value) in self.values_of(r) {
            x[input as usize] = value;
        }
        let counts = self
            .layout
            .columns()
            .iter()
            .filter_map(|column| match column {
                InputColumn::Levels(count) => Some(*count),
                _ => None,
            });
        for ((first, level), count) in self.levels_of(r).zip(counts) {
            let levels = &mut x[first as usize..][..count];
            levels.fill(R::zero());
            if let Some(level) = level {
                levels[level] = R::one();
            }
        }
    }

    /// Copies of the given rows, in this order.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[track_caller]
    pub fn select(&self, rows: &[u32]) -> Self {
        let (values, shares) = (self.layout.values().len(), self.layout.steps().len());
        let places = shares + self.layout.levels().len();
        EncodedRows {
            layout: Arc::clone(&self.layout),
            rows: rows.len(),
            values: select(&self.values, values, rows),
            places: select(&self.places, places, rows),
            shares: select(&self.shares, shares, rows),
        }
    }

    /// Overwrites columns of every row with those of another row each: the `r`-th row takes them from row `rows[r]` of
    /// `from`. All other columns keep what they hold.
    ///
    /// # Panics
    ///
    /// If the two have different layouts, there is no such column or row, or `rows` has another length.
    #[track_caller]
    pub fn copy_columns(&mut self, columns: Range<usize>, from: &Self, rows: &[u32]) {
        assert_eq!(self.layout, from.layout, "layouts of encoded rows");
        assert_eq!(rows.len(), self.rows, "a row for each row");
        let [before, within] = [0..columns.start, columns].map(|range| self.layout.count(range));
        let (steps, levels) = (self.layout.steps().len(), self.layout.levels().len());
        let (values, places) = (self.layout.values().len(), steps + levels);
        let of = |first: usize, count: usize| first..first + count;
        let of_values = of(before.values, within.values);
        let of_shares = of(before.steps, within.steps);
        let of_levels = of(steps + before.levels, within.levels);
        copy(&mut self.values, &from.values, values, of_values, rows);
        copy(
            &mut self.shares,
            &from.shares,
            steps,
            of_shares.clone(),
            rows,
        );
        copy(&mut self.places, &from.places, places, of_shares, rows);
        copy(&mut self.places, &from.places, places, of_levels, rows);
    }

    /// Adds the rows of `next` behind these.
    ///
    /// # Panics
    ///
    /// If the two have different layouts.
    #[track_caller]
    pub fn append(&mut self, next: &Self) {
        assert_eq!(self.layout, next.layout, "layouts of encoded rows");
        self.rows += next.rows;
        self.values.extend_from_slice(&next.values);
        self.places.extend_from_slice(&next.places);
        self.shares.extend_from_slice(&next.shares);
    }

    /// How many bytes so many rows of a layout take.
    pub fn bytes(layout: &InputLayout, rows: usize) -> u128 {
        let (steps, levels) = (layout.steps().len(), layout.levels().len());
        let row =
            size_of::<R>() * (layout.values().len() + steps) + size_of::<u16>() * (steps + levels);
        rows as u128 * row as u128
    }

    /// The values of row `r`, each with its input.
    #[inline(always)]
    pub(crate) fn values_of(&self, r: usize) -> impl Iterator<Item = (u32, R)> {
        let inputs = self.layout.values();
        let values = &self.values[r * inputs.len()..][..inputs.len()];
        inputs.iter().copied().zip(values.iter().copied())
    }

    /// The first input of each column of steps, with the bin of row `r` and the share of it.
    #[inline(always)]
    pub(crate) fn steps_of(&self, r: usize) -> impl Iterator<Item = (u32, usize, R)> {
        let firsts = self.layout.steps();
        let shares = &self.shares[r * firsts.len()..][..firsts.len()];
        let places = self.places_of(r).0.iter().zip(shares);
        let steps = firsts.iter().zip(places);
        steps.map(|(&first, (&bin, &share))| (first, usize::from(bin), share))
    }

    /// The first input of each column of levels, with the level of row `r`.
    #[inline(always)]
    pub(crate) fn levels_of(&self, r: usize) -> impl Iterator<Item = (u32, Option<usize>)> {
        let levels = self.layout.levels().iter().zip(self.places_of(r).1);
        levels.map(|(&first, &place)| (first, usize::from(place).checked_sub(1)))
    }

    /// Bins of the columns of steps, then places of the columns of levels.
    #[inline(always)]
    fn places_of(&self, r: usize) -> (&[u16], &[u16]) {
        let steps = self.layout.steps().len();
        let places = steps + self.layout.levels().len();
        self.places[r * places..][..places].split_at(steps)
    }
}

/// The given rows of a matrix of so many columns.
fn select<T: Copy>(matrix: &[T], columns: usize, rows: &[u32]) -> Vec<T> {
    let mut selected = Vec::with_capacity(rows.len() * columns);
    for &row in rows {
        selected.extend_from_slice(&matrix[row as usize * columns..][..columns]);
    }
    selected
}

/// Overwrites some of the columns of a matrix of `width` columns with those of the given rows of another.
fn copy<T: Copy>(matrix: &mut [T], from: &[T], width: usize, columns: Range<usize>, rows: &[u32]) {
    if columns.is_empty() {
        return;
    }
    for (to, &row) in matrix.chunks_exact_mut(width).zip(rows) {
        to[columns.clone()].copy_from_slice(&from[row as usize * width..][columns.clone()]);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use InputColumn::{Levels, Steps, Value};

    #[test]
    fn rows_stand_for_the_matrix_of_their_definition() {
        let layout = InputLayout::new([Steps(2), Value, Levels(3), Steps(1), Levels(1)]);
        let mut rows = EncodedRows::<f64>::zeros(&layout, 3);
        rows.row_mut(0)
            .steps(1, 0.5)
            .value(-2.0)
            .level(Some(2))
            .steps(0, 0.25)
            .level(Some(0));
        rows.row_mut(2)
            .steps(0, 0.75)
            .value(3.0)
            .level(None)
            .steps(0, 1.0)
            .level(None);
        let expected = array![
            [1.0, 0.5, -2.0, 0.0, 0.0, 1.0, 0.25, 1.0],
            [0.0; 8],
            [0.75, 0.0, 3.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        ];
        assert_eq!(rows.to_dense(), expected);
        rows.row_mut(0).steps(0, 0.125); // The other columns keep what they hold.
        assert_eq!(
            rows.to_dense().row(0),
            array![0.125, 0.0, -2.0, 0.0, 0.0, 1.0, 0.25, 1.0]
        );
    }

    #[test]
    fn rows_are_selected_and_counted_as_they_are_kept() {
        let layout = InputLayout::new([Value, Steps(3), Levels(2)]);
        let mut rows = EncodedRows::<f32>::zeros(&layout, 3);
        for r in 0..3 {
            let share = r as f32 / 4.0;
            rows.row_mut(r)
                .value(-share)
                .steps(r, share)
                .level(Some(r % 2));
        }
        let (picked, all) = (rows.select(&[2, 0, 2]), rows.to_dense());
        assert_eq!(picked.to_dense(), all.select(ndarray::Axis(0), &[2, 0, 2]));
        assert_eq!(picked.into_dense().row(1), all.row(0));
        let mut both = rows.select(&[2]);
        both.append(&rows.select(&[0, 2]));
        assert_eq!(both, rows.select(&[2, 0, 2]));
        let held = 4 * (rows.values.len() + rows.shares.len()) + 2 * rows.places.len();
        assert_eq!(EncodedRows::<f32>::bytes(&layout, 3), held as u128);

        let mut values = EncodedRows::<f32>::zeros(&InputLayout::new([Value, Value]), 2);
        values.row_mut(1).value(3.0).value(4.0);
        assert_eq!(values.into_dense(), array![[0.0, 0.0], [3.0, 4.0]]);
    }

    #[test]
    fn columns_of_any_kind_are_copied_from_other_rows_and_all_others_stay() {
        let columns = [Value, Steps(2), Levels(3), Levels(2), Value, Steps(1)];
        let mut rows = EncodedRows::<f32>::zeros(&InputLayout::new(columns), 3);
        for (r, share) in [0.25, 0.5, 0.75].into_iter().enumerate() {
            rows.row_mut(r)
                .value(share)
                .steps(r % 2, share)
                .level(Some(r))
                .level(r.checked_sub(1))
                .value(-share)
                .steps(0, share);
        }
        let ends: Vec<usize> = columns
            .iter()
            .scan(0, |end, column| {
                *end += column.inputs();
                Some(*end)
            })
            .collect();
        let (order, dense) = ([2, 0, 0], rows.to_dense());
        for first in 0..columns.len() {
            for last in first..columns.len() {
                let mut copied = rows.clone();
                copied.copy_columns(first..last + 1, &rows, &order);
                let begin = if first == 0 { 0 } else { ends[first - 1] };
                let mut expected = dense.clone();
                for (r, &row) in order.iter().enumerate() {
                    for input in begin..ends[last] {
                        expected[[r, input]] = dense[[row as usize, input]];
                    }
                }
                assert_eq!(copied.to_dense(), expected, "columns {first} to {last}");
            }
        }
    }

    #[test]
    fn steps_are_written_over_as_a_row_writes_them() {
        let layout = InputLayout::new([Levels(2), Steps(2), Value, Steps(3)]);
        let mut rows = EncodedRows::<f32>::zeros(&layout, 2);
        let row = |rows: &mut EncodedRows<f32>, bin, share| {
            let mut row = rows.row_mut(1);
            row.level(Some(1))
                .steps(1, 0.5)
                .value(7.0)
                .steps(bin, share);
        };
        row(&mut rows, 0, 0.25);
        let mut expected = rows.clone();
        row(&mut expected, 2, 0.75);
        rows.set_steps(1, 1, 2, 0.75);
        assert_eq!(rows, expected);
        assert!(std::panic::catch_unwind(move || rows.set_steps(0, 0, 2, 0.0)).is_err());
    }

    #[test]
    fn rows_are_put_together_from_their_parts_and_from_no_others() {
        let layout = InputLayout::new([Value, Levels(3), Steps(2)]);
        let mut rows = EncodedRows::<f32>::zeros(&layout, 2);
        rows.row_mut(0).value(1.0).level(Some(2)).steps(1, 0.5);
        rows.row_mut(1).value(2.0).level(None).steps(0, 0.25);
        type Change<'a> = &'a dyn Fn(&mut Vec<f32>, &mut Vec<u16>, &mut Vec<f32>);
        let again = |change: Change| {
            let (mut values, mut places) = (rows.values.clone(), rows.places.clone());
            let mut shares = rows.shares.clone();
            change(&mut values, &mut places, &mut shares);
            EncodedRows::from_parts(&layout, 2, values, places, shares)
        };
        assert_eq!(again(&|_, _, _| {}).as_ref(), Some(&rows));
        assert_eq!(again(&|values, _, _| values.push(0.0)), None);
        assert_eq!(again(&|_, _, shares| shares.truncate(1)), None);
        assert_eq!(again(&|_, places, _| places.truncate(3)), None);
        assert_eq!(rows.places, [1, 3, 0, 0]);
        assert_eq!(again(&|_, places, _| places[0] = 2), None);
        assert_eq!(again(&|_, places, _| places[1] = 4), None);
    }
}
