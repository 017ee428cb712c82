//! `chainrule check`: every gradient of a model, or of a network given by options, beside finite differences on real
//! rows.

use std::io::Write;

use chainrule::gradient_check::LARGEST_ROUNDING;
use chainrule_tabular::table::TypedTable;
use chainrule_tabular::{Fitting, Regressor, RegressorSettings, Roles};
use ndarray::{Array2, ArrayView2, Axis, concatenate};

use super::{demo, load_model};
use crate::args::{CheckArgs, ColumnArgs};
use crate::failure::Failure;
use crate::numbers::significant;
use crate::reading::{ByModel, GoOn, training_table};
use crate::settings::with_network;

/// A model, the name of a table, and rows of it as the network sees them.     x (n, inputs)  y (n, 1)
type Checked = (Regressor, String, Array2<f64>, Array2<f64>);

/// Prints the comparison, layer by layer.
pub fn run(args: &CheckArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let (regressor, source, x, y) = match &args.model {
        Some(model) => of_model(args, load_model(model)?)?,
        None => untrained(args)?,
    };
    let rows = x.nrows();
    let l2_penalty = regressor.settings().training.l2_penalty;
    let report = regressor.bags()[0].check_gradients(x.view(), y.view(), usize::MAX);

    if regressor.members() > 1 {
        writeln!(out, "the first of {} networks:", regressor.members())?;
    }
    writeln!(out, "{}\n", regressor.network().describe().trim_end())?;
    writeln!(
        out,
        "{rows} rows of {source}, L2 penalty {l2_penalty}\n\n{report}"
    )?;
    let error = report.max_relative_error();
    // Written so that a NaN fails.
    if error <= LARGEST_ROUNDING {
        return Ok(());
    }
    let error = significant(error, 2);
    Err(Failure::Message(format!(
        "gradients and finite differences disagree: relative error {error}, above {LARGEST_ROUNDING:e}"
    )))
}

/// A model, and the first rows that have a target, as its network sees them.
fn of_model(args: &CheckArgs, model: Regressor) -> Result<Checked, Failure> {
    let Some(path) = &args.table else {
        let table = demo::table()?;
        let (x, y) = first_rows(&model, &table, args.rows)?;
        return Ok((model, table.source().to_owned(), x, y));
    };
    let mut table = ByModel::open(path, &model, true, &args.form)?;
    let mut parts: Vec<(Array2<f64>, Array2<f64>)> = Vec::new();
    let mut found = 0;
    table.first(|block| {
        parts.push(first_rows(&model, &block.table, args.rows - found)?);
        found += parts[parts.len() - 1].0.nrows();
        Ok(if found < args.rows {
            GoOn::Yes
        } else {
            GoOn::No
        })
    })?;
    let (x, y): (Vec<_>, Vec<_>) = parts.iter().map(|(x, y)| (x.view(), y.view())).unzip();
    let stacked =
        |parts: &[ArrayView2<f64>]| concatenate(Axis(0), parts).expect("parts of the same width");
    let (x, y) = (stacked(&x), stacked(&y));
    Ok((model, table.source().to_owned(), x, y))
}

/// The network that the options describe, with its initial weights.
fn untrained(args: &CheckArgs) -> Result<Checked, Failure> {
    let (table, roles) = match (&args.table, &args.target) {
        (None, _) => (demo::table()?, Roles::from(demo::TARGET)),
        (Some(path), Some(target)) => {
            let read = training_table(path, target, &args.form, &ColumnArgs::default())?;
            (read.table, read.roles)
        }
        (Some(_), None) => {
            return Err(Failure::Usage(
                "--table without a model needs --target, the column to predict".to_string(),
            ));
        }
    };
    let settings = with_network(RegressorSettings::default(), &args.network);
    let fitting = Fitting::new(&table, roles, settings).map_err(Failure::from_error)?;
    let model = fitting.into_regressor();
    let (x, y) = first_rows(&model, &table, args.rows)?;
    Ok((model, table.source().to_owned(), x, y))
}

/// At most so many rows with a target, from the first on.
fn first_rows(
    model: &Regressor,
    table: &TypedTable,
    most: usize,
) -> Result<(Array2<f64>, Array2<f64>), Failure> {
    let rows = model.first_rows(table, most).map_err(Failure::from_error)?;
    model.encoded(table, &rows).map_err(Failure::from_error)
}
