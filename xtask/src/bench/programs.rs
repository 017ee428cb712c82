//! Running the measured programs: their one line of JSON, or the sentence that says why there is none.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// How a contender's program is started.
#[derive(Clone, Debug)]
pub struct Program {
    /// The executable.
    pub executable: PathBuf,
    /// What comes before the protocol's arguments: a script, if it is an interpreter.
    pub script: Option<PathBuf>,
    /// Environment variables that it is given.
    pub environment: BTreeMap<String, String>,
}

impl Program {
    /// The program, ready for the protocol's arguments, told to use so many threads.
    pub fn command(&self, threads: usize) -> Command {
        let mut command = Command::new(&self.executable);
        command.args(&self.script).stdin(Stdio::null());
        command.envs(&self.environment);
        for variable in ["RAYON_NUM_THREADS", "OMP_NUM_THREADS"] {
            command.env(variable, threads.to_string());
        }
        command
    }
}

/// Runs a program to its end and reads the last line that it printed; its last words become the error.
pub fn answer(command: &mut Command) -> Result<Value, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("{} ({})", last_line(&output.stderr), output.status));
    }
    let line = last_line(&output.stdout);
    serde_json::from_str(&line).map_err(|error| format!("{line:?} is not JSON: {error}"))
}

/// The last line that holds anything.
pub fn last_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.unwrap_or("it said nothing").trim().to_string()
}
