//! Ctrl-C: the first asks the training to stop after its step, the second ends the process at once.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::failure::{Failure, say};

/// Signals so close to the first are the same press: a terminal, a shell and `timeout` may each pass it on.
const SAME_PRESS: Duration = Duration::from_millis(300);

/// Whether Ctrl-C has been pressed.
#[derive(Clone)]
pub struct Interrupt {
    pressed: Arc<AtomicBool>,
}

impl Interrupt {
    /// Catches Ctrl-C from now on.
    pub fn catch() -> Result<Self, Failure> {
        let pressed = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&pressed);
        let mut first: Option<Instant> = None;
        let handler = move || match first {
            None => {
                first = Some(Instant::now());
                seen.store(true, Ordering::SeqCst);
                say("stopping after this step; Ctrl-C again stops at once");
            }
            Some(first) if first.elapsed() < SAME_PRESS => {}
            Some(_) => process::exit(130),
        };
        ctrlc::set_handler(handler)
            .map_err(|error| Failure::Message(format!("Ctrl-C cannot be caught: {error}")))?;
        Ok(Interrupt { pressed })
    }

    /// Whether it is time to stop.
    pub fn pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }
}
