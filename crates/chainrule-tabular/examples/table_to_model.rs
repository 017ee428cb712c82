//! From a table to a model in a file: read CSV, train, evaluate on rows of its own, save.
//!
//! `cargo run --release -p chainrule-tabular --example table_to_model`

use std::error::Error;

use chainrule::training::{Control, EarlyStopping, TrainingSettings};
use chainrule_tabular::{Fitting, RegressorSettings, Table, model_file};

/// The program. It is public because the tests run it, too.
pub fn main() -> Result<(), Box<dyn Error>> {
    let table = Table::from_reader(houses(0..300).as_bytes(), "houses.csv")?; // Table::read takes a path
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

    let others = Table::from_reader(houses(300..400).as_bytes(), "others.csv")?;
    let evaluation = regressor.evaluate(&others)?;
    println!(
        "on other houses: RMSE {:.1}, R² {:.4}",
        evaluation.rmse, evaluation.r2
    );
    assert!(evaluation.r2 > 0.98);

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
