//! Ctrl-C: the first asks the training to stop after its step, the second ends the process at once.

use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::{Failure, say};

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
        let handler = move || {
            if seen.swap(true, Ordering::SeqCst) {
                process::exit(130);
            }
            say("stopping after this step; Ctrl-C again stops at once");
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
