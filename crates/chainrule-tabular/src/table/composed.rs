//! Unicode's composed form (NFC), by the tables of `unicode-normalization`.
//!
//! That crate's own iterator carries the compatibility forms as well, which no name needs: 60 kB of a page in the browser.

use unicode_normalization::char::{canonical_combining_class, compose, decompose_canonical};

/// The text with each letter and its marks in one character, where there is one.
///
/// Proved by `texts_are_composed_as_by_the_iterator_of_unicode_normalization`.
pub(super) fn composed(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut apart: Vec<(u8, char)> = Vec::with_capacity(text.len());
    for c in text.chars() {
        decompose_canonical(c, |part| {
            apart.push((canonical_combining_class(part), part))
        });
    }
    // Marks in the order of their classes, those of one class as they were; a starter, whose class is 0, stays in front of its marks.
    for starter_with_marks in apart.chunk_by_mut(|_, next| next.0 != 0) {
        starter_with_marks.sort_by_key(|(class, _)| *class);
    }
    let mut together: Vec<char> = Vec::with_capacity(apart.len());
    let mut starter: Option<usize> = None;
    // Of what lies between the starter and the next character: that may hide the one from the other.
    let mut between: Option<u8> = None;
    for (class, c) in apart {
        let hidden = between.is_some_and(|between| between >= class);
        let whole = starter.filter(|_| !hidden);
        let whole = whole.and_then(|at| Some((at, compose(together[at], c)?)));
        if let Some((at, whole)) = whole {
            together[at] = whole;
            continue;
        }
        if class == 0 {
            (starter, between) = (Some(together.len()), None);
        } else {
            between = Some(class);
        }
        together.push(c);
    }
    together.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn texts_are_composed_as_by_the_iterator_of_unicode_normalization() {
        let marks = ["", "\u{327}\u{302}", "\u{302}\u{323}", "\u{11a8}"];
        for c in ('\0'..=char::MAX).filter(|c| !c.is_ascii_control()) {
            for marks in marks {
                for text in [format!("{c}{marks}"), format!("{marks}{c}")] {
                    assert_eq!(composed(&text), text.nfc().collect::<String>(), "{text:?}");
                }
            }
        }
        let long = "Größe é e\u{323}\u{301} \u{1100}\u{1161}\u{11a8} ｱ\u{3099} \u{958}";
        assert_eq!(composed(long), long.nfc().collect::<String>());
    }
}
