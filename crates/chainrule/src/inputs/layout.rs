//! Which inputs each column of encoded rows stands for.

use std::ops::Range;
use std::sync::Arc;

/// One column of encoded rows, and the inputs that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputColumn {
    /// A number that is itself the input.
    Value,
    /// A place among so many bins, and how far the row has come through the bin: the inputs are 1 for each bin before
    /// it, that share for the bin itself, and 0 for each bin behind it.
    Steps(usize),
    /// One of so many levels, or none: the inputs are 1 for that level and 0 for the others.
    Levels(usize),
}

/// How many columns there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KindCounts {
    pub values: usize,
    pub steps: usize,
    pub levels: usize,
}

impl InputColumn {
    /// Number of inputs.
    pub fn inputs(self) -> usize {
        match self {
            InputColumn::Value => 1,
            InputColumn::Steps(bins) => bins,
            InputColumn::Levels(levels) => levels,
        }
    }
}

/// The columns of encoded rows, in the order of a network's inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputLayout {
    columns: Vec<InputColumn>,
    /// Of each column of a kind, its first input.
    values: Vec<u32>,
    steps: Vec<u32>,
    levels: Vec<u32>,
    /// Of each column of steps, its bins.
    bins: Vec<u16>,
    /// For each input whether it is a bin and the input before it is the bin before.
    goes_on: Vec<bool>,
}

impl InputLayout {
    /// A layout of the given columns.
    ///
    /// # Panics
    ///
    /// If a column has no bin or level, or as many as 16 bits cannot tell apart.
    #[track_caller]
    pub fn new(columns: impl IntoIterator<Item = InputColumn>) -> Arc<Self> {
        let mut layout = InputLayout {
            columns: columns.into_iter().collect(),
            values: Vec::new(),
            steps: Vec::new(),
            levels: Vec::new(),
            bins: Vec::new(),
            goes_on: Vec::new(),
        };
        for (c, &column) in layout.columns.iter().enumerate() {
            let inputs = column.inputs();
            assert!(
                (1..=usize::from(u16::MAX)).contains(&inputs),
                "column {c} of encoded rows is {column:?}: there may be 1 to {}",
                u16::MAX
            );
            let first = u32::try_from(layout.goes_on.len()).expect("inputs are counted in 32 bits");
            let is_bin = match column {
                InputColumn::Value => {
                    layout.values.push(first);
                    false
                }
                InputColumn::Steps(bins) => {
                    layout.steps.push(first);
                    layout.bins.push(bins as u16);
                    true
                }
                InputColumn::Levels(_) => {
                    layout.levels.push(first);
                    false
                }
            };
            layout.goes_on.extend((0..inputs).map(|t| is_bin && t > 0));
        }
        Arc::new(layout)
    }

    /// The columns, in the order of the inputs.
    pub fn columns(&self) -> &[InputColumn] {
        &self.columns
    }

    /// Number of inputs that the columns stand for, `i`.
    pub fn inputs(&self) -> usize {
        self.goes_on.len()
    }

    /// How many rows of `V` a row looks up (E2): one for a value and for a level, two for a bin.
    pub fn terms(&self) -> usize {
        self.values.len() + 2 * self.steps.len() + self.levels.len()
    }

    /// Number of bins of the `nth` column of steps.
    ///
    /// # Panics
    ///
    /// If there is no such column.
    #[track_caller]
    pub(crate) fn bins_of(&self, nth: usize) -> usize {
        usize::from(self.bins[nth])
    }

    /// How many of these columns are of each kind.
    ///
    /// # Panics
    ///
    /// If there is no such column.
    #[track_caller]
    pub(crate) fn count(&self, columns: Range<usize>) -> KindCounts {
        let mut counts = KindCounts::default();
        for column in &self.columns[columns] {
            *match column {
                InputColumn::Value => &mut counts.values,
                InputColumn::Steps(_) => &mut counts.steps,
                InputColumn::Levels(_) => &mut counts.levels,
            } += 1;
        }
        counts
    }

    /// The inputs that are values.
    pub(crate) fn values(&self) -> &[u32] {
        &self.values
    }

    /// The first bin's input of each column of steps.
    pub(crate) fn steps(&self) -> &[u32] {
        &self.steps
    }

    /// The first level's input of each column of levels.
    pub(crate) fn levels(&self) -> &[u32] {
        &self.levels
    }

    /// For each input whether it is a bin behind another bin of its column.
    pub(crate) fn goes_on(&self) -> &[bool] {
        &self.goes_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use InputColumn::{Levels, Steps, Value};

    #[test]
    fn columns_stand_for_inputs_one_behind_the_other() {
        let layout = InputLayout::new([Value, Steps(3), Levels(2), Steps(1), Value]);
        assert_eq!((layout.inputs(), layout.terms()), (8, 7));
        assert_eq!(layout.values(), [0, 7]);
        assert_eq!(layout.steps(), [1, 6]);
        assert_eq!(layout.levels(), [4]);
        let goes_on: Vec<usize> = (0..8).filter(|&t| layout.goes_on()[t]).collect();
        assert_eq!(goes_on, [2, 3]);
    }

    #[test]
    #[should_panic(expected = "column 1 of encoded rows is Steps(0): there may be 1 to 65535")]
    fn a_column_of_no_bins_panics() {
        InputLayout::new([Value, Steps(0)]);
    }
}
