//! `chainrule predict`: the table as it came, with one column more.

use std::io::Write;

use chainrule_tabular::shown::quoted;
use chainrule_tabular::table::PlannedBlock;
use chainrule_tabular::table::text::TextForm;
use chainrule_tabular::{Predictions, Regressor};

use super::load_model;
use crate::args::PredictArgs;
use crate::failure::Failure;
use crate::files;
use crate::reading::{ByModel, GoOn};

/// Writes the table with its predictions.
pub fn run(args: &PredictArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(path) = &args.output {
        files::expect_apart(path, [args.model.as_path(), &args.table])?;
        files::expect_writable(path)?;
    }
    let model = load_model(&args.model)?;
    let table = ByModel::open(&args.table, &model, false, &args.form)?;
    match &args.output {
        None => predict(args, &model, table, out),
        Some(path) => {
            let mut content = Vec::new();
            predict(args, &model, table, &mut content)?;
            files::write_whole(path, &content)
        }
    }
}

/// Block by block, so that rows come out while others are still read.
fn predict(
    args: &PredictArgs,
    model: &Regressor,
    mut table: ByModel,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let column = &args.prediction_column;
    if table.reader().names().contains(column) {
        let message = format!(
            "{} already has a column {}: give the new one another name with --prediction-column NAME",
            table.source(),
            quoted(column)
        );
        return Err(Failure::Message(message));
    }
    let form = table.reader().text_form().cloned();
    let form = form.unwrap_or_else(|| TextForm::of_names(table.reader().names()));
    let decimal = args.form.decimal.unwrap_or_else(|| decimal_sign(model));
    let mut has_head = false;
    table.for_each(|block| {
        let Predictions { values, unusual } =
            model.predict(&block.table).map_err(Failure::from_error)?;
        if !has_head {
            form.write_head(column, out)?;
            has_head = true;
        }
        form.write_block(block.rows, &texts(model, block, &values, decimal), out)?;
        Ok((unusual, GoOn::Yes))
    })?;
    Ok(out.flush()?)
}

/// The decimal sign that the model learnt the target with.
fn decimal_sign(model: &Regressor) -> char {
    model.plan().decimal_of(model.target()).unwrap_or('.')
}

/// Each row's prediction; nothing for rows that cannot be predicted.
fn texts(
    model: &Regressor,
    block: &PlannedBlock,
    values: &[Option<f64>],
    decimal: char,
) -> Vec<String> {
    let is_ragged = |row: usize| block.rows.ragged().iter().any(|ragged| ragged.row == row);
    let text = |(row, value): (usize, &Option<f64>)| match value {
        Some(value) if !is_ragged(row) => {
            let text = model.target_scale().text(*value);
            if decimal == '.' {
                text
            } else {
                text.replace('.', &decimal.to_string())
            }
        }
        _ => String::new(),
    };
    values.iter().enumerate().map(text).collect()
}
