//! What a column is, decided from all of its cells: numbers, categories, points in time, or nothing to learn from.

mod faults;
mod left_out;
mod values;

use faults::{FaultyText, faults_of, rows_of};
pub(super) use left_out::number_the_rows;
use left_out::{FEW, distinct_values, why_texts_are_left_out};
pub(super) use values::level_of_number;
use values::{finish_categories, finish_numbers, finish_times, finish_unix_seconds, left_out};

use super::column::Values;
use super::gather::Gatherer;
use super::numbers::{self, Candidates, magnitudes, odd_form};
use super::plan::{Form, LeftOut, NumberFormat, Resolution, TimeFormat, TimeOrder};
use super::problems::{Fault, is_infinity, is_spreadsheet_error};
use super::times;

/// The share of cells that have to be numbers for the others to be mistakes.
const MOSTLY: f64 = 0.8;

/// What the column is wanted for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wanted {
    /// Whatever it is.
    Anything,
    /// A target, a weight, or an input that the user wants as numbers.
    Numbers,
    Categories,
    Times(Option<TimeOrder>),
}

/// What all columns of a table have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Customs {
    /// The decimal sign of the table's other columns, or of its separator.
    pub decimal: Option<char>,
    /// Whether the user named the decimal sign.
    pub decimal_is_told: bool,
    /// The order of days and months in the table's other columns.
    pub order: Option<TimeOrder>,
}

/// A column that is decided.
pub(super) struct Decided {
    pub form: Form,
    pub values: Values,
    /// Texts that are at fault, each with its first row, the number of its cells and advice.
    pub faults: Vec<FaultyText>,
    /// The rows of all of them.
    pub faulty_rows: Vec<u32>,
    /// What had to be guessed.
    pub note: Option<String>,
}

/// Looks at one column's form as far as it can be seen without the others: for the vote on the table's customs.
pub(super) struct Look {
    pub numbers: Candidates,
    pub times: Vec<TimeOrder>,
    times_resolution: Resolution,
    times_cells: u64,
    /// Whether the numbers' format matters: some cells have a sign that could be read in two ways, or in one that is
    /// not plain.
    pub has_signs: bool,
}

impl Look {
    pub(super) fn at(column: &Gatherer, decimal: Option<char>) -> Look {
        let evidence = column.evidence();
        let texts = column.texts.iter().map(|text| (&*text.text, text.cells));
        let (times, times_resolution, times_cells) = times::orders_of(texts);
        Look {
            has_signs: evidence.points
                || evidence
                    .others
                    .iter()
                    .any(|(text, _)| text.contains([',', '.'])),
            numbers: evidence.candidates(decimal),
            times,
            times_resolution,
            times_cells,
        }
    }

    /// The decimal sign that this column certainly has.
    pub(super) fn certain_decimal(&self, column: &Gatherer) -> Option<char> {
        let are_numbers = self.numbers.cells as f64 >= MOSTLY * column.filled() as f64;
        self.numbers
            .decimal()
            .filter(|_| self.has_signs && are_numbers)
    }

    /// The order of day and month that this column certainly has.
    pub(super) fn certain_order(&self, column: &Gatherer) -> Option<TimeOrder> {
        let are_times = self.times_cells as f64 >= MOSTLY * column.filled() as f64;
        match self.times.as_slice() {
            &[order @ (TimeOrder::DayFirst | TimeOrder::MonthFirst)] if are_times => Some(order),
            _ => None,
        }
    }
}

