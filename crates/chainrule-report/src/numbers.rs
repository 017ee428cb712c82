//! Numbers as people read them: a few significant digits, aligned where they stand below each other.

/// A number with about `digits` significant digits, written out unless it is very large or very small.
pub fn significant(value: f64, digits: usize) -> String {
    NumberFormat::of(&[value], digits).text(value)
}

/// How the numbers of one matrix are written, so that they align.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NumberFormat {
    /// With this many decimals.
    Fixed(usize),
    /// `1.2346e-7`, with this many decimals.
    Scientific(usize),
}

impl NumberFormat {
    /// The format that gives the largest value about `digits` significant digits.
    pub fn of(values: &[f64], digits: usize) -> Self {
        let largest = values
            .iter()
            .filter(|v| v.is_finite())
            .fold(0.0, |m: f64, v| m.max(v.abs()));
        if largest != 0.0 && !(1e-3..1e7).contains(&largest) {
            return NumberFormat::Scientific(digits.saturating_sub(1));
        }
        let before_point = if largest >= 1.0 {
            largest.log10().floor() as usize + 1
        } else {
            1
        };
        NumberFormat::Fixed(digits.saturating_sub(before_point))
    }

    /// The format that gives the largest value `digits` significant digits, those behind leading zeros among them.
    pub(crate) fn exact_of(values: impl IntoIterator<Item = f64>, digits: usize) -> Self {
        let finite = values.into_iter().filter(|value| value.is_finite());
        let largest = finite.fold(0.0, |m: f64, value| m.max(value.abs()));
        match largest.log10().floor() {
            _ if largest == 0.0 => NumberFormat::Fixed(0),
            power if (-4.0..9.0).contains(&power) => {
                NumberFormat::Fixed((digits as f64 - 1.0 - power).max(0.0) as usize)
            }
            _ => NumberFormat::Scientific(digits.saturating_sub(1)),
        }
    }

    /// The number in this format.
    pub fn text(self, value: f64) -> String {
        match self {
            NumberFormat::Fixed(decimals) => {
                let text = format!("{value:.decimals$}");
                // A zero has no sign worth reading.
                if text.starts_with('-') && !text.contains(|c: char| c.is_ascii_digit() && c != '0')
                {
                    text[1..].to_string()
                } else {
                    text
                }
            }
            NumberFormat::Scientific(decimals) => format!("{value:.decimals$e}"),
        }
    }
}

/// A number with `digits` significant digits as it stands in a page: large ones in groups of three, with a true minus.
pub(crate) fn shown(value: f64, digits: usize) -> String {
    written(NumberFormat::exact_of([value], digits), value)
}

/// A number of a column, in groups of three digits, with a true minus.
pub(crate) fn written(format: NumberFormat, value: f64) -> String {
    let text = match format {
        NumberFormat::Scientific(_) if value == 0.0 => "0".to_owned(),
        format => format.text(value),
    };
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("−", digits),
        None => ("", text.as_str()),
    };
    let (whole, rest) = digits.split_at(digits.find(['.', 'e']).unwrap_or(digits.len()));
    format!("{sign}{}{rest}", grouped(whole))
}

/// A count in groups of three digits.
pub(crate) fn counted(count: usize) -> String {
    grouped(&count.to_string())
}

/// Digits in groups of three, as SI writes them: a narrow space means the same in every language.
fn grouped(digits: &str) -> String {
    if digits.len() < 5 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return digits.to_owned();
    }
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_significant_digits_at_every_size() {
        assert_eq!(significant(54.38912, 4), "54.39");
        assert_eq!(significant(0.012345, 4), "0.012");
        assert_eq!(significant(-0.0, 3), "0.00");
        assert_eq!(significant(1.25e-9, 3), "1.25e-9");
        assert_eq!(significant(123456.7, 4), "123457");
        assert_eq!(significant(f64::NAN, 3), "NaN");
    }

    #[test]
    fn numbers_of_a_page_keep_all_their_digits_and_come_in_groups() {
        for (value, text) in [
            (0.0, "0"),
            (0.012345, "0.01235"),
            (-54.38912, "−54.39"),
            (1234.5, "1234"),
            (-123456.7, "−123\u{202f}457"),
            (1.25e-9, "1.250e-9"),
            (206_855_816.0, "206\u{202f}855\u{202f}816"),
            (1e12, "1.000e12"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(shown(value, 4), text);
        }
        assert_eq!(written(NumberFormat::exact_of([1e12], 4), -0.0), "0");
        assert_eq!(counted(1_000_000), "1\u{202f}000\u{202f}000");
    }
}
