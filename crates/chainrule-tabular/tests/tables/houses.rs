//! A small table with a curved relation, and settings that train on it in a moment.

use std::io::Cursor;

use chainrule::training::{Control, TrainingSettings};
use chainrule_tabular::table::{ReadOptions, TypedTable};
use chainrule_tabular::{Fitting, Regressor, RegressorSettings};

/// `rows` rows of area, rooms, age and price; no two lines are equal.
pub fn houses_csv(rows: usize) -> String {
    let mut csv = String::from("area,rooms,age,price\n");
    for r in 0..rows {
        let (area, rooms, age) = (40 + (37 * r) % 101, 1 + r % 5, (13 * r) % 67);
        let price = 1000.0 + 30.0 * area as f64 * (1.0 + rooms as f64).ln() - 7.5 * age as f64;
        csv.push_str(&format!("{area},{rooms},{age},{price}\n"));
    }
    csv
}

/// CSV text as the table `houses.csv`, whose target is the price if it has one.
pub fn table(csv: &str) -> TypedTable {
    let header = csv.lines().next().unwrap();
    let target = header
        .split(',')
        .find(|name| *name == "price")
        .map(str::to_owned);
    let options = ReadOptions {
        targets: target.into_iter().collect(),
        ..ReadOptions::default()
    };
    let csv = Cursor::new(csv.to_owned());
    TypedTable::from_reader(csv, "houses.csv", &options)
        .unwrap()
        .0
}

/// The predictions of all rows.
pub fn predicted(regressor: &Regressor, table: &TypedTable) -> Vec<f64> {
    let values = regressor.predict(table).unwrap().values;
    values
        .into_iter()
        .map(|y_hat| y_hat.expect("a finite prediction"))
        .collect()
}

/// Two small layers, few epochs, batches that do not divide the rows.
pub fn quick_settings() -> RegressorSettings {
    RegressorSettings {
        hidden: vec![7, 5],
        training: TrainingSettings {
            epochs: 6,
            batch_size: Some(9),
            learning_rate: 0.01,
            seed: 3,
            ..TrainingSettings::default()
        },
        ..RegressorSettings::default()
    }
}

/// The model that the settings give when nothing interrupts.
pub fn trained(table: &TypedTable, settings: RegressorSettings) -> Regressor {
    let mut fitting = Fitting::new(table, "price", settings).unwrap();
    fitting.run(&mut |_| Control::Continue).unwrap();
    fitting.into_regressor()
}
