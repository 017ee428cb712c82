//! Signals that ask a training to stop: Ctrl-C, a scheduler's SIGTERM, the SIGHUP of a terminal that is closed.
//!
//! The first asks for the end after the current step. After it, Ctrl-C ends the process at once; the other two have
//! SIGKILL for that, and are often sent twice.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::failure::{Failure, say};

/// What is added to a signal's number for the exit code, as shells do.
const SIGNALLED: i32 = 128;

/// Whether a signal has asked for the end.
#[derive(Clone)]
pub struct Interrupt {
    /// The signal's number; 0 before it.
    signal: Arc<AtomicI32>,
}

impl Interrupt {
    /// Catches the signals from now on, for everybody who asks.
    pub fn catch() -> Result<Self, Failure> {
        static CAUGHT: Mutex<Option<Interrupt>> = Mutex::new(None);
        let mut caught = CAUGHT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(caught) = &*caught {
            return Ok(caught.clone());
        }
        let signal = Arc::new(AtomicI32::new(0));
        listen(Arc::clone(&signal))
            .map_err(|error| Failure::Message(format!("Ctrl-C cannot be caught: {error}")))?;
        Ok(caught.insert(Interrupt { signal }).clone())
    }

    /// Whether it is time to stop.
    pub fn pressed(&self) -> bool {
        self.signal.load(Ordering::Relaxed) != 0
    }

    /// How a process ends that such a signal has stopped: 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.
    pub fn exit_code(&self) -> u8 {
        u8::try_from(SIGNALLED + self.signal.load(Ordering::Relaxed)).unwrap_or(1)
    }
}

fn tell() {
    say("stopping after this step; Ctrl-C again stops at once");
}

#[cfg(unix)]
fn listen(seen: Arc<AtomicI32>) -> std::io::Result<()> {
    use std::time::{Duration, Instant};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    /// Signals so close to the first are the same press: a terminal, a shell and `timeout` may each pass it on.
    const SAME_PRESS: Duration = Duration::from_millis(300);

    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    if !hang_up_is_ignored() {
        signals.add_signal(SIGHUP)?;
    }
    std::thread::Builder::new().spawn(move || {
        let mut first: Option<Instant> = None;
        for signal in signals.forever() {
            match first {
                None => {
                    first = Some(Instant::now());
                    seen.store(signal, Ordering::SeqCst);
                    tell();
                }
                Some(first) if signal == SIGINT && first.elapsed() >= SAME_PRESS => {
                    std::process::exit(SIGNALLED + signal);
                }
                Some(_) => {}
            }
        }
    })?;
    Ok(())
}

/// Whether SIGHUP was ignored when the process began, as `nohup` arranges it: then a closed terminal is no reason to
/// stop.
#[cfg(unix)]
fn hang_up_is_ignored() -> bool {
    // Where there is no such file, nobody can be asked without unsafe code.
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else {
        return false;
    };
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // The first bit is signal 1's.
    mask.is_some_and(|mask| mask >> (signal_hook::consts::SIGHUP - 1) & 1 == 1)
}

#[cfg(not(unix))]
fn listen(seen: Arc<AtomicI32>) -> std::io::Result<()> {
    use signal_hook::consts::SIGINT;
    use std::sync::atomic::AtomicBool;

    let pressed = Arc::new(AtomicBool::new(false));
    // In this order, so that only the second press ends the process.
    signal_hook::flag::register_conditional_shutdown(
        SIGINT,
        SIGNALLED + SIGINT,
        Arc::clone(&pressed),
    )?;
    signal_hook::flag::register(SIGINT, Arc::clone(&pressed))?;
    std::thread::Builder::new().spawn(move || {
        while !pressed.load(Ordering::SeqCst) {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        seen.store(SIGINT, Ordering::SeqCst);
        tell();
    })?;
    Ok(())
}

/// Lets a write beyond the limit on a file's size fail with an error instead of ending the process.
#[cfg(unix)]
pub fn survive_size_limit() {
    // Should it not be caught, then the process ends as it would have.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

#[cfg(not(unix))]
pub fn survive_size_limit() {}
