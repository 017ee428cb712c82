//! A table's text cut into records: where each stands, and on which line.

use std::ops::Range;

use csv::ByteRecord;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A record, and where it stands in the text.
pub(super) struct Record {
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// Its bytes, without a byte order mark in front and without the line's end.
    pub span: Range<usize>,
    pub cells: ByteRecord,
}

/// All records of a text. Blank lines are none.
pub(super) struct Records<'a> {
    text: &'a [u8],
    csv: csv::Reader<&'a [u8]>,
    /// Where the last record began, and on which line.
    last: (usize, u64),
}

impl<'a> Records<'a> {
    pub fn of(text: &'a [u8]) -> Self {
        let csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true) // so that the message about a ragged row is ours
            .from_reader(text);
        Records {
            text,
            csv,
            last: (0, 1),
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let mut begin = self.csv.position().byte() as usize;
        let mut cells = ByteRecord::new();
        let found = self
            .csv
            .read_byte_record(&mut cells)
            .expect("a flexible reader of bytes in memory has nothing to fail on");
        if !found {
            return None;
        }
        let mut end = self.csv.position().byte() as usize;
        // The reader begins right behind the last record's `\r` or `\n`: before the rest of a `\r\n`, and before blank lines.
        if begin == 0 && self.text.starts_with(BYTE_ORDER_MARK) {
            begin = BYTE_ORDER_MARK.len();
        }
        begin += self.text[begin..end]
            .iter()
            .take_while(|b| is_break(b))
            .count();
        while end > begin && is_break(&self.text[end - 1]) {
            end -= 1;
        }
        let (last_begin, last_line) = self.last;
        let line = last_line + line_breaks(&self.text[last_begin..begin]);
        self.last = (begin, line);
        Some(Record {
            line,
            span: begin..end,
            cells,
        })
    }
}

/// How many lines end in the text; `\r\n`, `\n` and `\r` all end one.
pub(super) fn line_breaks(text: &[u8]) -> u64 {
    (0..text.len()).filter(|&i| ends_line(text, i)).count() as u64
}

/// Where the blank lines stand in the line breaks between two records.
pub(super) fn blank_lines(breaks: &[u8]) -> Vec<usize> {
    (1..breaks.len())
        .filter(|&i| ends_line(breaks, i - 1))
        .collect()
}

/// Whether a line ends with byte `i`.
fn ends_line(text: &[u8], i: usize) -> bool {
    text[i] == b'\n' || (text[i] == b'\r' && text.get(i + 1) != Some(&b'\n'))
}

fn is_break(byte: &u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}
