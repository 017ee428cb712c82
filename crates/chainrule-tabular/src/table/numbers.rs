//! Numbers as people write them: with a decimal comma, in groups of digits, with a currency, a percent sign or a unit.
//!
//! A cell alone does not say how it is meant: 1,234 is one number with a decimal comma and another with groups of
//! digits. So a format is looked for that reads the whole column, and each cell is read by that format or not at all.

use std::collections::BTreeMap;

use super::magnitudes::{self, magnitude};
use super::plan::NumberFormat;

/// A plain number, as computers write it, and whether its point could as well be the sign of a group, as in 1.234.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plain {
    pub value: f64,
    pub point: Point,
}

/// What the point of a plain number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    /// There is none.
    None,
    /// Three digits stand behind it and one to three before it.
    MayBeGroup,
    /// It is a decimal point.
    Decimal,
}

/// Reads digits with at most a sign, a point and an exponent. Zeros before other digits are not plain: they belong to a
/// code more often than to a number.
#[inline]
pub(super) fn plain(text: &[u8]) -> Option<Plain> {
    const EXACT: [f64; 16] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ];
    let unsigned = match text {
        [b'-' | b'+', rest @ ..] => rest,
        _ => text,
    };
    let mut mantissa = 0;
    let whole = take_digits(unsigned, &mut mantissa);
    let (has_point, mut end, mut behind) = (unsigned.get(whole) == Some(&b'.'), whole, 0);
    if has_point {
        behind = take_digits(&unsigned[whole + 1..], &mut mantissa);
        end += 1 + behind;
    }
    let digits = whole + behind;
    let exponent = end < unsigned.len();
    if exponent && !(matches!(unsigned[end], b'e' | b'E') && is_exponent(&unsigned[end + 1..]))
        || digits == 0
        || whole > 1 && unsigned[0] == b'0'
    {
        return None;
    }
    let value = if digits <= 15 && !exponent {
        // Both are exact, and so the quotient is the nearest number there is.
        let value = mantissa as f64 / EXACT[behind];
        if text[0] == b'-' { -value } else { value }
    } else {
        let text = std::str::from_utf8(text).expect("the loop saw nothing but ASCII");
        text.parse().ok().filter(|value: &f64| value.is_finite())?
    };
    let point = match (has_point, whole) {
        (false, _) => Point::None,
        (true, 1..=3) if behind == 3 && unsigned[0] != b'0' && !exponent => Point::MayBeGroup,
        (true, _) => Point::Decimal,
    };
    Some(Plain { value, point })
}

/// Appends the digits that the text begins with to a number, which wraps around where it has too many; gives how many
/// there are.
#[inline]
fn take_digits(text: &[u8], number: &mut u64) -> usize {
    let mut count = 0;
    while let Some(digit) = text.get(count).map(|byte| byte.wrapping_sub(b'0'))
        && digit < 10
    {
        *number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        count += 1;
    }
    count
}

fn is_exponent(bytes: &[u8]) -> bool {
    let digits = match bytes {
        [b'-' | b'+', rest @ ..] => rest,
        _ => bytes,
    };
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

/// Whether a text is a number in any of the usual forms.
pub(super) fn looks_like_a_number(text: &str) -> bool {
    let is_written = |written| {
        formats()
            .iter()
            .any(|format| read_written(&written, format).is_some())
    };
    plain(text.as_bytes()).is_some() || take_apart(text).is_some_and(is_written)
}

/// A number taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written<'a> {
    negative: bool,
    /// The digits with their signs, exponent included.
    body: &'a str,
    /// What stands before the digits, a currency sign.
    before: &'a str,
    /// What stands behind them, a unit or a magnitude.
    pub behind: &'a str,
}

impl Written<'_> {
    /// What stands beside the digits, magnitudes apart where letters are some.
    pub(super) fn unit(&self, magnitudes: bool) -> String {
        match magnitudes && magnitude(self.behind).is_some() {
            true => self.before.to_owned(),
            false => [self.before, self.behind].concat(),
        }
    }
}

