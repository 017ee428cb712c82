//! Numbers in messages: without the three hundred zeros that `1e300` would be written with.

use std::ops::Range;

/// Places of the first digit with which a number is written without a power of ten.
const PLAIN: Range<i32> = -4..9;

/// The number in as few digits as tell it from its neighbours.
pub(crate) fn exact(value: f64) -> String {
    if value == 0.0 || (1e-5..1e16).contains(&value.abs()) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

/// The place of the number's first digit: 0 for units, 1 for tens.
pub(crate) fn first_digit_of(value: f64) -> i32 {
    /// Powers of ten from the smallest place that is usual; asking them takes less time than a logarithm.
    const TENS: [f64; 14] = [
        1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
    ];
    const SMALLEST: i32 = -5;
    let value = value.abs();
    match TENS.iter().rposition(|&ten| ten <= value) {
        Some(place) if place + 1 < TENS.len() => place as i32 + SMALLEST,
        _ => value.log10().floor() as i32,
    }
}

/// The number in six significant digits.
pub(crate) fn six_digits(value: f64) -> String {
    significant(value, 6)
}

/// The number in so many significant digits.
pub(crate) fn significant(value: f64, digits: u8) -> String {
    let behind_first = digits.saturating_sub(1);
    let magnitude = first_digit_of(value);
    if value == 0.0 {
        "0".to_owned()
    } else if PLAIN.contains(&magnitude) {
        let decimals = (i32::from(behind_first) - magnitude).max(0);
        format!("{value:.*}", decimals as usize)
    } else {
        format!("{value:.*e}", usize::from(behind_first))
    }
}

/// Numbers that stand below each other, the largest in so many significant digits.
pub(crate) fn aligned(values: &[f64], digits: u8) -> Vec<String> {
    let sizes = values.iter().map(|value| value.abs());
    let largest = sizes.fold(0.0, f64::max);
    let magnitude = first_digit_of(largest);
    let text = |&value: &f64| match PLAIN.contains(&magnitude) {
        true => {
            let decimals = (i32::from(digits) - 1 - magnitude).max(0) as usize;
            // A zero has no sign worth reading.
            let unit = 10f64.powi(-(decimals as i32));
            let value = if value.abs() < unit / 2.0 { 0.0 } else { value };
            format!("{value:.decimals$}")
        }
        false => significant(value, digits),
    };
    values.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_numbers_are_short_and_read_back() {
        for (value, shown) in [
            (0.0, "0"),
            (3.0, "3"),
            (-0.1, "-0.1"),
            (1e300, "1e300"),
            (-1.5e-7, "-1.5e-7"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(exact(value), shown);
            assert_eq!(shown.parse(), Ok(value));
        }
    }

    #[test]
    fn first_digits_are_found_with_and_without_a_logarithm() {
        for (value, place) in [
            (0.0, i32::MIN),
            (3e-9, -9),
            (1e-5, -5),
            (0.099, -2),
            (-1.0, 0),
            (999.9, 2),
            (1000.0, 3),
            (9.9e7, 7),
            (1e8, 8),
            (2.5e300, 300),
        ] {
            assert_eq!(first_digit_of(value), place, "{value}");
        }
    }

    #[test]
    fn numbers_below_each_other_have_the_same_decimals() {
        assert_eq!(aligned(&[12.345, -0.01, 0.5], 3), ["12.3", "0.0", "0.5"]);
        assert_eq!(aligned(&[123_456.7, 3.2], 3), ["123457", "3"]);
        assert_eq!(aligned(&[1.5e-7, 0.0], 3), ["1.50e-7", "0"]);
        assert!(aligned(&[], 3).is_empty());
    }

    #[test]
    fn numbers_are_shown_with_six_digits() {
        for (value, shown) in [
            (0.0, "0"),
            (152.133_484, "152.133"),
            (-0.004_754_86, "-0.00475486"),
            (1_234_567.8, "1234568"),
            (1.5e12, "1.50000e12"),
            (2e-7, "2.00000e-7"),
        ] {
            assert_eq!(six_digits(value), shown);
        }
        assert_eq!(significant(0.123_456, 3), "0.123");
        assert_eq!(significant(1.5e12, 3), "1.50e12");
    }
}
