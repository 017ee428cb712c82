//! What may spoil that which is learnt from a table, and what to do about it.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Serialize;

use super::column::{Column, MISSING_CODE, Values};
use super::kinds::number_the_rows;
use super::plan::{Kind, LeftOut};
use super::typed::TypedTable;

/// Rows above the last one from which on it holds their sums by no chance.
const FEWEST_ABOVE_A_TOTAL: usize = 5;

/// Something in a table that may spoil what is learnt from it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suspicion {
    /// What it is.
    pub about: About,
    /// The column, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// In a sentence without a full stop.
    pub message: String,
}

/// The kinds of suspicions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// An input gives the target away.
    Leak,
    /// An input only counts the rows.
    Counter,
    /// A column never changes.
    Constant,
    /// Texts that hardly repeat.
    NearlyUnique,
    /// The same row several times.
    RepeatedRows,
    /// A last row that holds the sums of those above.
    Total,
    /// More inputs than rows.
    ManyInputs,
    /// A number that stands for a missing value.
    StandIn,
    /// Values far from all others, or from the middle of a target.
    Outliers,
    /// A target that is no number, or has two values.
    Target,
}

/// Looks at all columns; with targets, also at what gives them away.
pub(super) fn suspicions(table: &TypedTable, targets: &[String]) -> Vec<Suspicion> {
    let mut suspicions = Vec::new();
    let mut say = |about, column: Option<&Column>, message: String| {
        let column = column.map(|column| column.name().to_owned());
        suspicions.push(Suspicion {
            about,
            column,
            message,
        });
    };
    let is_target = |column: &Column| targets.iter().any(|target| target == column.name());
    for column in table.columns() {
        match column.left_out() {
            Some(LeftOut::Constant) => say(
                About::Constant,
                Some(column),
                "the same value in every row".to_owned(),
            ),
            Some(LeftOut::Identifier | LeftOut::FreeText) => {
                say(
                    About::NearlyUnique,
                    Some(column),
                    "its values hardly repeat: it is left out".to_owned(),
                );
            }
            _ => {}
        }
        if let Values::Number(values) = column.values() {
            look_at_numbers(values, is_target(column), &mut |about, message| {
                say(about, Some(column), message)
            });
            if !is_target(column) && counts_rows(values) {
                let message =
                    "it counts the rows: --ignore it if it is only their number".to_owned();
                say(About::Counter, Some(column), message);
            }
        }
    }
    for target in table.columns().iter().filter(|column| is_target(column)) {
        look_at_target(table, target, &is_target, &mut |about, column, message| {
            say(about, Some(column), message)
        });
    }
    if let Some(message) = total(table) {
        say(About::Total, None, message);
    }
    let repeated = repeated_rows(table);
    if repeated > 0 {
        let repeat = if repeated == 1 { "repeats" } else { "repeat" };
        let message = format!(
            "{repeated} of {} rows {repeat} an earlier one in every column",
            table.rows()
        );
        say(About::RepeatedRows, None, message);
    }
    let inputs: usize = table
        .columns()
        .iter()
        .filter(|column| !is_target(column))
        .map(inputs_of)
        .sum();
    if inputs > table.rows() {
        say(
            About::ManyInputs,
            None,
            format!("{inputs} inputs and only {} rows", table.rows()),
        );
    }
    suspicions
}

/// About how many inputs a column becomes.
fn inputs_of(column: &Column) -> usize {
    match column.kind() {
        Kind::LeftOut => 0,
        Kind::Category => column.levels().len(),
        Kind::Number | Kind::Boolean | Kind::Time => 1,
    }
}

/// What to say of a last row of which most numbers are the sums of those above.
fn total(table: &TypedTable) -> Option<String> {
    let rows_above = table.rows().checked_sub(1);
    let last = rows_above.filter(|&rows| rows >= FEWEST_ABOVE_A_TOTAL)?;
    let numbers = table
        .columns()
        .iter()
        .filter_map(|column| match column.values() {
            Values::Number(values) if !values[last].is_nan() => Some(values),
            _ => None,
        });
    let is_total = |values: &Vec<f64>| {
        let above = values[..last].iter().filter(|value| !value.is_nan());
        let sum: f64 = above.sum();
        // Programs write some digits of a sum; zeros are sums of zeros.
        sum != 0.0 && (values[last] - sum).abs() <= 1e-6 * sum.abs()
    };
    let (totals, others): (Vec<&Vec<f64>>, Vec<_>) = numbers.partition(|values| is_total(values));
    (!totals.is_empty() && totals.len() >= others.len()).then(|| {
        let line = table.line(last);
        format!(
            "the last row, on line {line}, holds the sums of those above: take it out of the table"
        )
    })
}