/// Takes a number apart; None where the text is none, whatever the format.
pub(super) fn take_apart(text: &str) -> Option<Written<'_>> {
    let mut rest = text.trim();
    let in_brackets = rest
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'));
    let mut negative = in_brackets.is_some();
    rest = in_brackets.unwrap_or(rest).trim();
    let mut before = "";
    loop {
        if let Some(positive) = rest.strip_prefix(['-', '\u{2212}']) {
            if negative {
                return None;
            }
            negative = true;
            rest = positive.trim_start();
        } else if let Some(positive) = rest.strip_prefix('+') {
            rest = positive;
        } else if let Some(length) = currency_length(rest).filter(|_| before.is_empty()) {
            before = &rest[..length];
            rest = rest[length..].trim_start();
        } else {
            break;
        }
    }
    let length = body_length(rest)?;
    let (body, behind) = rest.split_at(length);
    let mut behind = behind.trim();
    // Accounts write the minus behind the number: "40-", "40- EUR". What follows it at once makes a word: "5-door".
    if let Some(unit) = behind.strip_prefix(['-', '\u{2212}'])
        && (unit.is_empty() || unit.starts_with(char::is_whitespace))
    {
        if negative {
            return None;
        }
        negative = true;
        behind = unit.trim_start();
    }
    is_unit(behind).then_some(Written {
        negative,
        body,
        before,
        behind,
    })
}

/// The length of the currency sign or code that the text begins with.
fn currency_length(text: &str) -> Option<usize> {
    const CODES: [&str; 16] = [
        "USD", "US$", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "CAD", "AUD", "SEK", "NOK", "DKK",
        "PLN", "R$", "Rs.",
    ];
    let code = CODES
        .iter()
        .chain(&["Rs", "kr"])
        .find(|code| text.starts_with(**code));
    if let Some(code) = code {
        return Some(code.len());
    }
    text.chars()
        .next()
        .filter(|&sign| is_currency_sign(sign))
        .map(char::len_utf8)
}

fn is_currency_sign(sign: char) -> bool {
    sign == '$'
        || sign == '¤'
        || ('¢'..='¥').contains(&sign)
        || ('\u{20a0}'..='\u{20c0}').contains(&sign)
}

/// How much of the text, from its beginning, is a number: digits, the signs between them, an exponent.
fn body_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digit_at = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let begins = digit_at(0) || matches!(bytes.first(), Some(b'.' | b',')) && digit_at(1);
    if !begins {
        return None;
    }
    let mut end = 0;
    for (at, sign) in text.char_indices() {
        let next = at + sign.len_utf8();
        let goes_on = match sign {
            '0'..='9' => true,
            // "1." is a number, too.
            '.' | ',' => digit_at(next) || next == text.len() && sign == '.',
            _ if group_sign(sign).is_some() => {
                digit_at(next) && digit_at(next + 1) && digit_at(next + 2) && !digit_at(next + 3)
            }
            'e' | 'E' if is_exponent(&bytes[next..]) => return Some(text.len()),
            _ => false,
        };
        if !goes_on {
            break;
        }
        end = next;
    }
    Some(end)
}

/// The sign by which a format knows a sign between groups of digits: spaces of all kinds are one, apostrophes another.
fn group_sign(sign: char) -> Option<char> {
    match sign {
        ',' | '.' => Some(sign),
        ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' => Some(' '),
        '\'' | '’' => Some('\''),
        _ => None,
    }
}

/// Whether what stands behind the digits may be a unit: m2, km/h, %, °C, EUR.
fn is_unit(text: &str) -> bool {
    const LONGEST: usize = 12;
    let Some(first) = text.chars().next() else {
        return true;
    };
    let is_sign = |c: char| {
        matches!(c, '%' | '‰' | '°' | 'º' | '²' | '³' | '"' | '″' | '′') || is_currency_sign(c)
    };
    let letters = text
        .strip_suffix(['2', '3'])
        .filter(|rest| rest.ends_with(char::is_alphabetic))
        .unwrap_or(text);
    (first.is_alphabetic() || is_sign(first))
        && text.chars().count() <= LONGEST
        && letters
            .chars()
            .all(|c| c.is_alphabetic() || is_sign(c) || matches!(c, '/' | '.' | '·' | ' ' | '^'))
}

