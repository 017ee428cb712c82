//! `chainrule inspect`: what a table holds and what looks suspicious in it, before anything is trained.

use std::io::Write;

use crate::args::InspectArgs;
use crate::failure::Failure;
use crate::reading;

/// Prints what was found.
pub fn run(args: &InspectArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let found = reading::inspection(&args.table, &args.target, &args.form, &args.columns)?;
    match args.json {
        true => writeln!(out, "{}", serde_json::json!(found))?,
        false => write!(out, "{found}")?,
    }
    Ok(())
}
