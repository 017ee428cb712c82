//! `chainrule predict`: the table as it came, with the predictions and their bounds.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;

use chainrule_tabular::shown::quoted;
use chainrule_tabular::table::PlannedBlock;
#[cfg(feature = "parquet")]
use chainrule_tabular::table::WiderParquet;
use chainrule_tabular::table::text::TextForm;
use chainrule_tabular::{Band, Predictions, Regressor};

use super::{band, load_model, predictions};
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
    let band = band(&model, &args.model, &args.interval)?;
    let new = NewColumns {
        names: names(&args.prediction_column, band.is_some()),
        band,
        model: &model,
    };
    new.expect_unused(&table)?;
    match &args.output {
        None => as_text(args, &new, table, out),
        Some(path) if is_parquet(path) => as_parquet(args, &new, table, path),
        Some(path) => files::write_in_pieces(path, |out| as_text(args, &new, table, out)),
    }
}

/// What is added to the table.
struct NewColumns<'a> {
    names: Vec<String>,
    model: &'a Regressor,
    band: Option<Band>,
}

/// The names of the predictions and of their bounds.
fn names(prediction: &str, has_bounds: bool) -> Vec<String> {
    let bounds = ["_lower", "_upper"].map(|end| format!("{prediction}{end}"));
    let bounds = bounds.into_iter().filter(|_| has_bounds);
    [prediction.to_owned()].into_iter().chain(bounds).collect()
}

impl NewColumns<'_> {
    /// Fails if the table has a column that is to be added.
    fn expect_unused(&self, table: &ByModel) -> Result<(), Failure> {
        let has = |name: &&String| table.reader().names().contains(name);
        match self.names.iter().find(has) {
            None => Ok(()),
            Some(name) => Err(Failure::Message(format!(
                "{} already has a column {}: give the new one another name with --prediction-column NAME",
                table.source(),
                quoted(name)
            ))),
        }
    }

    /// Their values for some predictions.
    fn of(&self, predictions: Vec<Option<f64>>) -> Vec<Vec<Option<f64>>> {
        match &self.band {
            None => vec![predictions],
            Some(band) => {
                let bounds = band.bounds(&predictions).into_iter();
                let (lower, upper) = bounds.map(Option::unzip).unzip();
                vec![predictions, lower, upper]
            }
        }
    }
}

fn is_parquet(path: &Path) -> bool {
    path.extension()
        .and_then(OsStr::to_str)
        .is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"))
}

/// Block by block, so that rows come out while others are still read.
fn as_text(
    args: &PredictArgs,
    new: &NewColumns,
    table: ByModel,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let form = table.reader().text_form().cloned();
    let form = form.unwrap_or_else(|| TextForm::of_names(table.reader().names()));
    let decimal = args.form.decimal.unwrap_or_else(|| decimal_sign(new.model));
    let mut has_head = false;
    let text_of = |value: Option<f64>| match value {
        Some(value) => text(new.model, value, decimal),
        None => String::new(),
    };
    for_each(new, table, |block, columns| {
        if !has_head {
            form.write_head(&new.names, out)?;
            has_head = true;
        }
        let texts = columns
            .into_iter()
            .map(|values| values.into_iter().map(text_of).collect());
        let texts: Vec<Vec<String>> = texts.collect();
        Ok(form.write_block(block.rows, &texts, out)?)
    })?;
    Ok(out.flush()?)
}

/// Refuses what only a build with Parquet can write.
#[cfg(not(feature = "parquet"))]
fn as_parquet(_: &PredictArgs, _: &NewColumns, _: ByModel, path: &Path) -> Result<(), Failure> {
    Err(Failure::Message(format!(
        "{} cannot be written: this program was built without Parquet; give --output the ending .csv",
        path.display()
    )))
}

/// The columns of a Parquet file as they are stored, and the new ones.
#[cfg(feature = "parquet")]
fn as_parquet(
    args: &PredictArgs,
    new: &NewColumns,
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
        let mut copy = WiderParquet::begin(&args.table, &new.names, out).map_err(failed)?;
        for_each(new, table, |_, columns| copy.push(&columns).map_err(failed))?;
        copy.finish().map_err(failed)
    })
}

/// Gives each block with the values of the new columns; none for rows that cannot be predicted.
fn for_each(
    new: &NewColumns,
    mut table: ByModel,
    mut write: impl FnMut(&PlannedBlock, Vec<Vec<Option<f64>>>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    table.for_each(|block| {
        let Predictions {
            mut values,
            unusual,
        } = predictions(new.model, &block.table)?;
        for ragged in block.rows.ragged() {
            values[ragged.row] = None;
        }
        write(block, new.of(values))?;
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
