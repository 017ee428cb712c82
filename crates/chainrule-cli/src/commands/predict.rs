//! `chainrule predict`: the table as it came, with one column more.

use std::io::Write;

use chainrule_tabular::Table;

use super::load_model;
use crate::args::PredictArgs;
use crate::failure::Failure;
use crate::files;

/// The added column.
const PREDICTION: &str = "prediction";

/// Writes the table with its predictions as CSV.
pub fn run(args: &PredictArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(path) = &args.output {
        files::expect_writable(path)?;
    }
    let model = load_model(&args.model)?;
    let table = Table::read(&args.table).map_err(Failure::from_error)?;
    if table.columns().iter().any(|name| name == PREDICTION) {
        let source = table.source();
        let message =
            format!("{source} already has a column \"{PREDICTION}\": rename it or remove it");
        return Err(Failure::Message(message));
    }
    let predictions = model.predict(&table).map_err(Failure::from_error)?;
    let content = csv_of(&table, &predictions).map_err(Failure::from_error)?;
    match &args.output {
        None => Ok(out.write_all(&content)?),
        Some(path) => files::write_whole(path, &content),
    }
}

/// Columns and records as they were read, then the predictions in the shortest form that reads back to the same number.
fn csv_of(table: &Table, predictions: &[f64]) -> Result<Vec<u8>, csv::Error> {
    // In memory first: the CSV writer's errors would hide that a pipe was closed.
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(
        table
            .columns()
            .iter()
            .map(String::as_str)
            .chain([PREDICTION]),
    )?;
    for (record, prediction) in table.records().zip(predictions) {
        writer.write_record(record.iter().chain([prediction.to_string().as_str()]))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}
