//! The cells of a column as the values of its kind.

use super::super::column::{MISSING_CODE, MISSING_TIME, Values};
use super::super::gather::{Boxed, Gathered, Gatherer};
use super::super::numbers::odd_form;
use super::super::plan::{Form, LeftOut, NumberFormat, Resolution, TimeFormat, TimeOrder, says};
use super::super::problems::{Fault, is_infinity, is_spreadsheet_error};
use super::super::times;
use super::faults::{FaultyText, faults_of, names_hint, rows_of, time_hint};
use super::left_out::why_numbers_are_left_out;
use super::{Decided, Wanted};

pub(super) fn left_out(rows: usize, form: Form) -> Decided {
    Decided {
        form,
        values: Values::LeftOut { rows },
        faults: Vec::new(),
        faulty_rows: Vec::new(),
        note: None,
    }
}

pub(super) fn finish_numbers(
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
    let number = |cell: Boxed| match cell.get() {
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

pub(super) fn finish_times(
    mut column: Gatherer,
    format: TimeFormat,
    note: Option<String>,
) -> Decided {
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

pub(super) fn finish_unix_seconds(mut column: Gatherer) -> Decided {
    let time = |cell: &Boxed| match cell.get() {
        Gathered::Number(number) => times::from_unix_seconds(number).unwrap_or(MISSING_TIME),
        _ => MISSING_TIME,
    };
    let times = column.cells.iter().map(time).collect();
    let faults = faults_of(&column, |_| Some(Fault::NotATime));
    let faulty_rows = rows_of(&mut column, &faults);
    let format = TimeFormat {
        order: TimeOrder::UnixSeconds,
        resolution: Resolution::Second,
    };
    Decided {
        form: Form::Time(format),
        values: Values::Time(times),
        faults,
        faulty_rows,
        note: None,
    }
}

pub(super) fn finish_categories(mut column: Gatherer) -> Decided {
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

pub(super) fn number_in(cell: Gathered) -> Option<f64> {
    match cell {
        Gathered::Number(number) => Some(number),
        _ => None,
    }
}

/// The level that a plain number is in a column of categories, however it is written.
pub(in super::super) fn level_of_number(number: f64) -> String {
    number.to_string()
}

fn means_yes(text: &str) -> bool {
    const OTHER_LANGUAGES: [&str; 7] = ["ja", "oui", "si", "sí", "sim", "vrai", "wahr"];
    says(text) == Some(true) || OTHER_LANGUAGES.contains(&text.to_lowercase().as_str())
}
