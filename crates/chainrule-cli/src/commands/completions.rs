//! `chainrule completions`: what a shell needs to complete commands and options.

use std::io::Write;

use clap::CommandFactory;

use crate::args::{Cli, CompletionsArgs};
use crate::failure::Failure;

/// Prints the script of the shell.
pub fn run(args: &CompletionsArgs, out: &mut dyn Write) -> Result<(), Failure> {
    // Through memory, for the generator panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "chainrule", &mut script);
    out.write_all(&script)?;
    Ok(())
}
