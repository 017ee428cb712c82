//! Long work while the interpreter is released: on several threads where that pays, and with an ear for Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use chainrule::{processors, with_threads};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// How often Python's signals are looked at.
pub const SIGNALS: Duration = Duration::from_millis(20);

/// Multiplications below which work is done about as soon as other threads have begun: some milliseconds of one.
const SHARED: usize = 1 << 26;

/// `threads` where so many multiplications are worth being shared, else 1.
pub fn worth(threads: usize, multiplications: usize) -> usize {
    if multiplications < SHARED { 1 } else { threads }
}

/// Runs `work` where its parts are shared among `threads` threads, but no more than there are processors; 0 for all of
/// them. The result is the same for any number.
pub fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    // Asking the system how many it has takes longer than a small network's prediction.
    let threads = if threads == 1 {
        1
    } else {
        threads.min(processors())
    };
    with_threads(threads, work).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

/// Runs `work` on a thread of its own while the calling one waits for it and looks after Python's signals: handlers run
/// on the main thread alone. What they raise comes second, and turns the flag true that `work` is to end by.
pub fn interruptible<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&AtomicBool) -> T + Send,
) -> (T, Option<PyErr>) {
    let stop = AtomicBool::new(false);
    let stop = &stop;
    let mut raised = None;
    let result = py.detach(|| {
        std::thread::scope(|scope| {
            // Its other end is dropped when the work ends, however it ends.
            let (running, ended) = channel::<()>();
            let worker = scope.spawn(move || {
                let _running = running;
                work(stop)
            });
            while ended.recv_timeout(SIGNALS) == Err(RecvTimeoutError::Timeout) {
                if raised.is_none() {
                    raised = Python::attach(|py| py.check_signals()).err();
                    stop.store(raised.is_some(), Ordering::Relaxed);
                }
            }
            worker.join()
        })
    });
    match result {
        Ok(result) => (result, raised),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}
