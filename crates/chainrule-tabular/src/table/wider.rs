//! A table given back with further columns, in the form that it came in.

use std::io::{self, Write};

use super::source::{Block, RowForm};
use super::text::TextForm;

/// Writes the rows of a table, each with its values of new columns: text and JSON lines as they came, byte for byte;
/// rows that are no text with commas between their values.
#[derive(Clone, Debug)]
pub struct WiderText {
    rows: Rows,
    new: Vec<String>,
}

/// How the rows are written.
#[derive(Clone, Debug)]
enum Rows {
    /// As the text that they are.
    Text(TextForm),
    /// As text, from their cells.
    Cells(TextForm),
    /// As the objects that they are.
    JsonLines,
}

impl WiderText {
    /// Of a table with columns of these names whose rows are written in this form; `new` names what is added.
    pub fn new(form: RowForm, names: &[String], new: &[String]) -> WiderText {
        WiderText {
            rows: match form {
                RowForm::Text(form) => Rows::Text(form),
                RowForm::Cells => Rows::Cells(TextForm::of_names(names)),
                RowForm::JsonLines => Rows::JsonLines,
            },
            new: new.to_vec(),
        }
    }

    /// Whether numbers may have a decimal comma.
    pub fn is_for_people(&self) -> bool {
        !matches!(self.rows, Rows::JsonLines)
    }

    /// Writes what comes before the first row.
    pub fn write_head(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.rows {
            Rows::Text(form) | Rows::Cells(form) => form.write_head(&self.new, out),
            Rows::JsonLines => Ok(()),
        }
    }

    /// Writes the rows of a block, each with its values of the new columns; a value that is None is left empty.
    ///
    /// # Panics
    /// If a column does not have as many values as there are rows.
    #[track_caller]
    pub fn write_block(
        &self,
        block: &Block,
        columns: Vec<Vec<Option<String>>>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let rows = block.rows();
        let is_whole = |values: &Vec<Option<String>>| values.len() == rows;
        assert!(columns.iter().all(is_whole), "one value for each row");
        let none = match self.rows {
            Rows::JsonLines => "null",
            Rows::Text(_) | Rows::Cells(_) => "",
        };
        let filled = |values: Vec<Option<String>>| {
            let values = values.into_iter();
            values
                .map(|value| value.unwrap_or_else(|| none.to_owned()))
                .collect()
        };
        let columns: Vec<Vec<String>> = columns.into_iter().map(filled).collect();
        match &self.rows {
            Rows::Text(form) => form.write_rows(block, &columns, out),
            Rows::Cells(form) => form.write_cells(block, &columns, out),
            Rows::JsonLines => out.write_all(self.objects(block, &columns).as_bytes()),
        }
    }

    /// The lines of a block with the new keys at the end of each object.
    fn objects(&self, block: &Block, columns: &[Vec<String>]) -> String {
        let keys: Vec<String> = self
            .new
            .iter()
            .map(|name| serde_json::json!(name).to_string())
            .collect();
        let mut text = String::with_capacity(2 * block.text().len());
        let mut begin = 0;
        for row in 0..block.rows() {
            let record = block.record(row);
            let brace = record.end - 1;
            text.push_str(&block.text()[begin..brace]);
            let mut is_first = block.text()[record.start + 1..brace]
                .trim_ascii()
                .is_empty();
            for (key, values) in keys.iter().zip(columns) {
                text.push_str(if is_first { "" } else { "," });
                text.push_str(key);
                text.push(':');
                text.push_str(&values[row]);
                is_first = false;
            }
            begin = brace;
        }
        text.push_str(&block.text()[begin..]);
        text
    }
}
