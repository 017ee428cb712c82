//! Output files: tried out before the work that fills them, written whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, reason};

/// Writes the whole file, or leaves what was there.
pub fn write_whole(path: &Path, content: &[u8]) -> Result<(), Failure> {
    chainrule_tabular::write_whole(path, content).map_err(|error| unwritable(path, &error))
}

/// Fails now, with the message that writing would fail with later, if no file can be put there.
pub fn expect_writable(path: &Path) -> Result<(), Failure> {
    try_out(path).map_err(|error| unwritable(path, &error))
}

fn try_out(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(there) if there.is_dir() => return Err(io::Error::other("it is a folder")),
        Ok(there) if there.permissions().readonly() => {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        // A device or a pipe is written to directly; opening a pipe here would wait for its reader.
        Ok(there) if !there.is_file() => return Ok(()),
        _ => {}
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    };
    if !folder.is_dir() {
        return Err(io::Error::other(format!(
            "there is no folder {}",
            folder.display()
        )));
    }
    tempfile::tempfile_in(folder).map(drop)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::Message(format!(
        "{} cannot be written: {}",
        path.display(),
        reason(error)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trying_out_a_place_leaves_no_file_and_tells_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        expect_writable(&folder.path().join("model.safetensors")).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        let message = |path: &Path| match expect_writable(path) {
            Err(Failure::Message(message)) => message,
            other => panic!("{other:?}"),
        };
        assert!(message(folder.path()).ends_with("cannot be written: it is a folder"));
        assert!(
            message(&folder.path().join("missing/model.safetensors"))
                .contains("cannot be written: there is no folder")
        );
    }
}
