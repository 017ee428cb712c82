//! Errors of the operating system in words alone.

use std::io;

/// What went wrong, without the system's number for it: "No space left on device".
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let number = error
        .raw_os_error()
        .map(|code| format!(" (os error {code})"));
    let words = number.and_then(|number| text.strip_suffix(&number));
    words.unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_number_is_left_out_and_words_of_ones_own_are_kept() {
        let error = io::Error::from_raw_os_error(28);
        assert!(error.to_string().contains("(os error"), "{error}");
        assert!(!reason(&error).contains("os error"), "{}", reason(&error));
        assert_eq!(
            reason(&io::Error::other("it is a folder")),
            "it is a folder"
        );
    }
}
