//! A table's file, cut into the training and the test file of a split.
//!
//! Training rows keep the very bytes that they have in the table, in the table's order. Test rows lose their target:
//! nobody who predicts can have seen it.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder, WriterBuilder};
use flate2::read::GzDecoder;

use super::tables::Table;

/// A table in memory.
pub struct Rows {
    bytes: Vec<u8>,
    header: (Range<usize>, ByteRecord),
    records: Vec<(Range<usize>, ByteRecord)>,
    separator: u8,
    target: usize,
    /// Target and number of each row that has a target.
    known: Vec<(f64, usize)>,
}

/// The files of a split.
pub struct Split {
    /// Training rows.
    pub train: PathBuf,
    /// Test rows, without the target.
    pub test: PathBuf,
    /// The test rows' targets.
    pub truth: Vec<f64>,
    /// The mean of the training rows' targets.
    pub mean: f64,
    /// Tells whether a result belongs to the same two files.
    pub fingerprint: u64,
}

impl Rows {
    /// Finds the file in one of the folders, packed by gzip or not, and reads it.
    pub fn read(table: &Table, folders: &[PathBuf]) -> Result<Rows, String> {
        let packed = format!("{}.gz", table.file);
        let mut places = folders
            .iter()
            .flat_map(|folder| [folder.join(&table.file), folder.join(&packed)]);
        let found = places.find(|place| place.is_file());
        let path = found.ok_or_else(|| format!("{} is not there", table.file))?;
        let in_words = |error: std::io::Error| format!("{}: {error}", path.display());
        let mut bytes = fs::read(&path).map_err(in_words)?;
        if path.extension().is_some_and(|extension| extension == "gz") {
            let packed = std::mem::take(&mut bytes);
            let mut reader = GzDecoder::new(packed.as_slice());
            reader.read_to_end(&mut bytes).map_err(in_words)?;
        }
        Rows::cut(table, bytes)
    }

    fn cut(table: &Table, bytes: Vec<u8>) -> Result<Rows, String> {
        let separator = u8::try_from(table.separator).map_err(|error| error.to_string())?;
        let mut reader = ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes.as_slice());
        let mut records = vec![];
        let mut record = ByteRecord::new();
        loop {
            let start = reader.position().byte() as usize;
            let more = reader.read_byte_record(&mut record);
            if !more.map_err(|error| error.to_string())? {
                break;
            }
            let end = reader.position().byte() as usize;
            records.push((start..end, record.clone()));
        }
        if records.is_empty() {
            return Err(format!("{} is empty", table.file));
        }
        let header = records.remove(0);
        let mut names = header.1.iter().map(text);
        let target = names.position(|name| name == table.target);
        let target = target.ok_or_else(|| format!("there is no column {:?}", table.target))?;
        if records.len() != table.rows {
            let (found, rows) = (records.len(), table.rows);
            return Err(format!("{found} rows instead of {rows}: another table"));
        }
        let mut known = vec![];
        for (row, (_, record)) in records.iter().enumerate() {
            let cell = record.get(target).map(text).unwrap_or_default();
            if !cell.is_empty() && cell != "NA" && !table.missing.contains(&cell) {
                let in_words = |_| format!("row {}: the target is {cell:?}", row + 1);
                known.push((cell.parse().map_err(in_words)?, row));
            }
        }
        Ok(Rows {
            bytes,
            header,
            records,
            separator,
            target,
            known,
        })
    }

    /// Writes the files of the first splits (of all, if `most` is none) into a folder.
    pub fn split(
        &self,
        table: &Table,
        folder: &Path,
        most: Option<usize>,
    ) -> Result<Vec<Split>, String> {
        let splits = table.splits.test_rows(self.known.len());
        let splits = splits.iter().take(most.unwrap_or(usize::MAX)).enumerate();
        splits
            .map(|(i, test)| self.write(test, &folder.join(i.to_string())))
            .collect()
    }

    /// Writes one split; `test` are places among the rows that have a target, in ascending order.
    fn write(&self, test: &[usize], folder: &Path) -> Result<Split, String> {
        let is_test = |place: &usize| test.binary_search(place).is_ok();
        let (test, train): (Vec<usize>, Vec<usize>) =
            (0..self.known.len()).partition(|place| is_test(place));
        let of = |places: &[usize]| -> Vec<f64> {
            places.iter().map(|&place| self.known[place].0).collect()
        };
        let (truth, learnt) = (of(&test), of(&train));

        let records = |places: &[usize]| -> Vec<&(Range<usize>, ByteRecord)> {
            let row = |&place: &usize| &self.records[self.known[place].1];
            [&self.header]
                .into_iter()
                .chain(places.iter().map(row))
                .collect()
        };
        let mut train_bytes = vec![];
        for (range, _) in records(&train) {
            train_bytes.extend(line(&self.bytes[range.clone()]));
            train_bytes.push(b'\n');
        }
        let mut writer = WriterBuilder::new()
            .delimiter(self.separator)
            .flexible(true)
            .from_writer(vec![]);
        for (_, record) in records(&test) {
            let cells = record.iter().enumerate();
            let others = cells.filter(|(column, _)| *column != self.target);
            let written = writer.write_record(others.map(|(_, cell)| cell));
            written.map_err(|error| error.to_string())?;
        }
        let test_bytes = writer.into_inner().map_err(|error| error.to_string())?;

        let mut hasher = DefaultHasher::new();
        (&train_bytes, &test_bytes).hash(&mut hasher);
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Split {
            train: keep(folder.join("train.csv"), &train_bytes)?,
            test: keep(folder.join("test.csv"), &test_bytes)?,
            mean: learnt.iter().sum::<f64>() / learnt.len() as f64,
            truth,
            fingerprint: hasher.finish(),
        })
    }
}

