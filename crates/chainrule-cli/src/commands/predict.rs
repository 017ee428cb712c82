//! `chainrule predict`: the table as it came, with one column more.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;

use chainrule_tabular::shown::quoted;
use chainrule_tabular::table::text::TextForm;
use chainrule_tabular::table::{PlannedBlock, WiderParquet};
use chainrule_tabular::{Predictions, Regressor};

use super::{load_model, predictions};
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
    expect_new(&args.prediction_column, &table)?;
    match &args.output {
        None => as_text(args, &model, table, out),
        Some(path) if is_parquet(path) => as_parquet(args, &model, table, path),
        Some(path) => files::write_in_pieces(path, |out| as_text(args, &model, table, out)),
    }
}

/// Fails if the table has the column that is to be added.
fn expect_new(column: &String, table: &ByModel) -> Result<(), Failure> {
    if !table.reader().names().contains(column) {
        return Ok(());
    }
    Err(Failure::Message(format!(
        "{} already has a column {}: give the new one another name with --prediction-column NAME",
        table.source(),
        quoted(column)
    )))
}

fn is_parquet(path: &Path) -> bool {
    path.extension()
        .and_then(OsStr::to_str)
        .is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"))
}

/// Block by block, so that rows come out while others are still read.
fn as_text(
    args: &PredictArgs,
    model: &Regressor,
    table: ByModel,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let form = table.reader().text_form().cloned();
    let form = form.unwrap_or_else(|| TextForm::of_names(table.reader().names()));
    let decimal = args.form.decimal.unwrap_or_else(|| decimal_sign(model));
    let mut has_head = false;
    for_each(model, table, |block, values| {
        if !has_head {
            form.write_head(&args.prediction_column, out)?;
            has_head = true;
        }
        let texts: Vec<String> = values
            .iter()
            .map(|value| value.map_or_else(String::new, |value| text(model, value, decimal)))
            .collect();
        Ok(form.write_block(block.rows, &texts, out)?)
    })?;
    Ok(out.flush()?)
}

/// The columns of a Parquet file as they are stored, and one more.
fn as_parquet(
    args: &PredictArgs,
    model: &Regressor,
    table: ByModel,
    path: &Path,
) -> Result<(), Failure> {
    let format = table.reader().findings().format;
    let refusal = match format.as_str() {
        "Parquet" if args.table == Path::new("-") => "is read from a pipe: give its file",
        "Parquet" => "",
        "text" => "is text: give --output the ending .csv",
        _ => "is not Parquet: give --output the ending .csv",
    };
    if !refusal.is_empty() {
        return Err(Failure::Message(format!(
            "{} can only be Parquet if the table is a Parquet file, and {} {refusal}",
            path.display(),
            table.source(),
        )));
    }
    files::write_in_pieces(path, |out| {
        let failed = |error| {
            Failure::Message(format!(
                "{} cannot be copied with its predictions: {error}",
                args.table.display()
            ))
        };
        let mut copy =
            WiderParquet::begin(&args.table, &args.prediction_column, out).map_err(failed)?;
        for_each(model, table, |_, values| {
            copy.push(values.iter().copied()).map_err(failed)
        })?;
        copy.finish().map_err(failed)
    })
}

/// Gives each block with its predictions; none for rows that cannot be predicted.
fn for_each(
    model: &Regressor,
    mut table: ByModel,
    mut write: impl FnMut(&PlannedBlock, &[Option<f64>]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    table.for_each(|block| {
        let Predictions {
            mut values,
            unusual,
        } = predictions(model, &block.table)?;
        for ragged in block.rows.ragged() {
            values[ragged.row] = None;
        }
        write(block, &values)?;
        Ok((unusual, GoOn::Yes))
    })
}

/// The decimal sign that the model learnt the target with.
fn decimal_sign(model: &Regressor) -> char {
    model.plan().decimal_of(model.target()).unwrap_or('.')
}

fn text(model: &Regressor, value: f64, decimal: char) -> String {
    let text = model.target_scale().text(value);
    match decimal {
        '.' => text,
        sign => text.replace('.', sign.encode_utf8(&mut [0; 4])),
    }
}
