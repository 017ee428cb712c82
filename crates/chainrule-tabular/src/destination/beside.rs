//! A temporary file beside the file whose place it takes, and what is done about those that a killed process left.
//!
//! Its name, `.NAME.chainrule-PROCESS-N.tmp`, says whose it is. A lock on it says whether it is still in use: a lock
//! ends with its process, while a process's number means nothing on another machine or in another container.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process;

use super::{folder_of, is_at};

/// Attempts to find a name that is free.
const ATTEMPTS: u32 = 1000;

/// Of a file's name, what its companions' names can hold without becoming too long for the file system.
const NAME_LENGTH: usize = 100;

/// A file that vanishes unless it takes the place of another.
#[derive(Debug)]
pub(super) struct Beside {
    file: File,
    path: PathBuf,
    has_taken_place: bool,
}

impl Beside {
    /// A new file in the folder of `target`, `private` to its owner or with the permissions that the umask leaves.
    pub(super) fn of(target: &Path, private: bool) -> io::Result<Self> {
        let folder = folder_of(target);
        remove_leftovers(folder);
        let name = short_name(target);
        for n in 0..ATTEMPTS {
            let path = folder.join(format!(".{name}.chainrule-{}-{n}.tmp", process::id()));
            let file = match create_new(&path, private) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                file => file?,
            };
            // Somebody who looks for leftovers may have been faster. Where the file system has no locks, nobody looks.
            let is_lost = matches!(file.try_lock(), Err(TryLockError::WouldBlock));
            if !is_lost && fs::exists(&path)? {
                return Ok(Beside {
                    file,
                    path,
                    has_taken_place: false,
                });
            }
        }
        Err(io::Error::other("no name for a temporary file is free"))
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    pub(super) fn rename_to(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.has_taken_place = true;
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.has_taken_place {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(unix)]
fn create_new(path: &Path, private: bool) -> io::Result<File> {
    use std::fs::OpenOptions;
    use std::os::unix::fs::OpenOptionsExt;
    let mode = if private { 0o600 } else { 0o666 };
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
}

#[cfg(not(unix))]
fn create_new(path: &Path, _private: bool) -> io::Result<File> {
    File::create_new(path)
}

/// The name of a file, shortened, as part of its companions' names.
pub(super) fn short_name(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let ends = name
        .char_indices()
        .map(|(at, letter)| at + letter.len_utf8());
    let end = ends.take_while(|&end| end <= NAME_LENGTH).last();
    name[..end.unwrap_or(0)].to_owned()
}

/// Removes the temporary files and locks that dead processes left in a folder. Whatever hinders it hinders no writing.
fn remove_leftovers(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_file || !is_companion(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let path = entry.path();
        let Ok(file) = File::open(&path) else {
            continue;
        };
        let is_left =
            file.try_lock().is_ok() && file.metadata().is_ok_and(|file| is_at(&file, &path));
        if is_left {
            let _ = fs::remove_file(&path);
        }
    }
}

/// Whether a name is one that this program gives to temporary files and locks.
fn is_companion(name: &str) -> bool {
    let Some(name) = name.strip_prefix('.') else {
        return false;
    };
    if name.ends_with(super::lock::SUFFIX) {
        return true;
    }
    let numbers = name
        .strip_suffix(".tmp")
        .and_then(|name| name.rsplit_once(".chainrule-"))
        .and_then(|(_, numbers)| numbers.split_once('-'));
    let is_number = |text: &str| text.parse::<u32>().is_ok();
    numbers.is_some_and(|(process, n)| is_number(process) && is_number(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_programs_own_names_are_taken_for_leftovers() {
        for name in [
            ".m.chainrule-12-0.tmp",
            ".a.b.chainrule-1-17.tmp",
            ".m.chainrule.lock",
        ] {
            assert!(is_companion(name), "{name}");
        }
        for name in [
            "m.chainrule-12-0.tmp",
            ".m.chainrule-12.tmp",
            ".m.chainrule-x-0.tmp",
            ".m.tmp",
            ".chainrule-12-0",
            "m.chainrule.lock",
        ] {
            assert!(!is_companion(name), "{name}");
        }
    }

    #[test]
    fn what_a_dead_process_left_is_removed_and_what_a_living_one_uses_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at(".model.chainrule-4000000000-0.tmp"), "half").unwrap();
        fs::write(at(".other.chainrule.lock"), "4000000000").unwrap();
        fs::write(at("notes.tmp"), "mine").unwrap();
        let in_use = Beside::of(&at("table.csv"), false).unwrap();
        drop(Beside::of(&at("model"), false).unwrap());
        let mut names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let used = in_use.path.file_name().unwrap().to_str().unwrap();
        assert_eq!(names, [used, "notes.tmp"]);
    }

    #[test]
    fn a_long_name_is_shortened_between_letters() {
        let name = "ä".repeat(120);
        let short = short_name(Path::new(&name));
        assert_eq!(short, "ä".repeat(50));
    }
}
