//! Numbers in messages: without the three hundred zeros that `1e300` would be written with.

/// The number in as few digits as tell it from its neighbours.
pub(crate) fn exact(value: f64) -> String {
    if value == 0.0 || (1e-5..1e16).contains(&value.abs()) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

/// The number in six significant digits.
pub(crate) fn six_digits(value: f64) -> String {
    significant(value, 6)
}

/// The number in so many significant digits.
pub(crate) fn significant(value: f64, digits: u8) -> String {
    let behind_first = digits.saturating_sub(1);
    let magnitude = value.abs().log10().floor();
    if value == 0.0 {
        "0".to_owned()
    } else if (-4.0..9.0).contains(&magnitude) {
        format!(
            "{value:.*}",
            (f64::from(behind_first) - magnitude).max(0.0) as usize
        )
    } else {
        format!("{value:.*e}", usize::from(behind_first))
    }
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