/// A cell as text without spaces around it; what is not UTF-8 cannot be part of what is compared.
fn text(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).trim().to_string()
}

/// The bytes of a record without the ends of lines around it.
fn line(record: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| !b"\r\n".contains(byte);
    let start = record.iter().position(is_text).unwrap_or(0);
    let end = record
        .iter()
        .rposition(is_text)
        .map_or(start, |last| last + 1);
    &record[start..end]
}

/// Writes a file unless it holds the same: another run may be reading it.
fn keep(path: PathBuf, bytes: &[u8]) -> Result<PathBuf, String> {
    if fs::read(&path).is_ok_and(|there| there == bytes) {
        return Ok(path);
    }
    fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::bench::accuracy::tables::LIST;

    /// A table of four rows with a target, one without, ends of lines of both kinds and one in a cell.
    const BYTES: &str = "name; cost \r\n\"a;\r\nb\";1\r\nc;NA\r\nd;3\n\"e\"\"\";4\nf;8";

    fn table(rows: usize) -> Table {
        let text = format!(
            "name = 't'\ngroup = 'g'\nfile = 't.csv'\nrows = {rows}\ntarget = 'cost'\nseparator = ';'\n\
             splits = {{ repeated_folds = [2, 1] }}\nsource = 's'"
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn test_rows_lose_their_target_and_training_rows_keep_their_bytes() {
        let rows = Rows::cut(&table(5), BYTES.into()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let split = rows.write(&[0, 2], folder.path()).unwrap();
        let read = |path| String::from_utf8(fs::read(path).unwrap()).unwrap();
        assert_eq!(read(split.train), "name; cost \nd;3\nf;8\n");
        assert_eq!(read(split.test), "name\n\"a;\r\nb\"\n\"e\"\"\"\n");
        assert_eq!((split.truth, split.mean), (vec![1.0, 4.0], 5.5));
        let other = rows.write(&[0, 3], folder.path()).unwrap();
        assert_ne!(split.fingerprint, other.fingerprint);
    }

    #[test]
    fn each_row_with_a_target_is_a_test_row_in_one_fold() {
        let rows = Rows::cut(&table(5), BYTES.into()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let splits = rows.split(&table(5), folder.path(), None).unwrap();
        let mut truth: Vec<f64> = splits
            .iter()
            .flat_map(|split| split.truth.clone())
            .collect();
        truth.sort_by(f64::total_cmp);
        assert_eq!(truth, [1.0, 3.0, 4.0, 8.0]);
        let first = rows.split(&table(5), folder.path(), Some(1)).unwrap();
        assert_eq!(first.len(), 1);
    }

    #[test]
    fn a_table_that_is_not_there_or_is_another_one_is_told() {
        let reason = |table: &Table, bytes: &str| Rows::cut(table, bytes.into()).err().unwrap();
        assert_eq!(
            reason(&table(4), BYTES),
            "5 rows instead of 4: another table"
        );
        assert_eq!(
            reason(&table(1), "a;b\n1;2\n"),
            "there is no column \"cost\""
        );
        let spoilt = BYTES.replace("NA", "?");
        assert_eq!(reason(&table(5), &spoilt), "row 2: the target is \"?\"");
        assert_eq!(
            Rows::read(&table(5), &[]).err().unwrap(),
            "t.csv is not there"
        );
    }

    #[test]
    fn a_table_may_be_packed() {
        let folder = tempfile::tempdir().unwrap();
        let file = fs::File::create(folder.path().join("t.csv.gz")).unwrap();
        let mut writer = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        writer.write_all(BYTES.as_bytes()).unwrap();
        writer.finish().unwrap();
        let rows = Rows::read(&table(5), &[folder.path().into()]).unwrap();
        assert_eq!(rows.known.len(), 4);
    }

    #[test]
    fn the_table_in_data_is_the_one_of_the_list() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../data");
        let table = LIST.tables.iter().find(|table| table.name == "diabetes");
        let rows = Rows::read(table.unwrap(), &[folder.into()]).unwrap();
        assert_eq!(rows.known.len(), 442);
    }
}
