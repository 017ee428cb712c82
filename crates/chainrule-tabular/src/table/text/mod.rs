//! Tables as text: one line for each row, values with a sign between them.
//!
//! The text is read in blocks and never held as a whole. What a block keeps of it is enough to give the table back byte
//! by byte.

mod dialect;
pub mod encoding;
mod records;
mod utf_16;
mod wider;
mod windows_1252;

use std::ops::Range;

use self::dialect::find_layout;
use self::encoding::{DecodeError, Decoder, Encoding};
use self::records::{Found, line_ends, split};
use super::error::TableError;
use super::findings::Findings;
use super::input::Input;
use super::names::clean_name;
use super::numbers::looks_like_a_number;
use super::options::{ReadOptions, Separator};
use super::quotes::{self, Sign};
use super::source::{Block, RowForm, Source, Stored};
use crate::shown::quoted;

/// About how much text is read at once: what fits into a processor's cache.
const BLOCK: usize = 256 * 1024;

/// The longest record. A longer one is no table, or an endless stream without line ends.
const LONGEST_RECORD: usize = 16 * 1024 * 1024;

/// The most columns.
pub(super) const MOST_COLUMNS: usize = 100_000;

/// How a text writes its table, for one that is to be written in the same way.
#[derive(Clone, Debug, PartialEq)]
pub struct TextForm {
    /// Everything before the first row: byte order mark excluded, comments and header included.
    pub head: String,
    /// Where the header lies in `head`, without its line end; empty where there is none.
    pub header: Range<usize>,
    /// What stands between two values.
    pub separator: Separator,
    /// How lines end.
    pub line_end: &'static str,
    /// How letters are written.
    pub encoding: Encoding,
    /// Whether a byte order mark comes first.
    pub bom: bool,
}

/// Text that is split into rows.
pub(super) struct TextSource {
    source: String,
    decoder: Decoder,
    compression: Option<&'static str>,
    /// Text that is decoded and not yet split.
    text: String,
    /// The line on which `text` begins.
    line: u64,
    ended: bool,
    form: TextForm,
    names: Vec<String>,
    row_names: bool,
    notes: Vec<String>,
    blank_rows: u64,
}

impl TextSource {
    pub(super) fn open(input: Input, options: &ReadOptions) -> Result<TextSource, TableError> {
        input.refuse_what_is_no_table()?;
        let (source, compression) = (input.source.clone(), input.compression);
        let beginning = input.beginning.clone();
        let decoder =
            Decoder::new(input.into_reader(), &beginning).map_err(|error| TableError::Io {
                table: source.clone(),
                error,
            })?;
        let mut this = TextSource {
            source,
            form: TextForm {
                head: String::new(),
                header: 0..0,
                separator: Separator::Byte(b','),
                line_end: "\n",
                encoding: decoder.encoding(),
                bom: decoder.bom(),
            },
            decoder,
            compression,
            text: String::new(),
            line: 1,
            ended: false,
            names: Vec::new(),
            row_names: false,
            notes: Vec::new(),
            blank_rows: 0,
        };
        this.read_head(options)?;
        Ok(this)
    }

