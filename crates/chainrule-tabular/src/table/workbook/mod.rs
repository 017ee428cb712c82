//! Workbooks of spreadsheets: .xlsx, .xlsb, .xls and .ods.
//!
//! A workbook is small, because a sheet ends at about a million rows, and is read as a whole.

mod sheet;

use std::io::{Cursor, Read};

use calamine::{CellErrorType, Data, Ods, Range, Reader, Sheets, Xls, Xlsb, Xlsx};

use self::sheet::cells_of;
use crate::table::caught::sound;
use crate::table::error::TableError;
use crate::table::findings::Findings;
use crate::table::input::Input;
use crate::table::names::clean_name;
use crate::table::options::ReadOptions;
use crate::table::plan::Resolution;
use crate::table::source::{Block, Source, Stored};
use crate::table::times;

/// How many rows make a block.
const BLOCK_ROWS: usize = 2048;

/// The largest file that is read.
const LARGEST: u64 = 512 * 1024 * 1024;

const FORMAT: &str = "a workbook";

/// One sheet of a workbook.
pub(super) struct Workbook {
    names: Vec<String>,
    cells: Range<Data>,
    /// The next row, counted from the first that the sheet uses.
    row: usize,
    sheet: String,
    notes: Vec<String>,
}

/// Whether bytes begin as workbooks do.
pub(super) fn is_workbook(beginning: &[u8]) -> bool {
    let holds = |name: &[u8]| memchr::memmem::find(beginning, name).is_some();
    let is_zip = beginning.starts_with(b"PK\x03\x04");
    is_zip && (holds(b"xl/") || holds(b"[Content_Types].xml") || holds(b"opendocument.spreadsheet"))
        || beginning.starts_with(b"\xd0\xcf\x11\xe0")
}

impl Workbook {
    pub(super) fn open(input: Input, options: &ReadOptions) -> Result<Workbook, TableError> {
        let table = input.source.clone();
        let wrong = |reason| TableError::Format {
            table: table.clone(),
            format: FORMAT,
            reason,
        };
        let mut bytes = Vec::new();
        let read = input.into_reader().take(LARGEST).read_to_end(&mut bytes);
        read.map_err(|error| TableError::Io {
            table: table.clone(),
            error,
        })?;
        if bytes.len() as u64 == LARGEST {
            return Err(wrong(format!(
                "it is larger than {} MB: export the table as CSV",
                LARGEST >> 20
            )));
        }
        // The library panics on some damaged files.
        let mut workbook = sound(|| opened(bytes).map_err(|e| wrong(e.to_string())), wrong)?;
        let sheets = workbook.sheet_names();
        let sheet = match &options.sheet {
            None => sheets.first().cloned(),
            Some(wanted) => {
                let by_number = wanted
                    .parse::<usize>()
                    .ok()
                    .and_then(|n| sheets.get(n.checked_sub(1)?));
                sheets
                    .iter()
                    .find(|sheet| *sheet == wanted)
                    .or(by_number)
                    .cloned()
            }
        };
        let list = sheets
            .iter()
            .map(|sheet| format!("{sheet:?}"))
            .collect::<Vec<_>>()
            .join(", ");
        let Some(sheet) = sheet else {
            return Err(wrong(format!(
                "there is no sheet {:?}: its sheets are {list}",
                options.sheet.as_deref().unwrap_or("1")
            )));
        };
        let cells = sound(|| cells_of(&mut workbook, &sheet).map_err(wrong), wrong)?;
        let mut notes = Vec::new();
        if sheets.len() > 1 && options.sheet.is_none() {
            notes.push(format!(
                "the first of its sheets is read ({list}); --sheet names another"
            ));
        }
        let mut this = Workbook {
            names: Vec::new(),
            cells,
            row: 0,
            sheet,
            notes,
        };
        this.read_header(options.header);
        if this.names.is_empty() {
            return Err(TableError::Empty { table });
        }
        Ok(this)
    }

