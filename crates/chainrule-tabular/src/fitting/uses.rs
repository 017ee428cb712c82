//! A table that is needed several times, and given away at the last.

use std::borrow::Cow;

use crate::table::TypedTable;

/// A table, and how often it is still needed.
pub(super) struct Uses<'a> {
    table: Option<Cow<'a, TypedTable>>,
    left: usize,
}

impl<'a> Uses<'a> {
    pub(super) fn new(table: Cow<'a, TypedTable>, uses: usize) -> Uses<'a> {
        Uses {
            table: Some(table),
            left: uses,
        }
    }

    /// The table: lent, or at the last use given away, if it can be.
    ///
    /// # Panics
    /// If no use is left.
    #[track_caller]
    pub(super) fn take(&mut self) -> Cow<'_, TypedTable> {
        self.left -= 1;
        let table = match self.left {
            0 => self.table.take(),
            _ => self.table.as_deref().map(Cow::Borrowed),
        };
        table.expect("a use is left")
    }
}
