//! The stage of the Python package: a wheel, a fresh virtual environment, its tests and the notebook.

use std::path::Path;
use std::process::Command;

use super::Notes;
use crate::{process, repository};

/// Installs the wheel with what its tests need, and runs them. `PYTHON` names another interpreter than `python3`.
pub fn run(root: &Path) -> Result<Notes, String> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_string());
    let usable = Command::new(&python)
        .args([
            "-c",
            "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))",
        ])
        .output();
    if !usable.is_ok_and(|output| output.status.success()) {
        return Ok(vec![format!(
            "the Python package was not tested: {python} is not Python 3.10 or newer with venv (PYTHON names another one)"
        )]);
    }
    let target = repository::build_release(root)?;
    let environment = target.join("python-tests");
    process::run(
        Command::new(&python)
            .args(["-m", "venv", "--clear"])
            .arg(&environment),
    )?;
    let python = environment.join("bin/python");
    let package = format!("{}[test]", root.join("crates/chainrule-python").display());
    process::run(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", &package])
            .env("CARGO_TARGET_DIR", &target), // most of it is built there already,
    )?;
    process::run(
        Command::new(&python)
            .args([
                "-B",
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "tests",
            ])
            .current_dir(root.join("crates/chainrule-python"))
            .env("CHAINRULE_COMMAND", target.join("release/chainrule")),
    )?;
    Ok(vec![])
}
