//! Quotes that do not pair up, found before they swallow rows.
//!
//! To a CSV reader a stray quote is no mistake: it reads on, over any number of lines, until another quote or the end
//! of the text. Three things give it away. No quote closes it. The quote that closes it stands in the middle of a
//! value. Or the lines that it spans all read as rows of their own.

/// A quote that does not belong where it stands.
#[derive(Debug, PartialEq)]
pub(super) struct Misplaced {
    /// The cell that it opens.
    pub cell: usize,
    /// The bytes of the record at which it opens and is closed.
    pub opens: usize,
    pub closes: usize,
    pub sign: Sign,
}

/// What gives a stray quote away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sign {
    /// No quote closes it.
    NeverClosed,
    /// The value goes on behind the closing quote, with this byte.
    TextFollows(u8),
    /// Each line that it spans reads as a row.
    SpansRows,
}

impl Sign {
    /// What is said of a quote that closes on line `closes`.
    pub fn words(self, closes: u64) -> String {
        let closed = format!("the quote that opens here closes on line {closes}");
        match self {
            Sign::NeverClosed => {
                "a quote opens here and is never closed: close it where the value ends, or remove it".to_owned()
            }
            Sign::TextFollows(next @ (b';' | b'\t' | b'|')) => {
                let separator = char::from(next);
                format!(
                    "{closed} before {separator:?} (values separated by {separator:?}? Save the table with commas)"
                )
            }
            Sign::TextFollows(_) => format!(
                "{closed} in the middle of a value: close it where the value ends, or remove it \
                 (a quote inside of a quoted value is written twice)"
            ),
            Sign::SpansRows => format!(
                "{closed}, and the lines up to there read as rows of their own: close it where the value ends, or remove it"
            ),
        }
    }
}

/// Looks for a stray quote in a record, given its bytes without the line's end and the header's number of columns.
pub(super) fn check(record: &[u8], separator: u8, columns: Option<usize>) -> Result<(), Misplaced> {
    if !record.contains(&b'"') {
        return Ok(());
    }
    let mut cells: Vec<&[u8]> = Vec::new();
    let mut over_lines = None;
    let mut begin = 0;
    loop {
        let cell = cells.len();
        let stray = |closes, sign| Misplaced {
            cell,
            opens: begin,
            closes,
            sign,
        };
        let mut end = begin;
        if record.get(begin) == Some(&b'"') {
            let close = closing_quote(record, begin + 1)
                .ok_or_else(|| stray(record.len(), Sign::NeverClosed))?;
            end = close + 1;
            while matches!(record.get(end), Some(b' ' | b'\t')) {
                end += 1;
            }
            if let Some(&next) = record.get(end).filter(|&&next| next != separator) {
                return Err(stray(close, Sign::TextFollows(next)));
            }
            if over_lines.is_none() && record[begin..close].iter().any(is_line_break) {
                over_lines = Some(stray(close, Sign::SpansRows));
            }
        } else {
            let rest = &record[begin..];
            end += rest
                .iter()
                .position(|&b| b == separator)
                .unwrap_or(rest.len());
        }
        cells.push(&record[begin..end]);
        if end == record.len() {
            break;
        }
        begin = end + 1;
    }
    let Some(stray) = over_lines else {
        return Ok(());
    };
    let rows = match columns {
        Some(columns) => reads_as_rows(record, separator, &cells, columns),
        None => reads_as_rows(record, separator, &[], cells.len()), // names are no numbers
    };
    if rows { Err(stray) } else { Ok(()) }
}

/// The next quote that is not one of a pair, which stands for a quote in the value.
fn closing_quote(record: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let quote = from + record[from..].iter().position(|&b| b == b'"')?;
        if record.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        from = quote + 2;
    }
}

/// Whether the lines of a record read as rows if its quotes are left aside: as many cells as there are columns, and a
/// number wherever the record itself has one.
///
/// A text over several lines may have one or the other line that does, so it takes all of them in a table of two
/// columns, where a single comma is enough, and more than half of them in a wider one. In a table of one column every
/// line would.
fn reads_as_rows(record: &[u8], separator: u8, cells: &[&[u8]], columns: usize) -> bool {
    /// So many tell what the others are.
    const MOST_LINES: usize = 1000;
    let reads_as_row = |line: &[u8]| {
        let found: Vec<&[u8]> = line.split(|&b| b == separator).collect();
        found.len() == columns
            && (cells.len() != columns
                || cells
                    .iter()
                    .zip(found)
                    .all(|(cell, found)| !is_number(cell) || is_number(found)))
    };
    let lines = record
        .split(is_line_break)
        .filter(|line| !line.trim_ascii().is_empty())
        .take(MOST_LINES);
    let (mut count, mut rows) = (0, 0);
    for line in lines {
        count += 1;
        rows += usize::from(reads_as_row(line));
    }
    match columns {
        0 | 1 => false,
        2 => rows == count,
        _ => 2 * rows > count,
    }
}

fn is_number(cell: &[u8]) -> bool {
    /// Longer cells are text, and may be of any length.
    const LONGEST: usize = 40;
    cell.len() <= LONGEST
        && std::str::from_utf8(cell)
            .is_ok_and(|cell| cell.trim_matches(['"', ' ', '\t']).parse::<f64>().is_ok())
}

fn is_line_break(byte: &u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(record: &str, columns: usize) -> Option<(usize, usize, Sign)> {
        let found = check(record.as_bytes(), b',', Some(columns)).err()?;
        Some((found.opens, found.cell, found.sign))
    }

    #[test]
    fn each_sign_of_a_stray_quote_is_seen() {
        for (record, columns, expected) in [
            ("5,1,\"6", 3, (4, 2, Sign::NeverClosed)),
            ("\"", 1, (0, 0, Sign::NeverClosed)),
            ("1,\"a\"\"", 2, (2, 1, Sign::NeverClosed)),
            ("\"a\"b,1", 2, (0, 0, Sign::TextFollows(b'b'))),
            ("1,\"a\" b,1", 3, (2, 1, Sign::TextFollows(b'b'))),
            ("\"a\";\"b\"", 1, (0, 0, Sign::TextFollows(b';'))),
            ("1,\"a,2\n3,b\",4", 3, (2, 1, Sign::SpansRows)),
            ("1,\"a, b,2\n3,c,4\n5,d\",6", 3, (2, 1, Sign::SpansRows)),
            ("1,\"2\r\n\r\n3,4\"", 2, (2, 1, Sign::SpansRows)),
            ("1,,2\"x\",\"3\n4,,y,5\"", 4, (8, 3, Sign::SpansRows)),
        ] {
            assert_eq!(sign(record, columns), Some(expected), "{record:?}");
        }
    }

    #[test]
    fn quotes_that_belong_there_are_left_alone() {
        for (record, columns) in [
            ("1,\"a, \"\"b\"\"\",2", 3),
            ("1,\"\",2", 3),
            ("1,\"a\" ,2", 3),
            ("5\" pipe,7'3\",2", 3),
            ("1,\"Dear John,\nhello\",2", 3),
            ("1,\"Berlin, Germany\nParis, France\",5", 3),
            ("\"line one\nline two\",5,6", 3),
            ("5,6,\"line one\nline two\"", 3),
            ("1,\"M. Dupont\n12, rue de la Paix\n75001 Paris\"", 2),
            ("\"1\n2\"", 1),
        ] {
            assert_eq!(sign(record, columns), None, "{record:?}");
        }
    }
}