/// Reads one cell by the column's format.
pub(super) fn read(text: &str, format: &NumberFormat) -> Option<f64> {
    let written = take_apart(text)?;
    let unit = written.unit(format.magnitudes);
    if !unit.is_empty() && format.unit.as_ref() != Some(&unit) {
        return None;
    }
    read_written(&written, format)
}

fn read_written(written: &Written<'_>, format: &NumberFormat) -> Option<f64> {
    let exponent = written.body.find(['e', 'E']).unwrap_or(written.body.len());
    let (digits, exponent) = written.body.split_at(exponent);
    let (whole, fraction) = match digits.split_once(format.decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let mut plain = String::with_capacity(digits.len() + exponent.len());
    let mut groups: Vec<usize> = vec![0];
    for sign in whole.chars() {
        if sign.is_ascii_digit() {
            plain.push(sign);
            *groups.last_mut().expect("there is one from the start") += 1;
        } else if format.group.is_some() && group_sign(sign) == format.group {
            groups.push(0);
        } else {
            return None;
        }
    }
    if groups.len() > 1 && !are_groups(&groups, whole) {
        return None;
    }
    if let Some(fraction) = fraction {
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        plain.push('.');
        plain.push_str(fraction);
    }
    plain.push_str(exponent);
    let times = magnitude(written.behind).filter(|_| format.magnitudes);
    let value: f64 = plain.parse().ok()?;
    let value = Some(value * times.unwrap_or(1.0)).filter(|value| value.is_finite())?;
    Some(if written.negative { -value } else { value })
}

/// Whether digits are grouped as people do: the last group has three, those before it three, or two as in India.
fn are_groups(lengths: &[usize], whole: &str) -> bool {
    let (first, rest) = lengths.split_first().expect("there are several");
    let (last, between) = rest.split_last().expect("there are several");
    (1..=3).contains(first)
        && *last == 3
        && (between.iter().all(|&n| n == 3) || *first < 3 && between.iter().all(|&n| n == 2))
        && !whole.starts_with('0')
}

/// All formats without their units, the simplest first.
pub(super) fn formats() -> Vec<NumberFormat> {
    let of = |decimal, group| NumberFormat {
        decimal,
        group,
        ..NumberFormat::default()
    };
    vec![
        of('.', None),
        of(',', None),
        of('.', Some(',')),
        of(',', Some('.')),
        of('.', Some(' ')),
        of(',', Some(' ')),
        of('.', Some('\'')),
        of(',', Some('\'')),
    ]
}

/// What stands in a column, as far as it matters for the format of its numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    /// How many cells are plain numbers.
    pub plain: u64,
    /// Whether some of them have a point.
    pub points: bool,
    /// Whether some of these are certainly decimal points.
    pub decimal_points: bool,
    /// The other texts that are not missing, each once, with the number of its cells.
    pub others: Vec<(String, u64)>,
}

/// The formats that read most of a column, and what they read of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidates {
    /// The formats that read as many cells as any other, the simplest first.
    pub formats: Vec<NumberFormat>,
    /// How many cells they read.
    pub cells: u64,
}

