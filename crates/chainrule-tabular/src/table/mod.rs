//! A table with a header, kept as text and parsed into numbers column by column, on demand.
//!
//! The text stays because `predict` hands the input's columns through unchanged, and because a column that nobody asks for
//! may hold anything. What is checked while reading is the table's form: a header of distinct names, and as many values
//! in every line. This module does not guess separators, types or missing values; its messages say what to change.

pub mod column;
mod error;
mod nearest;
pub mod plan;
mod typed;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use csv::{ByteRecord, StringRecord};
use ndarray::Array2;

pub use column::{Column, Values};
pub use error::TableError;
use error::{list_of_names, shortened, why_not_a_number};
pub use plan::{ColumnPlan, Form, Kind, TablePlan};
pub use typed::{RowLines, TypedTable};

/// Words that stand for a missing value in every table, whatever their case.
pub const MISSING_WORDS: [&str; 11] = [
    "", "na", "n/a", "#n/a", "#na", "null", "none", "nan", "?", "-", ".",
];

/// A header and the records below it, with the place each came from.
///
/// ```
/// # use chainrule_tabular::Table;
/// let table = Table::from_reader("area,rooms,price\n52,2,310\n80,4,455\n".as_bytes(), "houses.csv")?;
/// assert_eq!(table.columns(), ["area", "rooms", "price"]);
/// assert_eq!(table.numeric(&["price", "area"])?, ndarray::array![[310.0, 52.0], [455.0, 80.0]]);
///
/// let message = table.numeric(&["prize"]).unwrap_err().to_string();
/// assert!(message.starts_with("houses.csv has no column \"prize\" (did you mean \"price\"?)"));
/// # Ok::<(), chainrule_tabular::TableError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Table {
    source: String,
    columns: Vec<String>,
    position_of: HashMap<String, usize>,
    records: Vec<StringRecord>,
    /// The line on which each record begins, counted from 1.
    lines: Vec<u64>,
}

impl Table {
    /// Reads a CSV file; the path `-` stands for standard input.
    pub fn read(path: &Path) -> Result<Table, TableError> {
        if path == Path::new("-") {
            return Table::from_reader(io::stdin().lock(), "standard input");
        }
        let source = path.display().to_string();
        match File::open(path) {
            Ok(file) => Table::from_reader(file, &source),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(TableError::NoSuchFile { table: source })
            }
            Err(error) => Err(TableError::Io {
                table: source,
                error,
            }),
        }
    }

    /// Reads CSV text; `source` names it in messages.
    ///
    /// White space around a column's name is not part of the name.
    pub fn from_reader(mut reader: impl Read, source: &str) -> Result<Table, TableError> {
        // All of it at once: the records keep about as much anyway, and the lines can be counted exactly.
        let mut text = Vec::new();
        reader
            .read_to_end(&mut text)
            .map_err(|error| TableError::Io {
                table: source.to_owned(),
                error,
            })?;
        let mut csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true) // so that the message about a ragged row is ours
            .from_reader(text.as_slice());
        let mut lines_before = LineCounter::new(&text);
        let mut next = || -> Option<(u64, ByteRecord)> {
            let mut record = ByteRecord::new();
            let found = csv
                .read_byte_record(&mut record)
                .expect("a flexible reader of bytes in memory has nothing to fail on");
            let begin = record.position().map_or(0, csv::Position::byte);
            found.then(|| (lines_before.line_of_record(begin as usize), record))
        };

        let Some((line, header)) = next() else {
            return Err(TableError::Empty {
                table: source.to_owned(),
            });
        };
        let header = into_text(header, source, line, &[])?;
        let columns: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        let position_of = positions_by_name(&columns, source)?;

        let (mut records, mut lines) = (Vec::new(), Vec::new());
        while let Some((line, record)) = next() {
            if record.len() != columns.len() {
                return Err(TableError::Ragged {
                    table: source.to_owned(),
                    line,
                    values: record.len(),
                    columns: columns.len(),
                });
            }
            records.push(into_text(record, source, line, &columns)?);
            lines.push(line);
        }
        if records.is_empty() {
            return Err(TableError::NoRows {
                table: source.to_owned(),
            });
        }
        Ok(Table {
            source: source.to_owned(),
            columns,
            position_of,
            records,
            lines,
        })
    }

    /// Where the table came from, as messages name it: the path as given, or `standard input`.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The columns' names, from left to right: distinct and not empty.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many records stand below the header: at least 1.
    pub fn rows(&self) -> usize {
        self.records.len()
    }

    /// The records as text, exactly as they were read.
    pub fn records(&self) -> impl ExactSizeIterator<Item = &StringRecord> {
        self.records.iter()
    }

    /// The line of the source on which record `row` begins; the header is usually line 1.
    #[track_caller]
    pub fn line(&self, row: usize) -> u64 {
        self.lines[row]
    }

    /// A table of the given rows only, in the given order, with their line numbers.
    #[track_caller]
    pub fn select(&self, rows: &[u32]) -> Table {
        Table {
            source: self.source.clone(),
            columns: self.columns.clone(),
            position_of: self.position_of.clone(),
            records: rows
                .iter()
                .map(|&r| self.records[r as usize].clone())
                .collect(),
            lines: rows.iter().map(|&r| self.lines[r as usize]).collect(),
        }
    }

    /// The named columns as numbers, in the order of the names.     (rows, names.len())
    ///
    /// Every value is finite; the first that is not a finite number is the error, by line.
    pub fn numeric(&self, names: &[impl AsRef<str>]) -> Result<Array2<f64>, TableError> {
        let positions = names
            .iter()
            .map(|name| self.position(name.as_ref()))
            .collect::<Result<Vec<usize>, TableError>>()?;
        let mut values = Vec::with_capacity(self.rows() * positions.len());
        for (record, &line) in self.records.iter().zip(&self.lines) {
            for &position in &positions {
                values.push(self.number(&record[position], line, position)?);
            }
        }
        Ok(
            Array2::from_shape_vec((self.rows(), positions.len()), values)
                .expect("one value was pushed for each row and name"),
        )
    }

    fn position(&self, name: &str) -> Result<usize, TableError> {
        let found = self.position_of.get(name).copied();
        found.ok_or_else(|| TableError::MissingColumn {
            table: self.source.clone(),
            column: name.to_owned(),
            suggestion: nearest::nearest_name(name, &self.columns)
                .map_or_else(String::new, |near| format!(" (did you mean {near:?}?)")),
            columns: list_of_names(&self.columns),
        })
    }

    fn number(&self, cell: &str, line: u64, position: usize) -> Result<f64, TableError> {
        let trimmed = cell.trim();
        let parsed = trimmed.parse::<f64>();
        if let Ok(number) = parsed
            && number.is_finite()
        {
            return Ok(number);
        }
        let (table, column) = (self.source.clone(), self.columns[position].clone());
        if trimmed.is_empty() {
            return Err(TableError::MissingValue {
                table,
                line,
                column,
            });
        }
        let value = shortened(trimmed);
        Err(match parsed {
            Ok(_) => TableError::NotFinite {
                table,
                line,
                column,
                value,
            },
            Err(_) => TableError::NotANumber {
                table,
                line,
                column,
                value,
                hint: why_not_a_number(trimmed),
            },
        })
    }
}

