//! `chainrule predict`: the table as it came, with one column more.

use std::io::Write;

use chainrule_tabular::Table;
use chainrule_tabular::shown::quoted;

use super::load_model;
use crate::args::PredictArgs;
use crate::failure::Failure;
use crate::files;

/// Writes the table with its predictions.
pub fn run(args: &PredictArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(path) = &args.output {
        files::expect_apart(path, [args.model.as_path(), &args.table])?;
        files::expect_writable(path)?;
    }
    let model = load_model(&args.model)?;
    let (table, text) = Table::read_with_text(&args.table).map_err(Failure::from_error)?;
    let column = &args.prediction_column;
    if table.columns().contains(column) {
        let message = format!(
            "{} already has a column {}: give the new one another name with --prediction-column NAME",
            table.source(),
            quoted(column)
        );
        return Err(Failure::Message(message));
    }
    let predictions = model.predict(&table).map_err(Failure::from_error)?;
    match &args.output {
        None => Ok(text.write_with_column(column, &predictions, out)?),
        Some(path) => {
            let mut content = Vec::new();
            text.write_with_column(column, &predictions, &mut content)?;
            files::write_whole(path, &content)
        }
    }
}
