//! A service: loads a model file once and answers requests on several threads, with a sentence for what cannot be
//! answered.
//!
//! `cargo run --release -p chainrule-tabular --example model_in_a_service`

use std::error::Error;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use chainrule::training::Control;
use chainrule_tabular::table::{PlannedReader, ReadOptions, TypedTable};
use chainrule_tabular::{Fitting, Regressor, RegressorSettings, TableError, model_file};

/// The program. It is public because the tests run it, too.
pub fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("houses.safetensors");
    train_and_save(&path)?;

    // Loading replays a few rows that the file keeps: a damaged file is refused here, not at the first request.
    let model = Arc::new(model_file::load(&path)?);
    let requests = [
        "area,rooms\n70,3\n120,4\n",
        "rooms,area\n3,70\n",           // columns are found by their names
        "area,rooms\n70,three\n80,2\n", // a cell that cannot be read is a gap
        "area\n70\n",
    ];
    let workers = requests.map(|request| {
        let model = Arc::clone(&model);
        thread::spawn(move || answer(&model, request))
    });
    let answers = workers.map(|worker| worker.join().expect("an answer"));
    for (request, answer) in requests.iter().zip(&answers) {
        println!("{request:?}\n  {answer:?}");
    }

    let [two, swapped, with_a_gap, missing] = answers;
    // How many rows come at a time decides the order of sums: the last digits may differ.
    assert!((two?[0] - swapped?[0]).abs() < 0.01);
    assert_eq!(with_a_gap?.len(), 2);
    assert!(missing.unwrap_err().contains("rooms"));
    Ok(())
}

/// One prediction for each row of the request, or what is wrong with it.
fn answer(model: &Regressor, request: &str) -> Result<Vec<f64>, String> {
    predict(model, request).map_err(|error| error.to_string())
}

/// Reads the request by the model's own plan: the same text means the same value, whatever stands beside it.
fn predict(model: &Regressor, request: &str) -> Result<Vec<f64>, TableError> {
    let request = Cursor::new(request.to_owned());
    let wanted: Vec<String> = model.columns().into_iter().map(str::to_owned).collect();
    let options = ReadOptions::default();
    let mut reader =
        PlannedReader::from_reader(request, "request", model.plan(), &wanted, &options)?;
    let mut predictions = Vec::new();
    while let Some(block) = reader.next_block()? {
        let values = model.predict(&block.table)?.values;
        predictions.extend(values.into_iter().map(|value| value.unwrap_or(f64::NAN)));
    }
    Ok(predictions)
}

fn train_and_save(path: &Path) -> Result<(), Box<dyn Error>> {
    let rows = (0..200).map(|n| (40 + (37 * n) % 101, 1 + n % 5));
    let lines = rows.map(|(area, rooms)| format!("{area},{rooms},{}\n", 30 * area + 500 * rooms));
    let csv = String::from("area,rooms,price\n") + &lines.collect::<String>();
    let (table, _) =
        TypedTable::from_reader(Cursor::new(csv), "houses.csv", &ReadOptions::default())?;
    let mut fitting = Fitting::new(&table, "price", RegressorSettings::default())?;
    fitting.run(&mut |_| Control::Continue)?;
    Ok(model_file::save(&fitting.into_regressor(), path)?)
}
