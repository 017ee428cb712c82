//! Points in time as people write them: ISO 8601, days and months in either order, names of months, quarters, times of
//! day.
//!
//! Whether 3/4/2024 is in March or in April is for the whole column to say: a 13 in one of the places settles it.

use jiff::civil::{Date, DateTime, Time, date};
use jiff::tz::Offset;

use super::plan::{Resolution, TimeFormat, TimeOrder};

/// A date or time whose parts are read, and not yet which of them is the month.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Written {
    day: Day,
    time: Time,
    offset_seconds: i32,
    pub resolution: Resolution,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Day {
    /// No date at all.
    None,
    Known(Date),
    /// Two numbers of which one is the day and one the month, and the year.
    Either {
        first: i8,
        second: i8,
        year: i16,
    },
}

/// Takes a date or time apart; None where the text is neither.
pub(super) fn take_apart(text: &str) -> Option<Written> {
    let text = text.trim();
    let longest = 60;
    if text.len() < 4 || text.len() > longest || !text.is_ascii() {
        return None;
    }
    let (day_text, time_text) = split_date_from_time(text)?;
    let (day, day_resolution) = match day_text {
        "" => (Day::None, Resolution::Day),
        text => read_day(text)?,
    };
    let mut written = Written {
        day,
        time: Time::midnight(),
        offset_seconds: 0,
        resolution: day_resolution,
    };
    if !time_text.is_empty() {
        if day_resolution == Resolution::Month {
            return None;
        }
        read_time(time_text, &mut written)?;
    }
    Some(written)
}

/// The place of the time of day: behind a T, or behind the last space before a colon.
fn split_date_from_time(text: &str) -> Option<(&str, &str)> {
    let Some(colon) = text.find(':') else {
        // A date with no time, or one with a zone alone, such as 2024-01-31Z.
        return Some((text.strip_suffix('Z').unwrap_or(text), ""));
    };
    let begin = text[..colon]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + 1);
    let date = text[..begin].trim_end_matches(['T', 't']);
    Some((date.trim_end().trim_end_matches(','), &text[begin..]))
}

fn read_day(text: &str) -> Option<(Day, Resolution)> {
    let mut numbers: Vec<(i16, usize)> = Vec::with_capacity(3);
    let mut month = None;
    let mut month_place = 0;
    for part in text
        .split(['-', '/', '.', ' ', ','])
        .flat_map(year_and_quarter)
        .filter(|part| !part.is_empty())
    {
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            if part.len() > 4 || numbers.len() == 3 {
                return None;
            }
            numbers.push((part.parse().ok()?, part.len()));
        } else if let Some(named) = month_by_name(part).or_else(|| first_of_quarter(part)) {
            if month.replace(named).is_some() {
                return None;
            }
            month_place = numbers.len();
        } else if !is_weekday(part) {
            return None;
        }
    }
    let known = |year: i16, month: i8, day: i8| {
        (1000..=2999)
            .contains(&year)
            .then(|| Date::new(year, month, day).ok())?
            .map(Day::Known)
    };
    let small = |number: i16| i8::try_from(number).ok();
    match (month, numbers.as_slice()) {
        (Some(month), &[(a, 4), (b, 1..=2)]) if month_place == 1 => {
            Some((known(a, month, small(b)?)?, Resolution::Day))
        }
        (Some(month), &[(day, 1..=2), (year, length @ (2 | 4))]) => Some((
            known(full_year(year, length), month, small(day)?)?,
            Resolution::Day,
        )),
        (Some(month), &[(year, 4)]) => Some((known(year, month, 1)?, Resolution::Month)),
        // "Jan-20" as spreadsheets write January 2020; "20-Jan" is a day of any year.
        (Some(month), &[(year, length @ 2)]) if month_place == 0 && text.contains('-') => {
            Some((known(full_year(year, length), month, 1)?, Resolution::Month))
        }
        (None, &[(year, 4), (month, 1..=2), (day, 1..=2)]) => {
            Some((known(year, small(month)?, small(day)?)?, Resolution::Day))
        }
        (None, &[(year, 4), (month, 1..=2)]) if text.contains(['-', '/']) => {
            Some((known(year, small(month)?, 1)?, Resolution::Month))
        }
        (None, &[(first, 1..=2), (second, 1..=2), (year, length @ (2 | 4))]) => {
            let (first, second, year) = (small(first)?, small(second)?, full_year(year, length));
            let is_date = |month, day| known(year, month, day).is_some();
            (is_date(first, second) || is_date(second, first)).then_some((
                Day::Either {
                    first,
                    second,
                    year,
                },
                Resolution::Day,
            ))
        }
        _ => None,
    }
}

