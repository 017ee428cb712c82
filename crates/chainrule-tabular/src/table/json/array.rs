//! Objects in one array, which is read element by element and never held as a whole.

use std::io::{self, BufRead, BufReader, Read};

use serde::de::Deserialize;

use super::object::Object;
use super::{LONGEST, Objects, ROWS, Row, Wrong, without_place};

/// An array whose elements are read one after the other.
pub(super) struct Array {
    reader: BufReader<Box<dyn Read + Send>>,
    line: u64,
    rows: u64,
    ended: bool,
}

impl Array {
    /// Of bytes that begin with a bracket, space apart.
    pub(super) fn new(reader: Box<dyn Read + Send>) -> Array {
        Array {
            reader: BufReader::new(reader),
            line: 1,
            rows: 0,
            ended: false,
        }
    }

    /// The next rows; none at the end.
    pub(super) fn next_rows(&mut self) -> Result<Objects, Wrong> {
        let mut read = Objects::default();
        while !self.ended && read.rows.len() < ROWS {
            let is_first = self.rows == 0;
            let before = if is_first { b'[' } else { b',' };
            match self.next_sign()? {
                Some(sign) if sign == before => self.reader.consume(1),
                Some(b']') if !is_first => {
                    self.ended = true;
                    break;
                }
                found => return Err(self.unexpected(found)),
            }
            match self.next_sign()? {
                Some(b'{') => read.rows.push(self.element()?),
                Some(b']') if is_first => self.ended = true,
                found => return Err(self.unexpected(found)),
            }
        }
        Ok(read)
    }

    fn element(&mut self) -> Result<Row, Wrong> {
        let line = self.line;
        self.rows += 1;
        let mut element = Element {
            array: &mut self.reader,
            line_ends: 0,
            left: LONGEST,
        };
        let object = Object::deserialize(&mut serde_json::Deserializer::from_reader(&mut element));
        let is_too_long = element.left == 0;
        self.line += element.line_ends;
        match object {
            Ok(object) => Ok(Row {
                line,
                record: 0..0,
                object,
            }),
            Err(_) if is_too_long => Err(Wrong::Long { line }),
            Err(error) => {
                let (row, reason) = (self.rows, error.to_string());
                let reason = without_place(&reason);
                Err(Wrong::Reason(format!(
                    "row {row}, which begins on line {line}: {reason}"
                )))
            }
        }
    }

    /// The next byte that is no space; it is still to be read.
    fn next_sign(&mut self) -> Result<Option<u8>, Wrong> {
        loop {
            let bytes = self.reader.fill_buf()?;
            let Some(&byte) = bytes.first() else {
                return Ok(None);
            };
            if !byte.is_ascii_whitespace() {
                return Ok(Some(byte));
            }
            self.line += u64::from(byte == b'\n');
            self.reader.consume(1);
        }
    }

    fn unexpected(&self, found: Option<u8>) -> Wrong {
        let (line, row) = (self.line, self.rows);
        Wrong::Reason(match found {
            None => format!("the array does not end after row {row}"),
            Some(_) => {
                format!("line {line}, after row {row}: neither an object nor the array's end")
            }
        })
    }
}

/// The bytes of an element and no more than these: there is an end to what is no object.
struct Element<'a> {
    array: &'a mut BufReader<Box<dyn Read + Send>>,
    line_ends: u64,
    left: u64,
}

impl Read for Element<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = bytes
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.array.read(&mut bytes[..most])?;
        self.left -= read as u64;
        let line_ends = bytes[..read].iter().filter(|&&byte| byte == b'\n');
        self.line_ends += line_ends.count() as u64;
        Ok(read)
    }
}
