//! The text form that activation and loss functions share: a name, with its parameter in parentheses where there is one.

/// `"huber(1.5)"` as `("huber", Some("1.5"))`, `"relu"` as `("relu", None)`, without the spaces around them.
pub(crate) fn name_and_parameter(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        Some((name, parameter)) => (name.trim(), Some(parameter.trim())),
        None => (text, None),
    }
}
