//! `chainrule evaluate`: a model's errors on a table that has the target.

use std::io::Write;
use std::sync::Arc;

use chainrule_tabular::metrics::{Comparison, Coverage};
use chainrule_tabular::table::PlannedBlock;
use chainrule_tabular::{Predictions, TableError};
use serde_json::json;

use super::{band, load_model, predictions};
use crate::args::EvaluateArgs;
use crate::failure::{Failure, warn};
use crate::numbers::significant;
use crate::reading::ByModel;

/// Prints rows, rmse, mae and r2, and how often intervals hold the target.
pub fn run(args: &EvaluateArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let model = Arc::new(load_model(&args.model)?);
    let band = band(&model, &args.model, &args.interval)?;
    let mut table = ByModel::open(&args.table, &model, true, &args.form)?;
    let (mut comparison, mut coverage) = (Comparison::default(), Coverage::default());
    let (mut without_target, mut without_prediction) = (0, 0);
    let predicting = Arc::clone(&model);
    let predict = move |block: &PlannedBlock| predictions(&predicting, block);
    table.for_each(predict, |block, predictions| {
        let targets = model.actual(&block.table).map_err(Failure::from_error)?;
        let Predictions { values, unusual } = predictions?;
        for (y, y_hat) in targets.into_iter().zip(values) {
            match y_hat {
                _ if y.is_nan() => without_target += 1,
                None => without_prediction += 1,
                Some(y_hat) => {
                    comparison.add(y, y_hat);
                    if let Some(band) = &band {
                        coverage.add(y, band.around(y_hat));
                    }
                }
            }
        }
        Ok(unusual)
    })?;
    for (rows, what) in [
        (without_target, "no target"),
        (without_prediction, "no finite prediction"),
    ] {
        if rows > 0 {
            warn(&format!(
                "{}: {rows} rows have {what} and are left out",
                table.source()
            ));
        }
    }
    let evaluation = comparison.evaluation().ok_or_else(|| {
        Failure::from_error(TableError::NothingToCompare {
            table: table.source().to_owned(),
            target: model.target().to_owned(),
        })
    })?;
    if args.json {
        let mut object = json!(evaluation);
        object["interval"] = json!(band.map(|band| json!({
            "level": band.level(),
            "coverage": coverage.share(),
            "mean_width": coverage.mean_width,
        })));
        writeln!(out, "{object}")?;
    } else {
        writeln!(out, "rows  {}", evaluation.rows)?;
        writeln!(out, "rmse  {}", significant(evaluation.rmse, 5))?;
        writeln!(out, "mae   {}", significant(evaluation.mae, 5))?;
        if let Some(r2) = evaluation.r2 {
            writeln!(out, "r2    {}", significant(r2, 5))?;
        }
        if let (Some(band), Some(share)) = (band, coverage.share()) {
            writeln!(
                out,
                "within their intervals for {}: {}, mean width {}",
                band.level(),
                significant(share, 4),
                significant(coverage.mean_width, 5)
            )?;
        }
    }
    Ok(())
}
