//! Reasons for predictions, on tables whose relation is known.

use chainrule::training::Control;
use chainrule_tabular::encoding::EncodingSettings;
use chainrule_tabular::table::{Column, RowLines, TypedTable};
use chainrule_tabular::{Composition, Fitting, Regressor, RegressorSettings};

use crate::houses::{houses_csv, predicted, quick_settings, table, trained};

/// The price hangs on the area, the month of the sale and the district; `code` is made by chance. Some areas are missing.
fn sales(rows: usize) -> TypedTable {
    let mut csv = String::from("area,sold,district,code,price\n");
    for r in 0..rows {
        let (month, district, code) = (r * 7 % 12, r * 5 % 4, r * r * 31 % 97);
        let area = 40 + r * 37 % 101;
        let cell = if r % 9 == 4 {
            String::new()
        } else {
            area.to_string()
        };
        let name = ["east", "north", "south", "west"][district];
        let price = 10 * area + 40 * month + 100 * district;
        csv += &format!(
            "{cell},2021-{:02}-{:02},{name},{code},{price}\n",
            month + 1,
            1 + r % 28
        );
    }
    table(&csv)
}

/// Of one bag, whose members do not see a fold each, or of one network where there are none.
fn fitted(table: &TypedTable, settings: RegressorSettings, folds: usize) -> Fitting {
    let composition = Composition {
        folds,
        refits: 0,
        refit_length: 1,
        bags: vec![settings],
    };
    let mut fitting = Fitting::new(table, "price", composition).unwrap();
    fitting.run(&mut |_| Control::Continue).unwrap();
    fitting
}

fn settings(bins: usize) -> RegressorSettings {
    let mut settings = quick_settings();
    settings.training.epochs = 30;
    settings.encoding = EncodingSettings {
        bins,
        level_means: bins > 0,
    };
    settings
}

/// The table, with each row's value of one column taken from another row.
fn with_column_of(table: &TypedTable, name: &str, rows: &[u32], donors: &[u32]) -> TypedTable {
    let column = |column: &Column| match column.name() == name {
        true => column.select(donors),
        false => column.select(rows),
    };
    let mut lines = RowLines::default();
    (1..=rows.len()).for_each(|line| lines.push(line as u64));
    TypedTable::new(
        "mixed".to_owned(),
        table.columns().iter().map(column).collect(),
        lines,
    )
}

#[test]
fn shuffled_inputs_say_what_shuffled_cells_say() {
    let table = sales(240);
    for bins in [0, 16] {
        let fitting = fitted(&table, settings(bins), 0);
        let (regressor, unseen) = (fitting.regressor(), fitting.unseen_rows());
        let importance = regressor.importance().unwrap();
        assert_eq!(importance.rows, unseen.places.len());
        assert!(
            importance
                .columns
                .iter()
                .all(|column| column.over_folds.is_none())
        );
        // Every unseen row with the value of every other one (Fisher et al. 2019, "switched").
        let pairs = unseen.places.iter().enumerate().flat_map(|(nth, &row)| {
            let others = unseen.places.iter().filter(move |&&other| other != row);
            others.map(move |&donor| (nth, row, donor))
        });
        let pairs: Vec<(usize, u32, u32)> = pairs.collect();
        let rows: Vec<u32> = pairs.iter().map(|pair| pair.1).collect();
        let donors: Vec<u32> = pairs.iter().map(|pair| pair.2).collect();
        for column in &importance.columns {
            let mixed = with_column_of(&table, &column.column, &rows, &donors);
            let y_hat = predicted(&regressor, &mixed);
            let squares = pairs.iter().zip(y_hat).map(|((nth, ..), y_hat)| {
                (y_hat - unseen.actual[*nth]).powi(2) / pairs.len() as f64
            });
            let expected = squares.sum::<f64>().sqrt() - importance.rmse;
            let allowed = 3.0 * column.over_shuffles / 5f64.sqrt() + 0.01;
            let off = (column.rise - expected).abs();
            assert!(off < allowed, "{bins} bins, {column:?}: {expected}");
        }
    }
}

#[test]
fn importance_finds_the_columns_that_the_target_is_made_of() {
    let fitting = fitted(&sales(300), settings(16), 3);
    let regressor = fitting.into_regressor();
    let importance = regressor.importance().unwrap();
    assert_eq!((importance.rows, importance.columns.len()), (300, 4));
    let ranked = importance.ranked();
    assert_eq!(ranked[0].column, "area");
    assert_eq!(ranked[3].column, "code");
    for column in &ranked[..3] {
        assert!(column.rise > 5.0 * ranked[3].rise.abs(), "{importance:?}");
        let spreads = (column.over_shuffles, column.over_folds.unwrap());
        assert!(
            spreads.0 < column.rise && spreads.1 < column.rise,
            "{importance:?}"
        );
    }
    let text = regressor.describe();
    let lines: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("importance"))
        .collect();
    assert!(lines[2].starts_with("  area  "), "{text}");
    assert!(lines[5].starts_with("  code  "), "{text}");
    assert_eq!(lines[6], "", "{text}");
}

#[test]
fn a_model_without_unseen_rows_knows_no_importance() {
    let mut settings = quick_settings();
    settings.validation_fraction = 0.0;
    let regressor: Regressor = trained(&table(&houses_csv(40)), settings);
    assert_eq!(regressor.importance(), None);
    assert!(!regressor.describe().contains("importance"));
}

#[test]
fn rows_that_are_alone_in_their_fold_cannot_be_shuffled() {
    let table = table(&houses_csv(7));
    let of_pairs = fitted(&table, quick_settings(), 3).into_regressor();
    assert_eq!(of_pairs.importance().map(|found| found.rows), Some(7));
    let alone = fitted(&table, quick_settings(), 7).into_regressor();
    assert_eq!(alone.importance(), None);
}
