//! What a table holds and what looks suspicious in it, as data: for a person to read before anything is trained.

use std::collections::HashSet;

use serde::Serialize;

use super::column::{Column, MISSING_TIME, Values};
use super::findings::Findings;
use super::plan::{Form, Kind, LeftOut};
use super::suspicions::{Suspicion, suspicions};
use super::times;
use super::typed::TypedTable;

/// How many bins a histogram has.
const BINS: usize = 10;

/// How many of a column's levels are listed.
const LEVELS: usize = 5;

/// What was found in a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inspection {
    /// Where the table came from.
    pub source: String,
    /// How it was read.
    pub findings: Findings,
    /// How many rows there are.
    pub rows: usize,
    /// Each column, from left to right.
    pub columns: Vec<ColumnInspection>,
    /// What a person should look at.
    pub suspicions: Vec<Suspicion>,
}

/// What was found in a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnInspection {
    /// Its name.
    pub name: String,
    /// What its values are. Numbers of which all are 0 or 1 count as boolean.
    pub kind: Kind,
    /// Why it is left out, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
    /// How many values are missing.
    pub missing: usize,
    /// How many different values there are.
    pub distinct: usize,
    /// The smallest and the largest value, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<[String; 2]>,
    /// How many values lie in each tenth of the range.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub histogram: Vec<usize>,
    /// The most usual levels with their numbers of rows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<(String, usize)>,
    /// What would be made of it.
    pub becomes: String,
}

impl Inspection {
    /// Looks at all columns; with targets, also at what gives them away.
    pub fn of(table: &TypedTable, findings: Findings, targets: &[String]) -> Inspection {
        let is_target = |column: &Column| targets.iter().any(|target| target == column.name());
        Inspection {
            source: table.source().to_owned(),
            findings,
            rows: table.rows(),
            columns: table
                .columns()
                .iter()
                .map(|column| inspected(column, is_target(column)))
                .collect(),
            suspicions: suspicions(table, targets),
        }
    }
}

fn inspected(column: &Column, is_target: bool) -> ColumnInspection {
    let mut seen = ColumnInspection {
        name: column.name().to_owned(),
        kind: column.kind(),
        left_out: column.left_out(),
        missing: column.missing(),
        distinct: 0,
        range: None,
        histogram: Vec::new(),
        levels: Vec::new(),
        becomes: becomes(column, is_target),
    };
    match column.values() {
        Values::Number(values) => {
            let present: Vec<f64> = values
                .iter()
                .copied()
                .filter(|value| !value.is_nan())
                .collect();
            seen.distinct = present
                .iter()
                .map(|value| value.to_bits())
                .collect::<HashSet<u64>>()
                .len();
            if present.iter().all(|&value| value == 0.0 || value == 1.0) && seen.distinct == 2 {
                seen.kind = Kind::Boolean;
            }
            (seen.range, seen.histogram) = spread(&present, |value| value.to_string());
        }
        Values::Time(moments) => {
            let present: Vec<f64> = moments
                .iter()
                .filter(|&&time| time != MISSING_TIME)
                .map(|&time| time as f64)
                .collect();
            seen.distinct = moments
                .iter()
                .filter(|&&time| time != MISSING_TIME)
                .collect::<HashSet<_>>()
                .len();
            let Form::Time(format) = &column.plan().form else {
                unreachable!("a column's values are what its plan says");
            };
            let in_words = |time| times::in_words_of(format, time as i64);
            (seen.range, seen.histogram) = spread(&present, in_words);
        }
        Values::Boolean(values) => {
            let Form::Boolean { no, yes } = &column.plan().form else {
                unreachable!("a column's values are what its plan says");
            };
            let count = |wanted| {
                values
                    .iter()
                    .filter(|&&value| value == Some(wanted))
                    .count()
            };
            seen.levels = vec![(no.clone(), count(false)), (yes.clone(), count(true))];
            seen.distinct = seen.levels.iter().filter(|(_, rows)| *rows > 0).count();
        }
        Values::Category(codes) => {
            let mut counts = vec![0; column.levels().len()];
            for &code in codes {
                if let Some(count) = counts.get_mut(code as usize) {
                    *count += 1;
                }
            }
            seen.distinct = counts.iter().filter(|&&count| count > 0).count();
            seen.levels = column.levels().iter().cloned().zip(counts).collect();
            seen.levels
                .sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
            seen.levels.truncate(LEVELS);
        }
        Values::LeftOut { .. } => {}
    }
    seen
}

/// The range in words and how the values spread over it.
fn spread(values: &[f64], in_words: impl Fn(f64) -> String) -> (Option<[String; 2]>, Vec<usize>) {
    let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if values.is_empty() {
        return (None, Vec::new());
    }
    let mut histogram = vec![0; BINS];
    // Halves, because the difference of two large numbers may be infinite.
    let width = largest / 2.0 - smallest / 2.0;
    for value in values {
        let share = if width > 0.0 {
            (value / 2.0 - smallest / 2.0) / width
        } else {
            0.0
        };
        histogram[((share * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    (Some([in_words(smallest), in_words(largest)]), histogram)
}

/// What is made of a column, in words.
fn becomes(column: &Column, is_target: bool) -> String {
    if is_target {
        return "the target".to_owned();
    }
    match (column.kind(), column.left_out()) {
        (_, Some(LeftOut::Ignored)) => "left out, as asked".to_owned(),
        (_, Some(LeftOut::Identifier)) => "left out: it names or numbers the rows".to_owned(),
        (_, Some(LeftOut::FreeText)) => "left out: free text".to_owned(),
        (_, Some(LeftOut::Constant)) => "left out: it never changes".to_owned(),
        (_, Some(LeftOut::AllMissing)) => "left out: it is empty".to_owned(),
        (Kind::Category, _) => format!("a category of {} levels", column.levels().len()),
        (Kind::Boolean, _) => "0 or 1".to_owned(),
        (Kind::Time, _) => "calendar and elapsed time".to_owned(),
        (Kind::Number | Kind::LeftOut, _) => "a number".to_owned(),
    }
}
