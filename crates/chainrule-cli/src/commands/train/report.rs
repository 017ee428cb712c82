//! What `chainrule train` says at its end: how good the model is, beside what simpler ones reach.

use std::io::Write;

use chainrule::training::Outcome;
use chainrule_tabular::{Evaluation, Report};
use serde_json::json;

use crate::args::TrainArgs;
use crate::failure::{Failure, say, warn};
use crate::numbers::significant;

/// Prints the errors, and says what looks wrong.
pub fn print(
    report: &Report,
    before: &[String],
    epochs: usize,
    outcome: Outcome,
    args: &TrainArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let early = outcome == Outcome::StoppedEarly;
    let Report {
        training,
        validation,
        baselines,
        best_epoch,
        warnings,
    } = report;
    if args.json {
        let warnings: Vec<&String> = before.iter().chain(warnings).collect();
        let object = json!({
            "model": args.model.display().to_string(),
            "epochs": epochs,
            "best_epoch": best_epoch,
            "stopped_early": early,
            "training": training,
            "validation": validation,
            "baseline": { "mean": baselines.mean, "ridge": baselines.ridge },
            "warnings": warnings,
        });
        writeln!(out, "{object}")?;
        return Ok(());
    }
    writeln!(
        out,
        "{:<12}{:>8}{:>12}{:>12}{:>10}",
        "", "rows", "rmse", "mae", "r2"
    )?;
    for (name, evaluation) in [
        ("training", Some(training)),
        ("validation", validation.as_ref()),
    ] {
        if let Some(Evaluation {
            rows,
            rmse,
            mae,
            r2,
        }) = evaluation
        {
            let [rmse, mae] = [rmse, mae].map(|&error| significant(error, 5));
            let r2 = r2.map_or_else(|| "-".to_owned(), |r2| format!("{r2:.4}"));
            writeln!(out, "{name:<12}{rows:>8} {rmse:>11} {mae:>11} {r2:>9}")?;
        }
    }
    for (name, rmse) in [
        ("mean alone", Some(baselines.mean)),
        ("ridge", baselines.ridge),
    ] {
        if let Some(rmse) = rmse {
            let rows = validation.as_ref().unwrap_or(training).rows;
            writeln!(out, "{name:<12}{rows:>8} {:>11}", significant(rmse, 5))?;
        }
    }
    out.flush()?;
    for warning in warnings {
        warn(warning);
    }
    let stopped = if early { ", stopped early" } else { "" };
    let best = best_epoch.map_or_else(String::new, |epoch| format!(" (the best was {epoch})"));
    say(&format!(
        "{epochs} epochs{best}{stopped}; the model is in {}",
        args.model.display()
    ));
    Ok(())
}
