//! Model files of the command: opened on the table that they were trained on, or on another with the same columns.

use std::io::Cursor;

use chainrule::training::Trainer;
use chainrule_tabular::table::{PlannedReader, ReadOptions, TypedTable};
use chainrule_tabular::{Fitting, Regressor, model_file};
use ndarray::Array2;
use serde::Serialize;

use crate::grid::Grid;
use crate::session::Session;
use crate::settings::{OPTIMIZERS, Settings};
use crate::sources::{Source, TableFile, read};

/// A model on a table that it was not trained on.
#[derive(Debug)]
pub(crate) struct Opened {
    pub model: Regressor,
    /// What a reader should know of how it was opened.
    pub notes: Vec<String>,
}

/// What a model reads and predicts.
#[derive(Debug, PartialEq, Serialize)]
pub struct ModelCard {
    columns: Vec<String>,
    target: String,
}

/// What a model file called `name` needs; refused where a page cannot show its network.
pub fn model_card(bytes: &[u8], name: &str) -> Result<ModelCard, String> {
    let model = model(bytes, name)?;
    Ok(ModelCard {
        columns: model.columns().into_iter().map(str::to_owned).collect(),
        target: model.target().to_owned(),
    })
}

fn model(bytes: &[u8], name: &str) -> Result<Regressor, String> {
    let model =
        model_file::model_from_bytes(bytes).map_err(|problem| format!("{name} {problem}"))?;
    match model.members() {
        1 => Ok(model),
        members => Err(format!(
            "{name} is the mean of {members} networks, and this page shows one: train with --recipe basic"
        )),
    }
}

impl Session {
    /// Opens a model file called `name` on the data of `settings`: a session with the model's network and settings.
    ///
    /// On another table than that of its training, columns are found by their names, and read and scaled as the model
    /// does it.
    pub fn open(
        settings: &Settings,
        own: Option<(&str, &[u8])>,
        bytes: &[u8],
        name: &str,
    ) -> Result<Session, String> {
        let model = model(bytes, name)?;
        let file = settings.data.file(settings.noise, settings.seed, own)?;
        let file =
            file.ok_or("the worked example is no table: choose other data, then open the model")?;
        let target = model.target().to_owned();
        expect_columns(&model, &read(&file.bytes, file.name, "")?, name)?;
        let table = read(&file.bytes, file.name, &target)?;
        let settings = told(settings, &model)?;
        let network = model.network().clone();

        let own_encoding = Fitting::new(&table, target.as_str(), model.settings().clone());
        let own_encoding = own_encoding.ok().and_then(|fitting| fitting.alone());
        let is_its_own = own_encoding.is_some_and(|alone| {
            alone.encoding == *model.encoding() && alone.target == *model.target_scale()
        });
        let mut session = if is_its_own {
            Session::of_table(settings, table, &target)?
        } else {
            let (table, problems) = planned(&model, &file)?;
            let mut session = Session::of_table(settings, table, &target)?;
            session.take_model(model, problems, name)?;
            session
        };
        session.trainer = Trainer::new(network.clone(), session.trainer.settings().clone());
        session.initial = network;
        Ok(session)
    }

    /// Has the rows as the model sees them.
    fn take_model(
        &mut self,
        model: Regressor,
        problems: Vec<String>,
        name: &str,
    ) -> Result<(), String> {
        let Some((table, _)) = &self.origin else {
            return Ok(());
        };
        let said = |error: chainrule_tabular::TableError| error.to_string();
        let actual = table.numbers_of(model.target()).map_err(said)?;
        let rows: Vec<u32> = (0_u32..)
            .zip(actual.iter())
            .filter(|(_, y)| !y.is_nan())
            .map(|(row, _)| row)
            .collect();
        let encoded = model.encoding().encode(table, &rows).map_err(said)?;
        self.x = encoded.x.into_dense();
        self.y = Array2::from_shape_fn((rows.len(), 1), |(r, _)| {
            model.target_scale().encode(actual[rows[r] as usize])
        });
        self.inputs = model.encoding().names();
        self.target = model.target_scale().clone();
        self.grid = Grid::of(table, model.encoding(), &self.x, &self.y, &self.training);
        let mut notes = vec![format!(
            "{name} was trained on another table; its columns were found by their names"
        )];
        notes.extend(problems);
        self.opened = Some(Opened { model, notes });
        Ok(())
    }
}

/// The page's settings with those of the model.
fn told(settings: &Settings, model: &Regressor) -> Result<Settings, String> {
    let told = model.settings();
    let rule = OPTIMIZERS
        .into_iter()
        .find(|(_, rule, ..)| *rule == told.training.optimizer);
    let (optimizer, ..) = rule.ok_or_else(|| {
        format!(
            "this page does not offer the model's optimizer, {}",
            told.training.optimizer
        )
    })?;
    let target = match settings.data {
        Source::Own => model.target().to_owned(),
        _ => settings.target.clone(),
    };
    Ok(Settings {
        held_out: told.validation_fraction,
        hidden: told.hidden.clone(),
        activation: told.activation.to_string(),
        loss: told.loss.to_string(),
        optimizer: optimizer.to_owned(),
        learning_rate: told.training.learning_rate,
        batch_size: told.training.batch_size.unwrap_or(0),
        penalty: told.training.l2_penalty,
        seed: told.training.seed,
        target,
        ..settings.clone()
    })
}

/// Refuses a table without some of the model's columns, and names all of them.
fn expect_columns(model: &Regressor, table: &TypedTable, name: &str) -> Result<(), String> {
    let wanted = model.columns().into_iter().chain([model.target()]);
    let missing: Vec<String> = wanted
        .filter(|name| table.column(name).is_none())
        .map(|name| format!("\"{name}\""))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let columns = if missing.len() == 1 {
        "column"
    } else {
        "columns"
    };
    Err(format!(
        "{} does not have the {columns} {} that {name} was trained with: open a table that does",
        table.source(),
        missing.join(", ")
    ))
}

/// The model's columns of a table, read as the model's plan says, and what could not be read.
fn planned(model: &Regressor, file: &TableFile) -> Result<(TypedTable, Vec<String>), String> {
    let said = |error: chainrule_tabular::TableError| error.to_string();
    let wanted = model.columns().into_iter().chain([model.target()]);
    let wanted: Vec<String> = wanted.map(str::to_owned).collect();
    let (bytes, options) = (Cursor::new(file.bytes.to_vec()), ReadOptions::default());
    let reader = PlannedReader::from_reader(bytes, file.name, model.plan(), &wanted, &options);
    let mut reader = reader.map_err(said)?;
    let table = reader.rest().map_err(said)?;
    let table = table.ok_or_else(|| format!("{} has no rows", file.name))?;
    Ok((
        table,
        reader.problems().iter().map(ToString::to_string).collect(),
    ))
}
