//! Which format a table is in: seen from its first bytes, never from its name.

use std::io::Read;
use std::path::Path;

use super::error::TableError;
use super::input::Input;
use super::options::ReadOptions;
use super::source::Source;
use super::text::TextSource;

/// Opens a table of any format; the path `-` stands for standard input. Gives the table's name in messages as well.
pub fn open_source(
    path: &Path,
    options: &ReadOptions,
) -> Result<(Box<dyn Source>, String), TableError> {
    let input = Input::open(path)?;
    let name = input.source.clone();
    Ok((source_of(input, options)?, name))
}

/// Opens a table of any format; `source` names it in messages.
pub fn open_reader(
    reader: Box<dyn Read + Send>,
    source: &str,
    options: &ReadOptions,
) -> Result<Box<dyn Source>, TableError> {
    source_of(Input::from_reader(reader, source)?, options)
}

fn source_of(input: Input, options: &ReadOptions) -> Result<Box<dyn Source>, TableError> {
    #[cfg(feature = "json-lines")]
    if super::json::is_json(&input.beginning) {
        return Ok(Box::new(super::json::Json::open(input)?));
    }
    #[cfg(feature = "parquet")]
    if super::parquet::is_parquet(&input.beginning) {
        return Ok(Box::new(super::parquet::ParquetSource::open(input)?));
    }
    #[cfg(feature = "workbook")]
    if super::workbook::is_workbook(&input.beginning) {
        return Ok(Box::new(super::workbook::Workbook::open(input, options)?));
    }
    Ok(Box::new(TextSource::open(input, options)?))
}