/// Two digits are a year from 1969 to 2068.
fn full_year(year: i16, digits: usize) -> i16 {
    match (digits, year) {
        (4, year) => year,
        (_, 0..69) => 2000 + year,
        _ => 1900 + year,
    }
}

fn month_by_name(text: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let text = text.to_ascii_lowercase();
    let is_name = |name: &str| {
        name == text
            || text.len() == 3 && name.starts_with(&text)
            || text == "sept" && name == "september"
    };
    NAMES
        .iter()
        .position(|name| is_name(name))
        .map(|at| at as i8 + 1)
}

/// The month with which a quarter begins: 4 for Q2.
fn first_of_quarter(text: &str) -> Option<i8> {
    match text.as_bytes() {
        [b'Q' | b'q', quarter @ b'1'..=b'4'] => Some(3 * (quarter - b'1') as i8 + 1),
        _ => None,
    }
}

/// Takes 2024Q2 apart; anything else stays as it is.
fn year_and_quarter(part: &str) -> [&str; 2] {
    match part.split_at_checked(4) {
        Some((year, quarter)) if first_of_quarter(quarter).is_some() => [year, quarter],
        _ => [part, ""],
    }
}

fn is_weekday(text: &str) -> bool {
    const NAMES: [&str; 7] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    let text = text.to_ascii_lowercase();
    text.len() >= 3 && NAMES.iter().any(|name| name.starts_with(&text))
}

/// Hours and minutes, seconds and parts of them, AM or PM, and a zone or offset.
fn read_time(text: &str, written: &mut Written) -> Option<()> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.' && c != ',')
        .unwrap_or(text.len());
    let (clock, rest) = text.split_at(end);
    let mut parts = clock.splitn(3, ':');
    let mut hour: i8 = two_digits(parts.next()?)?;
    let minute: i8 = two_digits(parts.next()?)?;
    let (mut second, mut nanosecond) = (0, 0);
    written.resolution = Resolution::Minute;
    if let Some(seconds) = parts.next() {
        let (whole, fraction) = seconds.split_once(['.', ',']).unwrap_or((seconds, ""));
        second = two_digits(whole)?;
        if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        nanosecond = format!("{fraction:0<9}").parse().ok()?;
        written.resolution = Resolution::Second;
    }
    let mut zone = rest.trim();
    let upper = zone.to_ascii_uppercase();
    if upper.starts_with("AM") || upper.starts_with("PM") {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if upper.starts_with('P') { 12 } else { 0 };
        zone = zone[2..].trim();
    }
    written.time = Time::new(
        hour,
        minute,
        if second == 60 { 59 } else { second },
        nanosecond,
    )
    .ok()?; // a leap second is the last of its minute
    written.offset_seconds = offset(zone)?;
    Some(())
}

fn two_digits(text: &str) -> Option<i8> {
    (1..=2).contains(&text.len()).then(|| text.parse().ok())?
}

