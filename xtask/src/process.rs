//! Running programs: their words go where ours go, their failure becomes a sentence.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What has not been installed by then is not waited for.
const LONGEST_INSTALLATION: Duration = Duration::from_secs(300);

/// The cargo that runs us, ready for arguments, in the repository's root.
pub fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root).stdin(Stdio::null());
    command
}

/// Waits for programs that are being installed beside the tests: until then the file is there that the variable
/// `INSTALLING` names. Half of them would be taken for the whole.
pub fn await_installation() {
    let Some(file) = std::env::var_os("INSTALLING") else {
        return;
    };
    let begin = Instant::now();
    while Path::new(&file).exists() && begin.elapsed() < LONGEST_INSTALLATION {
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Shows the command, runs it, and says which one failed and how.
pub fn run(command: &mut Command) -> Result<(), String> {
    let shown = show(command);
    println!("$ {shown}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{shown}` ended with {status}")),
        Err(error) => Err(format!("`{shown}` cannot be run: {error}")),
    }
}

/// A task of the environment's `pip`, which keeps quiet.
pub fn pip(python: &Path, task: &str) -> Command {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", task, "--quiet"]);
    pip
}

/// Runs the command unseen and gives what it wrote to standard output.
pub fn output(command: &mut Command) -> Result<String, String> {
    let shown = show(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("`{shown}` cannot be run: {error}"))?;
    if !output.status.success() {
        return Err(format!("`{shown}` ended with {}", output.status));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| format!("`{shown}` wrote something that is not UTF-8"))
}

/// Whether a program is there and answers: what it writes is dropped.
pub fn works(command: &mut Command) -> bool {
    let output = command.stdin(Stdio::null()).output();
    output.is_ok_and(|output| output.status.success())
}

fn show(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    let words = [program].into_iter().chain(command.get_args());
    words
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
