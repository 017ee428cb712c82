//! `cargo xtask wheels`: what an index of Python packages is given, in `target/wheels`: the sources, and a wheel that was built from them.
//!
//! The wheel comes from the packed sources, unpacked outside of the repository: so they are known to be whole. `PYTHON`
//! names another interpreter than `python3`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::pip;
use crate::{process, repository};

/// Packs the sources of the Python package, builds its wheel from them, and says where both lie.
pub fn run(root: &Path) -> Result<(), String> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_string());
    let target = repository::target_directory(root)?;
    let (environment, folder) = (target.join("python-build"), target.join("wheels"));
    let package = root.join("crates/chainrule-python");
    process::run(
        Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(&environment),
    )?;
    let python = environment.join("bin/python");
    let maturin = maturin(&repository::read(&package.join("pyproject.toml"))?)?;
    process::run(pip(&python, "install").arg(maturin))?;
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    process::run(
        Command::new(environment.join("bin/maturin"))
            .args(["sdist", "--out"])
            .arg(&folder)
            .current_dir(&package),
    )?;
    process::run(
        pip(&python, "wheel")
            .args(["--no-deps", "--wheel-dir"])
            .arg(&folder)
            .arg(sole(&folder, "tar.gz")?)
            .env("CARGO_TARGET_DIR", &target), // of other people's code most is built there already
    )?;
    for ending in ["tar.gz", "whl"] {
        println!("{}", sole(&folder, ending)?.display());
    }
    Ok(())
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
