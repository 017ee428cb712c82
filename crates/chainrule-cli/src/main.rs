//! The `chainrule` command: trains, checks, explains and uses regression neural networks on tables.
//!
//! Results go to standard output, progress and messages to standard error. Exit codes: 0, 1 for failures, 2 for usage,
//! 130 after Ctrl-C.

#![forbid(unsafe_code)]

mod args;
mod commands;
mod failure;
mod files;
mod interrupt;
mod numbers;
mod plots;
mod progress;
mod settings;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = args::Cli::from_command_line();
    let mut out = BufWriter::new(io::stdout().lock());
    let result = commands::run(cli.command, &mut out);
    let flushed = out.flush();
    failure::report(result.and(flushed.map_err(failure::Failure::Output)))
}
