//! Rows of cells from any format, a block of them at a time: the one thing that every format has to give.

use std::ops::Range;

use super::error::TableError;
use super::findings::Findings;
use super::plan::Resolution;
use super::text::TextForm;

/// A table that is read from its beginning to its end.
pub trait Source: Send {
    /// The names of the columns as they stand there, trimmed; an empty name where there is none.
    fn names(&self) -> &[String];

    /// Replaces the block's rows by the next ones; false at the end of the table, where no row is left.
    fn next_block(&mut self, block: &mut Block) -> Result<bool, TableError>;

    /// What was found besides rows: the format, and what was passed over. Complete when the last block has been read.
    fn findings(&self) -> Findings;

    /// How the rows are written, for whoever gives them back.
    fn row_form(&self) -> RowForm {
        RowForm::Cells
    }
}

/// How the rows of a table are written.
#[derive(Clone, Debug, PartialEq)]
pub enum RowForm {
    /// As text; a [`Block`] holds it.
    Text(TextForm),
    /// As objects on lines of their own; a [`Block`] holds the lines.
    JsonLines,
    /// In a way that is no text: a [`Block`] holds values alone.
    Cells,
}

/// One value as the source has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// The format says that there is no value.
    Missing,
    /// Text that has to be read.
    Text(&'a str),
    /// A number that the format knows to be one. NaN stands for missing, infinities are errors.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// Microseconds since the beginning of 1970.
    Time(i64, Resolution),
}

/// Some consecutive rows of a table, all of the same width.
#[derive(Clone, Debug, Default)]
pub struct Block {
    width: usize,
    pub(super) cells: Vec<Stored>,
    pub(super) lines: Vec<u64>,
    /// The text of the block from its first byte to its last: rows, and what lies between them.
    pub(super) text: String,
    /// Where each row lies in `text`, without its line end.
    pub(super) records: Vec<Range<usize>>,
    /// Values that do not stand in `text` as they are, such as quoted ones that hold a quote.
    pub(super) extra: String,
    /// Rows that cannot be split into cells; each lies in `records` with cells that are all missing.
    ragged: Vec<Ragged>,
}

/// A row with another number of values than there are columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Ragged {
    /// The row's place in its block.
    pub row: usize,
    /// How many values it has.
    pub values: usize,
    /// What may be the reason.
    pub hint: &'static str,
}

/// A cell as a block keeps it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stored {
    Missing,
    Text { begin: u32, end: u32 },
    Extra { begin: u32, end: u32 },
    Number(f64),
    Boolean(bool),
    Time(i64, Resolution),
}

impl Block {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The value in this row and column.
    #[inline]
    pub fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match self.cells[row * self.width + column] {
            Stored::Missing => Cell::Missing,
            Stored::Text { begin, end } => Cell::Text(&self.text[begin as usize..end as usize]),
            Stored::Extra { begin, end } => Cell::Text(&self.extra[begin as usize..end as usize]),
            Stored::Number(number) => Cell::Number(number),
            Stored::Boolean(value) => Cell::Boolean(value),
            Stored::Time(time, resolution) => Cell::Time(time, resolution),
        }
    }

    /// The line on which this row begins, or the row's number from 1 in a format without lines.
    pub fn line(&self, row: usize) -> u64 {
        self.lines[row]
    }

    /// The whole text of the block; [`Block::record`] says where each row lies. Empty for a table of
    /// [cells](RowForm::Cells).
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where this row lies in the block's text, without its line end.
    pub fn record(&self, row: usize) -> Range<usize> {
        self.records[row].clone()
    }

    /// The rows whose number of values is not that of the columns.
    pub fn ragged(&self) -> &[Ragged] {
        &self.ragged
    }

    pub(super) fn clear(&mut self, width: usize) {
        self.width = width;
        self.cells.clear();
        self.lines.clear();
        self.text.clear();
        self.records.clear();
        self.extra.clear();
        self.ragged.clear();
    }

    /// Adds the next cell of a row.
    #[cfg(any(feature = "json-lines", feature = "workbook"))]
    pub(super) fn push(&mut self, cell: Stored) {
        self.cells.push(cell);
    }

    /// Keeps a text that does not stand in the block's text, for a cell.
    pub(super) fn keep_text(&mut self, text: &str) -> Stored {
        let begin = self.extra.len() as u32;
        self.extra.push_str(text);
        let end = self.extra.len() as u32;
        Stored::Extra { begin, end }
    }

    /// Ends a row whose cells have been pushed.
    #[cfg(any(feature = "json-lines", feature = "workbook"))]
    pub(super) fn end_row(&mut self, line: u64) {
        debug_assert_eq!(self.cells.len(), (self.lines.len() + 1) * self.width);
        self.lines.push(line);
    }

    /// Makes rows without values, for a format that gives column after column.
    pub(super) fn start_rows(&mut self, rows: usize, first_line: u64) {
        self.cells.resize(rows * self.width, Stored::Missing);
        self.lines.extend(first_line..first_line + rows as u64);
    }

    /// Sets one cell of such a row.
    pub(super) fn set(&mut self, row: usize, column: usize, cell: Stored) {
        self.cells[row * self.width + column] = cell;
    }

    /// Begins anew, with rows of missing values on consecutive lines: for a [`Source`] of columns that are in memory.
    pub fn begin(&mut self, width: usize, rows: usize, first_line: u64) {
        self.clear(width);
        self.start_rows(rows, first_line);
    }

    /// Puts a value into one of the rows that the block [began](Self::begin) with.
    #[track_caller]
    pub fn put(&mut self, row: usize, column: usize, cell: Cell<'_>) {
        let stored = match cell {
            Cell::Missing => Stored::Missing,
            Cell::Text(text) => self.keep_text(text),
            Cell::Number(number) => Stored::Number(number),
            Cell::Boolean(value) => Stored::Boolean(value),
            Cell::Time(time, resolution) => Stored::Time(time, resolution),
        };
        self.set(row, column, stored);
    }

    /// Marks the last row as one that has another number of values.
    pub(super) fn add_ragged(&mut self, values: usize, hint: &'static str) {
        let row = self.lines.len() - 1;
        self.ragged.push(Ragged { row, values, hint });
    }
}
