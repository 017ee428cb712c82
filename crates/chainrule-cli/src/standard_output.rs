//! Standard output, also where it was closed before the process began.

use std::io::{self, StdoutLock, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether standard output was closed when the process began, as `>&-` leaves it.
static WAS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Looks before Rust's runtime does, which opens `/dev/null` in the place of what is closed and so hides that results
/// are lost.
#[cfg(unix)]
#[ctor::ctor(unsafe)]
fn look() {
    let descriptor = rustix::io::fcntl_getfd(rustix::stdio::stdout());
    WAS_CLOSED.store(descriptor.is_err(), Ordering::Relaxed);
}

/// Fails if nothing that is written to standard output can arrive anywhere.
pub fn expect_open() -> io::Result<()> {
    if WAS_CLOSED.load(Ordering::Relaxed) {
        return Err(io::Error::other("it is closed"));
    }
    Ok(())
}

/// Standard output, which fails at the first byte if it was closed: a command that prints nothing needs none.
pub struct StandardOutput(StdoutLock<'static>);

impl StandardOutput {
    /// Takes it for this thread.
    pub fn lock() -> Self {
        StandardOutput(io::stdout().lock())
    }
}

impl Write for StandardOutput {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        expect_open()?;
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
