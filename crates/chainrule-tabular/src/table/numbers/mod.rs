//! Numbers as people write them: with a decimal comma, in groups of digits, with a currency, a percent sign or a unit.
//!
//! A cell alone does not say how it is meant: 1,234 is one number with a decimal comma and another with groups of
//! digits. So a format is looked for that reads the whole column, and each cell is read by that format or not at all.

mod formats;
pub(super) mod magnitudes;
mod odd_form;
mod plain;
mod written;

use formats::formats;
pub(super) use formats::{Candidates, Evidence, plain_in};
pub(super) use odd_form::odd_form;
pub(super) use plain::{Point, plain};
pub(super) use written::read;
use written::{read_written, take_apart};

/// Whether a text is a number in any of the usual forms.
pub(super) fn looks_like_a_number(text: &str) -> bool {
    let is_written = |written| {
        formats()
            .iter()
            .any(|format| read_written(&written, format).is_some())
    };
    plain(text.as_bytes()).is_some() || take_apart(text).is_some_and(is_written)
}
