//! A table of typed columns that knows which line each row came from.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::column::Column;
use super::error::TableError;
use super::names::missing_column;
use super::plan::{Kind, TablePlan};

/// Columns of equal length, with the place that each row came from.
#[derive(Clone, Debug, PartialEq)]
pub struct TypedTable {
    source: String,
    columns: Vec<Column>,
    /// The column of each name; a table may be wide.
    places: HashMap<String, usize>,
    rows: usize,
    lines: RowLines,
}

impl TypedTable {
    /// Puts a table together; `source` names it in messages.
    ///
    /// # Panics
    /// If a column is longer or shorter than there are lines.
    #[track_caller]
    pub fn new(source: String, columns: Vec<Column>, lines: RowLines) -> TypedTable {
        let rows = lines.rows();
        for column in &columns {
            assert_eq!(
                column.rows(),
                rows,
                "rows of the column {:?}",
                column.name()
            );
        }
        let mut places = HashMap::with_capacity(columns.len());
        for (place, column) in columns.iter().enumerate() {
            places.entry(column.name().to_owned()).or_insert(place);
        }
        TypedTable {
            source,
            columns,
            places,
            rows,
            lines,
        }
    }

    /// Where the table came from, as messages name it: the path as given, or `standard input`.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// All columns from left to right, those that are left out among them.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.places.get(name).map(|&place| &self.columns[place])
    }

    /// The column of this name.
    ///
    /// # Errors
    /// If there is none; the message names the nearest one.
    pub fn find(&self, name: &str) -> Result<&Column, TableError> {
        self.column(name).ok_or_else(|| {
            let columns: Vec<String> = self
                .columns
                .iter()
                .map(|column| column.name().to_owned())
                .collect();
            missing_column(&self.source, name, &columns)
        })
    }

    /// The values of the column of this name as numbers, NaN where they are missing.
    ///
    /// # Errors
    /// If there is no such column, or it was read as something else.
    pub fn numbers_of(&self, name: &str) -> Result<Cow<'_, [f64]>, TableError> {
        let column = self.find(name)?;
        column.numbers().ok_or_else(|| TableError::OtherKind {
            table: self.source.clone(),
            column: name.to_owned(),
            found: column.kind(),
            expected: Kind::Number,
        })
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The line of the source on which this row begins (the row's number where the format has no lines), counted from
    /// 1.
    #[track_caller]
    pub fn line(&self, row: usize) -> u64 {
        self.lines.line(row)
    }

    /// How each column was read.
    pub fn plan(&self, missing: Vec<String>) -> TablePlan {
        TablePlan {
            columns: self
                .columns
                .iter()
                .map(|column| column.plan().clone())
                .collect(),
            missing,
        }
    }

    /// Adds the rows of a table that was read by the same plan, as the next block of a
    /// [`PlannedReader`](super::PlannedReader) is.
    ///
    /// # Panics
    /// If its columns are not planned as these are.
    #[track_caller]
    pub fn append(&mut self, next: TypedTable) {
        assert_eq!(self.columns.len(), next.columns.len(), "columns of the two");
        for row in 0..next.rows {
            self.lines.push(next.lines.line(row));
        }
        for (column, next) in self.columns.iter_mut().zip(next.columns) {
            column.append(next);
        }
        self.rows = self.lines.rows();
    }

    /// The same rows with these columns alone; the others give their memory back.
    pub(crate) fn with_only(self, names: &[String]) -> TypedTable {
        let names: HashSet<&str> = names.iter().map(String::as_str).collect();
        let columns = self.columns.into_iter();
        let kept = columns.filter(|column| names.contains(column.name()));
        TypedTable::new(self.source, kept.collect(), self.lines)
    }

    /// Takes the rows from this one on away, and gives their memory back.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.columns
            .iter_mut()
            .for_each(|column| column.truncate(rows));
        self.lines.truncate(rows);
        self.rows = self.lines.rows();
    }

    /// A table of the given rows only, in the given order.
    #[track_caller]
    pub fn select(&self, rows: &[u32]) -> TypedTable {
        let mut lines = RowLines::default();
        for &row in rows {
            lines.push(self.line(row as usize));
        }
        TypedTable {
            source: self.source.clone(),
            columns: self
                .columns
                .iter()
                .map(|column| column.select(rows))
                .collect(),
            places: self.places.clone(),
            rows: rows.len(),
            lines,
        }
    }
}

impl<'a> From<&'a TypedTable> for Cow<'a, TypedTable> {
    fn from(table: &'a TypedTable) -> Self {
        Cow::Borrowed(table)
    }
}

impl From<TypedTable> for Cow<'_, TypedTable> {
    fn from(table: TypedTable) -> Self {
        Cow::Owned(table)
    }
}

/// The line on which each row begins, kept as runs of rows that stand on consecutive lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowLines {
    /// For each run its first row and the line of that row.
    runs: Vec<(usize, u64)>,
    rows: usize,
}

impl RowLines {
    /// Appends a row that begins on this line.
    pub fn push(&mut self, line: u64) {
        let goes_on = self
            .runs
            .last()
            .is_some_and(|&(row, first)| first + (self.rows - row) as u64 == line);
        if !goes_on {
            self.runs.push((self.rows, line));
        }
        self.rows += 1;
    }

    fn truncate(&mut self, rows: usize) {
        self.rows = rows.min(self.rows);
        self.runs.retain(|&(first, _)| first < self.rows);
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The line on which this row begins.
    #[track_caller]
    pub fn line(&self, row: usize) -> u64 {
        assert!(row < self.rows, "row {row} of {}", self.rows);
        let run = self.runs.partition_point(|&(first, _)| first <= row) - 1;
        let (first, line) = self.runs[run];
        line + (row - first) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_again_whatever_their_gaps() {
        let written = [2, 3, 4, 9, 10, 20, 5, 6, 6, 7];
        let mut lines = RowLines::default();
        written.iter().for_each(|&line| lines.push(line));
        let found: Vec<u64> = (0..lines.rows()).map(|row| lines.line(row)).collect();
        assert_eq!(found, written);

        lines.truncate(5);
        assert_eq!((lines.rows(), lines.line(4)), (5, 10));
        lines.push(11);
        assert_eq!((lines.rows(), lines.line(5)), (6, 11));
    }
}
