//! What a column is, decided from all of its cells: numbers, categories, points in time, or nothing to learn from.

use std::collections::HashSet;

use super::column::{MISSING_CODE, MISSING_TIME, Values};
use super::gather::{Gathered, Gatherer, MOST_LEVELS, Text};
use super::numbers::{self, Candidates, magnitudes, odd_form};
use super::plan::{Form, LeftOut, NumberFormat, TimeFormat, TimeOrder};
use super::problems::{Fault, is_infinity, is_spreadsheet_error};
use super::times;

/// The share of cells that have to be numbers for the others to be mistakes.
const MOSTLY: f64 = 0.8;

/// A column of no more values than this may be a category even where most of them are numbers, as in 0, 1, 2, 3+.
const FEW: usize = 20;

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

pub(super) struct FaultyText {
    pub fault: Fault,
    pub text: String,
    pub row: usize,
    pub cells: u64,
    pub hint: String,
}

/// Looks at one column's form as far as it can be seen without the others: for the vote on the table's customs.
pub(super) struct Look {
    pub numbers: Candidates,
    pub times: Vec<TimeOrder>,
    times_resolution: super::plan::Resolution,
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
            let (order, note) = order_of(look, order, customs);
            return finish_times(
                column,
                TimeFormat {
                    order,
                    resolution: look.times_resolution,
                },
                note,
            );
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
        let (order, note) = order_of(look, None, customs);
        return finish_times(
            column,
            TimeFormat {
                order,
                resolution: look.times_resolution,
            },
            note,
        );
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

fn left_out(rows: usize, form: Form) -> Decided {
    Decided {
        form,
        values: Values::LeftOut { rows },
        faults: Vec::new(),
        faulty_rows: Vec::new(),
        note: None,
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

/// How many different values there are.
fn distinct_values(column: &Gatherer) -> u64 {
    let numbers: HashSet<u64> = column
        .cells
        .iter()
        .filter_map(|cell| number_in(cell.get()))
        .map(f64::to_bits)
        .collect();
    (numbers.len() + column.texts.len()) as u64
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

/// The order of a date's parts, with a note where it had to be guessed.
fn order_of(look: &Look, told: Option<TimeOrder>, customs: Customs) -> (TimeOrder, Option<String>) {
    if let Some(order) = told {
        return (order, None);
    }
    match look.times.as_slice() {
        [] => (TimeOrder::YearFirst, None),
        [TimeOrder::DayFirst, TimeOrder::MonthFirst] => match customs.order {
            Some(order) => (order, None),
            None => {
                let note = "days and months cannot be told apart: the day is taken to come first"
                    .to_owned();
                (TimeOrder::DayFirst, Some(note))
            }
        },
        [order, ..] => (*order, None),
    }
}

fn finish_numbers(
    mut column: Gatherer,
    format: NumberFormat,
    name: &str,
    wanted: Wanted,
    note: Option<String>,
) -> Decided {
    if column.settled.is_none() {
        column.settle_as_number(format.clone());
    }
    let mut faults = faults_of(&column, |text| {
        Some(if is_spreadsheet_error(text) {
            Fault::SpreadsheetError
        } else if is_infinity(text) {
            Fault::NotFinite
        } else {
            Fault::NotANumber
        })
    });
    let are_names = wanted == Wanted::Numbers && 2 * column.plain < column.filled();
    for fault in faults.iter_mut().filter(|fault| {
        are_names && fault.fault == Fault::NotANumber && odd_form(&fault.text).is_none()
    }) {
        fault.hint = names_hint(&fault.text);
    }
    let faulty_rows = rows_of(&mut column, &faults);
    let number = |cell: super::gather::Boxed| match cell.get() {
        Gathered::Number(number) => number,
        Gathered::Missing | Gathered::Text(_) => f64::NAN,
    };
    // In the memory of the cells, of which there is no second copy then.
    let mut values: Vec<f64> = std::mem::take(&mut column.cells)
        .into_iter()
        .map(number)
        .collect();
    values.shrink_to_fit();
    let why = if wanted == Wanted::Numbers || !faults.is_empty() {
        None
    } else {
        why_numbers_are_left_out(&values, name)
    };
    match why {
        Some(why) => Decided {
            note: None,
            ..left_out(values.len(), Form::LeftOut(why))
        },
        None => Decided {
            form: Form::Number(format),
            values: Values::Number(values),
            faults,
            faulty_rows,
            note,
        },
    }
}

/// Why numbers are nothing to learn from, if so.
fn why_numbers_are_left_out(values: &[f64], name: &str) -> Option<LeftOut> {
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
pub(super) fn number_the_rows(values: &[f64]) -> bool {
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
fn why_texts_are_left_out(column: &Gatherer, filled: u64) -> Option<LeftOut> {
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

fn finish_times(mut column: Gatherer, format: TimeFormat, note: Option<String>) -> Decided {
    if !matches!(column.settled, Some(Form::Time(_))) {
        column.settle_as_time(format);
    }
    let faults = faults_of(&column, |text| {
        Some(if is_spreadsheet_error(text) {
            Fault::SpreadsheetError
        } else {
            Fault::NotATime
        })
    });
    let mut faulty_rows = rows_of(&mut column, &faults);
    let mut faults = faults;
    for (row, cell) in column.cells.iter().enumerate() {
        if let Gathered::Number(number) = cell.get() {
            faulty_rows.push(row as u32);
            let (text, hint) = (number.to_string(), time_hint());
            faults.push(FaultyText {
                fault: Fault::NotATime,
                text,
                row,
                cells: 1,
                hint,
            });
        }
    }
    let times = std::mem::take(&mut column.times);
    let mut present = times.iter().filter(|&&time| time != MISSING_TIME);
    let first = present.next().copied();
    if faults.is_empty() && times.len() > 1 && times.iter().all(|&time| Some(time) == first) {
        return left_out(column.cells.len(), Form::LeftOut(LeftOut::Constant));
    }
    if faults.is_empty() && first.is_none() {
        return left_out(column.cells.len(), Form::LeftOut(LeftOut::AllMissing));
    }
    let form = column.settled.take().expect("it has been settled above");
    Decided {
        form,
        values: Values::Time(times),
        faults,
        faulty_rows,
        note,
    }
}

fn finish_unix_seconds(mut column: Gatherer) -> Decided {
    let time = |cell: &super::gather::Boxed| match cell.get() {
        Gathered::Number(number) => times::from_unix_seconds(number).unwrap_or(MISSING_TIME),
        _ => MISSING_TIME,
    };
    let times = column.cells.iter().map(time).collect();
    let faults = faults_of(&column, |_| Some(Fault::NotATime));
    let faulty_rows = rows_of(&mut column, &faults);
    let format = TimeFormat {
        order: TimeOrder::UnixSeconds,
        resolution: super::plan::Resolution::Second,
    };
    Decided {
        form: Form::Time(format),
        values: Values::Time(times),
        faults,
        faulty_rows,
        note: None,
    }
}

fn finish_categories(mut column: Gatherer) -> Decided {
    let faults = faults_of(&column, |text| {
        is_spreadsheet_error(text).then_some(Fault::SpreadsheetError)
    });
    let faulty_rows = rows_of(&mut column, &faults);
    let mut levels: Vec<String> = column
        .texts
        .iter()
        .map(|text| text.text.to_string())
        .collect();
    let mut numbers: Vec<f64> = column
        .cells
        .iter()
        .filter_map(|cell| number_in(cell.get()))
        .collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.dedup();
    let all_texts = numbers.is_empty();
    levels.extend(numbers.iter().map(|&number| level_of_number(number)));
    levels.sort_unstable();
    levels.dedup();
    let code = |text: &str| {
        levels
            .binary_search_by(|level| level.as_str().cmp(text))
            .map_or(MISSING_CODE, |at| at as u32)
    };
    let of_texts: Vec<u32> = column.texts.iter().map(|text| code(&text.text)).collect();
    let codes: Vec<u32> = column
        .cells
        .iter()
        .map(|cell| match cell.get() {
            Gathered::Missing => MISSING_CODE,
            Gathered::Text(number) => of_texts[number as usize],
            Gathered::Number(number) => code(&level_of_number(number)),
        })
        .collect();
    if levels.len() == 2 && all_texts {
        let yes = u32::from(!means_yes(&levels[0]) || means_yes(&levels[1]));
        let values = codes
            .iter()
            .map(|&code| (code != MISSING_CODE).then_some(code == yes))
            .collect();
        let mut texts = levels.into_iter();
        let (first, second) = (texts.next().expect("two"), texts.next().expect("two"));
        let (no, yes) = if yes == 1 {
            (first, second)
        } else {
            (second, first)
        };
        let form = Form::Boolean { no, yes };
        return Decided {
            form,
            values: Values::Boolean(values),
            faults,
            faulty_rows,
            note: None,
        };
    }
    Decided {
        form: Form::Category { levels },
        values: Values::Category(codes),
        faults,
        faulty_rows,
        note: None,
    }
}

fn number_in(cell: Gathered) -> Option<f64> {
    match cell {
        Gathered::Number(number) => Some(number),
        _ => None,
    }
}

/// The level that a plain number is in a column of categories, however it is written.
pub(super) fn level_of_number(number: f64) -> String {
    number.to_string()
}

fn means_yes(text: &str) -> bool {
    [
        "yes", "y", "true", "t", "on", "ja", "oui", "si", "sí", "sim", "vrai", "wahr",
    ]
    .contains(&text.to_lowercase().as_str())
}

/// The texts of a column that are at fault.
fn faults_of(column: &Gatherer, fault: impl Fn(&str) -> Option<Fault>) -> Vec<FaultyText> {
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
fn names_hint(text: &str) -> String {
    format!(
        "most values of this column are texts, and a regression predicts numbers, not names or classes; --missing {text:?} \
         if it stands for a missing value"
    )
}

fn time_hint() -> String {
    "correct it; --categorical if the column holds no dates".to_owned()
}

/// The rows whose texts are at fault; their cells become missing.
fn rows_of(column: &mut Gatherer, faults: &[FaultyText]) -> Vec<u32> {
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
