//! From sources to programs: cargo for Rust, one virtual environment for Python, the C compiler for C.
//!
//! Each Rust package has its own lock file and its own target folder. What cannot be built is remembered with the
//! reason.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::Options;
use super::comparison::{CHAINRULE, COMPARISON, Contender, Origin};
use super::programs::{Program, last_line};
use crate::{process, repository};

/// Names a Python that has the packages of `bench/peers/requirements.txt` already.
const PYTHON_VARIABLE: &str = "CHAINRULE_BENCH_PYTHON";

/// The programs that could be built, and why the others could not.
pub struct Builds {
    programs: BTreeMap<&'static str, Result<Program, String>>,
    folder: PathBuf,
    /// Where problem files are.
    pub problems: PathBuf,
    /// The `chainrule` command, built as users get it.
    pub command: PathBuf,
    /// The Python of the peers, if there is one.
    pub python: Result<PathBuf, String>,
}

impl Builds {
    /// Builds everything that is not left out, and writes the problem files.
    pub fn prepare(root: &Path, options: &Options) -> Result<Builds, String> {
        let folder = repository::target_directory(root)?.join("bench");
        let problems = folder.join("problems");
        std::fs::create_dir_all(&problems).map_err(|e| format!("{}: {e}", problems.display()))?;

        let command = command(root)?;
        let python = python(root, &folder);
        let mut by_origin = HashMap::new();
        let mut programs = BTreeMap::new();
        for contender in &COMPARISON.contenders {
            let program = if !contender.is_chainrule() && options.leaves_out(&contender.peer) {
                Err("left out by --without".to_string())
            } else {
                let origin = &contender.from;
                let made = by_origin.entry(origin);
                let made = made.or_insert_with(|| program(root, &folder, origin, &python));
                made.clone().map(|program| match options.avx2 {
                    true => Program {
                        environment: contender.avx2.clone(),
                        ..program
                    },
                    false => program,
                })
            };
            programs.insert(contender.name.as_str(), program);
        }
        let builds = Builds {
            programs,
            folder,
            problems,
            command,
            python,
        };
        let mut prepare = builds.chainrule()?.command(1);
        process::run(prepare.arg("prepare").arg(&builds.problems))?;
        Ok(builds)
    }

    /// The contender's program, or why there is none.
    pub fn program(&self, contender: &Contender) -> &Result<Program, String> {
        &self.programs[contender.name.as_str()]
    }

    /// The target folder of a Rust package below `bench/`.
    pub fn target(&self, package: &str) -> PathBuf {
        self.folder.join(package)
    }

    /// chainrule's own program: without it there is nothing to compare.
    pub fn chainrule(&self) -> Result<&Program, String> {
        self.programs[CHAINRULE].as_ref().map_err(String::clone)
    }
}

fn program(
    root: &Path,
    folder: &Path,
    origin: &Origin,
    python: &Result<PathBuf, String>,
) -> Result<Program, String> {
    match origin {
        Origin::Rust(package) => {
            let manifest = root.join("bench").join(package).join("Cargo.toml");
            let target = folder.join(package);
            let options = [
                "--manifest-path".as_ref(),
                manifest.as_os_str(),
                "--target-dir".as_ref(),
                target.as_os_str(),
            ];
            let executable = build(root, Some(package), &options)?;
            Ok(Program {
                executable,
                script: None,
                environment: BTreeMap::new(),
            })
        }
        Origin::Python(script) => Ok(Program {
            executable: python.clone()?,
            script: Some(root.join("bench/peers/python").join(script)),
            environment: BTreeMap::new(),
        }),
        Origin::C(source, library) => compile(root, folder, source, library),
    }
}

/// Builds the `chainrule` command as users get it.
pub(super) fn command(root: &Path) -> Result<PathBuf, String> {
    build(root, None, &["--package", "chainrule-cli"])
}

/// `cargo build --release --locked`; the path of the executable it made.
fn build<S: AsRef<std::ffi::OsStr>>(
    root: &Path,
    package: Option<&str>,
    options: &[S],
) -> Result<PathBuf, String> {
    println!("building {}", package.unwrap_or("the chainrule command"));
    let mut cargo = process::cargo(root);
    cargo
        .args([
            "build",
            "--release",
            "--locked",
            "--message-format",
            "json-render-diagnostics",
        ])
        .args(options);
    let output = cargo.output().map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo build: {}", last_line(&output.stderr)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut executables = messages.filter_map(|m| m["executable"].as_str().map(PathBuf::from));
    let last = executables.next_back();
    last.ok_or("cargo built no executable".into())
}

/// The Python that the variable names, or that of a virtual environment below the target folder.
fn python(root: &Path, folder: &Path) -> Result<PathBuf, String> {
    if let Some(python) = std::env::var_os(PYTHON_VARIABLE) {
        return Ok(python.into());
    }
    let requirements = root.join("bench/peers/requirements.txt");
    environment(&requirements, &folder.join("venv"))
}

/// The Python of a virtual environment with the packages of this list, made anew where the list has changed.
pub(super) fn environment(requirements: &Path, environment: &Path) -> Result<PathBuf, String> {
    let python = environment.join("bin/python");
    let wanted = repository::read(requirements)?;
    if !repository::made_from(environment, &wanted) {
        let mut venv = Command::new("python3");
        process::run(venv.args(["-m", "venv", "--clear"]).arg(environment))?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--requirement"]);
        process::run(pip.arg(requirements))?;
        repository::note_made_from(environment, &wanted)?;
    }
    Ok(python)
}

/// Compiles one C file against a library that `pkg-config` knows.
fn compile(root: &Path, folder: &Path, source: &str, library: &str) -> Result<Program, String> {
    let words = Command::new("pkg-config")
        .args(["--cflags", "--libs", library])
        .output()
        .map_err(|error| format!("pkg-config: {error}"))?;
    if !words.status.success() {
        return Err(format!(
            "the library {library} is not installed here (Debian: lib{library}-dev)"
        ));
    }
    let executable = folder.join(library);
    let output = Command::new("cc")
        .arg("-O3")
        .arg(root.join("bench").join(source))
        .args(String::from_utf8_lossy(&words.stdout).split_whitespace())
        .args(["-lm", "-o"])
        .arg(&executable)
        .output()
        .map_err(|error| format!("cc: {error}"))?;
    if !output.status.success() {
        return Err(format!("cc: {}", last_line(&output.stderr)));
    }
    Ok(Program {
        executable,
        script: None,
        environment: BTreeMap::new(),
    })
}
