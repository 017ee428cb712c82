//! `chainrule train`: a model file from a table; interrupted, a checkpoint that `--resume` continues from.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chainrule::training::{Control, Event, Outcome, TrainingError, validation_split};
use chainrule_tabular::{
    Evaluation, Fitting, Regressor, RegressorSettings, Table, model_file, shown,
};
use serde_json::json;

use crate::args::TrainArgs;
use crate::failure::{Failure, reason, say, warn};
use crate::files;
use crate::interrupt::Interrupt;
use crate::numbers::significant;
use crate::progress::Progress;
use crate::settings::{differences, threads, with_network, with_training};

/// Time between two checkpoints: what a power cut can cost.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(30);

/// Trains, saves the model, prints how good it is.
pub fn run(args: &TrainArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let checkpoint = checkpoint_of(&args.model);
    expect_checkpoint(&checkpoint, args.resume)?;
    // Before the training: nobody should learn after an hour that its result has no place.
    files::expect_writable(&args.model)?;
    files::expect_writable(&checkpoint)?;
    let table = Table::read(&args.table).map_err(Failure::from_error)?;
    let mut fitting = begin(args, &table, &checkpoint)?;
    for warning in fitting.warnings() {
        warn(warning);
    }
    let interrupt = Interrupt::catch()?;
    let (training, validation) = split(&table, fitting.settings());
    let kept = if validation.is_empty() {
        String::new()
    } else {
        format!(", {} kept for validation", validation.len())
    };
    say(&format!(
        "training on {} rows{kept}; Ctrl-C stops and keeps a checkpoint",
        training.len()
    ));

    let outcome = match fit(&mut fitting, &checkpoint, &interrupt) {
        Ok(Outcome::Interrupted) => return Err(interrupted(&fitting, args, &checkpoint)),
        Ok(outcome) => outcome,
        Err(error) => return Err(diverged(&fitting, &error, args, &checkpoint)),
    };
    let regressor = fitting.into_regressor();
    model_file::save(&regressor, &args.model).map_err(Failure::from_error)?;
    remove(&checkpoint);
    report(
        &regressor,
        outcome,
        &table.select(&training),
        &table.select(&validation),
        args,
        out,
    )
}

/// `FILE.checkpoint`, beside the model file.
fn checkpoint_of(model: &Path) -> PathBuf {
    let mut name = OsString::from(model);
    name.push(".checkpoint");
    PathBuf::from(name)
}

/// A checkpoint is neither thrown away nor taken up without being asked.
fn expect_checkpoint(checkpoint: &Path, resume: bool) -> Result<(), Failure> {
    let message = match (checkpoint.exists(), resume) {
        (true, false) => {
            "is the checkpoint of an interrupted training: continue it with --resume, or delete it to start anew"
        }
        (false, true) => {
            "does not exist, so there is no training to continue: leave out --resume to start one"
        }
        _ => return Ok(()),
    };
    Err(Failure::Message(format!(
        "{} {message}",
        checkpoint.display()
    )))
}

/// A new training, or the one that the checkpoint keeps.
fn begin(args: &TrainArgs, table: &Table, checkpoint: &Path) -> Result<Fitting, Failure> {
    let asked = |base| with_training(with_network(base, &args.network), &args.training);
    if !args.resume {
        let settings = asked(RegressorSettings::default())?;
        return Fitting::new(table, &args.target, settings).map_err(Failure::from_error);
    }
    let stored = model_file::load_checkpoint(checkpoint).map_err(Failure::from_error)?;
    let mut different = differences(stored.settings(), &asked(stored.settings().clone())?);
    if stored.target() != args.target {
        different.push(format!(
            "--target was {}, now {}",
            shown::label(stored.target()),
            shown::label(&args.target)
        ));
    }
    if !different.is_empty() {
        let (checkpoint, different) = (checkpoint.display(), different.join("; "));
        let message = format!(
            "{checkpoint} was made with other options: {different}. Continue with its own, or delete it to start anew"
        );
        return Err(Failure::Message(message));
    }
    let usual = RegressorSettings::default().training.threads;
    let threads = args.training.threads.map_or(usual, threads);
    Fitting::resume(table, stored.with_threads(threads)).map_err(Failure::from_error)
}

/// The rows that are learnt from and those that are kept for validation, as the library splits them.
fn split(table: &Table, settings: &RegressorSettings) -> (Vec<u32>, Vec<u32>) {
    validation_split(
        table.rows(),
        settings.validation_fraction,
        settings.training.seed,
    )
}

/// Trains until the end or Ctrl-C, pausing for checkpoints.
fn fit(
    fitting: &mut Fitting,
    checkpoint: &Path,
    interrupt: &Interrupt,
) -> Result<Outcome, TrainingError> {
    let progress = Progress::of_epochs(fitting.settings().training.epochs);
    loop {
        let pause_at = Instant::now() + CHECKPOINT_EVERY;
        let mut listen = |event: Event| {
            progress.show(event);
            let pause = interrupt.pressed() || Instant::now() >= pause_at;
            if pause {
                Control::Stop
            } else {
                Control::Continue
            }
        };
        let outcome = fitting.run(&mut listen)?;
        if outcome != Outcome::Interrupted || interrupt.pressed() {
            return Ok(outcome);
        }
        // A disk that is full now may have room at the next checkpoint; the training need not die of it.
        if let Err(error) = model_file::save_checkpoint(&fitting.checkpoint(), checkpoint) {
            warn(&error.to_string());
        }
    }
}

