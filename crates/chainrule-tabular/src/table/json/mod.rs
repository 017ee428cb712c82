//! Tables of JSON objects, one for each row, their keys the names of the columns: on lines of their own, or in one
//! array.

mod array;
mod lines;
mod object;

use std::collections::HashMap;
use std::io;
use std::ops::Range;

use serde_json::Value;

use self::array::Array;
use self::lines::Lines;
use self::object::Object;
use super::error::TableError;
use super::findings::Findings;
use super::input::Input;
use super::names::clean_name;
use super::source::{Block, RowForm, Source, Stored};
use super::text::MOST_COLUMNS;

/// How many rows make a block.
const ROWS: usize = 2048;

/// The most bytes of a row.
const LONGEST: u64 = 16 * 1024 * 1024;

/// The most keys that are told to come too late.
const MOST_LATE: usize = 8;

/// What may stand before the first line of a UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// How the objects stand in a file.
enum Layout {
    Lines(Lines),
    Array(Array),
}

/// Some consecutive rows.
#[derive(Default)]
struct Objects {
    /// The text of their lines; that of an array is not kept.
    text: String,
    rows: Vec<Row>,
}

/// An object, and where it stands.
struct Row {
    /// The number of its line.
    line: u64,
    /// Its place in the text, from brace to brace.
    record: Range<usize>,
    object: Object,
}

/// Why the next rows cannot be read.
enum Wrong {
    Reason(String),
    Long { line: u64 },
    Io(io::Error),
}

impl From<io::Error> for Wrong {
    fn from(error: io::Error) -> Wrong {
        Wrong::Io(error)
    }
}

/// A table of JSON objects. The first rows name the columns.
pub(super) struct Json {
    table: String,
    compression: Option<&'static str>,
    layout: Layout,
    names: Vec<String>,
    places: HashMap<String, usize>,
    /// Rows that were read to find the names.
    first: Option<Objects>,
    /// Keys that these do not have.
    late: Vec<String>,
}

/// Whether bytes begin as an object does, or as an array of them.
pub(super) fn is_json(beginning: &[u8]) -> bool {
    let object = match opening(beginning) {
        Some((b'[', inside)) => inside.trim_ascii_start().strip_prefix(b"{"),
        Some((b'{', inside)) => Some(inside),
        _ => None,
    };
    let inside = object.map(<[u8]>::trim_ascii_start);
    inside.is_some_and(|inside| matches!(inside.first(), Some(b'"' | b'}')))
}

/// The first sign and what follows it.
fn opening(beginning: &[u8]) -> Option<(u8, &[u8])> {
    let text = beginning.strip_prefix(BYTE_ORDER_MARK).unwrap_or(beginning);
    let (&first, rest) = text.trim_ascii_start().split_first()?;
    Some((first, rest))
}

impl Json {
    pub(super) fn open(mut input: Input) -> Result<Json, TableError> {
        let (table, compression) = (input.source.clone(), input.compression);
        let is_array = opening(&input.beginning).is_some_and(|(first, _)| first == b'[');
        // Lines are given back as they came, with their mark; an array is not.
        if is_array && input.beginning.starts_with(BYTE_ORDER_MARK) {
            input.beginning.drain(..BYTE_ORDER_MARK.len());
        }
        let reader = input.into_reader();
        let mut this = Json {
            table,
            compression,
            layout: match is_array {
                true => Layout::Array(Array::new(reader)),
                false => Layout::Lines(Lines::new(reader)),
            },
            names: Vec::new(),
            places: HashMap::new(),
            first: None,
            late: Vec::new(),
        };
        let first = this.next_rows()?;
        for (key, _) in first.rows.iter().flat_map(|row| &row.object.0) {
            if !this.places.contains_key(key) {
                this.places.insert(key.clone(), this.names.len());
                this.names.push(clean_name(key));
            }
        }
        if this.names.len() > MOST_COLUMNS {
            let columns = this.names.len();
            return Err(TableError::TooWide {
                table: this.table,
                columns,
                most: MOST_COLUMNS,
            });
        }
        if this.names.is_empty() {
            return Err(TableError::NoRows { table: this.table });
        }
        if let [only] = first.rows.as_slice()
            && only.object.0.iter().all(|(_, value)| is_nested(value))
        {
            let reason = "one object holds the whole table: write each row as an object, in pandas by \
                          to_json(orient=\"records\")";
            return Err(this.wrong(reason.to_owned()));
        }
        this.first = Some(first);
        Ok(this)
    }

