//! The values that options take: from text to numbers, with words that say what is allowed.

use std::time::Duration;

use chainrule::MOST_THREADS;
use chainrule::loss_functions::Loss;
use chainrule::optimizers::Schedule;
use chainrule::processors;
use chainrule_tabular::Activations;
use chainrule_tabular::table::Separator;
use chainrule_tabular::table::plan::TimeOrder;
use jiff::SignedDuration;

use crate::tips::{ACTIVATIONS, LOSSES, did_you_mean};

/// Rows of the table that the demo brings along.
pub const DEMO_ROWS: usize = 442;
/// How often the demo's training goes through its rows, unless told otherwise.
pub const DEMO_EPOCHS: usize = 100;

/// More weights than this between two layers are a typing mistake rather than a network.
const MOST_WEIGHTS: usize = 100_000_000;

/// The widths of the hidden layers.
#[derive(Clone, Debug, PartialEq)]
pub struct HiddenWidths(pub Vec<usize>);

/// Rows per step; `None` is all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Batch(pub Option<usize>);

/// `64,64`: widths of the hidden layers; `none`: no layer, which is linear regression.
pub fn parse_hidden(text: &str) -> Result<HiddenWidths, String> {
    if text == "none" {
        return Ok(HiddenWidths(Vec::new()));
    }
    let widths: Option<Vec<usize>> = text
        .split(',')
        .map(|w| w.trim().parse().ok().filter(|&w| w >= 1))
        .collect();
    let widths = widths.ok_or(
        "give widths from 1, separated by commas, such as 64,64; or none, which is linear regression",
    )?;
    let between = widths.windows(2).map(|pair| pair[0].checked_mul(pair[1]));
    let weights = between
        .chain(widths.iter().map(|&w| Some(w)))
        .try_fold(0usize, |sum, w| sum.checked_add(w?));
    if weights.is_none_or(|weights| weights > MOST_WEIGHTS) {
        return Err(format!(
            "such a network has more than {MOST_WEIGHTS} weights; give smaller widths"
        ));
    }
    Ok(HiddenWidths(widths))
}

/// A loss by its name.
pub fn parse_loss(text: &str) -> Result<Loss, String> {
    text.parse()
        .map_err(|error| format!("{error}{}", did_you_mean(text, &LOSSES)))
}

/// An activation function by its name.
pub fn parse_activation(text: &str) -> Result<Activations, String> {
    text.parse()
        .map_err(|error| format!("{error}{}", did_you_mean(text, &ACTIVATIONS)))
}

/// `32` or `all`: rows per step.
pub fn parse_batch(text: &str) -> Result<Batch, String> {
    if text == "all" {
        return Ok(Batch(None));
    }
    let size = text.parse().ok().filter(|&n: &usize| n >= 1);
    size.map(|size| Batch(Some(size)))
        .ok_or_else(|| "give a whole number from 1, or all".to_string())
}

/// `constant`, `cosine`, `step` or `step(EVERY_EPOCHS,FACTOR)`.
pub fn parse_schedule(text: &str) -> Result<Schedule, String> {
    let expected = || {
        "give constant, cosine, step or step(EVERY_EPOCHS,FACTOR), such as step(50,0.5)".to_string()
    };
    match text {
        "constant" => Ok(Schedule::Constant),
        "cosine" => Ok(Schedule::Cosine),
        "step" => Ok(Schedule::Step {
            every_epochs: 50,
            factor: 0.5,
        }),
        _ => {
            let inside = text
                .strip_prefix("step(")
                .and_then(|t| t.strip_suffix(')'))
                .ok_or_else(expected)?;
            let (every, factor) = inside.split_once(',').ok_or_else(expected)?;
            let every_epochs = every
                .trim()
                .parse()
                .ok()
                .filter(|&n| n >= 1)
                .ok_or_else(expected)?;
            let factor = factor
                .trim()
                .parse()
                .ok()
                .filter(|&f: &f64| f > 0.0 && f.is_finite())
                .ok_or_else(expected)?;
            Ok(Schedule::Step {
                every_epochs,
                factor,
            })
        }
    }
}

/// A name that is not empty.
pub fn parse_column_name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() {
        return Err("give a name".to_string());
    }
    Ok(name.to_string())
}

/// A seed.
pub fn parse_seed(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("give a whole number from 0 to {}", u64::MAX))
}

/// How many of something: at least one.
pub fn parse_count(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|n| (1..=10_000_000).contains(n))
        .ok_or_else(|| "give a whole number from 1 to 10000000".to_string())
}

/// Parts of the demo's table.
pub fn parse_folds(text: &str) -> Result<usize, String> {
    let rows = DEMO_ROWS;
    text.parse()
        .ok()
        .filter(|k| (2..=rows).contains(k))
        .ok_or_else(|| format!("give a whole number from 2 to {rows}"))
}

/// A number of threads.
pub fn parse_threads(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|n| (1..=MOST_THREADS).contains(n))
        .ok_or_else(|| format!("give a whole number from 1 to {MOST_THREADS}"))
}

fn parse_number(text: &str, allowed: impl Fn(f64) -> bool, words: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|&v: &f64| v.is_finite() && allowed(v))
        .ok_or_else(|| format!("give {words}"))
}