/// Stand-ins for missing values, and values far from all others.
fn look_at_numbers(values: &[f64], is_target: bool, say: &mut impl FnMut(About, String)) {
    const STAND_INS: [f64; 10] = [
        -9.0, -99.0, -999.0, -9999.0, -99999.0, 99.0, 999.0, 9999.0, 99999.0, 999_999.0,
    ];
    let mut sorted: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| !value.is_nan())
        .collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let (Some(&smallest), Some(&largest)) = (sorted.first(), sorted.last()) else {
        return;
    };
    for end in [smallest, largest] {
        let rest: Vec<f64> = sorted
            .iter()
            .copied()
            .filter(|&value| value != end)
            .collect();
        let times = sorted.len() - rest.len();
        let (Some(&low), Some(&high)) = (rest.first(), rest.last()) else {
            continue;
        };
        let gap = if end < low { low - end } else { end - high };
        if STAND_INS.contains(&end) && times > 1 && gap > high - low {
            say(
                About::StandIn,
                format!(
                    "{end} stands in {times} rows, far from all others: --missing {end} if it means a missing value"
                ),
            );
            return;
        }
    }
    let quantile = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
    let (low, middle, high) = (quantile(0.25), quantile(0.5), quantile(0.75));
    let far = |value: f64| (value - middle).abs() > 50.0 * (high - low);
    let outliers = sorted.iter().filter(|&&value| far(value)).count();
    let is_tail = 100 * outliers > sorted.len();
    if high > low && outliers > 0 && (is_target || !is_tail) {
        let extreme = if far(smallest) { smallest } else { largest };
        let lie = if outliers == 1 {
            "value lies"
        } else {
            "values lie"
        };
        let all_others = if is_tail { "the middle" } else { "all others" };
        let loss = if is_target {
            "; they decide the mean square error: --loss huber or mae is swayed less"
        } else {
            ""
        };
        say(
            About::Outliers,
            format!(
                "{outliers} {lie} far from {all_others}, such as {extreme}; the middle half is {low} to {high}{loss}"
            ),
        );
    }
}

/// Whether each value is one more than that of the row before.
fn counts_rows(values: &[f64]) -> bool {
    number_the_rows(values) && values.windows(2).all(|pair| pair[1] - pair[0] == 1.0)
}

/// A target that is none, and inputs that give it away.
fn look_at_target<'a>(
    table: &'a TypedTable,
    target: &'a Column,
    is_target: &impl Fn(&Column) -> bool,
    say: &mut impl FnMut(About, &'a Column, String),
) {
    let Values::Number(y) = target.values() else {
        return;
    };
    let distinct: HashSet<u64> = y
        .iter()
        .filter(|value| !value.is_nan())
        .map(|value| value.to_bits())
        .collect();
    match distinct.len() {
        0 | 1 => say(About::Target, target, "the target never changes: there is nothing to predict".to_owned()),
        2 => say(
            About::Target,
            target,
            "the target has two values: a regression predicts numbers between them, not one of them".to_owned(),
        ),
        _ => {}
    }
    for column in table.columns().iter().filter(|column| !is_target(column)) {
        let Values::Number(x) = column.values() else {
            continue;
        };
        let pairs: Vec<(f64, f64)> = x
            .iter()
            .copied()
            .zip(y.iter().copied())
            .filter(|(x, y)| !x.is_nan() && !y.is_nan())
            .collect();
        // A few rows lie on a line by chance.
        if pairs.len() >= 10 && correlation(&pairs).abs() > 0.9999 {
            let message = format!(
                "it gives the target {:?} away: one is the other in other units",
                target.name()
            );
            say(About::Leak, column, message);
        }
    }
}

/// Pearson's correlation, 0 where one side never changes.
fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let count = pairs.len() as f64;
    // Scaled first, so that squares of large numbers stay finite.
    let scale = |values: &dyn Fn(&(f64, f64)) -> f64| {
        pairs
            .iter()
            .map(|pair| values(pair).abs())
            .fold(0.0, f64::max)
    };
    let (scale_x, scale_y) = (scale(&|pair| pair.0), scale(&|pair| pair.1));
    if scale_x == 0.0 || scale_y == 0.0 {
        return 0.0;
    }
    let scaled = || pairs.iter().map(|&(x, y)| (x / scale_x, y / scale_y));
    let (mean_x, mean_y) =
        scaled().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / count, b + y / count));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in scaled() {
        xx += (x - mean_x).powi(2);
        xy += (x - mean_x) * (y - mean_y);
        yy += (y - mean_y).powi(2);
    }
    if xx > 0.0 && yy > 0.0 {
        xy / (xx * yy).sqrt()
    } else {
        0.0
    }
}

/// How many rows are the same as an earlier one in all columns that are not left out.
fn repeated_rows(table: &TypedTable) -> usize {
    let mut seen: HashMap<u64, Vec<u32>> = HashMap::new();
    let key = |column: &Column, row: usize| match column.values() {
        Values::Number(values) => values[row].to_bits(),
        Values::Boolean(values) => values[row].map_or(u64::MAX, u64::from),
        Values::Category(codes) => u64::from(if codes[row] == MISSING_CODE {
            u32::MAX
        } else {
            codes[row]
        }),
        Values::Time(times) => times[row] as u64,
        Values::LeftOut { .. } => 0,
    };
    let same = |a: usize, b: usize| {
        table
            .columns()
            .iter()
            .all(|column| key(column, a) == key(column, b))
    };
    let mut repeated = 0;
    for row in 0..table.rows() {
        let mut hasher = DefaultHasher::new();
        table
            .columns()
            .iter()
            .for_each(|column| key(column, row).hash(&mut hasher));
        let rows = seen.entry(hasher.finish()).or_default();
        if rows.iter().any(|&earlier| same(earlier as usize, row)) {
            repeated += 1;
        } else {
            rows.push(row as u32);
        }
    }
    repeated
}
