//! What was unlike the training rows while a table was encoded, counted for each column.

/// What one cell is to its encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Such as the training rows had.
    Usual,
    /// Missing, in a column that had no gaps in training.
    UnexpectedGap,
    /// A level that no training row had.
    Unseen,
    /// A number or a time far outside of the training rows' range.
    FarOutside,
}

impl Cell {
    pub(super) fn unexpected_gap(found: bool) -> Cell {
        if found {
            Cell::UnexpectedGap
        } else {
            Cell::Usual
        }
    }
}

/// How often something was found, and where first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// In how many rows.
    pub rows: usize,
    /// On which line first.
    pub first_line: Option<u64>,
}

impl Tally {
    fn count(&mut self, line: u64) {
        self.rows += 1;
        self.first_line.get_or_insert(line);
    }

    fn add(&mut self, later: Tally) {
        self.rows += later.rows;
        self.first_line = self.first_line.or(later.first_line);
    }
}

/// What was unusual in one column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnusualColumn {
    /// Gaps where the training rows had none: the median, or none of the levels, stands for them.
    pub gaps: Tally,
    /// Levels that no training row had.
    pub unseen: Tally,
    /// Numbers and times far outside of the training rows' range.
    pub outside: Tally,
}

/// What was unusual in each column of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unusual {
    columns: Vec<(String, UnusualColumn)>,
}

impl Unusual {
    pub(super) fn in_columns<'a>(names: impl Iterator<Item = &'a str>) -> Unusual {
        Unusual {
            columns: names
                .map(|name| (name.to_owned(), UnusualColumn::default()))
                .collect(),
        }
    }

    pub(super) fn count(&mut self, column: usize, cell: Cell, line: impl FnOnce() -> u64) {
        let found = &mut self.columns[column].1;
        match cell {
            Cell::Usual => {}
            Cell::UnexpectedGap => found.gaps.count(line()),
            Cell::Unseen => found.unseen.count(line()),
            Cell::FarOutside => found.outside.count(line()),
        }
    }

    /// Takes in what was found in the rows that follow.
    ///
    /// # Panics
    /// If it was counted for other columns.
    #[track_caller]
    pub fn add(&mut self, later: &Unusual) {
        if self.columns.is_empty() {
            self.columns.clone_from(&later.columns);
            return;
        }
        assert_eq!(
            self.columns.len(),
            later.columns.len(),
            "columns of the same model"
        );
        for ((name, found), (later_name, later)) in self.columns.iter_mut().zip(&later.columns) {
            assert_eq!(name, later_name, "columns of the same model");
            found.gaps.add(later.gaps);
            found.unseen.add(later.unseen);
            found.outside.add(later.outside);
        }
    }

    /// The columns in which something was found.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &UnusualColumn)> {
        let found = |column: &UnusualColumn| *column != UnusualColumn::default();
        self.columns
            .iter()
            .filter(move |(_, column)| found(column))
            .map(|(name, column)| (name.as_str(), column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_blocks_add_up_and_keep_the_first_line() {
        let block = |lines: &[u64]| {
            let mut unusual = Unusual::in_columns(["a", "b"].into_iter());
            lines
                .iter()
                .for_each(|&line| unusual.count(1, Cell::Unseen, || line));
            unusual
        };
        let mut whole = Unusual::default();
        [block(&[]), block(&[7, 9]), block(&[12])]
            .iter()
            .for_each(|b| whole.add(b));
        let found: Vec<_> = whole.columns().collect();
        let unseen = Tally {
            rows: 3,
            first_line: Some(7),
        };
        assert_eq!(
            found,
            [(
                "b",
                &UnusualColumn {
                    unseen,
                    ..UnusualColumn::default()
                }
            )]
        );
    }
}
