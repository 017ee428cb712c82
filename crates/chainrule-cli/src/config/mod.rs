//! A training's settings in a TOML file: what `--save-config` writes and `--config` reads.
//!
//! The file says what is trained (`folds` and `bags`, as a model file has them) and how the table is read (`table` and
//! `columns`, in the words of the options). It leaves out what changes no model: paths, threads, checkpoints.

mod read;

use std::path::Path;

use chainrule_tabular::{Bag, Composition, Regressor, RegressorSettings};
use serde::{Deserialize, Serialize};

use crate::args::{ColumnArgs, FormArgs, OnErrorName, TrainArgs};
use crate::failure::Failure;
use crate::files;
use crate::values::{
    date_words, parse_date, parse_decimal, parse_separator, separator_word, threads,
};

/// Stands at the top of a saved file.
const HEADER: &str = "\
# What `chainrule train` was told. With the same table, this file gives the same model:
#     chainrule train TABLE --config FILE
# Each bag has a network for each fold of the rows. Known to [bags.training] as well: clip_norm = 1.0 and
# early_stopping = { patience = 20, min_improvement = 0.0 }; without batch_size, a step takes all rows.

";

/// A file's content.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    folds: usize,
    /// How many networks of each bag learn from all rows, where that does no harm.
    #[serde(default)]
    refits: usize,
    /// How many times as many epochs those are trained for.
    #[serde(default = "once")]
    refit_length: usize,
    #[serde(default, skip_serializing_if = "is_default")]
    table: Table,
    #[serde(default, skip_serializing_if = "is_default")]
    columns: Columns,
    bags: Vec<RegressorSettings>,
}

/// How the table is written, as [`FormArgs`] says it.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Table {
    #[serde(skip_serializing_if = "is_default")]
    separator: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    decimal: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    no_header: bool,
    #[serde(skip_serializing_if = "is_default")]
    sheet: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    missing: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    skip_errors: bool,
}

/// What the columns are, as [`ColumnArgs`] says it, and the target.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Columns {
    #[serde(skip_serializing_if = "is_default")]
    target: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    weight: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    ignore: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    only: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    categorical: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    numeric: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    date: Vec<String>,
}

fn once() -> usize {
    1
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Writes what a training was told.
pub fn save(path: &Path, args: &TrainArgs, composition: &Composition) -> Result<(), Failure> {
    let text = text(args, composition).map_err(|error| {
        Failure::Message(format!(
            "{} cannot hold these settings: {error}",
            path.display()
        ))
    })?;
    files::write_whole(path, text.as_bytes())
}

/// What a training was told, as a file says it.
pub fn text(args: &TrainArgs, composition: &Composition) -> Result<String, toml::ser::Error> {
    let config = Config {
        folds: composition.folds,
        refits: composition.refits,
        refit_length: composition.refit_length,
        table: Table::of(&args.form, &args.columns),
        columns: Columns::of(args),
        bags: composition.bags.clone(),
    };
    Ok(HEADER.to_owned() + &toml::to_string(&config)?)
}

/// What the networks of a model were told, bag by bag.
pub fn of_model(model: &Regressor) -> Result<String, toml::ser::Error> {
    /// The part of a [`Config`] that a model file keeps.
    #[derive(Serialize)]
    struct Bags<'a> {
        bags: Vec<&'a RegressorSettings>,
    }
    let bags = model.bags().iter().map(Bag::settings).collect();
    toml::to_string(&Bags { bags })
}

