//! The `chainrule` command: trains, checks, explains and uses regression neural networks on tables.
//!
//! Results go to standard output, progress and messages to standard error. Exit codes: 0, 1 for failures, 2 for usage,
//! 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP.

// Not `forbid`, which would also refuse the macro that looks at standard output before the runtime does.
#![deny(unsafe_code)]

mod ahead;
mod args;
mod commands;
mod config;
mod failure;
mod files;
mod interrupt;
mod numbers;
mod progress;
mod reading;
mod settings;
mod standard_output;
mod terminal_plot;
mod tips;
mod values;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use crate::failure::Failure;
use crate::standard_output::StandardOutput;

fn main() -> ExitCode {
    interrupt::survive_size_limit();
    failure::report(match args::Cli::from_command_line() {
        Ok(cli) => run(cli.command),
        Err(usage) if usage.use_stderr() => usage.exit(),
        Err(help) => print(&help),
    })
}

fn run(command: args::Command) -> Result<(), Failure> {
    let mut out = BufWriter::new(StandardOutput::lock());
    let result = commands::run(command, &mut out);
    let flushed = out.flush();
    result.and(flushed.map_err(Failure::Output))
}

/// Help or the version, coloured where it is read on a terminal.
fn print(help: &clap::Error) -> Result<(), Failure> {
    standard_output::expect_open()?;
    help.print()?;
    Ok(io::stdout().flush()?)
}
