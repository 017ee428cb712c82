//! `chainrule predict`: the table as it came, with the predictions and their bounds.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use chainrule_tabular::shown::quoted;
#[cfg(feature = "parquet")]
use chainrule_tabular::table::WiderParquet;
use chainrule_tabular::table::source::RowForm;
use chainrule_tabular::table::{PlannedBlock, WiderText};
use chainrule_tabular::{Band, Predictions, Regressor};

use super::{band, load_model, predictions};
use crate::args::PredictArgs;
use crate::failure::Failure;
use crate::files;
use crate::reading::ByModel;

/// Writes the table with its predictions.
pub fn run(args: &PredictArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(path) = &args.output {
        files::expect_apart(path, [args.model.as_path(), &args.table])?;
        files::expect_writable(path)?;
    }
    let model = load_model(&args.model)?;
    let table = ByModel::open(&args.table, &model, false, &args.form)?;
    let band = band(&model, &args.model, &args.interval)?;
    let new = Arc::new(NewColumns {
        names: names(&args.prediction_column, band.is_some()),
        band,
        model,
    });
    new.expect_unused(&table)?;
    match &args.output {
        None => as_text(args, new, table, out),
        Some(path) if has_ending(path, &["parquet"]) => as_parquet(args, new, table, path),
        Some(path) => files::write_in_pieces(path, |out| as_text(args, new, table, out)),
    }
}

/// What is added to the table.
struct NewColumns {
    names: Vec<String>,
    model: Regressor,
    band: Option<Band>,
}

/// The names of the predictions and of their bounds.
fn names(prediction: &str, has_bounds: bool) -> Vec<String> {
    let bounds = ["_lower", "_upper"].map(|end| format!("{prediction}{end}"));
    let bounds = bounds.into_iter().filter(|_| has_bounds);
    [prediction.to_owned()].into_iter().chain(bounds).collect()
}

impl NewColumns {
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
    fn of(&self, predictions: Vec<Option<f64>>) -> Columns<f64> {
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

fn has_ending(path: &Path, wanted: &[&str]) -> bool {
    let ending = path.extension().and_then(OsStr::to_str);
    let is_it = |ending: &str| {
        wanted
            .iter()
            .any(|wanted| ending.eq_ignore_ascii_case(wanted))
    };
    ending.is_some_and(is_it)
}

/// Refuses a file whose name promises another format than the one that is written.
fn expect_ending(path: &Path, form: &RowForm) -> Result<(), Failure> {
    let remedy = match form {
        _ if has_ending(path, &["gz", "zst", "zip", "bz2", "xz"]) => {
            "would be packed, which this command does not do: give --output the ending .csv, and pack the file"
        }
        _ if has_ending(path, &["xlsx", "xlsm", "xlsb", "xls", "ods"]) => {
            "would be a workbook, which this command reads and does not write: give --output the ending .csv"
        }
        RowForm::JsonLines => return Ok(()),
        _ if has_ending(path, &["jsonl", "ndjson", "json"]) => {
            "can only hold JSON lines if the table does: give --output the ending .csv"
        }
        _ => return Ok(()),
    };
    Err(Failure::Message(format!("{} {remedy}", path.display())))
}

/// Block by block, so that rows come out while others are still read.
fn as_text(
    args: &PredictArgs,
    new: Arc<NewColumns>,
    table: ByModel,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let form = match (table.reader().row_form(), &args.output) {
        (RowForm::JsonLines, Some(path)) if has_ending(path, &["csv"]) => RowForm::Cells,
        (form, _) => form,
    };
    if let Some(path) = &args.output {
        expect_ending(path, &form)?;
    }
    let wider = WiderText::new(form, table.reader().names(), &new.names);
    let decimal = match wider.is_for_people() {
        true => args
            .form
            .decimal
            .unwrap_or_else(|| decimal_sign(&new.model)),
        false => '.',
    };
    let in_words = move |new: &NewColumns, columns: Columns<f64>| -> Columns<String> {
        let text_of = |value: f64| text(&new.model, value, decimal);
        let texts_of = |values: Vec<Option<f64>>| {
            let values = values.into_iter();
            values.map(|value| value.map(text_of)).collect()
        };
        columns.into_iter().map(texts_of).collect()
    };
    let mut has_head = false;
    for_each(new, table, in_words, |block, texts| {
        if !has_head {
            wider.write_head(out)?;
            has_head = true;
        }
        Ok(wider.write_block(&block.rows, texts, out)?)
    })?;
    Ok(out.flush()?)
}

/// Refuses what only a build with Parquet can write.
#[cfg(not(feature = "parquet"))]
fn as_parquet(_: &PredictArgs, _: Arc<NewColumns>, _: ByModel, path: &Path) -> Result<(), Failure> {
    Err(Failure::Message(format!(
        "{} cannot be written: this program was built without Parquet; give --output the ending .csv",
        path.display()
    )))
}

/// The columns of a Parquet file as they are stored, and the new ones.
#[cfg(feature = "parquet")]
fn as_parquet(
    args: &PredictArgs,
    new: Arc<NewColumns>,
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
        let as_they_are = |_: &NewColumns, columns| columns;
        for_each(new, table, as_they_are, |_, columns| {
            copy.push(&columns).map_err(failed)
        })?;
        copy.finish().map_err(failed)
    })
}

/// Values of the new columns; none for rows that cannot be predicted.
type Columns<T> = Vec<Vec<Option<T>>>;

/// Gives each block with what is made of the values of the new columns.
fn for_each<T: Send + 'static>(
    new: Arc<NewColumns>,
    mut table: ByModel,
    make: impl Fn(&NewColumns, Columns<f64>) -> T + Send + Sync + 'static,
    mut write: impl FnMut(&PlannedBlock, T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let work = move |block: &PlannedBlock| {
        let Predictions {
            mut values,
            unusual,
        } = predictions(&new.model, block)?;
        for ragged in block.rows.ragged() {
            values[ragged.row] = None;
        }
        Ok((make(&new, new.of(values)), unusual))
    };
    table.for_each(work, |block, made: Result<_, Failure>| {
        let (made, unusual) = made?;
        write(&block, made)?;
        Ok(unusual)
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
