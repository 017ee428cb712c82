//! Splits text into records and cells: separators, quotes, and line ends of all three kinds.

use memchr::{memchr, memchr_iter, memchr2};

use super::super::options::Separator;
use super::super::source::Stored;

/// What was found where a record was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A record.
    Record {
        /// Where it ends, without its line end.
        end: usize,
        /// Where the next one begins.
        next: usize,
        /// How many line ends lie before the next one: more than one where a quoted value holds some.
        lines: u64,
        /// Whether it holds quotes.
        quoted: bool,
    },
    /// The text ends before the record does.
    More,
    /// The text has ended within quotes that were opened so many lines further down, in this cell.
    UnclosedQuote { lines: u64, cell: usize },
}

/// Splits the record that begins at `from` and appends its cells; `extra` takes the values that had to be unquoted.
///
/// `whole` says that no more text follows. Positions must fit 32 bits.
pub(super) fn split(
    text: &str,
    from: usize,
    whole: bool,
    separator: Separator,
    cells: &mut Vec<Stored>,
    extra: &mut String,
) -> Found {
    let bytes = text.as_bytes();
    let line_end = memchr2(b'\n', b'\r', &bytes[from..]).map(|at| from + at);
    let end = line_end.unwrap_or(bytes.len());
    if memchr(b'"', &bytes[from..end]).is_some() {
        return Quoted {
            text,
            whole,
            separator,
            at: from,
            lines: 0,
            first_cell: cells.len(),
        }
        .split(cells, extra);
    }
    let Some(next) = after_line_end(bytes, end, whole) else {
        return Found::More;
    };
    match separator {
        Separator::Byte(byte) => {
            let mut begin = from;
            for at in memchr_iter(byte, &bytes[from..end]) {
                cells.push(span(begin, from + at));
                begin = from + at + 1;
            }
            cells.push(span(begin, end));
        }
        Separator::Spaces => {
            let mut at = from;
            while let Some(begin) = (at..end).find(|&i| !is_space(bytes[i])) {
                at = (begin..end).find(|&i| is_space(bytes[i])).unwrap_or(end);
                cells.push(span(begin, at));
            }
        }
    }
    Found::Record {
        end,
        next,
        lines: 1,
        quoted: false,
    }
}

fn span(begin: usize, end: usize) -> Stored {
    Stored::Text {
        begin: begin as u32,
        end: end as u32,
    }
}

fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// The place behind the line end that begins at `end`; None where more text may belong to it.
fn after_line_end(bytes: &[u8], end: usize, whole: bool) -> Option<usize> {
    match (bytes.get(end), bytes.get(end + 1)) {
        (Some(b'\r'), Some(b'\n')) => Some(end + 2),
        (Some(b'\r'), None) if !whole => None,
        (None, _) if !whole => None,
        (None, _) => Some(end),
        (Some(_), _) => Some(end + 1),
    }
}

/// A record that holds quotes, which is walked cell by cell.
struct Quoted<'a> {
    text: &'a str,
    whole: bool,
    separator: Separator,
    at: usize,
    lines: u64,
    first_cell: usize,
}

impl Quoted<'_> {
    fn split(mut self, cells: &mut Vec<Stored>, extra: &mut String) -> Found {
        let bytes = self.text.as_bytes();
        loop {
            let begin = self.at;
            // Spaces before a quote are not part of the value.
            while bytes
                .get(self.at)
                .is_some_and(|&b| b == b' ' || self.is_separating_space(b))
            {
                self.at += 1;
            }
            if bytes.get(self.at) == Some(&b'"') {
                match self.quoted_cell(cells, extra) {
                    Ok(()) => {}
                    Err(found) => return found,
                }
            } else {
                if self.separator == Separator::Spaces && self.ends_here(bytes) {
                    // Spaces at the end of a line separate nothing.
                } else {
                    let begin = if self.separator == Separator::Spaces {
                        self.at
                    } else {
                        begin
                    };
                    self.at = self.end_of_cell(bytes);
                    cells.push(span(begin, self.at));
                }
            }
            match bytes.get(self.at) {
                Some(b'\n' | b'\r') | None => break,
                Some(_) => self.at += 1, // the separator
            }
        }
        match after_line_end(bytes, self.at, self.whole) {
            Some(next) => Found::Record {
                end: self.at,
                next,
                lines: self.lines + 1,
                quoted: true,
            },
            None => Found::More,
        }
    }

    fn is_separating_space(&self, byte: u8) -> bool {
        self.separator == Separator::Spaces && is_space(byte)
    }

    fn ends_here(&self, bytes: &[u8]) -> bool {
        matches!(bytes.get(self.at), None | Some(b'\n' | b'\r'))
    }

    fn separates(&self, byte: u8) -> bool {
        match self.separator {
            Separator::Byte(separator) => byte == separator,
            Separator::Spaces => is_space(byte),
        }
    }

    /// The next separator or line end.
    fn end_of_cell(&self, bytes: &[u8]) -> usize {
        let rest = &bytes[self.at..];
        let length = rest
            .iter()
            .position(|&b| self.separates(b) || b == b'\n' || b == b'\r');
        self.at + length.unwrap_or(rest.len())
    }

    /// A cell whose first sign is a quote; afterwards `at` is at the separator or line end behind it.
    fn quoted_cell(&mut self, cells: &mut Vec<Stored>, extra: &mut String) -> Result<(), Found> {
        let bytes = self.text.as_bytes();
        let lines_before = self.lines;
        let begin = self.at + 1;
        let extra_begin = extra.len();
        let mut part = begin;
        let close = loop {
            let Some(quote) = memchr(b'"', &bytes[part..]).map(|at| part + at) else {
                return Err(match self.whole {
                    true => Found::UnclosedQuote {
                        lines: lines_before,
                        cell: cells.len() - self.first_cell,
                    },
                    false => Found::More,
                });
            };
            self.lines += line_ends(&bytes[part..quote]);
            match bytes.get(quote + 1) {
                Some(b'"') => {
                    extra.push_str(&self.text[part..=quote]);
                    part = quote + 2;
                }
                None if !self.whole => return Err(Found::More),
                _ => break quote,
            }
        };
        self.at = close + 1;
        let behind = self.at;
        self.at = self.end_of_cell(bytes);
        let tail = self.text[behind..self.at].trim_end();
        if part == begin && tail.is_empty() {
            cells.push(span(begin, close)); // nothing had to be unquoted
        } else {
            extra.push_str(&self.text[part..close]);
            extra.push_str(tail);
            cells.push(Stored::Extra {
                begin: extra_begin as u32,
                end: extra.len() as u32,
            });
        }
        Ok(())
    }
}

/// How many line ends there are; `\r\n` is one.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    let pairs = bytes.windows(2).filter(|pair| pair == b"\r\n").count();
    let signs = bytes
        .iter()
        .filter(|&&byte| byte == b'\n' || byte == b'\r')
        .count();
    (signs - pairs) as u64
}
