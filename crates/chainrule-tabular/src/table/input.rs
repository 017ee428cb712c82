//! The bytes of a table: from a file or standard input, decompressed where they are compressed, and named for what they
//! are where they are no table.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

use super::error::TableError;

/// Bytes to read, with as many of the first as it takes to see what they are.
pub(super) struct Input {
    pub source: String,
    /// What the bytes are packed in, if anything.
    pub compression: Option<&'static str>,
    /// The beginning; `rest` goes on behind it.
    pub beginning: Vec<u8>,
    pub rest: Box<dyn Read + Send>,
    /// The file itself, for formats that are read from their end.
    pub file: Option<File>,
}

/// How many bytes are looked at.
const BEGINNING: usize = 64 * 1024;

impl Input {
    /// Opens a file; the path `-` stands for standard input.
    pub(super) fn open(path: &Path) -> Result<Input, TableError> {
        if path == Path::new("-") {
            return Input::from_reader(Box::new(io::stdin()), "standard input");
        }
        let source = path.display().to_string();
        let failed = |error| TableError::Io {
            table: source.clone(),
            error,
        };
        if path.is_dir() {
            return Err(TableError::NotATable {
                table: source,
                what: "a folder".to_owned(),
                remedy: "name the file in it that holds the table".to_owned(),
            });
        }
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(TableError::NoSuchFile { table: source });
            }
            Err(error) => return Err(failed(error)),
        };
        let seekable = file.metadata().map_err(failed)?.is_file();
        let handle = if seekable {
            Some(file.try_clone().map_err(failed)?)
        } else {
            None
        };
        let mut input = Input::from_reader(Box::new(file), &source)?;
        if input.compression.is_none() {
            input.file = handle;
        }
        Ok(input)
    }

    /// Looks at the first bytes; `source` names them in messages.
    pub(super) fn from_reader(
        reader: Box<dyn Read + Send>,
        source: &str,
    ) -> Result<Input, TableError> {
        let failed = |error| TableError::Io {
            table: source.to_owned(),
            error,
        };
        let mut rest = reader;
        let mut beginning = first_bytes(&mut rest).map_err(failed)?;
        let mut compression = None;
        // Archives packed twice are taken for what they are inside.
        for _ in 0..2 {
            let packed = Cursor::new(std::mem::take(&mut beginning));
            let begins = |magic: &[u8]| packed.get_ref().starts_with(magic);
            if begins(&[0x1f, 0x8b]) {
                compression = Some("gzip");
                rest = Box::new(flate2::read::MultiGzDecoder::new(BufReader::new(
                    packed.chain(rest),
                )));
            } else if begins(&[0x28, 0xb5, 0x2f, 0xfd]) {
                compression = Some("zstd");
                rest = zstd_decoder(packed.chain(rest)).map_err(failed)?;
            } else {
                beginning = packed.into_inner();
                break;
            }
            beginning = first_bytes(&mut rest).map_err(failed)?;
        }
        Ok(Input {
            source: source.to_owned(),
            compression,
            beginning,
            rest,
            file: None,
        })
    }

    /// All bytes, from the first.
    pub(super) fn into_reader(self) -> Box<dyn Read + Send> {
        Box::new(Cursor::new(self.beginning).chain(self.rest))
    }

    /// Refuses what is certainly no table, by its first bytes.
    pub(super) fn refuse_what_is_no_table(&self) -> Result<(), TableError> {
        match what_it_is(&self.beginning) {
            None => Ok(()),
            Some((what, remedy)) => Err(TableError::NotATable {
                table: self.source.clone(),
                what: what.to_owned(),
                remedy: remedy.to_owned(),
            }),
        }
    }
}

#[cfg(not(target_family = "wasm"))]
fn zstd_decoder(packed: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    Ok(Box::new(zstd::stream::read::Decoder::new(packed)?))
}

/// A browser has no decoder: the reader is told so.
#[cfg(target_family = "wasm")]
fn zstd_decoder(_packed: impl Read) -> io::Result<Box<dyn Read + Send>> {
    Err(io::Error::other(
        "it is packed by zstd, which is not read in a browser: unpack it first: zstd -d",
    ))
}

fn first_bytes(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(BEGINNING as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What bytes that are no table are, and what to do about it.
fn what_it_is(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const BINARY: [(&[u8], &str, &str); 14] = [
        (b"%PDF", "a PDF document", "export its table as CSV"),
        (
            b"PK\x03\x04",
            "a zip archive",
            "unpack it and name the table in it",
        ),
        (
            b"\xd0\xcf\x11\xe0",
            "an old Office file that is no workbook",
            "save the table as .xlsx or CSV",
        ),
        (b"\x89PNG", "a PNG picture", "name a table"),
        (b"\xff\xd8\xff", "a JPEG picture", "name a table"),
        (b"GIF8", "a GIF picture", "name a table"),
        (
            b"\x89HDF",
            "an HDF5 file",
            "export the table as Parquet or CSV",
        ),
        (
            b"\x93NUMPY",
            "a NumPy array",
            "export it as CSV, for example by numpy.savetxt",
        ),
        (b"BZh", "packed by bzip2", "unpack it first: bzip2 -dc"),
        (b"\xfd7zXZ", "packed by xz", "unpack it first: xz -dc"),
        (
            b"7z\xbc\xaf",
            "a 7z archive",
            "unpack it and name the table in it",
        ),
        (
            b"SQLite format 3",
            "an SQLite database",
            "export the table as CSV",
        ),
        (
            b"PAR1",
            "a Parquet file, which this build does not read",
            "export the table as CSV",
        ),
        (
            b"ARROW1",
            "an Arrow or Feather file",
            "export the table as Parquet",
        ),
    ];
    for (magic, what, remedy) in BINARY {
        if bytes.starts_with(magic) {
            return Some((what, remedy));
        }
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Some(("a tar archive", "unpack it and name the table in it"));
    }
    if let (Some(length), Some(b'{')) = (bytes.first_chunk::<8>(), bytes.get(8))
        && u64::from_le_bytes(*length) < 1 << 32
        && bytes[..8].contains(&0)
    {
        return Some((
            "a model file (safetensors)",
            "give the model first and the table after it",
        ));
    }
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)])
        .trim_start()
        .to_lowercase();
    let text = text.trim_start_matches('\u{feff}');
    if text.starts_with("version https://git-lfs.github.com/spec/") {
        return Some((
            "a Git LFS pointer, not the table itself",
            "fetch the table with `git lfs pull`",
        ));
    }
    let is_markup = ["<!doctype html", "<html", "<head", "<body"]
        .iter()
        .any(|tag| text.starts_with(tag));
    if is_markup {
        return Some((
            "a page of HTML",
            "download the table itself, not the page that shows it",
        ));
    }
    let in_brackets = text.strip_prefix('[').map(str::trim_start);
    if in_brackets.is_some_and(|inside| inside.starts_with(['{', '['])) {
        return Some((
            "an array of JSON whose elements are no objects",
            "write each row as an object with the columns' names as keys, or as CSV: jq -r '.[] | @csv'",
        ));
    }
    if text.starts_with("<?xml") {
        return Some(("an XML document", "export the table as CSV"));
    }
    if text.starts_with("@relation") || text.starts_with("% ") && text.contains("@relation") {
        return Some(("an ARFF file", "export the table as CSV"));
    }
    if text.starts_with("{\\rtf") {
        return Some(("a Rich Text document", "save the table as CSV"));
    }
    None
}
