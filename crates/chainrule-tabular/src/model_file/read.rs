//! Reading a model file's bytes: no more of them than its header promises, and no header that promises absurdities.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::Metadata;

use super::Problem;
use crate::limits::{LONGEST_HEADER, MOST_TENSORS};
use crate::memory::expect_free;

/// Bytes of the number that tells the header's length.
const LENGTH: usize = 8;

/// Bytes of memory for each byte of a header: what its text may become as names and numbers.
const PARSED: u128 = 12;

/// Bytes of memory for each byte of a tensor: the file's and the network's.
const HELD: u128 = 2;

/// Reads a whole safetensors file.
///
/// A wrong path may lead to a table of many gigabytes, to a device without an end, or to a pipe that nobody writes to.
/// So only ordinary files are opened, the header is read first, and memory grows with what is really there, never ahead
/// of it.
pub(super) fn model_bytes(path: &Path) -> Result<Vec<u8>, Problem> {
    // Before it is opened: opening a pipe waits for its writer.
    let there = fs::metadata(path).map_err(unreadable)?;
    if !there.is_file() {
        let kind = if there.is_dir() {
            "a folder"
        } else {
            "a pipe or a device"
        };
        return Err(Problem::NotAFile { kind });
    }
    let mut file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let mut read = |bytes: &mut Vec<u8>, count: u64| -> Result<(), Problem> {
        let end = (bytes.len() as u64).saturating_add(count);
        let part = file.by_ref().take(count).read_to_end(bytes);
        part.map_err(Problem::Unreadable)?;
        if (bytes.len() as u64) < end {
            return Err(Problem::damaged(format!(
                "it ends after {} bytes",
                bytes.len()
            )));
        }
        Ok(())
    };

    read(&mut bytes, LENGTH as u64)?;
    let length = header_length(&bytes);
    let foreign = || Problem::NotAModel("it does not begin as a safetensors file does".to_owned());
    if length == 0 || length > LONGEST_HEADER {
        return Err(foreign());
    }
    read(&mut bytes, 1)?;
    if bytes[LENGTH] != b'{' {
        return Err(foreign());
    }
    read(&mut bytes, length - 1)?;
    let data = data_length(&bytes[LENGTH..])?;
    // What is promised and not there is found to be missing below, and costs nothing.
    let promised = (data as u128).min(u128::from(there.len()));
    expect_free("it", HELD * promised).map_err(Problem::TooLarge)?;
    read(&mut bytes, data as u64)?;
    match file.read(&mut [0]) {
        Ok(0) => Ok(bytes),
        Ok(_) => Err(Problem::damaged("something follows its last tensor")),
        Err(error) => Err(Problem::Unreadable(error)),
    }
}

fn unreadable(error: io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::NotFound => Problem::NoSuchFile,
        _ => Problem::Unreadable(error),
    }
}

/// What a file's first bytes say of its header's length.
fn header_length(file: &[u8]) -> u64 {
    file.first_chunk()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Bytes of all tensors. The header says so, and that each tensor's bytes follow the last one's and are as many as its
/// shape needs.
fn data_length(header: &[u8]) -> Result<usize, Problem> {
    expect_modest(header)?;
    let header: Metadata = serde_json::from_slice(header).map_err(Problem::damaged)?;
    Ok(header.data_len())
}

/// The header of a whole file, and where its tensors' bytes begin.
pub(super) fn header(file: &[u8]) -> Result<(Metadata, usize), Problem> {
    let length = header_length(file);
    let end = LENGTH.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
    expect_modest(file.get(LENGTH..end).unwrap_or_default())?;
    let (length, header) = SafeTensors::read_metadata(file).map_err(Problem::damaged)?;
    Ok((header, LENGTH + length))
}

/// Refuses a header of more tensors than a model can have before it is taken apart, which takes ten times its memory.
fn expect_modest(header: &[u8]) -> Result<(), Problem> {
    /// A tensor is a name, a type, a shape of two numbers, a begin and an end.
    const COMMAS: usize = 6;
    if commas(header) > COMMAS * MOST_TENSORS {
        let message = format!("its header lists more than {MOST_TENSORS} tensors");
        return Err(Problem::damaged(message));
    }
    expect_free("it", PARSED * header.len() as u128).map_err(Problem::TooLarge)
}

/// The commas of a JSON text outside of its strings.
fn commas(json: &[u8]) -> usize {
    let (mut count, mut inside, mut escaped) = (0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = inside,
            b'"' => inside = !inside,
            b',' if !inside => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_are_counted_outside_of_strings_alone() {
        assert_eq!(commas(br#"{"a,\",b":[1,2],"c":","}"#), 2);
    }
}
