//! `cargo xtask wheels`: what an index of Python packages is given, in `target/wheels`: the sources, and a wheel that
//! was built from them.
//!
//! The wheel comes from the packed sources, unpacked outside of the repository: so they are known to be whole. `PYTHON`
//! names another interpreter than `python3`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::pip;
use crate::{process, repository};

/// What an index is given.
pub struct Made {
    /// The packed sources.
    pub sources: PathBuf,
    /// The wheel that was built from them.
    pub wheel: PathBuf,
}

/// Makes both, and says where they lie.
pub fn run(root: &Path) -> Result<(), String> {
    let Made { sources, wheel } = make(root)?;
    println!("{}\n{}", sources.display(), wheel.display());
    Ok(())
}

/// Packs the sources of the Python package, and builds its wheel from them.
pub fn make(root: &Path) -> Result<Made, String> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_string());
    let target = repository::target_directory(root)?;
    let (environment, folder) = (target.join("python-build"), target.join("wheels"));
    let package = root.join("crates/chainrule-python");
    let maturin = maturin(&repository::read(&package.join("pyproject.toml"))?)?;
    if !repository::made_from(&environment, &maturin) {
        process::run(
            Command::new(python)
                .args(["-m", "venv", "--clear"])
                .arg(&environment),
        )?;
        process::run(pip(&environment.join("bin/python"), "install").arg(&maturin))?;
        repository::note_made_from(&environment, &maturin)?;
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    process::run(
        Command::new(environment.join("bin/maturin"))
            .args(["sdist", "--out"])
            .arg(&folder)
            .current_dir(&package),
    )?;
    let sources = sole(&folder, "tar.gz")?;
    process::run(
        pip(&environment.join("bin/python"), "wheel")
            .args(["--no-deps", "--wheel-dir"])
            .arg(&folder)
            .arg(&sources)
            .env("CARGO_TARGET_DIR", &target), // of other people's code most is built there already
    )?;
    Ok(Made {
        wheel: sole(&folder, "whl")?,
        sources,
    })
}

/// The builder that `pyproject.toml` asks for.
fn maturin(project: &str) -> Result<String, String> {
    let read: toml::Table = project
        .parse()
        .map_err(|error| format!("pyproject.toml: {error}"))?;
    let wanted = read["build-system"]["requires"][0].as_str();
    wanted
        .map(str::to_owned)
        .ok_or("pyproject.toml names no builder".to_owned())
}

/// The one file of a folder with this ending.
fn sole(folder: &Path, ending: &str) -> Result<PathBuf, String> {
    let failed = |error| format!("{}: {error}", folder.display());
    let files = fs::read_dir(folder).map_err(failed)?;
    let paths = files.filter_map(|file| Some(file.ok()?.path()));
    let mut found = paths.filter(|path| path.to_string_lossy().ends_with(ending));
    match (found.next(), found.next()) {
        (Some(path), None) => Ok(path),
        _ => Err(format!(
            "{} holds none or several files that end in .{ending}",
            folder.display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builder_is_the_one_that_the_package_asks_for() {
        let project = "[build-system]\nrequires = [\"maturin>=1.9,<2\"]\n";
        assert_eq!(maturin(project).unwrap(), "maturin>=1.9,<2");
        assert!(maturin("[build-system]\nrequires = [3]\n").is_err());
    }

    #[test]
    fn a_folder_with_two_wheels_is_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.whl"), "").unwrap();
        let found = sole(folder.path(), "whl").unwrap();
        assert!(found.ends_with("a.whl"));
        fs::write(folder.path().join("b.whl"), "").unwrap();
        assert!(sole(folder.path(), "whl").is_err());
    }
}
