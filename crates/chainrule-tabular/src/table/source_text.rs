//! A table's text as it came, to be handed back with one column more.

use std::borrow::Cow;
use std::io::{self, Write};

/// The text that a [`Table`](super::Table) was read from, and where its records end.
///
/// ```
/// # use chainrule_tabular::Table;
/// let text = "\u{feff}area , note\r\n52,\"small, old\"\n\n80,big";
/// let (_, text) = Table::from_reader_with_text(text.as_bytes(), "houses.csv")?;
/// let mut wider = Vec::new();
/// text.write_with_column("price", &[310.0, 455.5], &mut wider)?;
/// assert_eq!(
///     String::from_utf8(wider)?,
///     "\u{feff}area , note,price\r\n52,\"small, old\",310\n\n80,big,455.5"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SourceText {
    pub(super) text: Vec<u8>,
    /// Behind the last byte of the header and of each record, before the line's end.
    pub(super) ends: Vec<usize>,
}

impl SourceText {
    /// Writes the text with a value at the end of each record, in the shortest form that reads back to the same number.
    ///
    /// All other bytes are written as they are: line ends, quotes, blank lines, spaces, a byte order mark.
    ///
    /// # Panics
    ///
    /// If there are not as many values as the table has rows.
    #[track_caller]
    pub fn write_with_column(
        &self,
        name: &str,
        values: &[f64],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        assert_eq!(values.len() + 1, self.ends.len(), "one value for each row");
        let cells = std::iter::once(cell(name)).chain(values.iter().map(|v| v.to_string().into()));
        let mut begin = 0;
        for (&end, cell) in self.ends.iter().zip(cells) {
            out.write_all(&self.text[begin..end])?;
            write!(out, ",{cell}")?;
            begin = end;
        }
        out.write_all(&self.text[begin..])
    }
}

/// The text as a cell of a CSV file: in quotes where it would be read as something else without.
fn cell(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}
