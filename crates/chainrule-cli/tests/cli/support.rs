//! A fresh folder to run the command in, and what comes out of it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The table of the demo, as a file that tests can train on.
pub const DIABETES: &str = include_str!("../../data/diabetes.csv");

/// The path of the command under test.
pub const CHAINRULE: &str = env!("CARGO_BIN_EXE_chainrule");

/// A folder of its own for each test; it vanishes with the value.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Folder(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A folder with `diabetes.csv` and a model that was quickly trained on it.
    pub fn with_model() -> Self {
        let folder = Folder::with_table();
        folder
            .run([
                "train",
                "diabetes.csv",
                "--target",
                "progression",
                "--hidden",
                "8,4",
                "--epochs",
                "5",
            ])
            .succeeds();
        folder
    }

    /// A folder with `diabetes.csv`.
    pub fn with_table() -> Self {
        let folder = Folder::new();
        folder.write("diabetes.csv", DIABETES);
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("a file in the folder");
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names of the files in it, sorted.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("the folder");
        let mut names: Vec<String> = entries
            .map(|e| {
                e.expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    /// The command, ready to run in the folder.
    pub fn command<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(CHAINRULE);
        command
            .args(args)
            .current_dir(self.0.path())
            .env_remove("NO_COLOR")
            .stdin(Stdio::null());
        command
    }

    /// Runs the command to its end.
    #[track_caller]
    pub fn run<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Run {
        Run::of(&mut self.command(args))
    }

    /// Runs the command with the given standard input.
    #[track_caller]
    pub fn run_with_input<'a>(&self, args: impl IntoIterator<Item = &'a str>, input: &str) -> Run {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command");
        // A command that fails early closes its input; what it says matters, not that.
        let _ = child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(input.as_bytes());
        Run::from(child.wait_with_output().expect("its output"))
    }
}

/// What a run left behind.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<std::process::Output> for Run {
    fn from(output: std::process::Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Run {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Run {
    #[track_caller]
    pub fn of(command: &mut Command) -> Run {
        Run::from(command.output().expect("the command"))
    }

    /// Expects exit code 0.
    #[track_caller]
    pub fn succeeds(self) -> Run {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Expects the exit code, and all of the words on standard error, in a message rather than a panic.
    #[track_caller]
    pub fn fails(self, code: i32, words: &[&str]) -> Run {
        assert_eq!(self.code, Some(code), "{self:?}");
        for words in words {
            assert!(
                self.stderr.contains(words),
                "{words:?} is not in: {}",
                self.stderr
            );
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

/// A number inside a JSON value, by its path: `"rmse.test"`.
#[track_caller]
pub fn number(value: &Value, path: &str) -> f64 {
    let found = path.split('.').fold(value, |value, key| &value[key]);
    found
        .as_f64()
        .unwrap_or_else(|| panic!("{path} is no number in {value}"))
}

/// Whether a file exists.
pub fn exists(path: impl AsRef<Path>) -> bool {
    path.as_ref().exists()
}

#[cfg(unix)]
/// The command that a message ends with, without the program's name.
pub fn command_in(message: &str) -> Option<Vec<&str>> {
    let line = message
        .lines()
        .find_map(|line| line.trim().strip_prefix("chainrule "));
    line.map(|line| line.split(' ').collect())
}
