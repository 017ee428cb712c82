//! Plain numbers, as computers write them: most cells of most tables, so they are read fast.

/// A plain number, as computers write it, and whether its point could as well be the sign of a group, as in 1.234.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) struct Plain {
    pub value: f64,
    pub point: Point,
}

/// What the point of a plain number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Point {
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
pub(in super::super) fn plain(text: &[u8]) -> Option<Plain> {
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

pub(super) fn is_exponent(bytes: &[u8]) -> bool {
    let digits = match bytes {
        [b'-' | b'+', rest @ ..] => rest,
        _ => bytes,
    };
    !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
