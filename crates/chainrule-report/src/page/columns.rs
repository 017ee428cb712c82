//! What the table holds: each column with its kind, its gaps and its values.

use chainrule_tabular::shown::label;
use chainrule_tabular::table::{ColumnInspection, Kind};

use super::summary::{capitalised, count};
use crate::numbers::{counted, shown};
use crate::portrait::Portrait;

/// How many columns are shown at once, and how many can be unfolded.
const SHOWN: usize = 24;
const MOST: usize = 500;

/// The most levels of a category that are named.
const LEVELS: usize = 4;

/// The section on the table.
pub(super) struct Columns {
    pub(super) about: String,
    pub(super) first: Vec<Line>,
    pub(super) others: Vec<Line>,
    /// How many more columns there are than the page holds.
    pub(super) left_out: usize,
    pub(super) suspicions: Vec<String>,
}

/// A column.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) gaps: String,
    pub(super) has_gaps: bool,
    pub(super) distinct: String,
    pub(super) values: String,
    /// Why it is no input, if it is none.
    pub(super) note: Option<String>,
}

impl Columns {
    pub(super) fn of(portrait: &Portrait) -> Columns {
        let table = &portrait.table;
        let target = portrait.model.target();
        let lines = table.columns.iter().take(MOST);
        let mut first: Vec<Line> = lines.map(|c| line(c, table.rows, target)).collect();
        let others = first.split_off(first.len().min(SHOWN));
        let with_gaps = table.columns.iter().filter(|column| column.missing > 0);
        let gaps = match with_gaps.count() {
            0 => "No value is missing.".to_owned(),
            1 => "One column has gaps.".to_owned(),
            columns => format!("{columns} columns have gaps."),
        };
        let suspicion = |suspicion: &chainrule_tabular::table::Suspicion| {
            let about = suspicion.column.as_ref();
            let about = about.map_or_else(String::new, |column| format!("{}: ", label(column)));
            about + &suspicion.message
        };
        let notes = table.findings.notes.iter().map(|text| capitalised(text));
        Columns {
            about: format!(
                "{} has {} and {}. {gaps}",
                label(&table.source),
                count(table.rows, "row"),
                count(table.columns.len(), "column")
            ),
            first,
            others,
            left_out: table.columns.len().saturating_sub(MOST),
            suspicions: table
                .suspicions
                .iter()
                .map(suspicion)
                .map(|text| capitalised(&text))
                .chain(notes)
                .take(20)
                .collect(),
        }
    }
}

fn line(column: &ColumnInspection, rows: usize, target: &str) -> Line {
    let is_target = column.name == target;
    let share = 100.0 * column.missing as f64 / rows.max(1) as f64;
    Line {
        name: label(&column.name),
        kind: match column.kind {
            Kind::Number => "number",
            Kind::Boolean => "yes or no",
            Kind::Category => "category",
            Kind::Time => "time",
            Kind::LeftOut => "left out",
        },
        gaps: match column.missing {
            0 => "0".to_owned(),
            missing if share < 1.0 => counted(missing),
            missing => format!("{} ({share:.0} %)", counted(missing)),
        },
        has_gaps: column.missing > 0,
        distinct: match column.kind {
            Kind::LeftOut => "–".to_owned(), // not kept, so not counted
            _ => counted(column.distinct),
        },
        values: values(column),
        note: match column.left_out {
            _ if is_target => Some("the target".to_owned()),
            Some(_) => Some(column.becomes.clone()),
            None => None,
        },
    }
}

/// The range, or the most usual levels.
fn values(column: &ColumnInspection) -> String {
    if let Some([low, high]) = &column.range {
        let [low, high] = [low, high].map(|text| match text.parse::<f64>() {
            Ok(number) if text.len() > 8 => shown(number, 4),
            Ok(_) => text.replace('-', "−"),
            Err(_) => text.trim_end_matches("T00:00:00Z").to_owned(), // a date
        });
        return match low == high {
            true => low,
            false => format!("{low} to {high}"),
        };
    }
    let levels = column.levels.iter().filter(|(_, rows)| *rows > 0);
    let named: Vec<String> = levels
        .take(LEVELS)
        .map(|(level, rows)| format!("{} ({})", label(level), counted(*rows)))
        .collect();
    let more = match column.distinct.saturating_sub(named.len()) {
        0 => String::new(),
        more => format!(" and {} more", counted(more)),
    };
    named.join(", ") + &more
}
