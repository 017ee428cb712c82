//! Gaps: an input that tells where a value is missing, for columns whose training rows had gaps.
//!
//! The value itself is encoded as the column's median, which the [robust scale](super::RobustScale) makes 0, or as none
//! of the levels. A gap may tell something (nobody measured, nobody answered), and the indicator lets the network learn
//! what. A column without gaps in training gets no indicator: its weights would never be trained. A gap that comes
//! later stands at the median and is [counted](super::Unusual).

use chainrule::inputs::{EncodedRow, InputColumn};
use serde::{Deserialize, Serialize};

/// Whether a column has an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Missing {
    indicator: bool,
}

impl Missing {
    /// An indicator where some of the training rows, but not all, have a gap.
    pub(super) fn learn(missing: usize, rows: usize) -> Missing {
        Missing {
            indicator: 0 < missing && missing < rows,
        }
    }

    /// Whether there is an indicator, because training rows had gaps.
    pub fn has_indicator(&self) -> bool {
        self.indicator
    }

    /// How many inputs it makes: 1 or none.
    pub(super) fn inputs(&self) -> usize {
        usize::from(self.indicator)
    }

    /// Names the indicator of the column `name`, where there is one.
    pub(super) fn push_name(&self, name: &str, names: &mut Vec<String>) {
        if self.indicator {
            names.push(format!("{name} missing"));
        }
    }

    /// Appends the indicator's column, where there is one.
    pub(super) fn push_column(&self, columns: &mut Vec<InputColumn>) {
        columns.extend(self.indicator.then_some(InputColumn::Value));
    }

    /// Writes the indicator where there is one.
    pub(super) fn write(&self, is_missing: bool, row: &mut EncodedRow<f32>) {
        if self.indicator {
            row.value(if is_missing { 1.0 } else { 0.0 });
        }
    }

    /// Whether a value is a gap that was not to be expected.
    pub(super) fn is_unexpected(&self, is_missing: bool) -> bool {
        is_missing && !self.indicator
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::written;
    use super::*;

    #[test]
    fn only_a_column_with_some_gaps_has_an_indicator() {
        assert_eq!(Missing::learn(0, 5).inputs(), 0);
        assert_eq!(Missing::learn(2, 5).inputs(), 1);
        assert_eq!(Missing::learn(5, 5).inputs(), 0);
    }

    #[test]
    fn a_gap_is_unexpected_only_without_an_indicator() {
        let (some, none) = (Missing::learn(2, 5), Missing::learn(0, 5));
        let indicator = |missing: Missing, gap| {
            let (inputs, ()) = written(
                |columns| missing.push_column(columns),
                |row| missing.write(gap, row),
            );
            inputs
        };
        assert_eq!(indicator(some, true), [1.0]);
        assert_eq!(indicator(some, false), [0.0]);
        assert!(indicator(none, true).is_empty());
        assert!(!some.is_unexpected(true) && !none.is_unexpected(false));
        assert!(none.is_unexpected(true));
    }
}
