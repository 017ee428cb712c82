//! `chainrule report`: a page that shows a model and its errors on a table.

use std::path::Path;

use chainrule_report::Portrait;
use chainrule_tabular::encoding::Unusual;
use chainrule_tabular::table::{Findings, TypedTable};
use chainrule_tabular::{Regressor, TableError};

use super::load_model;
use crate::args::ReportArgs;
use crate::config;
use crate::failure::{Failure, say};
use crate::files;
use crate::reading::ByModel;

/// Writes the page.
pub fn run(args: &ReportArgs) -> Result<(), Failure> {
    files::expect_apart(&args.output, [args.model.as_path(), &args.table])?;
    files::expect_writable(&args.output)?;
    let model = load_model(&args.model)?;
    let (table, findings) = whole_table(&model, args)?;
    let portrait = Portrait::of_table(&model, &args.model, &table, findings);
    let portrait = portrait.map_err(Failure::from_error)?;
    let settings = config::of_model(&model).map_err(Failure::from_error)?;
    write(&args.output, &portrait, &settings)
}

/// Writes the page of a portrait, and says where it is.
pub fn write(path: &Path, portrait: &Portrait, settings: &str) -> Result<(), Failure> {
    files::write_whole(path, portrait.page(settings).as_bytes())?;
    say(&format!("the page is in {}", path.display()));
    Ok(())
}

/// All rows of the table, as the model reads them.
fn whole_table(model: &Regressor, args: &ReportArgs) -> Result<(TypedTable, Findings), Failure> {
    let mut table = ByModel::open(&args.table, model, true, &args.form)?;
    let mut whole: Option<TypedTable> = None;
    table.for_each(
        |_| (),
        |block, ()| {
            match &mut whole {
                None => whole = Some(block.table),
                Some(whole) => whole.append(block.table),
            }
            Ok(Unusual::default())
        },
    )?;
    let whole = whole.ok_or_else(|| {
        Failure::from_error(TableError::NoRows {
            table: table.source().to_owned(),
        })
    })?;
    Ok((whole, table.reader().findings()))
}
