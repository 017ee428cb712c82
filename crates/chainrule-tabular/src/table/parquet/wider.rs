//! A Parquet file given back with further columns: its own columns are copied as they are stored, never decoded.

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

use crate::table::caught::sound;

/// What describes all columns of a file to some programs, and would be wrong of more.
const DESCRIPTIONS: [&str; 2] = ["ARROW:schema", "pandas"];

/// The copy of a file while it is written: group after group of rows, each as soon as its values are known.
pub struct WiderParquet<W: Write + Send> {
    input: File,
    metadata: ParquetMetaData,
    writer: SerializedFileWriter<W>,
    group: usize,
    /// Of each new column, the values of rows whose group is not yet complete.
    pending: Vec<Vec<Option<f64>>>,
}

impl<W: Write + Send> WiderParquet<W> {
    /// Begins the copy of a file, with columns of these names and double precision behind the others.
    ///
    /// # Errors
    /// If the file cannot be read as Parquet, or `out` takes nothing.
    pub fn begin(path: &Path, names: &[String], out: W) -> Result<Self, ParquetError> {
        sound(
            || WiderParquet::begin_sound(path, names, out),
            ParquetError::General,
        )
    }

    fn begin_sound(path: &Path, names: &[String], out: W) -> Result<Self, ParquetError> {
        let input = File::open(path)?;
        let metadata = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Optional)
            .parse_and_finish(&input)?;
        let file = metadata.file_metadata();
        let mut fields = file.schema().get_fields().to_vec();
        for name in names {
            let own = Type::primitive_type_builder(name, PhysicalType::DOUBLE)
                .with_repetition(Repetition::OPTIONAL)
                .build()?;
            fields.push(Arc::new(own));
        }
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
            pending: vec![Vec::new(); names.len()],
        })
    }

    /// Takes the values of the next rows, column by column; None where there is no value.
    ///
    /// # Errors
    /// If the file cannot be read or the copy not be written.
    ///
    /// # Panics
    /// If there are not as many columns as names, each with as many values.
    #[track_caller]
    pub fn push(&mut self, columns: &[Vec<Option<f64>>]) -> Result<(), ParquetError> {
        assert_eq!(
            columns.len(),
            self.pending.len(),
            "one column for each name"
        );
        for (pending, values) in self.pending.iter_mut().zip(columns) {
            assert_eq!(values.len(), columns[0].len(), "one value for each row");
            pending.extend(values);
        }
        self.write_complete_groups()
    }

    fn write_complete_groups(&mut self) -> Result<(), ParquetError> {
        let pending = |copy: &Self| copy.pending.first().map_or(0, Vec::len);
        while let Some(group) = self.metadata.row_groups().get(self.group)
            && let rows = usize::try_from(group.num_rows()).unwrap_or(0)
            && rows <= pending(self)
        {
            let taken = self
                .pending
                .iter_mut()
                .map(|column| column.drain(..rows).collect());
            let columns: Vec<Vec<Option<f64>>> = taken.collect();
            sound(|| self.write_group(&columns), ParquetError::General)?;
            self.group += 1;
        }
        Ok(())
    }

    /// Writes what stands at the end of the file.
    ///
    /// # Errors
    /// If there were not as many values as rows, or the copy cannot be written.
    pub fn finish(mut self) -> Result<(), ParquetError> {
        self.write_complete_groups()?;
        if self.pending.iter().any(|column| !column.is_empty())
            || self.group < self.metadata.num_row_groups()
        {
            let message = "the file has changed while it was read".to_owned();
            return Err(ParquetError::General(message));
        }
        self.writer.close()?;
        Ok(())
    }

    fn write_group(&mut self, columns: &[Vec<Option<f64>>]) -> Result<(), ParquetError> {
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
        for values in columns {
            let mut own = copy
                .next_column()?
                .expect("the columns that the schema has more");
            let present: Vec<f64> = values.iter().copied().flatten().collect();
            let levels: Vec<i16> = values
                .iter()
                .map(|value| i16::from(value.is_some()))
                .collect();
            own.typed::<DoubleType>()
                .write_batch(&present, Some(&levels), None)?;
            own.close()?;
        }
        copy.close()?;
        Ok(())
    }
}
