//! `chainrule evaluate`: a model's errors on a table that has the target.

use std::io::Write;

use chainrule_tabular::Table;
use serde_json::json;

use super::load_model;
use crate::args::EvaluateArgs;
use crate::failure::Failure;
use crate::numbers::significant;

/// Prints rows, rmse, mae and r2.
pub fn run(args: &EvaluateArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let model = load_model(&args.model)?;
    let table = Table::read(&args.table).map_err(Failure::from_error)?;
    let evaluation = model.evaluate(&table).map_err(Failure::from_error)?;
    if args.json {
        // A share of no variance is not a number; JSON says null.
        let object = json!({ "rows": evaluation.rows, "rmse": evaluation.rmse, "mae": evaluation.mae, "r2": evaluation.r2 });
        writeln!(out, "{object}")?;
    } else {
        writeln!(out, "rows  {}", evaluation.rows)?;
        writeln!(out, "rmse  {}", significant(evaluation.rmse, 5))?;
        writeln!(out, "mae   {}", significant(evaluation.mae, 5))?;
        writeln!(out, "r2    {}", significant(evaluation.r2, 5))?;
    }
    Ok(())
}