    /// Finds the layout and reads the header.
    fn read_head(&mut self, options: &ReadOptions) -> Result<(), TableError> {
        self.fill()?;
        if self.text.trim().is_empty() && self.ended {
            return Err(TableError::Empty {
                table: self.source.clone(),
            });
        }
        let (mut cells, mut extra) = (Vec::new(), String::new());
        let (layout, found) = loop {
            let layout = find_layout(&self.text, self.ended, options.separator, options.header);
            cells.clear();
            extra.clear();
            let found = split(
                &self.text,
                layout.begin,
                self.ended,
                layout.separator,
                &mut cells,
                &mut extra,
            );
            match found {
                Found::More => self.grow()?,
                Found::UnclosedQuote { lines, cell } => {
                    return Err(self.stray_quote(
                        layout.line + lines,
                        cell,
                        Sign::NeverClosed.words(0),
                    ));
                }
                Found::Record {
                    end, next, lines, ..
                } => break (layout, (end, next, lines)),
            }
        };
        let (end, next, lines) = found;
        self.form.separator = layout.separator;
        self.form.line_end = match &self.text[end..next] {
            "\r\n" => "\r\n",
            "\r" => "\r",
            _ => "\n",
        };
        self.form.encoding = self.decoder.encoding();
        if layout.skipped > 0 {
            let lines = if layout.skipped == 1 { "line" } else { "lines" };
            self.notes.push(format!(
                "{} {lines} of comment or title above the header passed over",
                layout.skipped
            ));
        }
        let values: Vec<String> = cells
            .iter()
            .map(|cell| match *cell {
                Stored::Text { begin, end } => clean_name(&self.text[begin as usize..end as usize]),
                Stored::Extra { begin, end } => clean_name(&extra[begin as usize..end as usize]),
                _ => String::new(),
            })
            .collect();
        if values.len() > MOST_COLUMNS {
            return Err(TableError::TooWide {
                table: self.source.clone(),
                columns: values.len(),
                most: MOST_COLUMNS,
            });
        }
        let filled = values.len()
            - values
                .iter()
                .rev()
                .take_while(|name| name.is_empty())
                .count();
        if filled == 0 && options.header {
            return Err(TableError::Empty {
                table: self.source.clone(),
            }); // a header of no names names nothing
        }
        let numbers = values
            .iter()
            .filter(|name| looks_like_a_number(name))
            .count();
        let is_of_numbers = options.header && 2 * numbers > filled;
        let is_row = is_of_numbers && options.names_by_number(&values);
        if is_row {
            self.notes.push(
                "the first line is made of numbers and read as a row: the columns are called c1, c2, ..."
                    .to_owned(),
            );
        }
        let rows_begin;
        if options.header && !is_row {
            self.row_names = layout.row_names;
            self.names = values;
            self.names.truncate(filled);
            if self.names[0].starts_with('#') && self.names[0].len() > 1 {
                self.names[0] = clean_name(self.names[0].trim_start_matches('#'));
            }
            if self.row_names {
                self.names.insert(0, String::new());
            }
            if is_of_numbers {
                self.notes.push(format!(
                    "the header is made of numbers (its first name is {}): if the first line is a row, it is lost as \
                     names; --no-header reads it as a row and names the columns c1, c2, ...",
                    quoted(&self.names[0])
                ));
            }
            self.form.header = layout.begin..end;
            rows_begin = next;
            self.line = layout.line + lines;
        } else {
            self.names = (1..=filled).map(|i| format!("c{i}")).collect();
            rows_begin = layout.begin;
            self.form.header = rows_begin..rows_begin;
            self.line = layout.line;
        }
        let rest = self.text.split_off(rows_begin);
        self.form.head = std::mem::replace(&mut self.text, rest);
        Ok(())
    }

    /// Reads text until there is a block of it.
    fn fill(&mut self) -> Result<(), TableError> {
        while !self.ended && self.text.len() < BLOCK {
            self.read_more(BLOCK)?;
        }
        Ok(())
    }

    /// Reads as much text again as there is, because one record fills all of it.
    fn grow(&mut self) -> Result<(), TableError> {
        if self.text.len() > LONGEST_RECORD {
            return Err(TableError::LongLine {
                table: self.source.clone(),
                line: self.line,
                megabytes: LONGEST_RECORD >> 20,
            });
        }
        self.read_more(self.text.len().max(BLOCK))
    }

    fn read_more(&mut self, size: usize) -> Result<(), TableError> {
        match self.decoder.read_into(&mut self.text, size) {
            Ok(more) => self.ended = !more,
            Err(error) => {
                let table = self.source.clone();
                let line = self.line + line_ends(self.text.as_bytes());
                return Err(match error {
                    DecodeError::Io(error) => TableError::Io { table, error },
                    DecodeError::Binary => TableError::Binary { table, line },
                    DecodeError::Mixed => TableError::MixedEncoding { table, line },
                });
            }
        }
        Ok(())
    }

    fn stray_quote(&self, line: u64, cell: usize, problem: String) -> TableError {
        let column = self.names.get(cell).filter(|name| !name.is_empty());
        TableError::StrayQuote {
            table: self.source.clone(),
            line,
            column: column.map_or_else(|| (cell + 1).to_string(), |name| quoted(name)),
            problem,
        }
    }

    /// Refuses a record with a quote that another one closes where it cannot belong: a stray quote would swallow rows.
    fn expect_sound_quotes(
        &self,
        record: &[u8],
        line: u64,
        width: usize,
    ) -> Result<(), TableError> {
        let Separator::Byte(separator) = self.form.separator else {
            return Ok(());
        };
        quotes::check(record, separator, Some(width)).map_err(|stray| {
            let line_of = |at: usize| line + line_ends(&record[..at]);
            self.stray_quote(
                line_of(stray.opens),
                stray.cell,
                stray.sign.words(line_of(stray.closes)),
            )
        })
    }
}

