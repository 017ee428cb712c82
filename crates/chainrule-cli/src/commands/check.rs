//! `chainrule check`: every gradient of a model, or of a network given by options, beside finite differences on real rows.

use std::io::Write;

use chainrule::gradient_check::gradient_check;
use chainrule::training::Dataset;
use chainrule_tabular::{Fitting, Regressor, RegressorSettings, Table};
use ndarray::Axis;

use super::{demo, load_model};
use crate::args::CheckArgs;
use crate::failure::Failure;
use crate::numbers::significant;
use crate::settings::with_network;

/// The largest relative error that passes: far above rounding, far below any wrong formula.
const TOLERANCE: f64 = 1e-6;

/// Prints the comparison, layer by layer.
pub fn run(args: &CheckArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let table = match &args.table {
        Some(path) => Table::read(path).map_err(Failure::from_error)?,
        None => demo::table()?,
    };
    let regressor = match &args.model {
        Some(path) => load_model(path)?,
        None => untrained(args, &table)?,
    };
    let (x, y) = regressor
        .standardized(&table)
        .map_err(Failure::from_error)?;
    let rows = args.rows.min(x.nrows());
    let [x, y] = [&x, &y].map(|all| all.view().split_at(Axis(0), rows).0);
    let data = Dataset::new(x, y, None);
    let l2_penalty = regressor.settings().training.l2_penalty;
    let report = gradient_check(&regressor.network().cast(), &data, l2_penalty);

    writeln!(out, "{}\n", regressor.network().describe().trim_end())?;
    writeln!(
        out,
        "{rows} rows of {}, L2 penalty {l2_penalty}\n\n{report}",
        table.source()
    )?;
    let error = report.max_relative_error();
    // Written so that a NaN fails.
    if error <= TOLERANCE {
        return Ok(());
    }
    let error = significant(error, 2);
    Err(Failure::Message(format!(
        "gradients and finite differences disagree: relative error {error}, above {TOLERANCE:e}"
    )))
}

/// The network that the options describe, with its initial weights.
fn untrained(args: &CheckArgs, table: &Table) -> Result<Regressor, Failure> {
    let target = match (&args.target, &args.table) {
        (Some(target), _) => target,
        (None, None) => demo::TARGET,
        (None, Some(_)) => {
            return Err(Failure::Usage(
                "--table without a model needs --target, the column to predict".to_string(),
            ));
        }
    };
    let settings = with_network(RegressorSettings::default(), &args.network);
    Ok(Fitting::new(table, target, settings)
        .map_err(Failure::from_error)?
        .into_regressor())
}
