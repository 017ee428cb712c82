//! How a text writes its table: which sign separates the values, and on which line the header is.

use super::super::numbers::looks_like_a_number;
use super::super::options::Separator;
use super::super::source::Stored;
use super::records::{Found, split};

/// Where a table begins in its text, and what separates its values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    pub separator: Separator,
    /// Where the header begins, or the first row of a table without one.
    pub begin: usize,
    /// The line of that place.
    pub line: u64,
    /// Lines of comments and titles above it.
    pub skipped: usize,
    /// Whether the rows have one value more than the header, which R writes where rows have names.
    pub row_names: bool,
}

/// A line of the sample as one of the separators splits it.
struct Record {
    begin: usize,
    line: u64,
    values: Vec<String>,
}

impl Record {
    fn filled(&self) -> usize {
        self.values.iter().filter(|value| !value.is_empty()).count()
    }

    fn is_blank(&self) -> bool {
        self.filled() == 0
    }

    fn is_comment(&self) -> bool {
        self.values[0].starts_with('#')
    }

    fn holds_a_number(&self) -> bool {
        self.values.iter().any(|value| looks_like_a_number(value))
    }
}

/// How many records are looked at.
const SAMPLE: usize = 200;

/// Looks at the beginning of a text; `whole` says that there is no more of it.
pub(super) fn find_layout(
    text: &str,
    whole: bool,
    separator: Option<Separator>,
    header: bool,
) -> Layout {
    let (told, begin) = separator_line(text);
    let separator = separator
        .or(told)
        .unwrap_or_else(|| find_separator(text, begin, whole));
    let records = sample(text, begin, whole, separator);
    let width = usual_width(&records).0;

    let mut skipped = 0;
    let mut first = None;
    for (i, record) in records.iter().enumerate() {
        if record.is_blank() {
            continue;
        }
        let next = records[i + 1..].iter().find(|record| !record.is_blank());
        if is_above_the_table(record, next, width) {
            skipped += 1;
            continue;
        }
        first = Some(i);
        break;
    }
    let line_after_told = 1 + u64::from(begin > 0);
    let Some(first) = first else {
        return Layout {
            separator,
            begin,
            line: line_after_told,
            skipped: 0,
            row_names: false,
        };
    };
    let record = &records[first];
    let named = record.values.len()
        - record
            .values
            .iter()
            .rev()
            .take_while(|v| v.is_empty())
            .count();
    Layout {
        separator,
        begin: record.begin,
        line: record.line,
        skipped,
        row_names: header
            && named > 0
            && named == record.values.len()
            && rows_have_names(&records[first + 1..], named),
    }
}

/// The separator that a first line `sep=;` names, and where the text goes on behind that line.
fn separator_line(text: &str) -> (Option<Separator>, usize) {
    let line = text.split(['\n', '\r']).next().unwrap_or("");
    let bare = line.trim().trim_matches('"');
    let mut signs = match bare.get(..4) {
        Some(word) if word.eq_ignore_ascii_case("sep=") => bare[4..].chars(),
        _ => return (None, 0),
    };
    let separator = match (signs.next(), signs.next()) {
        (Some(sign), None) if sign.is_ascii() => Separator::Byte(sign as u8),
        (None, None) if line.ends_with('\t') => Separator::Byte(b'\t'),
        _ => return (None, 0),
    };
    let end_length = if text[line.len()..].starts_with("\r\n") {
        2
    } else {
        1
    };
    (Some(separator), (line.len() + end_length).min(text.len()))
}

fn sample(text: &str, begin: usize, whole: bool, separator: Separator) -> Vec<Record> {
    let mut records = Vec::new();
    let (mut at, mut line) = (begin, 1 + u64::from(begin > 0));
    let (mut cells, mut extra) = (Vec::new(), String::new());
    while records.len() < SAMPLE && at < text.len() {
        cells.clear();
        let Found::Record { next, lines, .. } =
            split(text, at, whole, separator, &mut cells, &mut extra)
        else {
            break;
        };
        let value = |cell: &Stored| match *cell {
            Stored::Text { begin, end } => text[begin as usize..end as usize].trim().to_owned(),
            Stored::Extra { begin, end } => extra[begin as usize..end as usize].trim().to_owned(),
            _ => String::new(),
        };
        let mut values: Vec<String> = cells.iter().map(value).collect();
        if values.is_empty() {
            values.push(String::new());
        }
        records.push(Record {
            begin: at,
            line,
            values,
        });
        at = next;
        line += lines;
    }
    records
}

