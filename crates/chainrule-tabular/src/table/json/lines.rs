//! Objects on lines of their own.

use std::io::{BufRead, BufReader, Read};

use super::{LONGEST, Objects, ROWS, Row, Wrong, without_place};

/// Lines that are read one after the other.
pub(super) struct Lines {
    reader: BufReader<Box<dyn Read + Send>>,
    line: u64,
    ended: bool,
}

impl Lines {
    pub(super) fn new(reader: Box<dyn Read + Send>) -> Lines {
        Lines {
            reader: BufReader::new(reader),
            line: 0,
            ended: false,
        }
    }

    /// The next rows, with the text of their lines; none at the end.
    pub(super) fn next_rows(&mut self) -> Result<Objects, Wrong> {
        let mut read = Objects::default();
        while !self.ended && read.rows.len() < ROWS {
            let mut bytes = Vec::new();
            let length = self
                .reader
                .by_ref()
                .take(LONGEST)
                .read_until(b'\n', &mut bytes)?;
            self.ended = length == 0;
            self.line += 1;
            let line = self.line;
            if length as u64 == LONGEST {
                return Err(Wrong::Long { line });
            }
            let begin = read.text.len();
            let text = std::str::from_utf8(&bytes)
                .map_err(|_| Wrong::Reason(format!("line {line} is not UTF-8")))?;
            read.text.push_str(text);
            let object = text.trim_matches(is_blank);
            if object.is_empty() {
                continue;
            }
            let begin = begin + text.len() - text.trim_start_matches(is_blank).len();
            let record = begin..begin + object.len();
            let object = serde_json::from_str(object).map_err(|error| {
                Wrong::Reason(match error.is_data() {
                    true => format!("line {line} is no object"),
                    false => {
                        let (sign, reason) = (error.column(), error.to_string());
                        format!("line {line}, sign {sign}: {}", without_place(&reason))
                    }
                })
            })?;
            read.rows.push(Row {
                line,
                record,
                object,
            });
        }
        Ok(read)
    }
}

/// Whether it may stand around an object.
fn is_blank(sign: char) -> bool {
    sign.is_ascii_whitespace() || sign == '\u{feff}'
}