impl Source for TextSource {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn next_block(&mut self, block: &mut Block) -> Result<bool, TableError> {
        let width = self.names.len();
        let separator = self.form.separator;
        loop {
            block.clear(width);
            self.fill()?;
            let mut cells = std::mem::take(&mut block.cells);
            let mut extra = std::mem::take(&mut block.extra);
            let mut at = 0;
            let mut line = self.line;
            // In a table of one column a line without a value is a row, unless all lines below it are blank as well.
            let mut blank: Vec<(u64, Range<usize>)> = Vec::new();
            while at < self.text.len() {
                let (first, extra_before) = (cells.len(), extra.len());
                match split(
                    &self.text, at, self.ended, separator, &mut cells, &mut extra,
                ) {
                    Found::Record {
                        end,
                        next,
                        lines,
                        quoted,
                    } => {
                        if is_blank(&self.text.as_bytes()[at..end], separator) {
                            cells.truncate(first);
                            match width {
                                1 => blank.push((line, at..end)),
                                _ => self.blank_rows += 1,
                            }
                        } else {
                            if quoted {
                                let record = &self.text.as_bytes()[at..end];
                                self.expect_sound_quotes(record, line, width)?;
                            }
                            let before = first;
                            let first = before + blank.len();
                            for (line, lies) in blank.drain(..) {
                                cells.insert(before, Stored::Missing);
                                block.lines.push(line);
                                block.records.push(lies);
                            }
                            block.lines.push(line);
                            block.records.push(at..end);
                            let values = cells.len() - first;
                            if values != width {
                                fit_width(
                                    block, &self.text, &extra, &mut cells, first, width, lines,
                                );
                            }
                        }
                        at = next;
                        line += lines;
                    }
                    found => {
                        cells.truncate(first);
                        extra.truncate(extra_before);
                        if let (Found::UnclosedQuote { lines, cell }, true) = (found, self.ended) {
                            let problem = Sign::NeverClosed.words(0);
                            return Err(self.stray_quote(line + lines, cell, problem));
                        }
                        break;
                    }
                }
            }
            block.cells = cells;
            block.extra = extra;
            if let Some((first_line, lies)) = blank.first() {
                match self.ended {
                    true => self.blank_rows += blank.len() as u64,
                    false => (line, at) = (*first_line, lies.start), // what follows will tell
                }
            }
            if at == 0 && !self.ended {
                self.grow()?;
                continue;
            }
            let rest = self.text[at..].to_owned();
            self.text.truncate(at);
            block.text = std::mem::replace(&mut self.text, rest);
            self.line = line;
            if block.rows() > 0 {
                return Ok(true);
            }
            if self.ended && self.text.is_empty() {
                return Ok(false);
            }
        }
    }

    fn findings(&self) -> Findings {
        let mut notes = self.notes.clone();
        if self.blank_rows > 0 {
            let rows = if self.blank_rows == 1 {
                "line"
            } else {
                "lines"
            };
            notes.push(format!("{} empty {rows} passed over", self.blank_rows));
        }
        Findings {
            format: "text".to_owned(),
            separator: Some(self.form.separator.name()),
            encoding: Some(self.decoder.encoding().name().to_owned()),
            compression: self.compression.map(str::to_owned),
            notes,
            ..Findings::default()
        }
    }

    fn row_form(&self) -> RowForm {
        RowForm::Text(self.form.clone())
    }
}

/// Whether a line holds nothing but separators, spaces and empty quotes.
fn is_blank(record: &[u8], separator: Separator) -> bool {
    let is_nothing = |&byte: &u8| {
        matches!(byte, b' ' | b'\t' | b'"' | 0x0c) || separator == Separator::Byte(byte)
    };
    record.first().is_none_or(is_nothing) && record.iter().all(is_nothing)
}

/// Brings a row to the table's width: superfluous values must be empty, and a row that lacks some is reported.
fn fit_width(
    block: &mut Block,
    text: &str,
    extra: &str,
    cells: &mut Vec<Stored>,
    first: usize,
    width: usize,
    lines: u64,
) {
    let values = cells.len() - first;
    let is_empty = |cell: &Stored| match *cell {
        Stored::Text { begin, end } => text[begin as usize..end as usize].trim().is_empty(),
        Stored::Extra { begin, end } => extra[begin as usize..end as usize].trim().is_empty(),
        _ => true,
    };
    if values < width || !cells[first + width..].iter().all(is_empty) {
        let hint = if lines > 1 {
            "a quote that is not closed on its line?"
        } else if values == 1 {
            "another separator, or the whole line in quotes?"
        } else {
            "a value that holds the separator needs double quotes"
        };
        block.add_ragged(values, hint);
        cells.truncate(first);
    }
    cells.truncate(first + width);
    cells.resize(first + width, Stored::Missing);
}
