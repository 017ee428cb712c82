//! One module per command: each reads its arguments, calls the library, and writes its result to `out`.

mod check;
mod completions;
pub mod demo;
mod describe;
mod evaluate;
mod explain;
mod inspect;
mod predict;
mod report;
mod train;

use std::io::Write;
use std::path::{Path, PathBuf};

use chainrule::with_threads;
use chainrule_tabular::shown::printable;
use chainrule_tabular::table::PlannedBlock;
use chainrule_tabular::{Band, INTERVAL_LEVEL, Predictions, Regressor, model_file};

use crate::args::{Command, IntervalArgs};
use crate::failure::{Failure, say, warn};
use crate::files;
use crate::values::IntervalLevel;

/// Runs a command; its result goes to `out`, everything else to standard error.
pub fn run(command: Command, out: &mut dyn Write) -> Result<(), Failure> {
    files::expect_apart_from_output(read_by(&command))?;
    match command {
        Command::Demo(args) => demo::run(&args, out),
        Command::Inspect(args) => inspect::run(&args, out),
        Command::Train(args) => train::run(*args, out),
        Command::Predict(args) => predict::run(&args, out),
        Command::Evaluate(args) => evaluate::run(&args, out),
        Command::Describe(args) => describe::run(&args, out),
        Command::Check(args) => check::run(&args, out),
        Command::Explain(args) => explain::run(&args, out),
        Command::Report(args) => report::run(&args),
        Command::Completions(args) => completions::run(&args, out),
    }
}

/// The files that a command reads.
fn read_by(command: &Command) -> Vec<&Path> {
    match command {
        Command::Inspect(args) => vec![&args.table],
        Command::Train(args) => {
            let config = args.config.as_deref();
            [args.table.as_path()].into_iter().chain(config).collect()
        }
        Command::Predict(args) => vec![&args.model, &args.table],
        Command::Evaluate(args) => vec![&args.model, &args.table],
        Command::Describe(args) => vec![&args.model],
        Command::Check(args) => [&args.model, &args.table]
            .into_iter()
            .flatten()
            .map(PathBuf::as_path)
            .collect(),
        Command::Explain(args) => vec![&args.model, &args.table],
        Command::Report(args) => vec![&args.model, &args.table],
        Command::Demo(_) | Command::Completions(_) => vec![],
    }
}

/// The model of a file.
fn load_model(path: &Path) -> Result<Regressor, Failure> {
    model_file::load(path).map_err(Failure::from_error)
}

/// The intervals that are asked for, or those that a model has where nothing is.
fn band(model: &Regressor, path: &Path, args: &IntervalArgs) -> Result<Option<Band>, Failure> {
    let level = match args.interval {
        Some(IntervalLevel::None) => return Ok(None),
        Some(IntervalLevel::Share(level)) => level,
        None => INTERVAL_LEVEL,
    };
    let Some(intervals) = model.intervals() else {
        let missing = format!(
            "{} has no intervals, because it keeps no errors on rows that its networks had not seen",
            printable(&path.display().to_string())
        );
        if args.interval.is_some() {
            return Err(Failure::Message(format!(
                "{missing}: train it again, with rows that are kept for validation (--validation 0.2) or by the strong \
                 recipe; --interval none predicts without"
            )));
        }
        say(&format!("{missing}: there are no bounds"));
        return Ok(None);
    };
    let band = intervals.band(level);
    if let Some(shortfall) = band.shortfall() {
        warn(&shortfall);
    }
    Ok(Some(band))
}

/// What a model says of the rows of a block, on one thread: other threads work on other blocks.
fn predictions(model: &Regressor, block: &PlannedBlock) -> Result<Predictions, Failure> {
    with_threads(1, || model.predict(&block.table))
        .map_err(Failure::from_error)?
        .map_err(Failure::from_error)
}
