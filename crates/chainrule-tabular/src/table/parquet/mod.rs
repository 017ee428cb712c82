//! Parquet: columns of known types, in groups of rows that are read one after another.

mod dictionaries;
mod ending;
mod wider;

use std::io::Read;

use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as PhysicalType};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use ::parquet::data_type::{ByteArray, DataType, FixedLenByteArray};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::schema::types::ColumnDescriptor;
use bytes::Bytes;

use self::dictionaries::Dictionaries;
use self::ending::Whole;
use super::caught;
use super::error::TableError;
use super::findings::Findings;
use super::input::Input;
use super::names::clean_name;
use super::plan::Resolution;
use super::source::{Block, Source, Stored};
use super::text::MOST_COLUMNS;
pub use wider::WiderParquet;

/// How many rows make a block.
const BLOCK_ROWS: usize = 2048;

const FORMAT: &str = "Parquet";

/// The rows of a Parquet file.
pub(super) struct ParquetSource {
    table: String,
    reader: SerializedFileReader<Whole>,
    names: Vec<String>,
    meanings: Vec<Meaning>,
    /// Whether each column may lack values.
    optional: Vec<bool>,
    /// The next group of rows.
    group: usize,
    /// The columns of the group at hand, and how many rows are left in it.
    columns: Vec<ColumnReader>,
    rows_left: usize,
    row: u64,
}

/// What the stored values mean.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meaning {
    Number,
    Unsigned,
    /// A whole number of so many tenths, hundredths, ...
    Decimal(i32),
    Days,
    /// So many of them make a second.
    Time(i64),
    Text,
    Half,
}

/// Whether bytes begin as Parquet does.
pub(super) fn is_parquet(beginning: &[u8]) -> bool {
    beginning.starts_with(b"PAR1")
}

impl ParquetSource {
    pub(super) fn open(input: Input) -> Result<ParquetSource, TableError> {
        let table = input.source.clone();
        sound(&table, || ParquetSource::open_sound(input))
    }

    fn open_sound(mut input: Input) -> Result<ParquetSource, TableError> {
        let table = input.source.clone();
        let wrong = |error: ParquetError| TableError::Format {
            table: table.clone(),
            format: FORMAT,
            reason: reason(&error),
        };
        // The description stands at the end of the file: a pipe has to be read whole.
        let whole = match input.file.take() {
            Some(file) => Whole::File(file),
            None => {
                let mut bytes = Vec::new();
                let read = input.into_reader().read_to_end(&mut bytes);
                read.map_err(|error| TableError::Io {
                    table: table.clone(),
                    error,
                })?;
                Whole::Bytes(Bytes::from(bytes))
            }
        };
        let reader = SerializedFileReader::new(whole).map_err(wrong)?;
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        if schema.num_columns() > MOST_COLUMNS {
            return Err(TableError::TooWide {
                table,
                columns: schema.num_columns(),
                most: MOST_COLUMNS,
            });
        }
        let (mut names, mut meanings, mut optional) = (Vec::new(), Vec::new(), Vec::new());
        for column in schema.columns() {
            let refused = |what: &str| TableError::Format {
                table: table.clone(),
                format: FORMAT,
                reason: format!("column {:?} {what}", column.path().string()),
            };
            if column.path().parts().len() > 1 || column.max_rep_level() > 0 {
                return Err(refused(
                    "holds several values in each row: give each of them a column of its own",
                ));
            }
            names.push(clean_name(column.name()));
            meanings.push(
                meaning(column)
                    .ok_or_else(|| refused("is of a type that is no number, text or time"))?,
            );
            optional.push(column.max_def_level() > 0);
        }
        if names.is_empty() {
            return Err(TableError::Empty { table });
        }
        Ok(ParquetSource {
            table,
            reader,
            names,
            meanings,
            optional,
            group: 0,
            columns: Vec::new(),
            rows_left: 0,
            row: 0,
        })
    }

    fn wrong(&self, error: &ParquetError) -> TableError {
        TableError::Format {
            table: self.table.clone(),
            format: FORMAT,
            reason: reason(error),
        }
    }

    fn next_sound_block(&mut self, block: &mut Block) -> Result<bool, TableError> {
        let width = self.names.len();
        block.clear(width);
        if !self.next_group()? {
            return Ok(false);
        }
        let rows = self.rows_left.min(BLOCK_ROWS);
        block.start_rows(rows, self.row + 1);
        for (place, column) in self.columns.iter_mut().enumerate() {
            let mut cells = Cells {
                block: &mut *block,
                place,
                rows,
                optional: self.optional[place],
            };
            if let Err(error) = cells.fill(column, self.meanings[place]) {
                let reason = format!("column {:?}: {error}", self.names[place]);
                return Err(TableError::Format {
                    table: self.table.clone(),
                    format: FORMAT,
                    reason,
                });
            }
        }
        self.rows_left -= rows;
        self.row += rows as u64;
        Ok(true)
    }

