//! A table as text, with further values at the end of each row: given back as it came, or written from its cells.

use std::io::{self, Write};

use super::super::options::Separator;
use super::super::source::Block;
use super::TextForm;
use super::encoding::Encoding;
use crate::table::planned::in_words;

impl TextForm {
    /// Commas between values and `\n` behind each line, with these names in the header: for tables that are no text.
    pub(in crate::table) fn of_names(names: &[String]) -> TextForm {
        let mut form = TextForm {
            head: String::new(),
            header: 0..0,
            separator: Separator::Byte(b','),
            line_end: "\n",
            encoding: Encoding::Utf8,
            bom: false,
        };
        let mut head = String::new();
        names
            .iter()
            .for_each(|name| form.push_cell(name, &mut head));
        head.remove(0); // the separator before the first
        form.header = 0..head.len();
        form.head = head + form.line_end;
        form
    }

    /// Writes everything before the first row, with the names of the new columns in the header, if there is one.
    pub(in crate::table) fn write_head(
        &self,
        names: &[String],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut text = String::new();
        if self.bom {
            text.push('\u{feff}');
        }
        let end = self.header.end;
        text.push_str(&self.head[..end]);
        if !self.header.is_empty() {
            names
                .iter()
                .for_each(|name| self.push_cell(name, &mut text));
        }
        text.push_str(&self.head[end..]);
        out.write_all(&self.encoding.encode(&text))
    }

    /// Writes the rows of a block of this text and what lies between them, each with its values of the new columns.
    pub(in crate::table) fn write_rows(
        &self,
        block: &Block,
        columns: &[Vec<String>],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let more = 16 * block.rows() * columns.len();
        let mut text = String::with_capacity(block.text().len() + more);
        let mut begin = 0;
        for row in 0..block.rows() {
            let end = block.record(row).end;
            text.push_str(&block.text()[begin..end]);
            columns
                .iter()
                .for_each(|values| self.push_cell(&values[row], &mut text));
            begin = end;
        }
        text.push_str(&block.text()[begin..]);
        out.write_all(&self.encoding.encode(&text))
    }

    /// Writes the cells of a block of another format, each row with its values of the new columns.
    pub(in crate::table) fn write_cells(
        &self,
        block: &Block,
        columns: &[Vec<String>],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut text = String::new();
        for row in 0..block.rows() {
            let begin = text.len();
            for column in 0..block.width() {
                self.push_cell(&in_words(block.cell(row, column)), &mut text);
            }
            columns
                .iter()
                .for_each(|values| self.push_cell(&values[row], &mut text));
            text.remove(begin); // the separator before the first
            text.push_str(self.line_end);
        }
        out.write_all(&self.encoding.encode(&text))
    }

    /// Appends the separator and a cell, in quotes where it would be read as something else without.
    fn push_cell(&self, cell: &str, text: &mut String) {
        let separator = match self.separator {
            Separator::Byte(byte) => char::from(byte),
            Separator::Spaces => ' ',
        };
        text.push(separator);
        let is_special =
            |byte: u8| matches!(byte, b'"' | b'\n' | b'\r') || char::from(byte) == separator;
        if cell.bytes().any(is_special) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(cell);
        }
    }
}
