//! JSON lines: one object for each row, its keys the names of the columns.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::ops::Range;

use serde_json::{Map, Value};

use super::error::TableError;
use super::findings::Findings;
use super::input::Input;
use super::names::clean_name;
use super::source::{Block, RowForm, Source, Stored};
use super::text::MOST_COLUMNS;

/// How many rows make a block.
const BLOCK_ROWS: usize = 2048;

/// The longest line.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;

/// What may stand before the first line of a UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

const FORMAT: &str = "JSON lines";

/// Some consecutive lines.
#[derive(Default)]
struct Lines {
    /// All of their text.
    text: String,
    rows: Vec<Row>,
}

/// A line that holds an object.
struct Row {
    /// Its number.
    line: u64,
    /// Where the object lies in the text, from brace to brace.
    record: Range<usize>,
    object: Map<String, Value>,
}

/// A table of JSON objects. The first rows name the columns.
pub(super) struct JsonLines {
    table: String,
    compression: Option<&'static str>,
    reader: BufReader<Box<dyn Read + Send>>,
    line: u64,
    names: Vec<String>,
    places: HashMap<String, usize>,
    /// Lines that were read to find the names.
    first: Option<Lines>,
    ended: bool,
}

/// Whether bytes begin as JSON lines do.
pub(super) fn is_json_lines(beginning: &[u8]) -> bool {
    let text = beginning.strip_prefix(BYTE_ORDER_MARK).unwrap_or(beginning);
    let text = text.trim_ascii_start();
    text.first() == Some(&b'{')
        && text[1..]
            .trim_ascii_start()
            .first()
            .is_some_and(|byte| matches!(byte, b'"' | b'}'))
}

impl JsonLines {
    pub(super) fn open(input: Input) -> Result<JsonLines, TableError> {
        let (table, compression) = (input.source.clone(), input.compression);
        let mut this = JsonLines {
            table,
            compression,
            reader: BufReader::new(input.into_reader()),
            line: 0,
            names: Vec::new(),
            places: HashMap::new(),
            first: None,
            ended: false,
        };
        let first = this.next_lines()?;
        for key in first.rows.iter().flat_map(|row| row.object.keys()) {
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
        this.first = Some(first);
        Ok(this)
    }

    fn next_lines(&mut self) -> Result<Lines, TableError> {
        let mut lines = Lines::default();
        while !self.ended && lines.rows.len() < BLOCK_ROWS {
            let mut bytes = Vec::new();
            let table = self.table.clone();
            let read = self
                .reader
                .by_ref()
                .take(LONGEST_LINE)
                .read_until(b'\n', &mut bytes);
            let length = read.map_err(|error| TableError::Io { table, error })?;
            self.ended = length == 0;
            self.line += 1;
            if length as u64 == LONGEST_LINE {
                let megabytes = (LONGEST_LINE >> 20) as usize;
                return Err(TableError::LongLine {
                    table: self.table.clone(),
                    line: self.line,
                    megabytes,
                });
            }
            let begin = lines.text.len();
            let line = std::str::from_utf8(&bytes)
                .map_err(|_| self.wrong(format!("line {} is not UTF-8", self.line)))?;
            lines.text.push_str(line);
            let object = line.trim_matches(is_blank);
            if object.is_empty() {
                continue;
            }
            let begin = begin + line.len() - line.trim_start_matches(is_blank).len();
            let record = begin..begin + object.len();
            match serde_json::from_str(object) {
                Ok(Value::Object(object)) => lines.rows.push(Row {
                    line: self.line,
                    record,
                    object,
                }),
                Ok(_) => return Err(self.wrong(format!("line {} is no object", self.line))),
                Err(error) => {
                    return Err(self.wrong(format!(
                        "line {}, sign {}: {}",
                        self.line,
                        error.column(),
                        without_place(&error.to_string())
                    )));
                }
            }
        }
        Ok(lines)
    }

    fn wrong(&self, reason: String) -> TableError {
        TableError::Format {
            table: self.table.clone(),
            format: FORMAT,
            reason,
        }
    }

    fn add_row(&self, block: &mut Block, row: Row) -> Result<(), TableError> {
        let Row {
            line,
            record,
            object,
        } = &row;
        let mut values: Vec<Option<&Value>> = vec![None; self.names.len()];
        for (key, value) in object {
            match self.places.get(key) {
                Some(&place) => values[place] = Some(value),
                None => {
                    let reason = format!(
                        "line {line} has the key {key:?}, which the first {BLOCK_ROWS} rows do not have"
                    );
                    return Err(self.wrong(reason));
                }
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

/// Whether it may stand around an object.
fn is_blank(sign: char) -> bool {
    sign.is_ascii_whitespace() || sign == '\u{feff}'
}

/// The message of serde_json without its place, which counts from the line.
fn without_place(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}

impl Source for JsonLines {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn next_block(&mut self, block: &mut Block) -> Result<bool, TableError> {
        block.clear(self.names.len());
        let lines = match self.first.take() {
            Some(first) => first,
            None => self.next_lines()?,
        };
        block.text = lines.text;
        for row in lines.rows {
            self.add_row(block, row)?;
        }
        Ok(block.rows() > 0)
    }

    fn row_form(&self) -> RowForm {
        RowForm::JsonLines
    }

    fn findings(&self) -> Findings {
        Findings {
            format: FORMAT.to_owned(),
            compression: self.compression.map(str::to_owned),
            ..Findings::default()
        }
    }
}
