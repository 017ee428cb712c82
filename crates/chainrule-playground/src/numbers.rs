//! Numbers in a written sum: short, with a true minus sign.

/// Significant digits.
const DIGITS: i32 = 5;

/// A number to five significant digits, without zeros at its end.
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string().replace('-', "−");
    }
    let size = if value == 0.0 {
        0
    } else {
        value.abs().log10().floor() as i32
    };
    let text = match size {
        -5..7 => {
            let text = format!("{value:.*}", (DIGITS - 1 - size).max(0) as usize);
            match text.contains('.') {
                true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
                false => text,
            }
        }
        _ => format!("{value:.2e}"),
    };
    let text = if text == "-0" { "0".to_owned() } else { text };
    text.replace('-', "−")
}

/// The same as a factor or a term: in parentheses where it is negative.
pub fn factor(value: f64) -> String {
    let text = short(value);
    match text.starts_with('−') {
        true => format!("({text})"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_keep_their_digits() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (-2.0, "−2"),
            (0.5, "0.5"),
            (1234.5678, "1234.6"),
            (123_456.7, "123457"),
            (0.000_123_456, "0.00012346"),
            (1e-9, "1.00e−9"),
            (-2.5e12, "−2.50e12"),
            (f64::NAN, "NaN"),
        ];
        for (value, expected) in cases {
            assert_eq!(short(value), expected);
        }
        assert_eq!(factor(-1.5), "(−1.5)");
    }
}
