//! Panics of a library that reads files, which are errors of the file like any other: caught, and not shown.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether this thread runs what may panic.
    static CATCHES: Cell<bool> = const { Cell::new(false) };
}

/// Runs what reads or writes a file; where the library panics, the error is made of a sentence that says so.
pub(super) fn sound<T, E>(
    work: impl FnOnce() -> Result<T, E>,
    error: impl FnOnce(String) -> E,
) -> Result<T, E> {
    caught(work).unwrap_or_else(|| Err(error("the file is damaged".to_owned())))
}

/// Runs some work; None where it panics. No message of that panic appears.
fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !CATCHES.get() {
                usual(info);
            }
        }));
    });
    let outer = CATCHES.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    CATCHES.set(outer);
    result.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_nothing_and_what_runs_through_is_handed_on() {
        assert_eq!(caught(|| 3), Some(3));
        assert_eq!(caught(|| -> u8 { panic!("damaged") }), None);
        assert!(!CATCHES.get());
    }
}
