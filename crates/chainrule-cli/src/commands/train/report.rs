//! What `chainrule train` says at its end: how good the model is, beside what simpler ones reach.

use std::io::Write;

use chainrule::training::Outcome;
use chainrule_tabular::encoding::TargetTransform;
use chainrule_tabular::shown::label;
use chainrule_tabular::{Bag, Band, Evaluation, INTERVAL_LEVEL, Regressor, Report};
use serde_json::json;

use crate::args::TrainArgs;
use crate::failure::{Failure, say, warn};
use crate::numbers::significant;

/// Prints the errors, and says what looks wrong.
pub fn print(
    report: &Report,
    before: &[String],
    model: &Regressor,
    outcome: Outcome,
    args: &TrainArgs,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let early = outcome != Outcome::Finished;
    let epochs = model.history().len();
    let Report {
        training,
        unseen,
        baselines,
        best_epoch,
        warnings,
        ..
    } = report;
    let validation = unseen.as_ref().filter(|unseen| unseen.folds == 0);
    let band: Option<Band> = model
        .intervals()
        .map(|intervals| intervals.band(INTERVAL_LEVEL));
    let out_of_fold = unseen.as_ref().filter(|unseen| unseen.folds > 0);
    if args.json {
        let warnings: Vec<&String> = before.iter().chain(warnings).collect();
        let out_of_fold = out_of_fold.map(|unseen| {
            let Evaluation {
                rows,
                rmse,
                mae,
                r2,
            } = unseen.evaluation;
            let (folds, spread) = (unseen.folds, unseen.spread);
            json!({ "rows": rows, "rmse": rmse, "mae": mae, "r2": r2, "folds": folds, "spread": spread })
        });
        let object = json!({
            "model": args.model.display().to_string(),
            "target": model.target(),
            "networks": model.members(),
            "epochs": epochs,
            "best_epoch": best_epoch,
            "stopped_early": early,
            "training": training,
            "validation": validation.map(|unseen| unseen.evaluation),
            "out_of_fold": out_of_fold,
            "interval": band.map(|band| {
                let (least, mean, most) = band.half_widths();
                let half_width = json!({ "least": least, "mean": mean, "most": most });
                json!({ "level": band.level(), "half_width": half_width })
            }),
            "importance": model.importance(),
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
    let rows_of = [
        ("training", *training),
        ("validation", validation.map(|unseen| unseen.evaluation)),
        ("out of fold", out_of_fold.map(|unseen| unseen.evaluation)),
    ];
    for (name, evaluation) in rows_of {
        if let Some(Evaluation {
            rows,
            rmse,
            mae,
            r2,
        }) = evaluation
        {
            let [rmse, mae] = [rmse, mae].map(|error| significant(error, 5));
            let r2 = r2.map_or_else(|| "-".to_owned(), |r2| format!("{r2:.4}"));
            writeln!(out, "{name:<12}{rows:>8} {rmse:>11} {mae:>11} {r2:>9}")?;
        }
    }
    let judged = unseen
        .as_ref()
        .map(|unseen| unseen.evaluation)
        .or(*training);
    for (name, rmse) in [
        ("mean alone", Some(baselines.mean)),
        ("ridge", baselines.ridge),
    ] {
        if let (Some(rmse), Some(judged)) = (rmse, judged) {
            writeln!(
                out,
                "{name:<12}{:>8} {:>11}",
                judged.rows,
                significant(rmse, 5)
            )?;
        }
    }
    if let Some(band) = &band {
        writeln!(out, "{}", band.in_words())?;
    }
    out.flush()?;
    for warning in warnings {
        warn(warning);
    }
    let whole = match (out_of_fold, model.members()) {
        (Some(unseen), networks) => {
            let spread = unseen.spread.map_or_else(String::new, |spread| {
                format!(
                    "; from fold to fold the rmse differs by ± {}",
                    significant(spread, 2)
                )
            });
            let stopped = if early { " at the end of the time" } else { "" };
            let (networks, judges) = match networks {
                1 => ("one network".to_owned(), "a network"),
                all => (format!("the mean of {all} networks"), "networks like them"),
            };
            format!(
                "{networks}{stopped}; each row is judged by {judges} that had not seen it{spread}"
            )
        }
        (None, _) => {
            let best =
                best_epoch.map_or_else(String::new, |epoch| format!(" (the best was {epoch})"));
            let stopped = if early { ", stopped early" } else { "" };
            let word = if epochs == 1 { "epoch" } else { "epochs" };
            format!("{epochs} {word}{best}{stopped}")
        }
    };
    let of_logarithm = |bag: &Bag| bag.settings().target == TargetTransform::Log;
    if out_of_fold.is_some() && model.bags().iter().any(of_logarithm) {
        say(&format!(
            "{} has a long tail: networks that learn its logarithm err least, and are part of the model",
            label(model.target())
        ));
    }
    say(&format!(
        "{whole}; the model is in {}",
        args.model.display()
    ));
    Ok(())
}
