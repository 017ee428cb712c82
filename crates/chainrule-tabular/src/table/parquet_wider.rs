//! A Parquet file given back with one column more: its own columns are copied as they are stored, never decoded.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use ::parquet::basic::{Compression, Repetition, Type as PhysicalType};
use ::parquet::bloom_filter::Sbbf;
use ::parquet::column::writer::ColumnCloseResult;
use ::parquet::data_type::DoubleType;
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{
    KeyValue, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader,
};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::Type;

use super::caught::caught;

/// What describes all columns of a file to some programs, and would be wrong of one more.
const DESCRIPTIONS: [&str; 2] = ["ARROW:schema", "pandas"];

/// The copy of a file while it is written: group after group of rows, each as soon as its values are known.
pub struct WiderParquet<W: Write + Send> {
    input: File,
    metadata: ParquetMetaData,
    writer: SerializedFileWriter<W>,
    group: usize,
    /// Values of rows whose group is not yet complete.
    pending: Vec<Option<f64>>,
}

impl<W: Write + Send> WiderParquet<W> {
    /// Begins the copy of a file, with a column of double precision behind the others.
    ///
    /// # Errors
    /// If the file cannot be read as Parquet, or `out` takes nothing.
    pub fn begin(path: &Path, column: &str, out: W) -> Result<Self, ParquetError> {
        sound(|| WiderParquet::begin_sound(path, column, out))
    }

    fn begin_sound(path: &Path, column: &str, out: W) -> Result<Self, ParquetError> {
        let input = File::open(path)?;
        let metadata = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Optional)
            .parse_and_finish(&input)?;
        let file = metadata.file_metadata();
        let own = Type::primitive_type_builder(column, PhysicalType::DOUBLE)
            .with_repetition(Repetition::OPTIONAL)
            .build()?;
        let mut fields = file.schema().get_fields().to_vec();
        fields.push(Arc::new(own));
        let schema = Type::group_type_builder(file.schema().name())
            .with_fields(fields)
            .build()?;
        let kept = file.key_value_metadata().map(|pairs| -> Vec<KeyValue> {
            let is_kept = |pair: &&KeyValue| !DESCRIPTIONS.contains(&pair.key.as_str());
            pairs.iter().filter(is_kept).cloned().collect()
        });
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(kept)
            .build();
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?;
        Ok(WiderParquet {
            input,
            metadata,
            writer,
            group: 0,
            pending: Vec::new(),
        })
    }

    /// Takes the values of the next rows; None where there is no value.
    ///
    /// # Errors
    /// If the file cannot be read or the copy not be written.
    pub fn push(
        &mut self,
        values: impl IntoIterator<Item = Option<f64>>,
    ) -> Result<(), ParquetError> {
        self.pending.extend(values);
        while let Some(group) = self.metadata.row_groups().get(self.group)
            && let rows = usize::try_from(group.num_rows()).unwrap_or(0)
            && rows <= self.pending.len()
        {
            let behind = self.pending.split_off(rows);
            let values = std::mem::replace(&mut self.pending, behind);
            sound(|| self.write_group(&values))?;
            self.group += 1;
        }
        Ok(())
    }

    /// Writes what stands at the end of the file.
    ///
    /// # Errors
    /// If there were not as many values as rows, or the copy cannot be written.
    pub fn finish(mut self) -> Result<(), ParquetError> {
        self.push([])?;
        if !self.pending.is_empty() || self.group < self.metadata.num_row_groups() {
            let message = "the file has changed while it was read".to_owned();
            return Err(ParquetError::General(message));
        }
        self.writer.close()?;
        Ok(())
    }

    fn write_group(&mut self, values: &[Option<f64>]) -> Result<(), ParquetError> {
        let (at, page_index) = (self.group, self.metadata.page_index());
        let group = self.metadata.row_group(at);
        let mut copy = self.writer.next_row_group()?;
        for (place, column) in group.columns().iter().enumerate() {
            let stored = ColumnCloseResult {
                bytes_written: column.compressed_size().unsigned_abs(),
                rows_written: group.num_rows().unsigned_abs(),
                metadata: column.clone(),
                bloom_filter: Sbbf::read_from_column_chunk(column, &self.input)?,
                column_index: page_index
                    .and_then(|index| index.column_index(at, place))
                    .cloned(),
                offset_index: page_index
                    .and_then(|index| index.offset_index(at, place))
                    .cloned(),
            };
            copy.append_column(&self.input, stored)?;
        }
        let mut own = copy
            .next_column()?
            .expect("the column that the schema has more");
        let present: Vec<f64> = values.iter().copied().flatten().collect();
        let levels: Vec<i16> = values
            .iter()
            .map(|value| i16::from(value.is_some()))
            .collect();
        own.typed::<DoubleType>()
            .write_batch(&present, Some(&levels), None)?;
        own.close()?;
        copy.close()?;
        Ok(())
    }
}

/// Runs what reads or writes a file; a panic means that the file is damaged.
fn sound<T>(work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    let damaged = || ParquetError::General("the file is damaged".to_owned());
    caught(work).unwrap_or_else(|| Err(damaged()))
}
