//! Writing a file as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Writes `bytes` beside `path` and renames, so that whoever opens `path` finds the old content or the new, and an
/// interruption or a full disk leaves nothing half-written.
///
/// A symbolic link keeps pointing where it points. What is there and is no ordinary file (`/dev/stdout`, a pipe) is written
/// to directly, for to replace it would destroy it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(there) if there.is_dir() => return Err(io::Error::other("it is a folder")),
        Ok(there) if !there.is_file() => {
            return OpenOptions::new().write(true).open(path)?.write_all(bytes);
        }
        _ => {}
    }
    let destination = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let folder = match destination.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        let message = format!("there is no folder {}", folder.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, message));
    }
    // An ordinary new file has the permissions that the user's umask leaves; a temporary one would be private.
    let mut file = tempfile::Builder::new()
        .prefix(".chainrule-")
        .make_in(folder, |beside| File::create_new(beside))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?; // or a crash could find the name on the disk before the content
    file.persist(&destination)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        for content in ["first", "second, longer"] {
            write_whole(&path, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        assert_eq!(entries(folder.path()), 1);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("missing").join("model");
        let message = write_whole(&inside, b"x").unwrap_err().to_string();
        assert!(message.starts_with("there is no folder "), "{message}");
        let message = write_whole(folder.path(), b"x").unwrap_err().to_string();
        assert_eq!(message, "it is a folder");
        assert_eq!(entries(folder.path()), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("model"), folder.path().join("latest"));
        fs::write(&path, "old").unwrap();
        std::os::unix::fs::symlink("model", &link).unwrap();
        write_whole(&link, b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_reported() {
        let error = write_whole(Path::new("/dev/full"), b"x").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(!Path::new("/dev/full").is_file());
    }
}
