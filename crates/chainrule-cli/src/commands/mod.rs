//! One module per command: each reads its arguments, calls the library, and writes its result to `out`.

mod check;
mod completions;
pub mod demo;
mod describe;
mod evaluate;
mod explain;
mod predict;
mod train;

use std::io::Write;
use std::path::Path;

use chainrule_tabular::{Regressor, model_file};

use crate::args::Command;
use crate::failure::Failure;

/// Runs a command; its result goes to `out`, everything else to standard error.
pub fn run(command: Command, out: &mut dyn Write) -> Result<(), Failure> {
    match command {
        Command::Demo(args) => demo::run(&args, out),
        Command::Train(args) => train::run(&args, out),
        Command::Predict(args) => predict::run(&args, out),
        Command::Evaluate(args) => evaluate::run(&args, out),
        Command::Describe(args) => describe::run(&args, out),
        Command::Check(args) => check::run(&args, out),
        Command::Explain(args) => explain::run(&args, out),
        Command::Completions(args) => completions::run(&args, out),
    }
}

/// The model of a file.
fn load_model(path: &Path) -> Result<Regressor, Failure> {
    model_file::load(path).map_err(Failure::from_error)
}
