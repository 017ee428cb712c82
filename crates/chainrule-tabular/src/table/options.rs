//! What the reader of a table can be told, beyond what it finds by looking.

use super::plan::TimeOrder;

/// How a table is to be read. The default looks for everything itself.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadOptions {
    /// The sign between the values of a line of text; None looks for it.
    pub separator: Option<Separator>,
    /// The decimal sign, a point or a comma; None looks at the columns.
    pub decimal: Option<char>,
    /// Whether the first line names the columns. Without names they are c1, c2, ...
    pub header: bool,
    /// Words that stand for a missing value, beside the [usual ones](super::MISSING_WORDS).
    pub missing: Vec<String>,
    /// Columns to leave out.
    pub ignore: Vec<String>,
    /// The inputs to use, if not all; targets and weight are read in any case.
    pub only: Vec<String>,
    /// Columns whose values are categories, even where they look like numbers.
    pub categorical: Vec<String>,
    /// Columns whose values are numbers, even where they only count or never change.
    pub numeric: Vec<String>,
    /// Columns whose values are points in time, with the order of day, month and year where that is known.
    pub dates: Vec<(String, Option<TimeOrder>)>,
    /// Columns to predict: always numbers, and never left out.
    pub targets: Vec<String>,
    /// The column of row weights: always numbers, and never left out.
    pub weight: Option<String>,
    /// What happens to rows that cannot be read.
    pub on_error: OnError,
    /// The sheet of a workbook, by its name or its number from 1; None takes the first.
    pub sheet: Option<String>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            separator: None,
            decimal: None,
            header: true,
            missing: Vec::new(),
            ignore: Vec::new(),
            only: Vec::new(),
            categorical: Vec::new(),
            numeric: Vec::new(),
            dates: Vec::new(),
            targets: Vec::new(),
            weight: None,
            on_error: OnError::Stop,
            sheet: None,
        }
    }
}

/// What happens to rows that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// The whole table is refused, with all of its problems.
    Stop,
    /// The rows are left out and counted.
    Skip,
}

/// What stands between the values of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// This one byte of ASCII.
    Byte(u8),
    /// One or more spaces or tabs.
    Spaces,
}

impl Separator {
    /// The separator in words.
    pub fn name(self) -> String {
        match self {
            Separator::Byte(b',') => "comma".to_owned(),
            Separator::Byte(b';') => "semicolon".to_owned(),
            Separator::Byte(b'\t') => "tab".to_owned(),
            Separator::Byte(b'|') => "pipe".to_owned(),
            Separator::Byte(byte) => format!("{:?}", char::from(byte)),
            Separator::Spaces => "spaces".to_owned(),
        }
    }
}

impl ReadOptions {
    /// Whether the targets are given by their places, as 4 or c4, in a table whose first line does not name them so.
    pub(super) fn names_by_number(&self, names: &[String]) -> bool {
        let is_place = |target: &String| {
            let number = target.strip_prefix('c').unwrap_or(target);
            !names.contains(target)
                && number
                    .parse()
                    .is_ok_and(|number: usize| (1..=names.len()).contains(&number))
        };
        !self.targets.is_empty() && self.targets.iter().all(is_place)
    }
}