/// A number above 0.
pub fn parse_positive(text: &str) -> Result<f64, String> {
    parse_number(text, |v| v > 0.0, "a number above 0")
}

/// A number from 0.
pub fn parse_non_negative(text: &str) -> Result<f64, String> {
    parse_number(text, |v| v >= 0.0, "a number from 0")
}

/// A time: a number of seconds, or with units.
pub fn parse_time(text: &str) -> Result<Duration, String> {
    let with_units = text
        .parse::<SignedDuration>()
        .map(|time| time.as_secs_f64());
    let seconds = text.trim().parse().or(with_units).unwrap_or(f64::NAN);
    match seconds > 0.0 && seconds <= 1e9 {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => {
            Err("give a time above 0, such as 30s, 5m, 1h30m or a number of seconds".to_owned())
        }
    }
}

/// A share below 1.
pub fn parse_share(text: &str) -> Result<f64, String> {
    parse_number(
        text,
        |v| (0.0..1.0).contains(&v),
        "a share from 0 to below 1, such as 0.2",
    )
}

/// Intervals that should hold a share of new rows, or none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum IntervalLevel {
    /// Predictions alone.
    None,
    /// Intervals of this level.
    Share(f64),
}

/// `none`, or a share between 0 and 1.
pub fn parse_interval(text: &str) -> Result<IntervalLevel, String> {
    if text == "none" {
        return Ok(IntervalLevel::None);
    }
    parse_number(
        text,
        |v| 0.0 < v && v < 1.0,
        "a share of the rows between 0 and 1, such as 0.9; or none",
    )
    .map(IntervalLevel::Share)
}

/// What stands between two values: a word, or the sign itself.
pub fn parse_separator(text: &str) -> Result<Separator, String> {
    let byte = match text {
        "spaces" | "space" | " " => return Ok(Separator::Spaces),
        "comma" => b',',
        "semicolon" => b';',
        "tab" | "\\t" => b'\t',
        "pipe" => b'|',
        _ => match text.as_bytes() {
            &[byte] if byte.is_ascii_punctuation() && byte != b'"' || byte == b'\t' => byte,
            _ => {
                return Err(
                    "give comma, semicolon, tab, pipe, spaces, or one sign such as :".to_string(),
                );
            }
        },
    };
    Ok(Separator::Byte(byte))
}

/// The word that [`parse_separator`] reads as this separator.
pub fn separator_word(separator: Separator) -> String {
    match separator {
        Separator::Byte(b'\t') => "tab".to_owned(),
        Separator::Byte(byte) => char::from(byte).to_string(),
        Separator::Spaces => "spaces".to_owned(),
    }
}

/// `.` or `,`: the decimal sign.
pub fn parse_decimal(text: &str) -> Result<char, String> {
    match text {
        "." | "point" => Ok('.'),
        "," | "comma" => Ok(','),
        _ => Err("give . or ,".to_string()),
    }
}

/// `COLUMN`, or `COLUMN=` with the order of the parts. A name that holds the sign itself needs the order.
pub fn parse_date(text: &str) -> Result<(String, Option<TimeOrder>), String> {
    let Some((name, order)) = text.rsplit_once('=') else {
        return Ok((text.to_owned(), None));
    };
    let order = match order {
        "d/m/y" => TimeOrder::DayFirst,
        "m/d/y" => TimeOrder::MonthFirst,
        "y-m-d" => TimeOrder::YearFirst,
        "unix" => TimeOrder::UnixSeconds,
        _ => return Err("after = give d/m/y, m/d/y, y-m-d or unix".to_string()),
    };
    Ok((name.to_owned(), Some(order)))
}

/// The words that [`parse_date`] reads as this.
pub fn date_words((name, order): &(String, Option<TimeOrder>)) -> String {
    let order = match order {
        None | Some(TimeOrder::Clock) => return name.clone(),
        Some(TimeOrder::YearFirst) => "y-m-d",
        Some(TimeOrder::DayFirst) => "d/m/y",
        Some(TimeOrder::MonthFirst) => "m/d/y",
        Some(TimeOrder::UnixSeconds) => "unix",
    };
    format!("{name}={order}")
}

/// As many threads as were asked for, but no more than there are processors: further ones would wait for the others,
/// and thousands are more than a system may start.
pub fn threads(asked: usize) -> usize {
    asked.min(processors())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_read_and_absurd_ones_refused() {
        assert_eq!(parse_hidden("64, 32").unwrap().0, [64, 32]);
        assert_eq!(parse_hidden("none").unwrap().0, [0_usize; 0]);
        for bad in [
            "",
            "0",
            "64,",
            "a",
            "-1",
            "18446744073709551615,18446744073709551615",
            "1000000,1000000",
        ] {
            assert!(parse_hidden(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn schedules_are_read_with_and_without_their_numbers() {
        assert_eq!(
            parse_schedule("step(30,0.1)").unwrap(),
            Schedule::Step {
                every_epochs: 30,
                factor: 0.1
            }
        );
        for bad in [
            "steps",
            "step(0,0.5)",
            "step(10)",
            "step(10,-1)",
            "step(10,nan)",
        ] {
            assert!(parse_schedule(bad).is_err(), "{bad}");
        }
    }
}
