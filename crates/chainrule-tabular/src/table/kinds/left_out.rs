//! Columns that there is nothing to learn from, and how that is seen.

use std::collections::HashSet;

use super::super::gather::{Gatherer, MOST_LEVELS};
use super::super::plan::LeftOut;
use super::values::number_in;

/// A column of no more values than this may be a category even where most of them are numbers, as in 0, 1, 2, 3+.
pub(super) const FEW: usize = 20;

/// Why numbers are nothing to learn from, if so.
pub(super) fn why_numbers_are_left_out(values: &[f64], name: &str) -> Option<LeftOut> {
    let mut present = values.iter().filter(|value| !value.is_nan());
    let Some(&first) = present.next() else {
        return Some(LeftOut::AllMissing);
    };
    if values.iter().all(|&value| value == first) && values.len() > 1 {
        return Some(LeftOut::Constant);
    }
    (names_an_identifier(name) && number_the_rows(values)).then_some(LeftOut::Identifier)
}

/// Whether all values are whole numbers and none repeats.
pub(in super::super) fn number_the_rows(values: &[f64]) -> bool {
    if values.len() < 3 || values.iter().any(|value| value.fract() != 0.0) {
        return false; // NaN has a fraction that is not 0, either
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.windows(2).all(|pair| pair[0] != pair[1])
}

/// Whether a column of this name numbers or names the rows where its values do not repeat.
fn names_an_identifier(name: &str) -> bool {
    const WORDS: [&str; 16] = [
        "id", "ids", "pid", "uid", "uuid", "guid", "index", "idx", "key", "no", "nr", "row",
        "rownames", "order", "serial", "number",
    ];
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    for sign in name.chars() {
        let begins = !sign.is_alphanumeric() || sign.is_uppercase() && before.is_lowercase();
        if begins {
            words.push(std::mem::take(&mut word));
        }
        if sign.is_alphanumeric() {
            word.extend(sign.to_lowercase());
        }
        before = sign;
    }
    words.push(word);
    name.is_empty() || name == "#" || words.iter().any(|word| WORDS.contains(&word.as_str()))
}

/// Why texts are nothing to learn from, if so: they hardly repeat.
pub(super) fn why_texts_are_left_out(column: &Gatherer, filled: u64) -> Option<LeftOut> {
    let texts = column.texts.len();
    let plain = column.plain as usize;
    if texts == 1
        && plain == 0
        && column.texts[0].cells == column.cells.len() as u64
        && column.cells.len() > 1
    {
        return Some(LeftOut::Constant);
    }
    let distinct = distinct_values(column);
    let hardly_repeats =
        distinct > FEW as u64 && 2 * distinct > filled || distinct == filled && filled >= 5;
    let long = column.texts_are_long();
    let is_prose = long && distinct > FEW as u64 && 10 * distinct > 3 * filled;
    if !hardly_repeats && !is_prose && texts <= MOST_LEVELS {
        return None;
    }
    Some(if long {
        LeftOut::FreeText
    } else {
        LeftOut::Identifier
    })
}

/// How many different values there are.
pub(super) fn distinct_values(column: &Gatherer) -> u64 {
    let numbers: HashSet<u64> = column
        .cells
        .iter()
        .filter_map(|cell| number_in(cell.get()))
        .map(f64::to_bits)
        .collect();
    (numbers.len() + column.texts.len()) as u64
}