    fn next_rows(&mut self) -> Result<Objects, TableError> {
        let read = match &mut self.layout {
            Layout::Lines(lines) => lines.next_rows(),
            Layout::Array(array) => array.next_rows(),
        };
        let table = || self.table.clone();
        read.map_err(|wrong| match wrong {
            Wrong::Reason(reason) => self.wrong(reason),
            Wrong::Long { line } => {
                let megabytes = (LONGEST >> 20) as usize;
                TableError::LongLine {
                    table: table(),
                    line,
                    megabytes,
                }
            }
            Wrong::Io(error) => TableError::Io {
                table: table(),
                error,
            },
        })
    }

    fn format(&self) -> &'static str {
        match self.layout {
            Layout::Lines(_) => "JSON lines",
            Layout::Array(_) => "a JSON array",
        }
    }

    fn wrong(&self, reason: String) -> TableError {
        TableError::Format {
            table: self.table.clone(),
            format: self.format(),
            reason,
        }
    }

    fn add_row(&mut self, block: &mut Block, row: Row) -> Result<(), TableError> {
        let Row {
            line,
            record,
            object,
        } = &row;
        let mut values: Vec<Option<&Value>> = vec![None; self.names.len()];
        for (key, value) in &object.0 {
            match self.places.get(key) {
                Some(&place) => values[place] = Some(value),
                None if self.late.len() < MOST_LATE && !self.late.contains(key) => {
                    self.late.push(key.clone());
                }
                None => {}
            }
        }
        for (value, name) in values.into_iter().zip(&self.names) {
            match value {
                None | Some(Value::Null) => block.push(Stored::Missing),
                Some(Value::Bool(value)) => block.push(Stored::Boolean(*value)),
                Some(Value::Number(number)) => {
                    block.push(Stored::Number(number.as_f64().unwrap_or(f64::INFINITY)))
                }
                Some(Value::String(text)) => {
                    let text = block.keep_text(text);
                    block.push(text);
                }
                Some(Value::Array(_) | Value::Object(_)) => {
                    let reason = format!(
                        "line {line}, column {name:?}: a value inside a value; give it a column of its own"
                    );
                    return Err(self.wrong(reason));
                }
            }
        }
        block.end_row(*line);
        block.records.push(record.clone());
        Ok(())
    }
}

fn is_nested(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_))
}

/// The message of serde_json without its place, which counts from the line.
fn without_place(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}

impl Source for Json {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn next_block(&mut self, block: &mut Block) -> Result<bool, TableError> {
        block.clear(self.names.len());
        let read = match self.first.take() {
            Some(first) => first,
            None => self.next_rows()?,
        };
        block.text = read.text;
        for row in read.rows {
            self.add_row(block, row)?;
        }
        Ok(block.rows() > 0)
    }

    fn row_form(&self) -> RowForm {
        match self.layout {
            Layout::Lines(_) => RowForm::JsonLines,
            Layout::Array(_) => RowForm::Cells,
        }
    }

    fn findings(&self) -> Findings {
        let note = |key: &String| {
            format!("left out: the key {key:?}, which the first {ROWS} rows do not have")
        };
        Findings {
            notes: self.late.iter().map(note).collect(),
            format: self.format().to_owned(),
            compression: self.compression.map(str::to_owned),
            ..Findings::default()
        }
    }
}
