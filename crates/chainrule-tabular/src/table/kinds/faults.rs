//! Texts that a column of their kind has no place for, each with what to do about it.

use std::collections::HashSet;

use super::super::gather::{Gatherer, Text};
use super::super::numbers::odd_form;
use super::super::problems::Fault;

/// A text that is at fault.
pub(in super::super) struct FaultyText {
    pub fault: Fault,
    pub text: String,
    pub row: usize,
    pub cells: u64,
    pub hint: String,
}

/// The texts of a column that are at fault.
pub(super) fn faults_of(
    column: &Gatherer,
    fault: impl Fn(&str) -> Option<Fault>,
) -> Vec<FaultyText> {
    let faulty = |text: &Text| {
        let fault = fault(&text.text)?;
        let edge = edge_hint(text, column.cells.len());
        let hint = match fault {
            Fault::NotANumber => number_hint(&text.text, edge),
            Fault::NotATime => edge.unwrap_or_else(time_hint),
            _ => "correct it, or leave the cell empty if the value is missing".to_owned(),
        };
        Some(FaultyText {
            fault,
            text: text.text.to_string(),
            row: text.first_row,
            cells: text.cells,
            hint,
        })
    };
    column.texts.iter().filter_map(faulty).collect()
}

fn number_hint(text: &str, edge: Option<String>) -> String {
    odd_form(text).or(edge).unwrap_or_else(|| {
        format!("correct it; --missing {text:?} if it stands for a missing value; --categorical if the column is no number")
    })
}

/// What a text may be that stands once, in the first or in the last of some rows, where the other rows have numbers or
/// times.
fn edge_hint(text: &Text, rows: usize) -> Option<String> {
    let what = match text.first_row {
        _ if text.cells > 1 || rows < 3 => return None,
        0 => "a unit, or a second line of names",
        row if row + 1 == rows => "a total, or a remark below the table",
        _ => return None,
    };
    Some(format!(
        "{what}? Take the line out, or leave it out by --on-error skip; --missing {:?} if it stands for a missing value",
        text.text
    ))
}

/// What to say of a target whose values are names.
pub(super) fn names_hint(text: &str) -> String {
    format!(
        "most values of this column are texts, and a regression predicts numbers, not names or classes; --missing {text:?} \
         if it stands for a missing value"
    )
}

pub(super) fn time_hint() -> String {
    "correct it; --categorical if the column holds no dates".to_owned()
}

/// The rows whose texts are at fault; their cells become missing.
pub(super) fn rows_of(column: &mut Gatherer, faults: &[FaultyText]) -> Vec<u32> {
    if faults.is_empty() {
        return Vec::new();
    }
    let faulty: HashSet<&str> = faults.iter().map(|fault| fault.text.as_str()).collect();
    let is_faulty: Vec<bool> = column
        .texts
        .iter()
        .map(|text| faulty.contains(&*text.text))
        .collect();
    column.remove_texts(&is_faulty)
}
