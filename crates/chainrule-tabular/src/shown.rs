//! Text from files and from the command line as people are shown it: escaped, and cut where it would fill the screen.
//!
//! A name may hold a terminal's control sequences or a hundred thousand letters. Whatever goes into a message or a
//! description passes through here.

/// The most letters of a name or a value that are shown.
const LONGEST: usize = 60;

/// In quotes and cut, as names and values stand in messages: `"area"`.
pub fn quoted(text: &str) -> String {
    let (text, rest) = cut(text);
    format!("{text:?}{rest}")
}

/// Without quotes and cut, as names stand in a table's first column: `area`.
pub fn label(text: &str) -> String {
    let (text, rest) = cut(text);
    printable(text) + rest
}

/// The whole text, with every character that could move a cursor or hide its neighbours as its escape: `\u{1b}`.
///
/// Quotes and backslashes stay as they are, so that a path can be copied.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for part in text.split_inclusive(['"', '\'', '\\']) {
        let plain = part.trim_end_matches(['"', '\'', '\\']);
        shown.extend(plain.escape_debug());
        shown.push_str(&part[plain.len()..]);
    }
    shown
}

/// A word as a shell reads it back, quoted only where it has to be.
///
/// Control characters are written out: the command has to leave a terminal alone.
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,=+@".contains(c);
    if word.chars().any(char::is_control) {
        let escaped = word.bytes().map(|b| match b {
            b'\\' | b'\'' => format!("\\{}", char::from(b)),
            b' '..=b'~' => char::from(b).to_string(),
            _ => format!("\\x{b:02x}"),
        });
        format!("$'{}'", escaped.collect::<String>())
    } else if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The beginning that is shown, and the mark of what is left out.
fn cut(text: &str) -> (&str, &'static str) {
    match text.char_indices().nth(LONGEST) {
        None => (text, ""),
        Some((end, _)) => (&text[..end], "…"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_text_is_shown_as_it_is() {
        for text in [
            "area",
            "größe (m²)",
            r#"it's 5" C:\data"#,
            "e\u{301}",
            "価格",
        ] {
            assert_eq!(printable(text), text);
            assert_eq!(label(text), text);
        }
        assert_eq!(quoted("größe"), "\"größe\"");
    }

    #[test]
    fn whatever_steers_a_terminal_is_escaped() {
        for (text, shown) in [
            ("a\u{1b}[31mb", r"a\u{1b}[31mb"),
            ("a\nb\rc\td\0", r"a\nb\rc\td\0"),
            ("\u{7f}\u{9b}2J", r"\u{7f}\u{9b}2J"),
            ("a\u{202e}b\u{200b}", r"a\u{202e}b\u{200b}"),
            ("\\\u{1b}'\u{7}\"", "\\\\u{1b}'\\u{7}\""),
        ] {
            assert_eq!(printable(text), shown);
        }
        assert_eq!(quoted("\u{1b}[31m"), "\"\\u{1b}[31m\"");
    }

    #[test]
    fn a_word_is_quoted_only_where_a_shell_would_break_it() {
        assert_eq!(shell_word("data/houses.csv"), "data/houses.csv");
        assert_eq!(shell_word("my houses.csv"), "'my houses.csv'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("é\u{1b}[31m'\\"), r"$'\xc3\xa9\x1b[31m\'\\'");
    }

    #[test]
    fn long_text_is_cut_between_letters() {
        assert_eq!(label(&"ä".repeat(60)), "ä".repeat(60));
        assert_eq!(label(&"ä".repeat(70_000)), "ä".repeat(60) + "…");
        assert_eq!(quoted(&"x".repeat(61)), format!("\"{}\"…", "x".repeat(60)));
    }
}
