//! What belongs to the repository, and what cargo knows of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::process;

/// Every file that is, or could be, committed: paths from the root, what `.gitignore` excludes left out.
pub fn files(root: &Path) -> Result<BTreeSet<PathBuf>, String> {
    let mut git = Command::new("git");
    git.current_dir(root).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let listed = process::output(&mut git)?;
    let names = listed.split_terminator('\0').map(PathBuf::from);
    Ok(names.filter(|name| root.join(name).is_file()).collect())
}

/// The Markdown pages among [`files`], with their text.
pub fn pages(root: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    let names = files(root)?
        .into_iter()
        .filter(|name| name.extension().is_some_and(|e| e == "md"));
    names
        .map(|name| Ok((name.clone(), read(&root.join(name))?)))
        .collect()
}

/// A file's text, or a sentence that says why not.
pub fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// `cargo metadata`. Asks the network only for packages of `Cargo.lock` that have never been downloaded.
pub fn metadata(root: &Path, options: &[&str]) -> Result<Value, String> {
    let mut cargo = process::cargo(root);
    cargo
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(options);
    let text = process::output(&mut cargo)?;
    serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))
}

/// Where cargo puts what it builds.
pub fn target_directory(root: &Path) -> Result<PathBuf, String> {
    let metadata = metadata(root, &["--no-deps"])?;
    let target = metadata["target_directory"].as_str();
    target
        .map(PathBuf::from)
        .ok_or("cargo metadata names no target directory".to_string())
}

/// Builds the command `chainrule` as a user gets it, and its example whose instructions are counted; returns the
/// [`target_directory`], below which they lie in `release/`.
///
/// The Python package is selected beside them, though it has neither: so the libraries are built with the features that
/// its wheel needs as well, and not once more for it.
pub fn build_release(root: &Path) -> Result<PathBuf, String> {
    let packages = ["-p", "chainrule-cli", "-p", "chainrule-python"];
    let options = ["--locked", "--bins", "--examples"];
    process::run(
        process::cargo(root)
            .args(["build", "--release"])
            .args(packages)
            .args(options),
    )?;
    target_directory(root)
}

/// Whether a folder was made from this text, as [`note_made_from`] left it there.
pub fn made_from(folder: &Path, text: &str) -> bool {
    std::fs::read_to_string(folder.join(MADE_FROM)).is_ok_and(|made| made == text)
}

/// Leaves in a folder what it was made from.
pub fn note_made_from(folder: &Path, text: &str) -> Result<(), String> {
    let note = folder.join(MADE_FROM);
    std::fs::write(&note, text).map_err(|error| format!("{}: {error}", note.display()))
}

const MADE_FROM: &str = "made-from";
