//! The stage of the Python package: a wheel, a virtual environment of its own, its tests and the notebook.

use std::path::Path;
use std::process::Command;

use super::Notes;
use crate::{process, repository};

/// Installs the wheel with what its tests need, and runs them. `PYTHON` names another interpreter than `python3`.
pub fn run(root: &Path) -> Result<Notes, String> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_string());
    let question = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";
    if !process::works(Command::new(&python).args(["-c", question])) {
        return Ok(vec![format!(
            "the Python package was not tested: {python} is not Python 3.10 or newer with venv (PYTHON names another one)"
        )]);
    }
    let target = repository::build_release(root)?;
    let package = root.join("crates/chainrule-python");
    let environment = target.join("python-tests");
    let mut install = vec!["install", "--quiet", "--no-compile"];
    let wanted = repository::read(&package.join("pyproject.toml"))?;
    // What other packages the tests need stands in that file: while it is the same, they are installed already.
    let made = repository::made_from(&environment, &wanted);
    match made {
        true => install.extend(["--force-reinstall", "--no-deps"]),
        false => process::run(
            Command::new(&python)
                .args(["-m", "venv", "--clear"])
                .arg(&environment),
        )?,
    }
    let python = environment.join("bin/python");
    process::run(
        Command::new(&python)
            .args(["-m", "pip"])
            .args(install)
            .arg(format!("{}[test]", package.display()))
            .env("CARGO_TARGET_DIR", &target), // most of it is built there already
    )?;
    repository::note_made_from(&environment, &wanted)?;
    process::run(
        Command::new(&python)
            .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"])
            .current_dir(package)
            .env("PYTHONPYCACHEPREFIX", target.join("python-cache"))
            .env("CHAINRULE_COMMAND", target.join("release/chainrule")),
    )?;
    Ok(vec![])
}
