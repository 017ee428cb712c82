//! Thousands, millions and thousand millions as people shorten them: 565K, 1.5M, 2B.

use super::written::Written;

/// What is said of a column whose numbers are read so.
pub(in super::super) const NOTE: &str =
    "K, M and B are read as thousands, millions and thousand millions";

/// What a letter behind the digits multiplies them by.
pub(super) fn magnitude(behind: &str) -> Option<f64> {
    match behind {
        "k" | "K" => Some(1e3),
        "M" => Some(1e6),
        "B" | "Bn" | "bn" => Some(1e9),
        _ => None,
    }
}

/// Whether a column's letters are magnitudes: of one letter alone nobody knows whether it is a unit, such as metres.
pub(super) fn are_in<'a>(numbers: impl Iterator<Item = &'a Written<'a>>) -> bool {
    let mut magnitudes = numbers.filter_map(|written| magnitude(written.behind));
    let first = magnitudes.next();
    magnitudes.any(|other| Some(other) != first)
}
