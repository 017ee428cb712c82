//! How a command fails: what is said on standard error, and the exit code.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use chainrule_tabular::reason;
use chainrule_tabular::shown::printable;
use clap::CommandFactory;
use clap::error::ErrorKind;

/// Why a command ends without success.
#[derive(Debug)]
pub enum Failure {
    /// Something that the message explains. Exit code 1.
    Message(String),
    /// Standard output cannot be written. Exit code 1, or 0 when the reader has only had enough
    /// (`chainrule ... | head`).
    Output(io::Error),
    /// Options that do not go together. Exit code 2, with the usage.
    Usage(String),
    /// A signal has stopped the work.
    Interrupted {
        /// What was kept.
        message: String,
        /// The signal's, as shells expect it.
        exit_code: u8,
    },
}

impl Failure {
    /// A failure that an error of another crate explains.
    pub fn from_error(error: impl Display) -> Self {
        Failure::Message(error.to_string())
    }
}

/// Only standard output is written with a bare `?`; every file's error gets its path first.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

/// Says what went wrong and gives the process's exit code.
pub fn report(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(Failure::Output(error)) => {
            say(&format!(
                "error: cannot write to standard output: {}",
                reason(&error)
            ));
            ExitCode::FAILURE
        }
        Err(Failure::Message(message)) => {
            say(&format!("error: {message}"));
            ExitCode::FAILURE
        }
        Err(Failure::Usage(message)) => {
            // The printed error only fails where standard error is closed; the exit code still tells.
            let _ = crate::args::Cli::command()
                .error(ErrorKind::ArgumentConflict, message)
                .print();
            ExitCode::from(2)
        }
        Err(Failure::Interrupted { message, exit_code }) => {
            say(&message);
            ExitCode::from(exit_code)
        }
    }
}

/// A message on standard error. Unlike `eprintln!` it does not panic where standard error is closed.
///
/// Names and paths in it may hold a terminal's control sequences: they are shown, not obeyed.
pub fn say(message: &str) {
    for line in message.lines() {
        let _ = writeln!(io::stderr(), "{}", printable(line));
    }
}

/// A line on standard error that does not stop the work.
pub fn warn(message: &str) {
    say(&format!("warning: {message}"));
}
