//! The stage of the Python package: the wheel that an index is given, a virtual environment of its own, its tests and
//! the notebooks.

use std::path::Path;
use std::process::Command;
use std::thread;

use super::Notes;
use crate::process::pip;
use crate::{process, repository, wheels};

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
    let wanted = repository::read(&package.join("pyproject.toml"))?;
    // What other packages the tests need stands in that file: while it is the same, they are installed already.
    let made = repository::made_from(&environment, &wanted);
    if !made {
        process::run(
            Command::new(&python)
                .args(["-m", "venv", "--clear"])
                .arg(&environment),
        )?;
    }
    let python = environment.join("bin/python");

    // The other packages are unpacked while the compiler, for the most part on one core, makes the wheel.
    let others = needed(&wanted)?;
    let wheel = thread::scope(|scope| {
        let installed = scope.spawn(|| match made {
            true => Ok(()),
            false => process::run(pip(&python, "install").arg("--no-compile").args(&others)),
        });
        let made = wheels::make(root);
        installed.join().expect("a thread that does not panic")?;
        made.map(|made| made.wheel)
    })?;
    let mut install = pip(&python, "install");
    install.arg("--no-compile");
    match made {
        true => install.args(["--force-reinstall", "--no-deps"]).arg(wheel),
        // What the wheel itself says that it needs.
        false => install.arg(format!("{}[test]", wheel.display())),
    };
    process::run(&mut install)?;
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

/// What the package and its tests need, as its `pyproject.toml` says.
fn needed(project: &str) -> Result<Vec<String>, String> {
    let read: toml::Table = project
        .parse()
        .map_err(|error| format!("pyproject.toml: {error}"))?;
    let project = &read["project"];
    let lists = [
        &project["dependencies"],
        &project["optional-dependencies"]["test"],
    ];
    let names = lists
        .into_iter()
        .filter_map(toml::Value::as_array)
        .flatten();
    Ok(names
        .filter_map(toml::Value::as_str)
        .map(str::to_owned)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_need_what_the_package_needs_and_more() {
        let project = "[project]\ndependencies = [\"a>=1\"]\n[project.optional-dependencies]\nb = [\"c\"]\ntest = [\"d\", \"e\"]\n";
        assert_eq!(needed(project).unwrap(), ["a>=1", "d", "e"]);
    }
}
