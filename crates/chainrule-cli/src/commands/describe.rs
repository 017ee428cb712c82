//! `chainrule describe`: what a model file holds.

use std::io::Write;

use super::load_model;
use crate::args::DescribeArgs;
use crate::failure::Failure;

/// Prints the model's description.
pub fn run(args: &DescribeArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let description = load_model(&args.model)?.describe();
    writeln!(out, "{}", description.trim_end())?;
    Ok(())
}
