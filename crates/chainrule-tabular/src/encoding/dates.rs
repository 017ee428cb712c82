//! Points in time: the elapsed time as a number, and the parts of the calendar that come again.
//!
//! The day of the year and the hour lie on a circle and are given by its sine and cosine, so that 31 December is near 1
//! January. Month, weekday and hour are also one-hot, because few things rise and fall over a week or a day as evenly
//! as a sine. A part that is the same in all training rows, or finer than what the column writes, is left out.

use std::f64::consts::TAU;

use chainrule::inputs::{EncodedRow, InputColumn};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::number::Number;
use super::quantiles::Ordered;
use super::unusual::Cell;
use super::{EncodingSettings, RobustScale};
use crate::table::column::MISSING_TIME;
use crate::table::plan::Resolution;

/// How one column of points in time is encoded, learnt from the training rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dates {
    elapsed: Number,
    parts: Vec<Part>,
}

/// A part of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Year(RobustScale),
    Month,
    DayOfYear,
    Weekday,
    Hour,
}

impl Dates {
    /// Learns from the training rows' microseconds since the beginning of 1970, [`MISSING_TIME`] among them.
    pub(super) fn learn(
        times: impl ExactSizeIterator<Item = i64> + Clone,
        resolution: Resolution,
        settings: &EncodingSettings,
    ) -> Option<Dates> {
        let elapsed = Number::learn(times.clone().map(elapsed), settings)?;
        let present = || times.clone().filter(|&t| t != MISSING_TIME).map(civil);
        let years = Ordered::of(present().map(|t| f64::from(t.year())));
        let year = years
            .and_then(|years| RobustScale::learn(&years))
            .map(Part::Year);
        let finest = |part: &Part| match part {
            Part::Year(_) | Part::Month => Resolution::Month,
            Part::DayOfYear | Part::Weekday => Resolution::Day,
            Part::Hour => Resolution::Minute,
        };
        let varies = |part: &Part| {
            let mut values = present().map(|t| part.value(t));
            let first = values.next();
            values.any(|value| Some(value) != first)
        };
        let parts = year
            .into_iter()
            .chain([Part::Month, Part::DayOfYear, Part::Weekday, Part::Hour])
            .filter(|part| finest(part) <= resolution && varies(part))
            .collect();
        Some(Dates { elapsed, parts })
    }

    pub(super) fn inputs(&self) -> usize {
        self.elapsed.inputs() + self.parts.iter().map(Part::inputs).sum::<usize>()
    }

    /// Names the inputs of the column `name`.
    pub(super) fn push_names(&self, name: &str, names: &mut Vec<String>) {
        self.elapsed.push_names(name, names);
        for part in &self.parts {
            let word = part.word();
            match part {
                Part::Year(_) => names.push(format!("{name}, year")),
                Part::DayOfYear => {
                    names.extend(["sine", "cosine"].map(|f| format!("{name}, {f} of the {word}")));
                }
                Part::Month => names.extend((1..=12).map(|m| format!("{name}, month {m}"))),
                Part::Weekday => names.extend(WEEKDAYS.map(|day| format!("{name}, {day}"))),
                Part::Hour => {
                    names.extend(["sine", "cosine"].map(|f| format!("{name}, {f} of the {word}")));
                    names.extend((0..24).map(|h| format!("{name}, hour {h}")));
                }
            }
        }
    }

    /// Appends the columns that a point in time is encoded as.
    pub(super) fn push_columns(&self, columns: &mut Vec<InputColumn>) {
        self.elapsed.push_columns(columns);
        self.parts
            .iter()
            .for_each(|part| part.push_columns(columns));
    }

    /// Writes one point in time. A missing one is 0 in all parts.
    pub(super) fn write(&self, time: i64, row: &mut EncodedRow<f32>) -> Cell {
        let cell = self.elapsed.write(elapsed(time), row);
        let civil = (time != MISSING_TIME).then(|| civil(time));
        self.parts.iter().for_each(|part| part.write(civil, row));
        cell
    }

    pub(super) fn describe(&self) -> String {
        let (first, last) = self.elapsed.range();
        let parts = self.parts.iter().map(Part::word);
        let parts: Vec<&str> = ["elapsed time"].into_iter().chain(parts).collect();
        let [first, last] = [first, last].map(|t| civil(t as i64));
        format!("{first} to {last}: {}", parts.join(", "))
    }

    pub(super) fn is_sound(&self) -> bool {
        let sound = |part: &Part| match part {
            Part::Year(scale) => scale.is_sound(),
            _ => true,
        };
        self.elapsed.is_sound() && self.parts.iter().all(sound)
    }
}

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

impl Part {
    fn inputs(&self) -> usize {
        match self {
            Part::Year(_) => 1,
            Part::Month => 12,
            Part::DayOfYear => 2,
            Part::Weekday => 7,
            Part::Hour => 2 + 24,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Part::Year(_) => "year",
            Part::Month => "month",
            Part::DayOfYear => "day of the year",
            Part::Weekday => "weekday",
            Part::Hour => "time of day",
        }
    }

    /// What tells two points in time apart in this part.
    fn value(&self, t: DateTime) -> i16 {
        match self {
            Part::Year(_) => t.year(),
            Part::Month => i16::from(t.month()),
            Part::DayOfYear => t.date().day_of_year(),
            Part::Weekday => i16::from(t.date().weekday().to_monday_zero_offset()),
            Part::Hour => 60 * i16::from(t.hour()) + i16::from(t.minute()),
        }
    }