impl Evidence {
    /// Looks for the formats that read most cells; `decimal` is the sign that the user named.
    pub(super) fn candidates(&self, decimal: Option<char>) -> Candidates {
        let apart: Vec<(Option<Written<'_>>, u64)> = self
            .others
            .iter()
            .map(|(text, cells)| (take_apart(text), *cells))
            .collect();
        let magnitudes =
            magnitudes::are_in(apart.iter().filter_map(|(written, _)| written.as_ref()));
        let unit = usual_unit(&apart, self.plain, magnitudes);
        let mut best = Candidates {
            formats: Vec::new(),
            cells: 0,
        };
        for format in formats() {
            if decimal.is_some_and(|sign| sign != format.decimal) {
                continue;
            }
            let format = NumberFormat {
                unit: unit.clone(),
                magnitudes,
                ..format
            };
            let mut cells = if self.reads_plain(&format) {
                self.plain
            } else {
                0
            };
            for (written, count) in &apart {
                let Some(written) = written else { continue };
                let own = written.unit(magnitudes);
                if (own.is_empty() || Some(&own) == unit.as_ref())
                    && read_written(written, &format).is_some()
                {
                    cells += count;
                }
            }
            if cells > best.cells {
                best = Candidates {
                    formats: vec![format],
                    cells,
                };
            } else if cells == best.cells && cells > 0 {
                best.formats.push(format);
            }
        }
        best
    }

    /// Whether the column's plain numbers can be numbers of this format.
    fn reads_plain(&self, format: &NumberFormat) -> bool {
        match (format.decimal, format.group) {
            (',', Some('.')) => !self.decimal_points,
            (',', _) => !self.points,
            _ => true,
        }
    }
}

/// The unit that at least half of the numbers have; a rarer one is a slip.
fn usual_unit(
    apart: &[(Option<Written<'_>>, u64)],
    plain: u64,
    magnitudes: bool,
) -> Option<String> {
    let mut counts = BTreeMap::<String, u64>::new();
    let mut numbers = plain;
    for (written, cells) in apart {
        if let Some(written) = written {
            *counts.entry(written.unit(magnitudes)).or_default() += cells;
            numbers += cells;
        }
    }
    counts.remove("");
    let (unit, cells) = counts.into_iter().max_by_key(|(_, cells)| *cells)?;
    (2 * cells >= numbers).then_some(unit)
}

impl Candidates {
    /// The decimal sign, where the column leaves no doubt about it.
    pub(super) fn decimal(&self) -> Option<char> {
        let first = self.formats.first()?.decimal;
        self.formats
            .iter()
            .all(|format| format.decimal == first)
            .then_some(first)
    }

    /// The simplest format with this decimal sign.
    pub(super) fn with_decimal(&self, decimal: char) -> Option<&NumberFormat> {
        self.formats.iter().find(|format| format.decimal == decimal)
    }
}

/// A plain number as this format means it: in a column with decimal commas, 1.234 is a thousand and more.
pub(super) fn plain_in(value: f64, format: &NumberFormat) -> f64 {
    if format.group == Some('.') && value.fract() != 0.0 {
        (value * 1000.0).round()
    } else {
        value
    }
}

/// What is wrong with a text that was meant as a number in a way that people do not write, and what to do about it.
///
/// None where the text may as well be a name.
pub(super) fn odd_form(text: &str) -> Option<String> {
    let text = text.trim();
    let is_number = |text: &str| plain(text.as_bytes()).is_some();
    if let Some(inner) = text
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
    {
        return Some(format!(
            "a formula of a spreadsheet? Save its value: {inner}"
        ));
    }
    if text.len() > 1 && text.starts_with('=') {
        return Some("a formula of a spreadsheet? Save its value".to_owned());
    }
    if let Some(inner) = text
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
    {
        return is_number(inner).then(|| format!("single quotes? Write {inner}"));
    }
    let digits = text.trim_start_matches(['-', '+']);
    if let Some(hex) = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"))
    {
        let value = i64::from_str_radix(hex, 16).ok()?;
        return Some(format!("a hexadecimal number? Write {value}"));
    }
    let joined = text.replace('_', "");
    if joined != text && is_number(&joined) && !text.starts_with('_') && !text.ends_with('_') {
        return Some(format!("digits in groups? Write {joined}"));
    }
    for sign in ['d', 'D'] {
        if let Some((mantissa, exponent)) = text.split_once(sign)
            && is_number(mantissa)
            && is_exponent(exponent.as_bytes())
        {
            return Some(format!(
                "an exponent of Fortran? Write {mantissa}e{exponent}"
            ));
        }
    }
    let number = text.strip_suffix(['f', 'F', 'L', 'd'])?;
    (is_number(number)).then(|| format!("a suffix of a programming language? Write {number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format_of(texts: &[&str], decimal: Option<char>) -> Candidates {
        let mut evidence = Evidence::default();
        for text in texts {
            match plain(text.as_bytes()) {
                Some(number) => {
                    evidence.plain += 1;
                    evidence.points |= number.point != Point::None;
                    evidence.decimal_points |= number.point == Point::Decimal;
                }
                None => evidence.others.push(((*text).to_owned(), 1)),
            }
        }
        evidence.candidates(decimal)
    }

    #[test]
    fn plain_numbers_are_those_that_the_standard_library_reads() {
        for text in [
            "0",
            "-0",
            "12",
            "-1.5",
            "+3",
            ".5",
            "5.",
            "1e5",
            "1.25E-3",
            "12345678901234567890",
            "0.1",
            "1e22",
        ] {
            assert_eq!(
                plain(text.as_bytes()).map(|p| p.value),
                text.parse().ok(),
                "{text}"
            );
        }
        for text in [
            "", "-", ".", "e5", "1e", "020", "1,5", "nan", "inf", "1e999", "1.2.3", "0x1F",
            "1_000", " 1",
        ] {
            assert_eq!(plain(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_column_decides_what_its_commas_and_points_mean() {
        for (texts, decimal, first_value) in [
            (vec!["12,5", "13", "0,25"], Some(','), 12.5),
            (vec!["1.234,5", "12,5", "1.234"], Some(','), 1234.5),
            (vec!["1,234,567", "12,345"], Some('.'), 1_234_567.0),
            (vec!["1,234.5", "7.25"], Some('.'), 1234.5),
            (vec!["1.234.567", "3"], Some(','), 1_234_567.0),
            (vec!["1,234", "5,678"], None, f64::NAN),
            (vec!["0,123", "5,678"], Some(','), 0.123),
            (vec!["12,34,567", "1,234"], Some('.'), 1_234_567.0),
            (vec!["1 234,5", "7"], Some(','), 1234.5),
            (vec!["310'500.5", "7"], Some('.'), 310_500.5),
            (vec!["1\u{202f}234,50 €", "7,00 €"], Some(','), 1234.5),
        ] {
            let found = format_of(&texts, None);
            assert_eq!(found.decimal(), decimal, "{texts:?} {found:?}");
            assert_eq!(found.cells, texts.len() as u64, "{texts:?} {found:?}");
            if decimal.is_some() {
                assert_eq!(
                    read(texts[0], &found.formats[0]),
                    Some(first_value),
                    "{texts:?}"
                );
            }
        }
    }

    #[test]
    fn signs_units_and_brackets_are_read() {
        for (text, value) in [
            ("$168415.00", 168_415.0),
            ("-$5", -5.0),
            ("$-5", -5.0),
            ("(123)", -123.0),
            ("40-", -40.0),
            ("1.5- EUR", -1.5),
            ("3\u{2212}", -3.0),
            ("($1.5)", -1.5),
            ("\u{2212}7.5", -7.5),
            ("98.3 m2", 98.3),
            ("120m²", 120.0),
            ("12.5%", 12.5),
            ("30 km/h", 30.0),
            ("EUR 5", 5.0),
            ("5 °C", 5.0),
            ("007", 7.0),
            ("1e5", 1e5),
            ("51000 mi.", 51_000.0),
        ] {
            let unit = take_apart(text).map(|written| written.unit(false));
            let format = NumberFormat {
                unit,
                ..NumberFormat::default()
            };
            assert_eq!(read(text, &format), Some(value), "{text}");
        }
        for text in [
            "", "-", "A5", "No 7", "1d5", "0x1F", "1_000", "12-13", "10:30", "5-door", "-4-",
            "(4-)", "5/6", "1.2.3", "inf", "--5", "1e999",
        ] {
            assert_eq!(read(text, &NumberFormat::default()), None, "{text}");
        }
    }

    #[test]
    fn forms_of_programming_languages_are_pointed_out() {
        for text in ["=\"50\"", "'50'", "0x1F", "1_000", "1d5", "1.5f", "=A1+B1"] {
            assert!(odd_form(text).is_some(), "{text}");
        }
        for text in ["south", "12a", "", "it's", "_", "half", "'a'", "L"] {
            assert_eq!(odd_form(text), None, "{text}");
        }
    }
}