/// The seconds by which a zone is before UTC; a name in brackets behind an offset is passed over.
fn offset(zone: &str) -> Option<i32> {
    let zone = zone.split('[').next().unwrap_or("").trim();
    if ["", "z", "utc", "gmt"].contains(&zone.to_ascii_lowercase().as_str()) {
        return Some(0);
    }
    let digits: String = zone.get(1..)?.chars().filter(|&c| c != ':').collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit())
        || !(2..=4).contains(&digits.len())
        || digits.len() == 3
    {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits[2..].parse().unwrap_or(0);
    let sign = match zone.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    (hours <= 15 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

impl Written {
    /// The orders in which the parts can be meant.
    pub(super) fn orders(&self) -> Vec<TimeOrder> {
        match self.day {
            Day::None => vec![TimeOrder::Clock],
            Day::Known(_) => vec![
                TimeOrder::YearFirst,
                TimeOrder::DayFirst,
                TimeOrder::MonthFirst,
            ],
            Day::Either { .. } => {
                let both = [TimeOrder::DayFirst, TimeOrder::MonthFirst];
                both.into_iter()
                    .filter(|&order| self.microseconds(order).is_some())
                    .collect()
            }
        }
    }

    /// The point in time where the parts are meant in this order.
    pub(super) fn microseconds(&self, order: TimeOrder) -> Option<i64> {
        let day = match (self.day, order) {
            (Day::None, TimeOrder::Clock) => date(1970, 1, 1),
            (
                Day::Known(day),
                TimeOrder::YearFirst | TimeOrder::DayFirst | TimeOrder::MonthFirst,
            ) => day,
            (
                Day::Either {
                    first,
                    second,
                    year,
                },
                TimeOrder::DayFirst,
            ) => Date::new(year, second, first).ok()?,
            (
                Day::Either {
                    first,
                    second,
                    year,
                },
                TimeOrder::MonthFirst,
            ) => Date::new(year, first, second).ok()?,
            _ => return None,
        };
        let moment = Offset::UTC
            .to_timestamp(DateTime::from_parts(day, self.time))
            .ok()?;
        Some(moment.as_microsecond() - i64::from(self.offset_seconds) * 1_000_000)
    }
}

/// Reads one cell by the column's format.
pub(super) fn read(text: &str, format: &TimeFormat) -> Option<i64> {
    if format.order == TimeOrder::UnixSeconds {
        return super::numbers::plain(text.as_bytes())
            .and_then(|number| from_unix_seconds(number.value));
    }
    let text = text.trim();
    let is_compact = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_compact && format.order == TimeOrder::YearFirst {
        return take_apart(&format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]))?
            .microseconds(format.order);
    }
    take_apart(text)?.microseconds(format.order)
}

/// A point in time as ISO 8601 writes it.
pub(super) fn in_words(microseconds: i64) -> String {
    jiff::Timestamp::from_microsecond(microseconds)
        .map_or_else(|_| microseconds.to_string(), |time| time.to_string())
}

/// A point in time of a column with this format: without a day where the column holds times of day.
pub(super) fn in_words_of(format: &TimeFormat, microseconds: i64) -> String {
    let text = in_words(microseconds);
    match format.order {
        TimeOrder::Clock => text
            .trim_start_matches("1970-01-01T")
            .trim_end_matches('Z')
            .to_owned(),
        _ => text,
    }
}

/// Microseconds from seconds since the beginning of 1970, up to the year 9999.
pub(super) fn from_unix_seconds(seconds: f64) -> Option<i64> {
    const LAST: f64 = 253_402_300_799.0;
    (seconds.abs() <= LAST).then_some((seconds * 1e6).round() as i64)
}