    fn push_columns(&self, columns: &mut Vec<InputColumn>) {
        use InputColumn::{Levels, Value};
        match self {
            Part::Year(_) => columns.push(Value),
            Part::Month => columns.push(Levels(12)),
            Part::DayOfYear => columns.extend([Value, Value]),
            Part::Weekday => columns.push(Levels(7)),
            Part::Hour => columns.extend([Value, Value, Levels(24)]),
        }
    }

    fn write(&self, t: Option<DateTime>, row: &mut EncodedRow<f32>) {
        let on_circle = |row: &mut EncodedRow<f32>, share: Option<f64>| {
            let (sine, cosine) = share.map_or((0.0, 0.0), |share| (TAU * share).sin_cos());
            row.value(sine as f32).value(cosine as f32);
        };
        match self {
            Part::Year(scale) => {
                row.value(t.map_or(0.0, |t| scale.apply(f64::from(t.year()))));
            }
            Part::Month => {
                row.level(t.map(|t| t.month() as usize - 1));
            }
            Part::DayOfYear => {
                let over = |t: DateTime| f64::from(t.date().day_of_year() - 1);
                let days = |t: DateTime| f64::from(t.date().days_in_year());
                on_circle(row, t.map(|t| over(t) / days(t)));
            }
            Part::Weekday => {
                row.level(t.map(|t| self.value(t) as usize));
            }
            Part::Hour => {
                on_circle(row, t.map(|t| f64::from(self.value(t)) / (24.0 * 60.0)));
                row.level(t.map(|t| t.hour() as usize));
            }
        }
    }
}

/// Microseconds as a number, NaN where the time is missing.
fn elapsed(time: i64) -> f64 {
    if time == MISSING_TIME {
        f64::NAN
    } else {
        time as f64
    }
}

/// The calendar's day and hour in UTC. The calendar ends with the years −9999 and 9999: what lies beyond stands at its
/// end.
pub(super) fn civil(time: i64) -> DateTime {
    let earliest_or_latest = if time < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    let timestamp = Timestamp::from_microsecond(time).unwrap_or(earliest_or_latest);
    TimeZone::UTC.to_datetime(timestamp)
}

#[cfg(test)]
mod tests {
    use super::super::tests::written;
    use super::*;

    /// Microseconds of a time in UTC.
    fn time(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_microsecond()
    }

    fn learnt(times: &[i64], resolution: Resolution) -> Dates {
        Dates::learn(
            times.iter().copied(),
            resolution,
            &EncodingSettings::default(),
        )
        .unwrap()
    }

    fn named_inputs(dates: &Dates, time: i64) -> Vec<(String, f32)> {
        let (inputs, _) = written(
            |columns| dates.push_columns(columns),
            |row| dates.write(time, row),
        );
        let mut names = Vec::new();
        dates.push_names("t", &mut names);
        assert_eq!(names.len(), inputs.len());
        names.into_iter().zip(inputs).collect()
    }

    #[test]
    fn a_day_is_taken_apart_as_a_calendar_shows_it() {
        let days = [
            "2023-01-01T00:00:00Z",
            "2024-07-01T00:00:00Z",
            "2024-12-31T00:00:00Z",
        ]
        .map(time);
        let dates = learnt(&days, Resolution::Day);
        assert_eq!(dates.inputs(), 1 + 1 + 12 + 2 + 7);
        // 2024 is a leap year: 1 July is its day 183 of 366, so that exactly 182/366 of it are over. It was a Monday.
        let inputs = named_inputs(&dates, days[1]);
        let value = |name: &str| inputs.iter().find(|(n, _)| n == name).unwrap().1;
        assert_eq!(value("t"), 0.0);
        assert_eq!(value("t, year"), 0.0);
        assert_eq!((value("t, month 7"), value("t, month 6")), (1.0, 0.0));
        assert_eq!((value("t, Monday"), value("t, Sunday")), (1.0, 0.0));
        assert_eq!(
            value("t, sine of the day of the year"),
            (TAU * 182.0 / 366.0).sin() as f32
        );
    }

    #[test]
    fn a_time_of_day_has_an_hour_and_no_date() {
        let times = [0, 6, 18].map(|hour| hour * 3_600_000_000);
        let dates = learnt(&times, Resolution::Minute);
        let inputs = named_inputs(&dates, times[1]);
        assert_eq!(inputs.len(), 1 + 26);
        assert_eq!(inputs[1], ("t, sine of the time of day".to_owned(), 1.0));
        assert_eq!(inputs[3 + 6], ("t, hour 6".to_owned(), 1.0));
    }

    #[test]
    fn parts_finer_than_what_is_written_or_all_the_same_are_left_out() {
        let months = ["2024-01-01T00:00:00Z", "2024-05-01T00:00:00Z"].map(time);
        assert_eq!(learnt(&months, Resolution::Month).parts, [Part::Month]);
        let midnights = ["2024-01-01T00:00:00Z", "2024-01-08T00:00:00Z"].map(time);
        assert_eq!(
            learnt(&midnights, Resolution::Second).parts,
            [Part::DayOfYear]
        );
    }

    #[test]
    fn a_missing_time_is_told_and_any_time_is_finite() {
        let dates = learnt(&[0, MISSING_TIME, 86_400_000_000 * 400], Resolution::Second);
        let gap = named_inputs(&dates, MISSING_TIME);
        let told: Vec<&(String, f32)> = gap.iter().filter(|(_, value)| *value != 0.0).collect();
        assert_eq!(told, [&("t missing".to_owned(), 1.0)]);
        for time in [i64::MIN + 1, -1, 0, i64::MAX] {
            assert!(
                named_inputs(&dates, time)
                    .iter()
                    .all(|(_, value)| value.is_finite())
            );
        }
    }
}
