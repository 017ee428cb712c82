//! A table with a header, kept as text and parsed into numbers column by column, on demand.
//!
//! The text stays because a column that nobody asks for may hold anything. What is checked while reading is the table's form: a
//! header of distinct names, quotes that pair up, and as many values in every line. This module does not guess separators,
//! types or missing values; its messages say what to change.

pub mod column;
mod error;
mod findings;
mod formats;
mod gather;
mod input;
mod inspection;
#[cfg(feature = "json-lines")]
mod json_lines;
mod kinds;
mod names;
mod nearest;
mod numbers;
mod options;
#[cfg(feature = "parquet")]
mod parquet;
pub mod plan;
mod planned;
mod problems;
mod quotes;
mod read;
mod records;
pub mod source;
mod source_text;
pub mod text;
mod times;
mod typed;
#[cfg(feature = "workbook")]
mod workbook;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use csv::StringRecord;
use ndarray::Array2;

use crate::shown::{printable, quoted};
pub use column::{Column, Values};
pub use error::TableError;
use error::{list_of_names, why_not_a_number};
pub use findings::Findings;
pub use formats::{open_reader, open_source};
pub use inspection::{About, ColumnInspection, Inspection, Suspicion};
pub use names::clean_name;
pub use options::{OnError, ReadOptions, Separator};
pub use plan::{ColumnPlan, Form, Kind, TablePlan};
pub use planned::{PlannedBlock, PlannedReader};
pub use problems::{Fault, Problem};
use records::{Record, Records, blank_lines, line_breaks};
pub use source_text::SourceText;
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
        Table::read_with_text(path).map(|(table, _)| table)
    }

    /// Reads a CSV file and keeps its text, to hand it back with a further column.
    pub fn read_with_text(path: &Path) -> Result<(Table, SourceText), TableError> {
        if path == Path::new("-") {
            return Table::from_reader_with_text(io::stdin().lock(), "standard input");
        }
        let source = path.display().to_string();
        let table = || printable(&source);
        match File::open(path) {
            Ok(file) => Table::from_reader_with_text(file, &source),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(TableError::NoSuchFile { table: table() })
            }
            Err(error) => Err(TableError::Io {
                table: table(),
                error,
            }),
        }
    }

    /// Reads CSV text; `source` names it in messages.
    ///
    /// White space around a column's name is not part of the name. A blank line is no row, but in a table of one column it is a
    /// row whose value is missing: rows below it must not move up. Blank lines at the end are none in any table.
    pub fn from_reader(reader: impl Read, source: &str) -> Result<Table, TableError> {
        Table::from_reader_with_text(reader, source).map(|(table, _)| table)
    }

    /// Reads CSV text, as [`from_reader`](Self::from_reader) does, and keeps it.
    pub fn from_reader_with_text(
        mut reader: impl Read,
        source: &str,
    ) -> Result<(Table, SourceText), TableError> {
        let source = printable(source);
        // All of it at once: the records keep about as much anyway, and the lines can be counted exactly.
        let mut text = Vec::new();
        if let Err(error) = reader.read_to_end(&mut text) {
            return Err(TableError::Io {
                table: source,
                error,
            });
        }
        let (table, ends) = Table::parse(&text, source)?;
        Ok((table, SourceText { text, ends }))
    }

    /// The table, and where its header and its records end in the text.
    fn parse(text: &[u8], source: String) -> Result<(Table, Vec<usize>), TableError> {
        let mut found = Records::of(text);
        let Some(header) = found.next() else {
            return Err(TableError::Empty { table: source });
        };
        expect_sound_quotes(text, &header, &source, None)?;
        let mut ends = vec![header.span.end];
        let header = into_text(header, &source, &[])?;
        let columns: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        let position_of = positions_by_name(&columns, &source)?;

        let (mut records, mut lines) = (Vec::new(), Vec::new());
        for record in found {
            if let [_] = columns[..] {
                let breaks = ends[ends.len() - 1]..record.span.start;
                let blank = blank_lines(&text[breaks.clone()]);
                for (line, at) in (record.line - blank.len() as u64..).zip(blank) {
                    records.push(StringRecord::from(vec![""]));
                    lines.push(line);
                    ends.push(breaks.start + at);
                }
            }
            expect_sound_quotes(text, &record, &source, Some(&columns))?;
            if record.cells.len() != columns.len() {
                return Err(TableError::Ragged {
                    table: source,
                    line: record.line,
                    values: record.cells.len(),
                    columns: columns.len(),
                });
            }
            lines.push(record.line);
            ends.push(record.span.end);
            records.push(into_text(record, &source, &columns)?);
        }
        if records.is_empty() {
            return Err(TableError::NoRows { table: source });
        }
        let table = Table {
            source,
            columns,
            position_of,
            records,
            lines,
        };
        Ok((table, ends))
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
                .map_or_else(String::new, |near| {
                    format!(" (did you mean {}?)", quoted(near))
                }),
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
        let value = trimmed.to_owned();
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

/// Refuses a record with a stray quote; the header has no `columns` yet.
fn expect_sound_quotes(
    text: &[u8],
    record: &Record,
    source: &str,
    columns: Option<&[String]>,
) -> Result<(), TableError> {
    let bytes = &text[record.span.clone()];
    quotes::check(bytes, b',', columns.map(<[String]>::len)).map_err(|stray| {
        let line_of = |at: usize| record.line + line_breaks(&bytes[..at]);
        TableError::StrayQuote {
            table: source.to_owned(),
            line: line_of(stray.opens),
            column: name_or_number(columns.unwrap_or_default(), stray.cell),
            problem: stray.sign.words(line_of(stray.closes)),
        }
    })
}

fn into_text(record: Record, source: &str, columns: &[String]) -> Result<StringRecord, TableError> {
    StringRecord::from_byte_record(record.cells).map_err(|error| TableError::NotUtf8 {
        table: source.to_owned(),
        line: record.line,
        column: name_or_number(columns, error.utf8_error().field()),
    })
}

/// How a message calls a column: by its name, or by its number from 1 where it has none.
fn name_or_number(columns: &[String], position: usize) -> String {
    columns
        .get(position)
        .map_or_else(|| (position + 1).to_string(), |name| quoted(name))
}
