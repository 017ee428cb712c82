//! The text form that activation and loss functions and optimizers share: a name, with its parameter in parentheses
//! where there is one.

/// `"huber(1.5)"` as `("huber", Some("1.5"))`, `"relu"` as `("relu", None)`, without the spaces around them.
pub(crate) fn name_and_parameter(text: &str) -> (&str, Option<&str>) {
    let text = text.trim();
    match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        Some((name, parameter)) => (name.trim(), Some(parameter.trim())),
        None => (text, None),
    }
}

/// Whether a text means a name: case and what joins its words do not matter, so that `AdamW`, `adamw` and `adam_w` are
/// one name.
pub(crate) fn means(text: &str, name: &str) -> bool {
    letters(text).eq(letters(name))
}

/// What counts of a name.
fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    let joints = ['_', '-', ' '];
    text.chars()
        .filter(move |letter| !joints.contains(letter))
        .map(|letter| letter.to_ascii_lowercase())
}

/// The name that other libraries' word for it stands for; the word itself if it is none of theirs.
pub(crate) fn ours<'a>(word: &'a str, synonyms: &[(&str, &'a str)]) -> &'a str {
    let found = synonyms.iter().find(|(theirs, _)| means(word, theirs));
    found.map_or(word, |&(_, ours)| ours)
}