    /// The header is the first row that fills more than one cell, or the first one at all.
    fn read_header(&mut self, has_names: bool) {
        let filled = |row: &[Data]| row.iter().filter(|cell| !is_empty(cell)).count();
        let first = self.cells.rows().position(|row| filled(row) > 0);
        let wide = self
            .cells
            .rows()
            .take(100)
            .position(|row| 2 * filled(row) > self.cells.width());
        let Some(header) = wide.or(first) else {
            return;
        };
        if first != Some(header) {
            self.notes
                .push("titles above the header passed over".to_owned());
        }
        let row = &self.cells[header];
        let width = row
            .iter()
            .rposition(|cell| !is_empty(cell))
            .map_or(0, |last| last + 1);
        self.names = match has_names {
            true => row[..width]
                .iter()
                .map(|cell| clean_name(&in_words(cell)))
                .collect(),
            false => (1..=self.cells.width()).map(|i| format!("c{i}")).collect(),
        };
        self.row = header + usize::from(has_names);
    }
}

/// Opens a workbook by what its bytes show.
fn opened(bytes: Vec<u8>) -> Result<Sheets<Cursor<Vec<u8>>>, calamine::Error> {
    let holds = |name: &[u8]| memchr::memmem::find(&bytes, name).is_some();
    let is_old = !bytes.starts_with(b"PK");
    let (is_binary, is_open_document) = (
        holds(b"xl/workbook.bin"),
        holds(b"opendocument.spreadsheet"),
    );
    let bytes = Cursor::new(bytes);
    Ok(if is_old {
        Sheets::Xls(Xls::new(bytes)?)
    } else if is_binary {
        Sheets::Xlsb(Xlsb::new(bytes)?)
    } else if is_open_document {
        Sheets::Ods(Ods::new(bytes)?)
    } else {
        Sheets::Xlsx(Xlsx::new(bytes)?)
    })
}

fn is_empty(cell: &Data) -> bool {
    match cell {
        Data::Empty => true,
        Data::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

fn in_words(cell: &Data) -> String {
    match stored(cell) {
        Stored::Number(number) => number.to_string(),
        Stored::Boolean(value) => value.to_string(),
        Stored::Time(time, _) => times::in_words(time),
        _ => text_of(cell).unwrap_or_default(),
    }
}

/// The cell's text, where it holds one.
fn text_of(cell: &Data) -> Option<String> {
    match cell {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            Some(text.clone())
        }
        Data::Error(CellErrorType::NA) => None,
        Data::Error(error) => Some(error.to_string()),
        _ => None,
    }
}

fn stored(cell: &Data) -> Stored {
    const DAYS_BEFORE_1970: f64 = 25_569.0;
    const SECONDS_PER_DAY: f64 = 86_400.0;
    match cell {
        Data::Int(number) => Stored::Number(*number as f64),
        Data::Float(number) => Stored::Number(*number),
        Data::Bool(value) => Stored::Boolean(*value),
        Data::DateTime(time) if time.is_duration() => Stored::Number(time.as_f64()),
        Data::DateTime(time) => {
            let days = time.as_f64();
            // Counted from 30 December 1899.
            let seconds = ((days - DAYS_BEFORE_1970) * SECONDS_PER_DAY).round();
            let resolution = match seconds {
                seconds if seconds % SECONDS_PER_DAY == 0.0 => Resolution::Day,
                seconds if seconds % 60.0 == 0.0 => Resolution::Minute,
                _ => Resolution::Second,
            };
            times::from_unix_seconds(seconds)
                .map_or(Stored::Missing, |time| Stored::Time(time, resolution))
        }
        _ => Stored::Missing,
    }
}

impl Source for Workbook {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn next_block(&mut self, block: &mut Block) -> Result<bool, TableError> {
        let width = self.names.len();
        block.clear(width);
        let first_line = self.cells.start().map_or(1, |(row, _)| u64::from(row) + 1);
        while self.row < self.cells.height() && block.rows() < BLOCK_ROWS {
            let row = &self.cells[self.row];
            let line = first_line + self.row as u64;
            self.row += 1;
            if row.iter().all(is_empty) {
                continue;
            }
            for cell in &row[..width.min(row.len())] {
                match text_of(cell) {
                    Some(text) => {
                        let text = block.keep_text(&text);
                        block.push(text);
                    }
                    None => block.push(stored(cell)),
                }
            }
            block.end_row(line);
        }
        Ok(block.rows() > 0)
    }

    fn findings(&self) -> Findings {
        Findings {
            format: "workbook".to_owned(),
            sheet: Some(self.sheet.clone()),
            notes: self.notes.clone(),
            ..Findings::default()
        }
    }
}