/// The orders in which all of these can be meant, the smallest part that any of them writes, and how many are dates at
/// all.
pub(super) fn orders_of<'a>(
    texts: impl Iterator<Item = (&'a str, u64)>,
) -> (Vec<TimeOrder>, Resolution, u64) {
    let mut votes = [
        (TimeOrder::YearFirst, 0),
        (TimeOrder::DayFirst, 0),
        (TimeOrder::MonthFirst, 0),
        (TimeOrder::Clock, 0),
    ];
    let mut resolution = Resolution::Month;
    for (text, cells) in texts {
        let Some(written) = take_apart(text) else {
            continue;
        };
        resolution = resolution.max(written.resolution);
        let orders = written.orders();
        for (order, count) in &mut votes {
            *count += if orders.contains(order) { cells } else { 0 };
        }
    }
    let most = votes.iter().map(|&(_, cells)| cells).max().unwrap_or(0);
    let best = votes
        .iter()
        .filter(|&&(_, cells)| cells == most && cells > 0)
        .map(|&(order, _)| order)
        .collect();
    (best, resolution, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str, order: TimeOrder) -> Option<i64> {
        take_apart(text)?
            .microseconds(order)
            .map(|time| time.div_euclid(1_000_000))
    }

    #[test]
    fn dates_are_read_in_all_usual_forms() {
        let day = 1_711_843_200; // 31 March 2024
        for (text, order, expected) in [
            ("2024-03-31", TimeOrder::YearFirst, day),
            ("2024/3/31", TimeOrder::YearFirst, day),
            ("31/3/2024", TimeOrder::DayFirst, day),
            ("31.03.24", TimeOrder::DayFirst, day),
            ("3/31/2024", TimeOrder::MonthFirst, day),
            ("31-Mar-2024", TimeOrder::YearFirst, day),
            ("March 31, 2024", TimeOrder::YearFirst, day),
            ("Sun, 31 Mar 2024", TimeOrder::YearFirst, day),
            ("2024-03-31T06:30:05UTC", TimeOrder::YearFirst, day + 23_405),
            ("2024-03-31 06:30", TimeOrder::YearFirst, day + 23_400),
            (
                "2024-03-31T06:30:05.250Z",
                TimeOrder::YearFirst,
                day + 23_405,
            ),
            (
                "2024-03-31T08:30:05+02:00",
                TimeOrder::YearFirst,
                day + 23_405,
            ),
            (
                "2024-03-31T08:30:05+02:00[Europe/Paris]",
                TimeOrder::YearFirst,
                day + 23_405,
            ),
            ("3/31/2024 6:30 PM", TimeOrder::MonthFirst, day + 66_600),
            ("2024-03", TimeOrder::YearFirst, day - 30 * 86_400),
            ("Mar-24", TimeOrder::YearFirst, day - 30 * 86_400),
            ("Q2 2024", TimeOrder::YearFirst, day + 86_400),
            ("2024-Q2", TimeOrder::YearFirst, day + 86_400),
            ("2024Q2", TimeOrder::YearFirst, day + 86_400),
            ("06:30", TimeOrder::Clock, 23_400),
            ("06:30:05", TimeOrder::Clock, 23_405),
        ] {
            assert_eq!(seconds(text, order), Some(expected), "{text}");
        }
        for text in [
            "",
            "12.5",
            "2024",
            "1-2",
            "5/6",
            "31/31/2024",
            "2024-13-01",
            "2023-02-29",
            "25:00",
            "12:60",
            "A-1-2",
            "1.2.3.4",
            "3/4",
            "12:30:99",
            "12:30 X",
            "may",
            "24-Mar",
            "Mar 24",
            "2024-Q5",
            "Q2",
            "Q2-Q3 2024",
        ] {
            assert_eq!(take_apart(text), None, "{text}");
        }
    }

    #[test]
    fn a_column_tells_days_from_months() {
        let orders = |texts: &[&str]| orders_of(texts.iter().map(|&text| (text, 1))).0;
        assert_eq!(orders(&["3/4/2024", "13/4/2024"]), [TimeOrder::DayFirst]);
        assert_eq!(orders(&["3/4/2024", "4/13/2024"]), [TimeOrder::MonthFirst]);
        assert_eq!(
            orders(&["3/4/2024"]),
            [TimeOrder::DayFirst, TimeOrder::MonthFirst]
        );
    }
}