    /// Opens the next group that has rows; false at the end.
    fn next_group(&mut self) -> Result<bool, TableError> {
        while self.rows_left == 0 && self.group < self.reader.num_row_groups() {
            let opened = || -> Result<(Vec<ColumnReader>, i64), ParquetError> {
                let group = self.reader.get_row_group(self.group)?;
                let columns = (0..self.names.len())
                    .map(|i| {
                        let pages = Dictionaries(group.get_column_page_reader(i)?);
                        let column = group.metadata().column(i).column_descr_ptr();
                        Ok(get_column_reader(column, Box::new(pages)))
                    })
                    .collect::<Result<_, ParquetError>>()?;
                Ok((columns, group.metadata().num_rows()))
            };
            let (columns, rows) = opened().map_err(|error| self.wrong(&error))?;
            self.columns = columns;
            self.rows_left = usize::try_from(rows).unwrap_or(0);
            self.group += 1;
        }
        Ok(self.rows_left > 0)
    }
}

/// What the library says, with the usual cause where it only says what it missed.
fn reason(error: &ParquetError) -> String {
    match error {
        ParquetError::EOF(_) | ParquetError::General(_) | ParquetError::IndexOutOfBound(..) => {
            format!("the file is damaged or was cut off, so fetch or write it again ({error})")
        }
        _ => error.to_string(),
    }
}

/// Runs what reads a file. The library panics on some damaged files, which is an error of the file like any other.
fn sound<T>(table: &str, read: impl FnOnce() -> Result<T, TableError>) -> Result<T, TableError> {
    caught::sound(read, |reason| TableError::Format {
        table: table.to_owned(),
        format: FORMAT,
        reason,
    })
}

/// What a column's values mean; None where they are no number, text or time.
fn meaning(column: &ColumnDescriptor) -> Option<Meaning> {
    let per_second = |unit: &TimeUnit| match unit {
        TimeUnit::MILLIS => 1_000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    };
    match column.logical_type_ref() {
        Some(LogicalType::String | LogicalType::Enum | LogicalType::Json) => {
            return Some(Meaning::Text);
        }
        Some(LogicalType::Decimal(decimal)) => return Some(Meaning::Decimal(decimal.scale)),
        Some(LogicalType::Date) => return Some(Meaning::Days),
        Some(LogicalType::Time(time)) => return Some(Meaning::Time(per_second(&time.unit))),
        Some(LogicalType::Timestamp(time)) => return Some(Meaning::Time(per_second(&time.unit))),
        Some(LogicalType::Integer(integer)) if !integer.is_signed => {
            return Some(Meaning::Unsigned);
        }
        Some(LogicalType::Float16) => return Some(Meaning::Half),
        Some(LogicalType::Integer(_) | LogicalType::Unknown) | None => {}
        Some(_) => return None,
    }
    Some(match (column.converted_type(), column.physical_type()) {
        (ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON, _) => Meaning::Text,
        (ConvertedType::DECIMAL, _) => Meaning::Decimal(column.type_scale()),
        (ConvertedType::DATE, _) => Meaning::Days,
        (ConvertedType::TIME_MILLIS | ConvertedType::TIMESTAMP_MILLIS, _) => Meaning::Time(1_000),
        (ConvertedType::TIME_MICROS | ConvertedType::TIMESTAMP_MICROS, _) => {
            Meaning::Time(1_000_000)
        }
        (
            ConvertedType::UINT_8
            | ConvertedType::UINT_16
            | ConvertedType::UINT_32
            | ConvertedType::UINT_64,
            _,
        ) => Meaning::Unsigned,
        (_, PhysicalType::BYTE_ARRAY) => Meaning::Text, // some writers do not say so
        (_, PhysicalType::FIXED_LEN_BYTE_ARRAY) => return None,
        _ => Meaning::Number,
    })
}

impl Source for ParquetSource {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn next_block(&mut self, block: &mut Block) -> Result<bool, TableError> {
        let table = self.table.clone();
        sound(&table, || self.next_sound_block(block))
    }

    fn findings(&self) -> Findings {
        Findings {
            format: FORMAT.to_owned(),
            ..Findings::default()
        }
    }
}

/// The cells of one column in a block.
struct Cells<'a> {
    block: &'a mut Block,
    place: usize,
    rows: usize,
    optional: bool,
}

