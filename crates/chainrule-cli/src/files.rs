//! Files that a command writes: tried out before the work that fills them, kept apart from what it reads, written whole
//! or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chainrule_tabular::{Destination, Writing, reason, same_file};

use crate::failure::Failure;
use crate::standard_output;

/// Writes the whole file, or leaves what was there.
pub fn write_whole(path: &Path, content: &[u8]) -> Result<(), Failure> {
    chainrule_tabular::write_whole(path, content).map_err(|error| unwritable(path, &error))
}

/// Writes a result piece by piece: all of it, or what was there is left.
pub fn write_in_pieces(
    path: &Path,
    write: impl FnOnce(&mut Pieces) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let unwritable = |error: io::Error| unwritable(path, &error);
    let place = Destination::of(path).map_err(unwritable)?;
    let mut pieces = Pieces {
        writing: place.begin().map_err(unwritable)?,
        refused: false,
    };
    match write(&mut pieces) {
        // What is written with a bare `?` is otherwise taken for standard output.
        Err(Failure::Output(error)) if pieces.refused => Err(unwritable(error)),
        Err(failure) => Err(failure),
        Ok(()) => pieces.writing.finish().map_err(unwritable),
    }
}

/// Where the pieces go, and whether one of them was refused.
pub struct Pieces {
    writing: Writing,
    refused: bool,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writing.write(bytes);
        self.refused |= written.is_err();
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writing.flush()
    }
}

/// Where a path leads. Fails now, with the message that writing would fail with later, if nothing can be written there.
pub fn expect_writable(path: &Path) -> Result<Destination, Failure> {
    try_out(path).map_err(|error| unwritable(path, &error))
}

fn try_out(path: &Path) -> io::Result<Destination> {
    let place = Destination::of(path)?;
    if place.is_standard_output() {
        standard_output::expect_open()?;
    }
    place.try_out()?;
    Ok(place)
}

/// Where what is told goes: to `out`, standard output, unless that carries a result itself.
pub fn told_beside<'a>(results: &[&Destination], out: &'a mut dyn Write) -> Box<dyn Write + 'a> {
    if results.iter().any(|result| result.is_standard_output()) {
        Box::new(io::stderr())
    } else {
        Box::new(out)
    }
}

/// Fails if what is to be written would take the place of something that is read.
pub fn expect_apart<'a>(
    written: &Path,
    read: impl IntoIterator<Item = &'a Path>,
) -> Result<(), Failure> {
    for read in read {
        if is_file(input(read)) && same_file(written, input(read)) {
            return Err(Failure::Message(format!(
                "{} would take the place of {}, which is read: give it another name",
                written.display(),
                name(read)
            )));
        }
    }
    Ok(())
}

/// Fails if two of the files that are to be written, each with the option that names it, are one.
pub fn expect_different(written: &[(&str, &Path)]) -> Result<(), Failure> {
    for (nth, (option, path)) in written.iter().enumerate() {
        let same = |other: &&(&str, &Path)| is_one_file(path, other.1);
        if let Some((other, _)) = written[..nth].iter().find(same) {
            return Err(Failure::Usage(format!(
                "{option} and {other} name the same file: give them different ones"
            )));
        }
    }
    Ok(())
}

/// Whether two paths lead to one file, or would if it were there.
fn is_one_file(a: &Path, b: &Path) -> bool {
    let target = |path: &Path| {
        let place = Destination::of(path).ok()?;
        let file = place.file()?;
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        Some(fs::canonicalize(folder).ok()?.join(file.file_name()?))
    };
    same_file(a, b) || target(a).is_some_and(|a| Some(a) == target(b))
}

/// Fails if standard output goes into a file that is read, as with `>> table.csv`.
pub fn expect_apart_from_output<'a>(
    read: impl IntoIterator<Item = &'a Path>,
) -> Result<(), Failure> {
    for read in read {
        let read_from = input(read);
        let is_output = is_file(read_from)
            && Destination::of(read_from).is_ok_and(|place| place.is_standard_output());
        if is_output {
            return Err(Failure::Message(format!(
                "standard output goes into {}, which is read: give it another file",
                name(read)
            )));
        }
    }
    Ok(())
}

/// Devices and pipes may be read and written at once.
fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|there| there.is_file())
}

/// A file's path with something behind its name and before its ending: `model.safetensors` with `-2` is
/// `model-2.safetensors`.
pub fn with_addition(file: &Path, addition: &str) -> PathBuf {
    let mut name = file.file_stem().unwrap_or_default().to_os_string();
    name.push(addition);
    if let Some(extension) = file.extension() {
        name.push(".");
        name.push(extension);
    }
    file.with_file_name(name)
}

/// The path of what is read, also of standard input.
fn input(path: &Path) -> &Path {
    if path == Path::new("-") {
        Path::new("/dev/stdin")
    } else {
        path
    }
}

fn name(read: &Path) -> String {
    if read == Path::new("-") {
        "standard input".to_owned()
    } else {
        read.display().to_string()
    }
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
    fn an_addition_stands_before_the_ending() {
        let numbered = |model: &str| with_addition(Path::new(model), "-2");
        assert_eq!(
            numbered("a/model.safetensors"),
            Path::new("a/model-2.safetensors")
        );
        assert_eq!(numbered("model"), Path::new("model-2"));
    }
}