/// The most usual number of values in a line, and the share of lines that have it.
fn usual_width(records: &[Record]) -> (usize, f64) {
    let mut widths: Vec<usize> = records
        .iter()
        .filter(|r| !r.is_blank() && !r.is_comment())
        .map(|r| r.values.len())
        .collect();
    widths.sort_unstable();
    let usual = widths
        .chunk_by(|a, b| a == b)
        .max_by_key(|same| (same.len(), same[0]));
    usual.map_or((1, 0.0), |same| {
        (same[0], same.len() as f64 / widths.len() as f64)
    })
}

fn find_separator(text: &str, begin: usize, whole: bool) -> Separator {
    // In this order where two fit equally well.
    let candidates = [b'\t', b';', b'|', b','].map(Separator::Byte);
    let judged = |separator| {
        let records = sample(text, begin, whole, separator);
        let (width, share) = usual_width(&records);
        let mut lines = records
            .iter()
            .filter(|r| !r.is_blank() && !r.is_comment())
            .map(|r| r.values.len());
        let header = lines.next().unwrap_or(0);
        if width < 2 {
            (0.0, width)
        } else if header + 1 == width && header > 1 && lines.all(|values| values == width) {
            (1.5, width) // the rows have names, and the header none for these
        } else {
            (share + 0.5 * f64::from(u8::from(header == width)), width)
        }
    };
    let mut best = (0.0, 1, Separator::Byte(b','));
    for separator in candidates {
        let (score, width) = judged(separator);
        if score > best.0 {
            best = (score, width, separator);
        }
    }
    let (score, width) = judged(Separator::Spaces);
    let aligned = best.2 == Separator::Byte(b'\t') && width >= 2 * best.1;
    if score > 1.4 && (best.0 == 0.0 || aligned) || score > 0.95 && best.0 == 0.0 && width > 2 {
        return Separator::Spaces;
    }
    if best.0 == 0.0 {
        // No line but the header is split: rows that stand in quotes as a whole, which the reader will report.
        let header = &text[begin..];
        let header = &header.as_bytes()[..header.find(['\n', '\r']).unwrap_or(header.len())];
        let named = candidates
            .into_iter()
            .find(|sign| matches!(sign, Separator::Byte(byte) if header.contains(byte)));
        return named.unwrap_or(best.2);
    }
    best.2
}

/// Whether a line is a comment or a title of the table that begins below it.
fn is_above_the_table(record: &Record, next: Option<&Record>, width: usize) -> bool {
    let Some(next) = next else {
        return false;
    };
    let as_wide = record.values.len() == width;
    if record.is_comment() {
        // A header may begin with the sign, too: numbers follow it.
        return !as_wide
            || next.is_comment()
            || width == 1
            || !next.holds_a_number() && !next.is_blank();
    }
    let is_short = record.filled() == 1 && width > 1 || 2 * record.filled() < width && !as_wide;
    is_short && (width > 2 || !as_wide && !next.holds_a_number()) && !record.holds_a_number()
}

/// Whether all rows have one value more than the header has names, and the first values name or number the rows.
fn rows_have_names(rows: &[Record], names: usize) -> bool {
    let rows: Vec<&Record> = rows.iter().filter(|row| !row.is_blank()).collect();
    if rows.is_empty() || rows.iter().any(|row| row.values.len() != names + 1) {
        return false;
    }
    if rows.iter().all(|row| row.values[names].is_empty()) {
        return false; // a separator at the end of each line
    }
    let mut first: Vec<&str> = rows.iter().map(|row| row.values[0].as_str()).collect();
    first.sort_unstable();
    first.dedup();
    first.len() == rows.len()
        && (rows[0].values[0] == "1"
            || !rows[0].values[0].starts_with(|c: char| c.is_ascii_digit()))
}