impl Cells<'_> {
    fn fill(&mut self, column: &mut ColumnReader, meaning: Meaning) -> Result<(), ParquetError> {
        match column {
            ColumnReader::BoolColumnReader(reader) => {
                self.take(reader, |_, value| Stored::Boolean(*value))
            }
            ColumnReader::Int32ColumnReader(reader) => {
                self.take(reader, |_, &value| match meaning {
                    Meaning::Unsigned => Stored::Number(f64::from(value as u32)),
                    _ => whole(i64::from(value), meaning),
                })
            }
            ColumnReader::Int64ColumnReader(reader) => {
                self.take(reader, |_, &value| match meaning {
                    Meaning::Unsigned => Stored::Number(value as u64 as f64),
                    _ => whole(value, meaning),
                })
            }
            ColumnReader::Int96ColumnReader(reader) => self.take(reader, |_, value| {
                Stored::Time(value.to_micros(), Resolution::Second)
            }),
            ColumnReader::FloatColumnReader(reader) => {
                // The shortest decimal that is this number in single precision is what was meant: 0.1, not
                // 0.10000000149.
                self.take(reader, |_, value| {
                    Stored::Number(value.to_string().parse().unwrap_or(f64::NAN))
                })
            }
            ColumnReader::DoubleColumnReader(reader) => {
                self.take(reader, |_, value| Stored::Number(*value))
            }
            ColumnReader::ByteArrayColumnReader(reader) => self
                .take(reader, |block, value: &ByteArray| {
                    from_bytes(block, value.data(), meaning)
                }),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => self
                .take(reader, |block, value: &FixedLenByteArray| {
                    from_bytes(block, value.data(), meaning)
                }),
        }
    }

    fn take<T: DataType>(
        &mut self,
        reader: &mut ColumnReaderImpl<T>,
        stored: impl Fn(&mut Block, &T::T) -> Stored,
    ) -> Result<(), ParquetError> {
        let (mut levels, mut values) = (Vec::new(), Vec::new());
        let mut taken = 0;
        while taken < self.rows {
            let wanted = self.rows - taken;
            levels.clear();
            values.clear();
            let (records, _, _) = reader.read_records(
                wanted,
                self.optional.then_some(&mut levels),
                None,
                &mut values,
            )?;
            if records == 0 {
                return Err(ParquetError::General(
                    "it has fewer values than the file says".to_owned(),
                ));
            }
            let mut present = values.iter();
            for row in 0..records {
                let is_there = !self.optional || levels.get(row).is_some_and(|&level| level > 0);
                if is_there && let Some(value) = present.next() {
                    let cell = stored(self.block, value);
                    self.block.set(taken + row, self.place, cell);
                }
            }
            taken += records;
        }
        Ok(())
    }
}

/// A whole number by its meaning.
fn whole(value: i64, meaning: Meaning) -> Stored {
    const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;
    match meaning {
        Meaning::Days => value
            .checked_mul(MICROSECONDS_PER_DAY)
            .map_or(Stored::Missing, |time| Stored::Time(time, Resolution::Day)),
        Meaning::Time(per_second) => {
            let microseconds = if per_second > 1_000_000 {
                Some(value.div_euclid(per_second / 1_000_000))
            } else {
                value.checked_mul(1_000_000 / per_second)
            };
            microseconds.map_or(Stored::Missing, |time| {
                Stored::Time(time, Resolution::Second)
            })
        }
        Meaning::Decimal(scale) => Stored::Number(decimal(value as f64, scale)),
        _ => Stored::Number(value as f64),
    }
}

/// The nearest number to `value` of so many decimal places.
fn decimal(value: f64, scale: i32) -> f64 {
    value / 10_f64.powi(scale)
}

fn from_bytes(block: &mut Block, bytes: &[u8], meaning: Meaning) -> Stored {
    match meaning {
        Meaning::Decimal(scale) => {
            // Big-endian, in two's complement.
            let negative = bytes.first().is_some_and(|&byte| byte & 0x80 != 0);
            let start = if negative { -1.0 } else { 0.0 };
            let value = bytes
                .iter()
                .fold(start, |value, &byte| value * 256.0 + f64::from(byte));
            Stored::Number(decimal(value, scale))
        }
        Meaning::Half => match bytes {
            &[low, high] => Stored::Number(from_half(u16::from_le_bytes([low, high]))),
            _ => Stored::Missing,
        },
        _ => block.keep_text(&String::from_utf8_lossy(bytes)),
    }
}

/// A number in half precision.
fn from_half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    match exponent {
        0 => sign * fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        _ => sign * (1.0 + fraction / 1024.0) * 2_f64.powi(exponent - 15),
    }
}
