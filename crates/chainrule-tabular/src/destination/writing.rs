//! A result on its way to its destination, piece by piece: what is not finished leaves a file as it was.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use super::beside::Beside;
use super::resolve::Place;
use super::{descriptor, expect_replaceable, folder_of, keep_owner_and_permissions, sync_folder};

/// What [`Destination::begin`](super::Destination::begin) gives. Nothing is held in memory.
#[derive(Debug)]
pub struct Writing(To);

#[derive(Debug)]
enum To {
    /// A file beside the one whose place it takes.
    File {
        beside: Beside,
        target: PathBuf,
        there: Option<Metadata>,
    },
    /// What takes bytes as they come; it is opened for the first of them.
    Stream { place: Place, open: Option<File> },
}

impl Writing {
    pub(super) fn to(place: &Place) -> io::Result<Writing> {
        let Place::File(target) = place else {
            return Ok(Writing(To::Stream {
                place: place.clone(),
                open: None,
            }));
        };
        let there = expect_replaceable(target)?;
        Ok(Writing(To::File {
            beside: Beside::of(target, there.is_some())?,
            target: target.clone(),
            there,
        }))
    }

    /// Puts a file in its place.
    ///
    /// # Errors
    ///
    /// If the operating system refuses. The file is then what it was before.
    pub fn finish(self) -> io::Result<()> {
        let To::File {
            mut beside,
            target,
            there,
        } = self.0
        else {
            return Ok(());
        };
        if let Some(there) = there {
            keep_owner_and_permissions(beside.file(), &there)?;
        }
        beside.file().sync_all()?; // or a crash could find the name on the disk before the content
        beside.rename_to(&target)?;
        sync_folder(folder_of(&target))
    }
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            To::File { beside, .. } => beside.file().write(bytes),
            To::Stream { place, open } => {
                let file = match open {
                    Some(file) => file,
                    None => open.insert(opened(place)?),
                };
                file.write(bytes)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(()) // nothing is held back
    }
}

fn opened(place: &Place) -> io::Result<File> {
    match place {
        Place::File(path) | Place::Stream(path) => OpenOptions::new().write(true).open(path),
        Place::Descriptor { path, number } => descriptor(path, *number),
    }
}
