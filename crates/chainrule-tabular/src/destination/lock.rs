//! One at a time: a lock beside a file, held by the process that works on its content.
//!
//! The operating system ends an advisory lock with the process that holds it, however that dies, so no lock has ever to
//! be broken by hand. It lies on a file of its own, `.NAME.chainrule.lock`, because the file itself is replaced at each
//! writing and a lock would stay with the old one. Whoever is done removes it; what a killed process leaves, the next
//! one takes over.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process;

use thiserror::Error;

use super::beside::short_name;
use super::folder_of;

/// The end of a lock's name.
pub(super) const SUFFIX: &str = ".chainrule.lock";

/// How often a lock is taken that its last holder has just removed.
const ATTEMPTS: u32 = 1000;

/// A lock that is held.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    _file: File,
}

/// Why there is no lock.
#[derive(Debug, Error)]
pub enum LockError {
    /// Somebody else has it.
    #[error("another process{} is working on it", number(*process))]
    Held {
        /// The holder's number, if it can be read.
        process: Option<u32>,
    },
    /// It cannot be made.
    #[error("no lock can be made beside it: {0}")]
    Io(#[from] io::Error),
}

fn number(process: Option<u32>) -> String {
    process.map_or_else(String::new, |number| format!(" ({number})"))
}

impl Lock {
    /// The lock of a file, which need not exist.
    pub(super) fn of(target: &Path) -> Result<Self, LockError> {
        let path = folder_of(target).join(format!(".{}{SUFFIX}", short_name(target)));
        for _ in 0..ATTEMPTS {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let process = holder(&mut file);
                    return Err(LockError::Held { process });
                }
                // A file system without locks: two at once cannot be told apart there, but one alone must be able to
                // work.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
            if is_still_there(&file, &path) {
                file.set_len(0)?;
                write!(file, "{}", process::id())?;
                return Ok(Lock { path, _file: file });
            }
        }
        Err(io::Error::other("it is removed again and again").into())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Before it is given back, or it could be another's by now.
        let _ = fs::remove_file(&self.path);
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Whether the path still leads to the file, which its last holder may have removed after it was opened here.
#[cfg(unix)]
fn is_still_there(file: &File, path: &Path) -> bool {
    file.metadata().is_ok_and(|file| super::is_at(&file, path))
}

/// Elsewhere a file that is open stays where it is.
#[cfg(not(unix))]
fn is_still_there(_file: &File, _path: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_by_one_and_leaves_nothing_when_it_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("model");
        let lock = Lock::of(&target).unwrap();
        let held = Lock::of(&target).unwrap_err().to_string();
        let expected = format!("another process ({}) is working on it", process::id());
        assert_eq!(held, expected);
        drop(lock);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        Lock::of(&target).unwrap();
    }

    #[test]
    fn what_a_killed_process_left_is_no_obstacle() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("model");
        fs::write(folder.path().join(".model.chainrule.lock"), "4000000000").unwrap();
        drop(Lock::of(&target).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn of_many_who_take_and_give_back_never_two_hold_it() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("model");
        let (holders, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        let Ok(lock) = Lock::of(&target) else {
                            continue;
                        };
                        assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0);
                        taken.fetch_add(1, Ordering::SeqCst);
                        holders.fetch_sub(1, Ordering::SeqCst);
                        drop(lock);
                    }
                });
            }
        });
        assert!(taken.into_inner() > 0);
    }
}
