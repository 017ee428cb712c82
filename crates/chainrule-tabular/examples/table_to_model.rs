//! From a table to a model in a file: read, train, evaluate on rows of its own, save.
//!
//! `cargo run --release -p chainrule-tabular --example table_to_model`

use std::error::Error;
use std::io::Cursor;

use chainrule::training::{Control, EarlyStopping, TrainingSettings};
use chainrule_tabular::table::{ReadOptions, TypedTable};
use chainrule_tabular::{Fitting, RegressorSettings, model_file};

/// The program. It is public because the tests run it, too.
pub fn main() -> Result<(), Box<dyn Error>> {
    let options = ReadOptions::default(); // everything is found by looking
    let csv = Cursor::new(houses(0..300));
    let (table, _) = TypedTable::from_reader(csv, "houses.csv", &options)?; // TypedTable::read takes a path
    let settings = RegressorSettings {
        hidden: vec![16, 8],
        validation_fraction: 0.2, // of the rows, to stop in time
        training: TrainingSettings {
            epochs: 300,
            learning_rate: 0.01,
            early_stopping: Some(EarlyStopping {
                patience: 30,
                min_improvement: 0.0,
            }),
            ..TrainingSettings::default()
        },
        ..RegressorSettings::default()
    };
    let mut fitting = Fitting::new(&table, "price", settings)?;
    for warning in fitting.warnings() {
        eprintln!("{warning}");
    }
    fitting.run(&mut |_event| Control::Continue)?;
    let regressor = fitting.into_regressor();

    let csv = Cursor::new(houses(300..400));
    let (others, _) = TypedTable::from_reader(csv, "others.csv", &options)?;
    let evaluation = regressor.evaluate(&others)?.evaluation;
    let r2 = evaluation.r2.unwrap_or(0.0);
    println!("on other houses: RMSE {:.1}, R² {r2:.4}", evaluation.rmse);
    assert!(r2 > 0.98);

    let folder = tempfile::tempdir()?;
    let path = folder.path().join("houses.safetensors");
    model_file::save(&regressor, &path)?;
    assert_eq!(
        model_file::load(&path)?.predict(&others)?,
        regressor.predict(&others)?
    );
    Ok(())
}

/// A table of invented houses.
fn houses(numbers: std::ops::Range<usize>) -> String {
    let mut csv = String::from("area,rooms,price\n");
    for n in numbers {
        let (area, rooms) = (40 + (37 * n) % 101, 1 + (n / 3) % 5);
        let price = 1000.0 + 30.0 * area as f64 * (1.0 + rooms as f64).ln();
        csv += &format!("{area},{rooms},{price:.2}\n");
    }
    csv
}