/// Keeps the training for later and says how to go on.
fn interrupted(fitting: &Fitting, args: &TrainArgs, checkpoint: &Path) -> Failure {
    if let Err(error) = model_file::save_checkpoint(&fitting.checkpoint(), checkpoint) {
        return Failure::Message(format!(
            "interrupted, and the training could not be kept: {error}"
        ));
    }
    let epochs = fitting.history().len();
    let of = fitting.settings().training.epochs;
    Failure::Interrupted(format!(
        "interrupted after {epochs} of {of} epochs; {} keeps the training. To continue it:\n  {}",
        checkpoint.display(),
        resume_command(args)
    ))
}

/// The command that continues: all other options are in the checkpoint.
fn resume_command(args: &TrainArgs) -> String {
    let mut words = vec!["chainrule".to_string(), "train".to_string()];
    words.push(match args.table.display().to_string() {
        table if table.starts_with('-') && table != "-" => format!("./{table}"),
        table => table,
    });
    for (option, value) in [
        ("--target", args.target.clone()),
        ("--model", args.model.display().to_string()),
    ] {
        if value.starts_with('-') {
            words.push(format!("{option}={value}"));
        } else {
            words.extend([option.to_string(), value]);
        }
    }
    words.push("--resume".to_string());
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    words.join(" ")
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,=+@".contains(c);
    if word.chars().any(char::is_control) {
        // Written out, for the message has to leave a terminal alone.
        let escaped = word.bytes().map(|b| match b {
            b'\\' | b'\'' => format!("\\{}", char::from(b)),
            b' '..=b'~' => char::from(b).to_string(),
            _ => format!("\\x{b:02x}"),
        });
        format!("$'{}'", escaped.collect::<String>())
    } else if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Saves what the library kept of a training that failed, if it got anywhere, and says so.
fn diverged(
    fitting: &Fitting,
    error: &TrainingError,
    args: &TrainArgs,
    checkpoint: &Path,
) -> Failure {
    // Continuing it would diverge at the same step.
    remove(checkpoint);
    if fitting.history().is_empty() {
        return Failure::Message(format!(
            "{error}. No epoch was finished, so no model is written"
        ));
    }
    match model_file::save(&fitting.regressor(), &args.model) {
        Ok(()) => Failure::Message(format!("{error} in {}", args.model.display())),
        Err(unsaved) => Failure::Message(format!("{error}. They could not be saved: {unsaved}")),
    }
}

fn remove(checkpoint: &Path) {
    match fs::remove_file(checkpoint) {
        Err(error) if checkpoint.exists() => {
            warn(&format!(
                "{} is no longer needed but cannot be removed: {}",
                checkpoint.display(),
                reason(&error)
            ));
        }
        _ => {}
    }
}

/// Prints the errors on the rows of the training and of the validation.
fn report(
    regressor: &Regressor,
    outcome: Outcome,
    training: &Table,
    validation: &Table,
    args: &TrainArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let evaluate = |rows: &Table| -> Result<Option<Evaluation>, Failure> {
        if rows.rows() == 0 {
            Ok(None)
        } else {
            regressor
                .evaluate(rows)
                .map(Some)
                .map_err(Failure::from_error)
        }
    };
    let (training, validation) = (evaluate(training)?, evaluate(validation)?);
    let epochs = regressor.history().len();
    let early = outcome == Outcome::StoppedEarly;
    if args.json {
        let model = args.model.display().to_string();
        let object = json!({ "model": model, "epochs": epochs, "stopped_early": early, "training": training, "validation": validation });
        writeln!(out, "{object}")?;
        return Ok(());
    }
    writeln!(
        out,
        "{:<12}{:>8}{:>12}{:>12}{:>10}",
        "", "rows", "rmse", "mae", "r2"
    )?;
    for (name, evaluation) in [("training", training), ("validation", validation)] {
        if let Some(Evaluation {
            rows,
            rmse,
            mae,
            r2,
        }) = evaluation
        {
            let [rmse, mae] = [rmse, mae].map(|error| significant(error, 5));
            writeln!(out, "{name:<12}{rows:>8}{rmse:>12}{mae:>12}{r2:>10.4}")?;
        }
    }
    out.flush()?;
    let stopped = if early { ", stopped early" } else { "" };
    say(&format!(
        "{epochs} epochs{stopped}; the model is in {}",
        args.model.display()
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_only_where_a_shell_would_break_it() {
        assert_eq!(quoted("data/houses.csv"), "data/houses.csv");
        assert_eq!(quoted("my houses.csv"), "'my houses.csv'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("é\u{1b}[31m'\\"), r"$'\xc3\xa9\x1b[31m\'\\'");
    }

    #[test]
    fn the_checkpoint_stands_beside_the_model() {
        assert_eq!(
            checkpoint_of(Path::new("a/model.safetensors")),
            Path::new("a/model.safetensors.checkpoint")
        );
    }
}
