//! Numbers in forms that programs write and people do not.

use super::plain::{is_exponent, plain};

/// What is wrong with a text that was meant as a number in a way that people do not write, and what to do about it.
///
/// None where the text may as well be a name.
pub(in super::super) fn odd_form(text: &str) -> Option<String> {
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
