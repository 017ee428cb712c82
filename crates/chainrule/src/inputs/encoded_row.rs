//! One encoded row on its way from the encoders: column by column, each checked against the layout.

use super::layout::InputColumn;
use crate::Real;

/// One of some [`EncodedRows`](super::EncodedRows), to be written column by column in the layout's order. Columns that
/// are not written keep what they hold.
#[derive(Debug)]
pub struct EncodedRow<'a, R> {
    /// The columns that are still to be written, and their places.
    pub(super) columns: &'a [InputColumn],
    pub(super) values: &'a mut [R],
    pub(super) steps: &'a mut [u16],
    pub(super) shares: &'a mut [R],
    pub(super) levels: &'a mut [u16],
}

impl<R: Real> EncodedRow<'_, R> {
    /// Writes the next column, which is a value.
    ///
    /// # Panics
    ///
    /// If it is not, or there is none.
    #[track_caller]
    pub fn value(&mut self, value: R) -> &mut Self {
        match self.next_column() {
            Some(InputColumn::Value) => *take_first(&mut self.values) = value,
            other => panic!("a value for the column {other:?}"),
        }
        self
    }

    /// Writes the next column, which has bins: the row has come through all before `bin`, and through `share` of that
    /// one. Bin 0 and share 0 make all its inputs 0.
    ///
    /// # Panics
    ///
    /// If it has no such bin, or there is no further column.
    #[track_caller]
    pub fn steps(&mut self, bin: usize, share: R) -> &mut Self {
        match self.next_column() {
            Some(InputColumn::Steps(bins)) if bin < bins => {
                *take_first(&mut self.steps) = bin as u16;
                *take_first(&mut self.shares) = share;
            }
            other => panic!("bin {bin} for the column {other:?}"),
        }
        self
    }

    /// Writes the next column, which has levels.
    ///
    /// # Panics
    ///
    /// If it has no such level, or there is no further column.
    #[track_caller]
    pub fn level(&mut self, level: Option<usize>) -> &mut Self {
        match self.next_column() {
            Some(InputColumn::Levels(levels)) if level.is_none_or(|level| level < levels) => {
                *take_first(&mut self.levels) = level.map_or(0, |level| level as u16 + 1);
            }
            other => panic!("level {level:?} for the column {other:?}"),
        }
        self
    }

    fn next_column(&mut self) -> Option<InputColumn> {
        let (&first, rest) = self.columns.split_first()?;
        self.columns = rest;
        Some(first)
    }
}

/// The first element, which leaves the slice.
fn take_first<'a, T>(rest: &mut &'a mut [T]) -> &'a mut T {
    let slice = std::mem::take(rest);
    let (first, behind) = slice.split_first_mut().expect("as many as columns");
    *rest = behind;
    first
}

#[cfg(test)]
mod tests {
    use super::super::{EncodedRows, InputColumn::*, InputLayout};

    fn rows() -> EncodedRows<f32> {
        EncodedRows::zeros(&InputLayout::new([Steps(2), Levels(3)]), 1)
    }

    #[test]
    #[should_panic(expected = "bin 2 for the column Some(Steps(2))")]
    fn a_bin_that_the_column_does_not_have_panics() {
        rows().row_mut(0).steps(2, 0.0);
    }

    #[test]
    #[should_panic(expected = "level Some(3) for the column Some(Levels(3))")]
    fn a_level_that_the_column_does_not_have_panics() {
        rows().row_mut(0).steps(0, 0.0).level(Some(3));
    }

    #[test]
    #[should_panic(expected = "a value for the column Some(Levels(3))")]
    fn a_column_of_another_kind_panics() {
        rows().row_mut(0).steps(0, 0.0).value(1.0);
    }

    #[test]
    #[should_panic(expected = "a value for the column None")]
    fn a_column_too_many_panics() {
        rows().row_mut(0).steps(0, 0.0).level(None).value(1.0);
    }
}
