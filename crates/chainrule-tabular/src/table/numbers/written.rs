//! One number as people write it, taken apart and read by a format.

use super::super::plan::NumberFormat;
use super::magnitudes::magnitude;
use super::plain::is_exponent;

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
pub(in super::super) fn read(text: &str, format: &NumberFormat) -> Option<f64> {
    let written = take_apart(text)?;
    let unit = written.unit(format.magnitudes);
    if !unit.is_empty() && format.unit.as_ref() != Some(&unit) {
        return None;
    }
    read_written(&written, format)
}

pub(super) fn read_written(written: &Written<'_>, format: &NumberFormat) -> Option<f64> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
