//! Panics as Python's errors: whatever is wrong, `except Exception` catches it.
//!
//! PyO3 would raise a `PanicException`, which is no `Exception`, so that a server's or a notebook's last line of
//! defence would not hold. Every function that does more than hand out what it has runs inside of [`caught`];
//! `test_panics.py` reads that they do.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// Runs `work`; its panic becomes a `RuntimeError` with the panic's message.
///
/// What `work` was changing may be half-changed then, but it is never memory that nobody owns: there is no `unsafe` in
/// this crate.
pub fn caught<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let message = message(&*panic);
        Err(PyRuntimeError::new_err(format!(
            "a fault of chainrule, not of yours: {message}"
        )))
    })
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it panicked without a message")
}
