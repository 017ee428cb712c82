//! Reading a model file's bytes, and no more of them than its header promises.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use safetensors::tensor::Metadata;

use super::Problem;

/// Bytes of the number that tells the header's length.
const LENGTH: usize = 8;

/// The longest header that the format allows.
const LONGEST_HEADER: u64 = 100_000_000;

/// Reads a whole safetensors file.
///
/// A wrong path may lead to a table of many gigabytes or to a device without an end. So the header is read first, and memory
/// grows with what is really there, never ahead of it.
pub(super) fn model_bytes(path: &Path) -> Result<Vec<u8>, Problem> {
    let mut file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Problem::NoSuchFile,
        _ => Problem::Unreadable(error),
    })?;
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
    let length = bytes
        .iter()
        .rev()
        .fold(0, |n, &byte| n << 8 | u64::from(byte));
    let foreign = || Problem::NotAModel("it does not begin as a safetensors file does".to_owned());
    if length == 0 || length > LONGEST_HEADER {
        return Err(foreign());
    }
    read(&mut bytes, 1)?;
    if bytes[LENGTH] != b'{' {
        return Err(foreign());
    }
    read(&mut bytes, length - 1)?;
    // It also checks that each tensor's bytes follow the last one's and are as many as its shape needs.
    let header: Metadata = serde_json::from_slice(&bytes[LENGTH..]).map_err(Problem::damaged)?;
    read(&mut bytes, header.data_len() as u64)?;
    match file.read(&mut [0]) {
        Ok(0) => Ok(bytes),
        Ok(_) => Err(Problem::damaged("something follows its last tensor")),
        Err(error) => Err(Problem::Unreadable(error)),
    }
}