/// Checks that every column has a name of its own.
fn positions_by_name(
    columns: &[String],
    source: &str,
) -> Result<HashMap<String, usize>, TableError> {
    let mut position_of = HashMap::with_capacity(columns.len());
    for (position, name) in columns.iter().enumerate() {
        if name.is_empty() {
            return Err(TableError::UnnamedColumn {
                table: source.to_owned(),
                position: position + 1,
            });
        }
        if let Some(first) = position_of.insert(name.clone(), position) {
            return Err(TableError::DuplicateColumn {
                table: source.to_owned(),
                column: name.clone(),
                first: first + 1,
                second: position + 1,
            });
        }
    }
    Ok(position_of)
}

fn into_text(
    record: ByteRecord,
    source: &str,
    line: u64,
    columns: &[String],
) -> Result<StringRecord, TableError> {
    StringRecord::from_byte_record(record).map_err(|error| {
        let position = error.utf8_error().field();
        TableError::NotUtf8 {
            table: source.to_owned(),
            line,
            column: columns
                .get(position)
                .map_or_else(|| (position + 1).to_string(), |name| format!("{name:?}")),
        }
    })
}

/// Counts lines from the start of the text to the start of each record.
///
/// The CSV reader has a count of its own, but it takes a record to begin right behind the previous record's `\r` or
/// `\n`, that is before the rest of a `\r\n` and before blank lines, and so comes out too low.
struct LineCounter<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> LineCounter<'a> {
    fn new(text: &'a [u8]) -> Self {
        LineCounter {
            text,
            at: 0,
            line: 1,
        }
    }

    /// The line of the record that the CSV reader began to read at byte `begin`; calls go forward through the text.
    fn line_of_record(&mut self, begin: usize) -> u64 {
        while let Some(&byte) = self.text.get(self.at) {
            let is_break = byte == b'\n' || byte == b'\r';
            if self.at >= begin && !is_break {
                break;
            }
            self.at += 1;
            // Of `\r\n` the second byte counts, so that a lone `\r` is a line break as well, as it is for the CSV reader.
            if is_break && !(byte == b'\r' && self.text.get(self.at) == Some(&b'\n')) {
                self.line += 1;
            }
        }
        self.line
    }
}
