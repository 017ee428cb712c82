//! Writes a checkpoint when a training is interrupted, and goes on from it to the model that an uninterrupted run
//! gives.
//!
//! `cargo run --release -p chainrule-tabular --example resume_after_an_interruption`

use std::error::Error;
use std::io::Cursor;

use chainrule::training::{Control, Event, Outcome};
use chainrule_tabular::table::{ReadOptions, TypedTable};
use chainrule_tabular::{Fitting, RegressorSettings, model_file};

/// The program. It is public because the tests run it, too.
pub fn main() -> Result<(), Box<dyn Error>> {
    let lines = (0..100).map(|n| format!("{n},{},{}\n", n % 7, 3 * n + 10 * (n % 7)));
    let csv = String::from("area,rooms,price\n") + &lines.collect::<String>();
    let (table, _) =
        TypedTable::from_reader(Cursor::new(csv), "houses.csv", &ReadOptions::default())?;
    let settings = RegressorSettings::default();
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("houses.checkpoint");

    // The first program is stopped in its fifth epoch.
    let mut fitting = Fitting::new(&table, "price", settings.clone())?;
    let outcome = fitting.run(&mut |told| match told.event {
        Event::Step { epoch: 5, .. } => Control::Stop,
        _ => Control::Continue,
    })?;
    if outcome == Outcome::Interrupted {
        model_file::save_checkpoint(&fitting.checkpoint(), &path)?;
    }

    // The second one goes on, on the same table: another is refused.
    let mut resumed = Fitting::resume(&table, model_file::load_checkpoint(&path)?)?;
    println!("goes on after {} finished epochs", resumed.history().len());
    resumed.run(&mut |_| Control::Continue)?;

    let mut uninterrupted = Fitting::new(&table, "price", settings)?;
    uninterrupted.run(&mut |_| Control::Continue)?;
    assert_eq!(
        resumed.regressor().predict(&table)?,
        uninterrupted.regressor().predict(&table)?
    );
    Ok(())
}
