//! `chainrule describe`: what a model file holds.

use std::io::Write;

use chainrule::with_threads;
use chainrule_tabular::Regressor;
use serde_json::{Value, json};

use super::load_model;
use crate::args::DescribeArgs;
use crate::failure::Failure;

/// Prints the model's description.
pub fn run(args: &DescribeArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let model = load_model(&args.model)?;
    match args.json {
        true => writeln!(out, "{}", object(&model)?)?,
        false => writeln!(out, "{}", model.describe().trim_end())?,
    }
    Ok(())
}

/// What a program wants to know of a model.
fn object(model: &Regressor) -> Result<Value, Failure> {
    let dependence = with_threads(0, || model.main_dependence()).map_err(Failure::from_error)?;
    Ok(json!({
        "target": model.target(),
        "columns": model.columns(),
        "networks": model.members(),
        "unseen": model.unseen(),
        "importance": model.importance(),
        "dependence": dependence,
    }))
}
