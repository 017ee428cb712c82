//! From bytes to text: UTF-8, UTF-16, and Windows-1252 where it cannot be UTF-8.

use std::borrow::Cow;
use std::io::{self, Read};

use super::{utf_16, windows_1252};

/// How a text is written in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8; also what plain ASCII is taken for.
    Utf8,
    /// UTF-16, the low byte first.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
    /// One byte for each letter, as Windows in western Europe and America writes.
    Windows1252,
}

impl Encoding {
    /// The encoding's usual name.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf16Le | Encoding::Utf16Be => "UTF-16",
            Encoding::Windows1252 => "Windows-1252",
        }
    }

    /// The bytes of this text.
    pub fn encode(self, text: &str) -> Cow<'_, [u8]> {
        match self {
            Encoding::Utf8 => text.as_bytes().into(),
            Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Encoding::Windows1252 => windows_1252::encode(text),
        }
    }
}

/// Why bytes could not be turned into text; what stands before them has been.
#[derive(Debug)]
pub(super) enum DecodeError {
    /// Reading failed.
    Io(io::Error),
    /// Bytes that no text holds.
    Binary,
    /// Letters of UTF-8 so far, and now something else.
    Mixed,
}

/// Turns the bytes of a reader into text.
pub(super) struct Decoder {
    reader: Box<dyn Read + Send>,
    encoding: Encoding,
    /// Whether the text began with a byte order mark.
    bom: bool,
    /// Bytes that are read and not yet decoded.
    bytes: Vec<u8>,
    /// How two bytes make a unit, where the text is UTF-16.
    utf16: Option<fn([u8; 2]) -> u16>,
    beyond_ascii: bool,
    ended: bool,
}

impl Decoder {
    /// `beginning` are the first bytes of the reader, which it gives again.
    pub(super) fn new(mut reader: Box<dyn Read + Send>, beginning: &[u8]) -> io::Result<Decoder> {
        let marks: [(&[u8], Encoding); 3] = [
            (b"\xef\xbb\xbf", Encoding::Utf8),
            (b"\xff\xfe", Encoding::Utf16Le),
            (b"\xfe\xff", Encoding::Utf16Be),
        ];
        let mark = marks
            .into_iter()
            .find(|(mark, _)| beginning.starts_with(mark));
        if let Some((mark, _)) = mark {
            reader.read_exact(&mut vec![0; mark.len()])?;
        }
        let encoding = mark.map_or_else(|| without_mark(beginning), |(_, encoding)| encoding);
        let utf16: Option<fn([u8; 2]) -> u16> = match encoding {
            Encoding::Utf16Le => Some(u16::from_le_bytes),
            Encoding::Utf16Be => Some(u16::from_be_bytes),
            Encoding::Utf8 | Encoding::Windows1252 => None,
        };
        Ok(Decoder {
            reader,
            encoding,
            bom: mark.is_some(),
            bytes: Vec::new(),
            utf16,
            beyond_ascii: false,
            ended: false,
        })
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    pub(super) fn bom(&self) -> bool {
        self.bom
    }

    /// Appends about `size` bytes of text; false where the reader has ended.
    pub(super) fn read_into(
        &mut self,
        text: &mut String,
        size: usize,
    ) -> Result<bool, DecodeError> {
        if self.ended {
            return Ok(false);
        }
        let wanted = self.bytes.len() + size;
        let limit = size as u64;
        self.reader
            .by_ref()
            .take(limit)
            .read_to_end(&mut self.bytes)
            .map_err(DecodeError::Io)?;
        self.ended = self.bytes.len() < wanted;
        match self.utf16 {
            Some(unit) => self.decode_utf16(unit, text)?,
            None => self.decode_bytes(text)?,
        }
        Ok(!self.ended || !text.is_empty())
    }

    fn decode_utf16(
        &mut self,
        unit: fn([u8; 2]) -> u16,
        text: &mut String,
    ) -> Result<(), DecodeError> {
        let begin = text.len();
        let is_text = utf_16::decode(&mut self.bytes, unit, self.ended, text);
        match is_text && !holds_control_bytes(&text.as_bytes()[begin..]) {
            true => Ok(()),
            false => Err(DecodeError::Binary),
        }
    }

    fn decode_bytes(&mut self, text: &mut String) -> Result<(), DecodeError> {
        if self.encoding == Encoding::Windows1252 {
            return self.decode_windows_1252(text);
        }
        let (good, broken) = match std::str::from_utf8(&self.bytes) {
            Ok(all) => (all, false),
            Err(error) => {
                let good = &self.bytes[..error.valid_up_to()];
                let good = std::str::from_utf8(good).expect("valid up to here");
                (good, error.error_len().is_some() || self.ended)
            }
        };
        let valid = good.len();
        if let Some(at) = first_control_byte(good.as_bytes()) {
            text.push_str(&good[..at]);
            return Err(DecodeError::Binary);
        }
        self.beyond_ascii |= !good.is_ascii();
        text.push_str(good);
        self.bytes.drain(..valid);
        if !broken {
            return Ok(());
        }
        if self.beyond_ascii || self.bom {
            return Err(DecodeError::Mixed);
        }
        // All that came before is ASCII, which both encodings write alike.
        self.encoding = Encoding::Windows1252;
        self.decode_windows_1252(text)
    }

    fn decode_windows_1252(&mut self, text: &mut String) -> Result<(), DecodeError> {
        let letter = |byte: &u8| windows_1252::letter(*byte).filter(|_| !is_control(*byte));
        let unused = self.bytes.iter().position(|byte| letter(byte).is_none());
        let good = &self.bytes[..unused.unwrap_or(self.bytes.len())];
        text.extend(good.iter().filter_map(letter));
        self.bytes.clear();
        match unused {
            Some(_) => Err(DecodeError::Binary),
            None => Ok(()),
        }
    }
}

/// The encoding of a text without a byte order mark, as far as its beginning shows: UTF-16 has a zero in every second
/// byte.
fn without_mark(beginning: &[u8]) -> Encoding {
    let pairs = beginning.chunks_exact(2).take(2000);
    let count = pairs.len();
    let (mut low_first, mut high_first) = (0, 0);
    for pair in pairs {
        low_first += usize::from(pair[1] == 0 && pair[0] != 0);
        high_first += usize::from(pair[0] == 0 && pair[1] != 0);
    }
    if count > 1 && low_first * 10 > count * 7 {
        Encoding::Utf16Le
    } else if count > 1 && high_first * 10 > count * 7 {
        Encoding::Utf16Be
    } else {
        Encoding::Utf8
    }
}

fn holds_control_bytes(bytes: &[u8]) -> bool {
    // Without a way out at the first of them, so that the compiler looks at many at once.
    bytes
        .iter()
        .fold(false, |found, &byte| found | is_control(byte))
}

fn first_control_byte(bytes: &[u8]) -> Option<usize> {
    if !holds_control_bytes(bytes) {
        return None;
    }
    bytes.iter().position(|&byte| is_control(byte))
}

/// Whether no text holds this byte: a control sign that is neither a tab nor ends a line or a page.
fn is_control(byte: u8) -> bool {
    byte < 0x09 || (0x0e..0x20).contains(&byte)
}
