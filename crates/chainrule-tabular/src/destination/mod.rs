//! Where a result goes, and how it gets there: whole or not at all into a file, byte by byte into a device or a pipe.
//!
//! A file is written beside the place that its path leads to and takes that place by a rename. Links keep pointing
//! where they point, and the file keeps its permissions and its owner. How the bytes come about is not known here.

mod beside;
mod lock;
mod resolve;
mod writing;

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use beside::Beside;
pub use lock::{Lock, LockError};
use resolve::{Place, resolve};
pub use writing::Writing;

/// What a path stands for when something is written to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    place: Place,
}

impl Destination {
    /// Follows the links of `path` and finds out what is there.
    ///
    /// # Errors
    ///
    /// If links lead in a circle or the operating system does not let them be followed.
    pub fn of(path: &Path) -> io::Result<Self> {
        let place = resolve(path)?;
        Ok(Destination { place })
    }

    /// The path behind all links, if an ordinary file is there or nothing yet. A device or a pipe has none.
    pub fn file(&self) -> Option<&Path> {
        match &self.place {
            Place::File(target) => Some(target),
            Place::Stream(_) | Place::Descriptor { .. } => None,
        }
    }

    /// Whether what is written here arrives on the process's standard output, under whichever name.
    pub fn is_standard_output(&self) -> bool {
        match &self.place {
            Place::Descriptor { number: 1, .. } => true,
            Place::Descriptor { path, .. } | Place::Stream(path) | Place::File(path) => {
                standard_output().is_some_and(|out| is_at(&out, path))
            }
        }
    }

    /// Fails now with what [`write`](Self::write) would fail with.
    ///
    /// # Errors
    ///
    /// If nothing can be written here.
    pub fn try_out(&self) -> io::Result<()> {
        match &self.place {
            Place::File(target) => {
                expect_replaceable(target)?;
                Beside::of(target, false).map(drop)
            }
            // No more than a look: to open a pipe would wait for its reader.
            Place::Stream(path) | Place::Descriptor { path, .. } => fs::metadata(path).map(drop),
        }
    }

    /// Writes `bytes`: into a file whole or not at all, into a device, a pipe or an open descriptor one after the
    /// other.
    ///
    /// # Errors
    ///
    /// If the operating system refuses. A file is then what it was before.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut writing = self.begin()?;
        writing.write_all(bytes)?;
        writing.finish()
    }

    /// The same piece by piece, for what is too large to be held in memory: a file takes its place with
    /// [`Writing::finish`] and vanishes without.
    ///
    /// # Errors
    ///
    /// If nothing can be written here.
    pub fn begin(&self) -> io::Result<Writing> {
        Writing::to(&self.place)
    }

    /// Keeps others from taking the same lock as long as it lives. `None` for what is no file: it cannot be replaced,
    /// so that nothing has to be kept from it.
    ///
    /// # Errors
    ///
    /// If somebody else holds it, or it cannot be made.
    pub fn lock(&self) -> Result<Option<Lock>, LockError> {
        self.file().map(Lock::of).transpose()
    }
}

/// [`Destination::write`] to a path.
///
/// # Errors
///
/// If nothing can be written there. A file is then what it was before.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Destination::of(path)?.write(bytes)
}

/// Whether two paths lead to one file, be it by links, by hard links or by other spellings.
pub fn same_file(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(there), Ok(_)) => is_at(&there, b) || have_one_name(a, b),
        _ => false,
    }
}

fn have_one_name(a: &Path, b: &Path) -> bool {
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

/// What is known of the file that is there. Fails where no file can take its place.
fn expect_replaceable(target: &Path) -> io::Result<Option<Metadata>> {
    let there = match fs::metadata(target) {
        Ok(there) => there,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = folder_of(target);
            if folder.is_dir() {
                return Ok(None);
            }
            let message = format!("there is no folder {}", folder.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        Err(error) => return Err(error),
    };
    if there.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    // A rename would not ask.
    if there.permissions().readonly() {
        let message = "it is read-only";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    Ok(Some(there))
}

fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Gives a file the owner and the permissions of another.
#[cfg(unix)]
fn keep_owner_and_permissions(file: &File, of: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    // Only the superuser gives files away. Everybody else becomes the owner, and keeps the group if it is one of
    // theirs.
    if fchown(file, Some(of.uid()), Some(of.gid())).is_err() {
        let _ = fchown(file, None, Some(of.gid()));
    }
    file.set_permissions(of.permissions()) // last, for a change of the owner takes some of them away
}

#[cfg(not(unix))]
fn keep_owner_and_permissions(_file: &File, _of: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Makes a rename in the folder outlive a power cut.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some file systems have no such thing.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        result => result,
    }
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// A descriptor that this process has open, to write where its other writers do: after `>> all.csv` that is the end of
/// the file.
fn descriptor(path: &Path, number: u32) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        match number {
            1 => return io::stdout().as_fd().try_clone_to_owned().map(File::from),
            2 => return io::stderr().as_fd().try_clone_to_owned().map(File::from),
            _ => {}
        }
    }
    let _ = number;
    OpenOptions::new().append(true).open(path)
}

/// What standard output is, unless a device such as `/dev/null`, which carries nothing away.
#[cfg(unix)]
fn standard_output() -> Option<Metadata> {
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;
    let out = io::stdout().as_fd().try_clone_to_owned().ok()?;
    let out = File::from(out).metadata().ok()?;
    (!out.file_type().is_char_device()).then_some(out)
}

#[cfg(not(unix))]
fn standard_output() -> Option<Metadata> {
    None
}

/// Whether `path` leads to the very file that was looked at.
#[cfg(unix)]
fn is_at(file: &Metadata, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).is_ok_and(|there| (there.dev(), there.ino()) == (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn is_at(_file: &Metadata, _path: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests;
