//! The bytes of a Parquet file, of which none are found behind the end.
//!
//! The library skips numbers that it does not know without a look at how many bytes were there. A file of two kilobytes
//! that announces two thousand million of them would keep it busy for half a minute at its end.

use std::fs::File;
use std::io::{self, Read};

use ::parquet::errors::Result;
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::Bytes;

/// A file, or all of its bytes.
pub(super) enum Whole {
    File(File),
    Bytes(Bytes),
}

/// Reads until the end, and is an error behind it.
pub(super) struct Ending<R>(R);

impl Length for Whole {
    fn len(&self) -> u64 {
        match self {
            Whole::File(file) => Length::len(file),
            Whole::Bytes(bytes) => Length::len(bytes),
        }
    }
}

impl ChunkReader for Whole {
    type T = Ending<Box<dyn Read>>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(Ending(match self {
            Whole::File(file) => Box::new(file.get_read(start)?),
            Whole::Bytes(bytes) => Box::new(bytes.get_read(start)?),
        }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        match self {
            Whole::File(file) => file.get_bytes(start, length),
            Whole::Bytes(bytes) => bytes.get_bytes(start, length),
        }
    }
}

impl<R: Read> Read for Ending<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 if !buffer.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_the_end_nothing_is_read() {
        let mut reader = Whole::Bytes(Bytes::from_static(b"abc"))
            .get_read(1)
            .unwrap();
        let mut buffer = [0; 8];
        assert_eq!(reader.read(&mut buffer).unwrap(), 2);
        assert_eq!(reader.read(&mut []).unwrap(), 0);
        let error = reader.read(&mut buffer).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
