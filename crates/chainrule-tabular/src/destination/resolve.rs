//! What a path leads to: a file, a device or pipe, or a descriptor that is open in this process.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// More links than this in a row are a circle, as the operating system also sees it.
const MOST_LINKS: usize = 40;

/// Where something is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// An ordinary file, a folder, or nothing yet: the path behind all links.
    File(PathBuf),
    /// A device or a pipe.
    Stream(PathBuf),
    /// An open descriptor of this process, such as `/dev/stdout`. What it leads to may well be a file: one that
    /// somebody else has opened, and to which more may be written.
    Descriptor {
        /// The path that opens it.
        path: PathBuf,
        /// Its number.
        number: u32,
    },
}

/// Follows links one by one, so that one that leads to nothing yet is followed too.
pub(super) fn resolve(path: &Path) -> io::Result<Place> {
    let mut path = path.to_path_buf();
    for _ in 0..=MOST_LINKS {
        if let Some(number) = descriptor_number(&path) {
            return Ok(Place::Descriptor { path, number });
        }
        match fs::symlink_metadata(&path) {
            Ok(there) if there.is_symlink() => {
                let next = fs::read_link(&path)?;
                path = path.parent().unwrap_or(Path::new("")).join(next);
            }
            Ok(there) if there.is_file() || there.is_dir() => return Ok(Place::File(path)),
            Ok(_) => return Ok(Place::Stream(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Place::File(path)),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("its links lead in a circle"))
}

/// The number of the open descriptor that a path names, as `/proc/self/fd/1` and `/dev/fd/1` do.
fn descriptor_number(path: &Path) -> Option<u32> {
    let number = path.file_name()?.to_str()?.parse().ok()?;
    let folder = fs::canonicalize(path.parent()?).ok()?;
    let own = Path::new("/proc").join(std::process::id().to_string());
    let is_own = folder == Path::new("/dev/fd")
        || (folder.starts_with(own) && folder.file_name().is_some_and(|name| name == "fd"));
    is_own.then_some(number)
}