/// Decides what a column is and reads its cells accordingly. `name` is empty where the source gives none.
pub(super) fn decide(
    mut column: Gatherer,
    look: &Look,
    name: &str,
    wanted: Wanted,
    customs: Customs,
) -> Decided {
    if let Some(form) = column.settled.clone() {
        return match form {
            Form::Time(format) => finish_times(column, format, None),
            Form::Number(format) => finish_numbers(column, format, name, wanted, None),
            form => left_out(column.cells.len(), form),
        };
    }
    let filled = column.filled();
    if filled == 0 && wanted != Wanted::Numbers {
        return left_out(column.cells.len(), Form::LeftOut(LeftOut::AllMissing));
    }
    match wanted {
        Wanted::Categories => return finish_categories(column),
        Wanted::Times(Some(TimeOrder::UnixSeconds)) => return finish_unix_seconds(column),
        Wanted::Times(order) => {
            let (format, note) = time_format_of(look, order, customs);
            return finish_times(column, format, note);
        }
        Wanted::Numbers | Wanted::Anything => {}
    }
    let share = |cells: u64| cells as f64 / filled as f64;
    let are_numbers = wanted == Wanted::Numbers
        || share(look.numbers.cells) >= MOSTLY && !is_small_category(&column, look);
    if are_numbers {
        let (format, note) = format_of(&column, look, customs);
        return finish_numbers(column, format, name, wanted, note);
    }
    if look.times_cells > 0 && share(look.times_cells) >= MOSTLY {
        let (format, note) = time_format_of(look, None, customs);
        return finish_times(column, format, note);
    }
    let odd: u64 = column
        .texts
        .iter()
        .filter(|text| odd_form(&text.text).is_some())
        .map(|text| text.cells)
        .sum();
    if odd > 0 && share(odd + look.numbers.cells) >= MOSTLY {
        let (format, note) = format_of(&column, look, customs);
        return finish_numbers(column, format, name, wanted, note);
    }
    match why_texts_are_left_out(&column, filled) {
        Some(why) => {
            let faults = faults_of(&column, |text| {
                is_spreadsheet_error(text).then_some(Fault::SpreadsheetError)
            });
            let faulty_rows = rows_of(&mut column, &faults);
            Decided {
                faults,
                faulty_rows,
                ..left_out(column.cells.len(), Form::LeftOut(why))
            }
        }
        None => finish_categories(column),
    }
}

/// Whether a few values of which most look like numbers are a category: the others occur too often to be mistakes.
fn is_small_category(column: &Gatherer, look: &Look) -> bool {
    let others: Vec<_> = column
        .texts
        .iter()
        .filter(|text| {
            !look
                .numbers
                .formats
                .iter()
                .any(|format| numbers::read(&text.text, format).is_some())
        })
        .collect();
    let is_mistake =
        |text: &str| is_infinity(text) || is_spreadsheet_error(text) || odd_form(text).is_some();
    !others.is_empty()
        && others
            .iter()
            .all(|text| text.cells > 1 && !is_mistake(&text.text))
        && column.texts.len() <= FEW
        && distinct_values(column) <= (FEW as u64).min(column.filled() / 5)
}

/// The format of the numbers, with a note where it had to be guessed.
fn format_of(column: &Gatherer, look: &Look, customs: Customs) -> (NumberFormat, Option<String>) {
    let candidates = &look.numbers;
    let Some(simplest) = candidates.formats.first() else {
        return (NumberFormat::default(), None);
    };
    let magnitudes = simplest.magnitudes.then(|| magnitudes::NOTE.to_owned());
    if candidates.decimal().is_some() || !look.has_signs {
        return (simplest.clone(), magnitudes);
    }
    let decimal = customs.decimal.unwrap_or('.');
    let format = candidates.with_decimal(decimal).unwrap_or(simplest).clone();
    let example = column.texts.iter().find_map(|text| {
        let value = numbers::read(&text.text, &format)?;
        text.text
            .contains([',', '.'])
            .then(|| (text.text.to_string(), value))
    });
    let note = example
        .filter(|_| !customs.decimal_is_told)
        .map(|(text, value)| {
            let other = if format.decimal == '.' { ',' } else { '.' };
            format!("{text} is read as {value} (--decimal {other} if that sign is the decimal one)")
        });
    (format, note.or(magnitudes))
}

/// The format of the times, with a note where the order of a date's parts had to be guessed.
fn time_format_of(
    look: &Look,
    told: Option<TimeOrder>,
    customs: Customs,
) -> (TimeFormat, Option<String>) {
    let (order, note) = match (told, look.times.as_slice(), customs.order) {
        (Some(order), ..) => (order, None),
        (None, [], _) => (TimeOrder::YearFirst, None),
        (None, [TimeOrder::DayFirst, TimeOrder::MonthFirst], Some(order)) => (order, None),
        (None, [TimeOrder::DayFirst, TimeOrder::MonthFirst], None) => {
            let note = "days and months cannot be told apart: the day is taken to come first";
            (TimeOrder::DayFirst, Some(note.to_owned()))
        }
        (None, [order, ..], _) => (*order, None),
    };
    let resolution = look.times_resolution;
    (TimeFormat { order, resolution }, note)
}