/// Reads the file that `--config` names and adds to the options what it says of the table; gives what is trained.
///
/// What the file says cannot be said by an option as well.
pub fn apply(path: &Path, args: &mut TrainArgs) -> Result<Composition, Failure> {
    let Config {
        folds,
        refits,
        refit_length,
        table,
        columns,
        bags,
    } = read::config(path)?;
    let told = Told(path);
    told.refuse(of_the_training(args))?;
    let form = &mut args.form;
    let parsed = |text: Option<String>, name: &str| (text, format!("{name} of [table]"));
    let (text, name) = parsed(table.separator, "separator");
    told.add(
        "--separator",
        &mut form.separator,
        told.parse(text, &name, parse_separator)?,
    )?;
    let (text, name) = parsed(table.decimal, "decimal");
    told.add(
        "--decimal",
        &mut form.decimal,
        told.parse(text, &name, parse_decimal)?,
    )?;
    told.add("--no-header", &mut form.no_header, table.no_header)?;
    told.add("--sheet", &mut form.sheet, table.sheet)?;
    told.add("--missing", &mut form.missing, table.missing)?;

    let given = &mut args.columns;
    let mut dates = vec![];
    for date in columns.date {
        dates.extend(told.parse(Some(date), "date of [columns]", parse_date)?);
    }
    told.add(
        "--target",
        &mut args.target,
        columns.target.into_iter().collect(),
    )?;
    told.add("--weight", &mut given.weight, columns.weight)?;
    told.add("--ignore", &mut given.ignore, columns.ignore)?;
    told.add("--only", &mut given.only, columns.only)?;
    told.add("--categorical", &mut given.categorical, columns.categorical)?;
    told.add("--numeric", &mut given.numeric, columns.numeric)?;
    told.add("--date", &mut given.date, dates)?;
    if table.skip_errors {
        given.on_error = OnErrorName::Skip;
    }
    if args.target.is_empty() {
        let message = format!(
            "{} names no target: give --target COLUMN, or write target = \"COLUMN\" below [columns]",
            path.display()
        );
        return Err(Failure::Usage(message));
    }
    let threads = match (args.training.threads, folds) {
        (Some(asked), _) => threads(asked),
        (None, 0) => 1,
        (None, _) => 0,
    };
    let composition = Composition {
        folds,
        refits,
        refit_length,
        bags,
    };
    Ok(composition.with_threads(threads))
}

/// The options that were given and that a file has the place of.
fn of_the_training(args: &TrainArgs) -> Option<&'static str> {
    let others = [
        ("--recipe", args.recipe.is_some()),
        ("--members", args.members.is_some()),
        ("--loss", args.network.loss.is_some()),
        ("--seed", args.network.seed.is_some()),
    ];
    let others = others.into_iter().filter(|(_, given)| *given);
    let mut given = others.map(|(option, _)| option);
    given
        .next()
        .or_else(|| args.describing_one_network().first().copied())
}

/// A file beside the options of the command line.
struct Told<'a>(&'a Path);

impl Told<'_> {
    /// Takes what the file says for an option that was not given.
    fn add<T: Default + PartialEq>(
        &self,
        option: &'static str,
        given: &mut T,
        told: T,
    ) -> Result<(), Failure> {
        if is_default(&told) {
            return Ok(());
        }
        self.refuse((!is_default(given)).then_some(option))?;
        *given = told;
        Ok(())
    }

    fn refuse(&self, option: Option<&str>) -> Result<(), Failure> {
        let Some(option) = option else {
            return Ok(());
        };
        let file = self.0.display();
        Err(Failure::Usage(format!(
            "{option} cannot be given beside --config {file}, which says it: change the file, or leave one of both out"
        )))
    }

    fn parse<T>(
        &self,
        text: Option<String>,
        name: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Failure> {
        let file = self.0.display();
        let in_words = |text: String| {
            parse(&text)
                .map_err(|hint| Failure::Message(format!("{file}: {name} is {text:?}: {hint}")))
        };
        text.map(in_words).transpose()
    }
}

impl Table {
    fn of(form: &FormArgs, columns: &ColumnArgs) -> Table {
        Table {
            separator: form.separator.map(separator_word),
            decimal: form.decimal.map(String::from),
            no_header: form.no_header,
            sheet: form.sheet.clone(),
            missing: form.missing.clone(),
            skip_errors: columns.on_error == OnErrorName::Skip,
        }
    }
}

impl Columns {
    fn of(args: &TrainArgs) -> Columns {
        let columns = &args.columns;
        Columns {
            target: args.target.first().cloned(),
            weight: columns.weight.clone(),
            ignore: columns.ignore.clone(),
            only: columns.only.clone(),
            categorical: columns.categorical.clone(),
            numeric: columns.numeric.clone(),
            date: columns.date.iter().map(date_words).collect(),
        }
    }
}
