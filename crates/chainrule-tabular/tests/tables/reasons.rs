//! Reasons for predictions, on tables whose relation is known.

use chainrule::training::Control;
use chainrule_tabular::encoding::EncodingSettings;
use chainrule_tabular::table::{Column, RowLines, TypedTable};
use chainrule_tabular::{
    Composition, Contributions, DependencePoint, Fitting, Regressor, RegressorSettings, model_file,
};

use crate::houses::{houses_csv, predicted, quick_settings, table, trained};

/// The price hangs on the area, the month of the sale and the district; `code` is made by chance. Some areas are
/// missing.
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

/// The price hangs on a wave over east and north, which neither tells alone, and on the area. Some norths are missing.
fn places(rows: usize) -> TypedTable {
    let fraction = |x: f64| x - x.floor();
    let mut csv = String::from("east,north,area,price\n");
    for r in 0..rows {
        let [east, north] = [2.0, 3.0].map(|x: f64| fraction((r + 1) as f64 * x.sqrt()));
        let area = 40 + r * 37 % 101;
        let price = 500.0 * (25.0 * east).sin() * (25.0 * north).cos() + area as f64;
        match r % 40 {
            7 => csv += &format!("{east:.4},,{area},{price:.3}\n"),
            _ => csv += &format!("{east:.4},{north:.4},{area},{price:.3}\n"),
        }
    }
    table(&csv)
}

/// Bins, and those in directions between the axes of a pair.
fn oblique_settings() -> RegressorSettings {
    let mut settings = settings(16);
    settings.encoding.oblique = 2;
    settings
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
        ..EncodingSettings::default()
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
    let of_sales = [0, 16].map(|bins| (sales(240), settings(bins)));
    let of_places = (places(2400), oblique_settings());
    for (table, settings) in of_sales.into_iter().chain([of_places]) {
        let fitting = fitted(&table, settings, 0);
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
            // The deviation of five is itself uncertain.
            let allowed = 6.0 * column.over_shuffles / 5f64.sqrt() + 0.01;
            let off = (column.rise - expected).abs();
            assert!(off < allowed, "{column:?}: {expected}");
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

/// A straight line over numbers: what one column does never hangs on another.
fn straight_line(table: &TypedTable) -> Regressor {
    let mut settings = quick_settings();
    settings.hidden = vec![];
    trained(table, settings)
}

fn contributions(regressor: &Regressor, table: &TypedTable, row: usize) -> Contributions {
    let found = regressor.contributions(table, row).unwrap();
    found.expect("the model keeps rows to compare with")
}

/// The mean prediction of the background with the columns of `set` from a row of the table.
fn mean_with(regressor: &Regressor, table: &TypedTable, row: usize, set: &[&str]) -> f64 {
    let background = regressor.background().unwrap();
    let (n, all) = (
        background.rows(),
        (0..background.rows() as u32).collect::<Vec<u32>>(),
    );
    let column = |name: &&str| match set.contains(name) {
        true => table.find(name).unwrap().select(&vec![row as u32; n]),
        false => background.find(name).unwrap().select(&all),
    };
    let mut lines = RowLines::default();
    (1..=n).for_each(|line| lines.push(line as u64));
    let columns = regressor.columns().iter().map(column).collect();
    let mixed = TypedTable::new("mixed".to_owned(), columns, lines);
    predicted(regressor, &mixed).iter().sum::<f64>() / n as f64
}

#[test]
fn contributions_of_a_straight_line_are_exact() {
    let table = table(&houses_csv(200));
    let regressor = straight_line(&table);
    for row in [0, 57] {
        let found = contributions(&regressor, &table, row);
        assert_eq!((found.background, found.columns.len()), (100, 3));
        let unit = regressor.target_scale().scale().scale();
        for column in &found.columns {
            let name = column.column.as_str();
            let expected = mean_with(&regressor, &table, row, &[name]) - found.base;
            assert!(
                (column.value - expected).abs() < 1e-5 * unit,
                "{column:?}, {expected}"
            );
            assert!(column.error < 1e-6 * unit, "{column:?}");
        }
    }
}

/// Holds the contributions of three columns against their definition, and gives `v(S)` for each of the 8 subsets.
fn shapley_values(regressor: &Regressor, table: &TypedTable, row: usize) -> Vec<f64> {
    let names = regressor.columns();
    let found = contributions(regressor, table, row);
    // The weight of each |S|! (2 − |S|)! / 3! of the subsets without a column.
    let subset = |bits: usize| -> Vec<&str> {
        let columns = (0..3).filter(|j| bits >> j & 1 == 1);
        columns.map(|j| names[j]).collect()
    };
    let v = (0..8).map(|bits| mean_with(regressor, table, row, &subset(bits)));
    let v: Vec<f64> = v.collect();
    let unit = regressor.target_scale().scale().scale();
    for (j, column) in found.columns.iter().enumerate() {
        let without = (0..8_usize).filter(|bits| bits >> j & 1 == 0);
        let expected = without.map(|bits| {
            let weight = [1.0 / 3.0, 1.0 / 6.0, 1.0 / 3.0][bits.count_ones() as usize];
            weight * (v[bits | 1 << j] - v[bits])
        });
        let expected: f64 = expected.sum();
        let off = (column.value - expected).abs();
        assert!(
            off < 4.0 * column.error + 1e-5 * unit,
            "{column:?}, {expected}"
        );
        assert!(column.error < 0.01 * unit, "{column:?}");
    }
    v
}

#[test]
fn contributions_are_the_shapley_values_by_their_definition() {
    let table = table(&houses_csv(200));
    let mut settings = quick_settings();
    settings.training.epochs = 40;
    let regressor = trained(&table, settings);
    let v = shapley_values(&regressor, &table, 31);
    let unit = regressor.target_scale().scale().scale();
    let apart = |set: usize, columns: [usize; 2]| {
        let [a, b] = columns.map(|j| v[1 << j] - v[0]);
        (v[set] - v[0] - a - b).abs()
    };
    assert!(
        apart(0b011, [0, 1]) > 0.02 * unit,
        "area and rooms work together: {v:?}"
    );
}

#[test]
fn pairs_of_a_mixed_row_are_made_of_its_own_columns() {
    let table = places(2400);
    let regressor = fitted(&table, oblique_settings(), 3).into_regressor();
    let oblique = regressor.encoding().oblique();
    // The pair that gains most comes first, in two directions between each axis and the next.
    assert!(oblique[..4].iter().all(|pair| pair.columns() == [0, 1]));
    for row in [7, 80] {
        shapley_values(&regressor, &table, row);
    }
    let text = regressor.describe();
    assert!(text.contains("0.87 east + 0.50 north  pair"), "{text}");
    let cells = regressor.encoding().explain(&table, 80).unwrap();
    let inputs: usize = cells.iter().map(|cell| cell.inputs.len()).sum();
    assert_eq!(inputs, regressor.encoding().inputs());

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    model_file::save(&regressor, &path).unwrap();
    let loaded = model_file::load(&path).unwrap();
    assert_eq!(loaded.encoding(), regressor.encoding());
    assert_eq!(predicted(&loaded, &table), predicted(&regressor, &table));
}

#[test]
fn contributions_add_up_to_the_prediction() {
    let table = sales(240);
    let fitting = fitted(&table, settings(16), 3);
    let regressor = fitting.into_regressor();
    let y_hat = predicted(&regressor, &table);
    let background = predicted(&regressor, &regressor.background().unwrap());
    for row in [4, 100] {
        let found = contributions(&regressor, &table, row);
        assert_eq!(found.prediction, y_hat[row]);
        assert!((found.base - background.iter().sum::<f64>() / 100.0).abs() < 1e-9);
        let sum: f64 = found.columns.iter().map(|column| column.value).sum();
        assert!((found.base + sum - found.prediction).abs() < 1e-9 * found.prediction.abs());
    }
    // Row 4 has no area, and its district is other rows' in another order.
    let rows: Vec<u32> = (0..table.rows() as u32).rev().collect();
    let reordered = sales_from("district,price,sold,code,area", &table, &rows);
    let again = contributions(&regressor, &reordered, table.rows() - 1 - 4);
    assert_eq!(again, contributions(&regressor, &table, 4));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    model_file::save(&regressor, &path).unwrap();
    let loaded = model_file::load(&path).unwrap();
    assert_eq!(contributions(&loaded, &table, 4), again);
    let dependence = |model: &Regressor| model.partial_dependence("sold").unwrap();
    assert_eq!(dependence(&loaded), dependence(&regressor));
}

/// The rows of a table read anew, in another order of rows and columns, so that its levels have other numbers.
fn sales_from(header: &str, sales: &TypedTable, rows: &[u32]) -> TypedTable {
    let mut csv = format!("{header}\n");
    for &row in rows {
        let cell = |name| {
            sales
                .column(name)
                .unwrap()
                .text(row as usize)
                .unwrap_or_default()
        };
        let cells: Vec<String> = header.split(',').map(cell).collect();
        csv += &format!("{}\n", cells.join(","));
    }
    table(&csv)
}

#[test]
fn the_dependence_of_a_straight_line_is_its_slope() {
    let table = table(&houses_csv(200));
    let regressor = straight_line(&table);
    let found = regressor.partial_dependence("area").unwrap().unwrap();
    assert_eq!((found.rows, found.points.len()), (50, 20));
    assert!(found.points.is_sorted_by(|a, b| a.at < b.at), "{found:?}");
    let unit = regressor.target_scale().scale().scale();
    let area =
        |point: &DependencePoint| -> usize { point.value.as_ref().unwrap().parse().unwrap() };
    // Row r has the area 40 + (37 r) % 101, and 71 is the inverse of 37.
    let row = |point: &DependencePoint| (area(point) - 40) * 71 % 101;
    let with_area = |point| mean_with(&regressor, &table, row(point), &["area"]);
    let first = &found.points[0];
    for point in &found.points {
        let (low, high) = point.spread;
        assert!((low - point.mean).abs() < 1e-5 * unit && (high - point.mean).abs() < 1e-5 * unit);
        assert_eq!(point.at, Some(area(point) as f64));
        let (rise, expected) = (point.mean - first.mean, with_area(point) - with_area(first));
        assert!(
            (rise - expected).abs() < 1e-5 * unit,
            "{point:?}, {expected}"
        );
    }
    let message = regressor
        .partial_dependence("aria")
        .unwrap_err()
        .to_string();
    assert!(message.contains("area"), "{message}");
}

#[test]
fn rows_that_go_different_ways_spread_the_curves() {
    // The price grows with the area in the north and falls with it in the south.
    let row = |r: usize| {
        let (area, north) = (r * 37 % 101, r.is_multiple_of(2));
        let price = if north { area } else { 101 - area };
        format!("{area},{},{price}\n", if north { "north" } else { "south" })
    };
    let csv = format!("area,side,price\n{}", (0..300).map(row).collect::<String>());
    let mut settings = quick_settings();
    settings.training.epochs = 30;
    let regressor = trained(&table(&csv), settings);
    let areas = regressor
        .partial_dependence("area")
        .unwrap()
        .unwrap()
        .points;
    let (first, last) = (&areas[0], areas.last().unwrap());
    assert!(
        (first.mean - last.mean).abs() < 25.0,
        "one half outweighs the other: {areas:?}"
    );
    for point in [first, last] {
        assert!(point.spread.1 - point.spread.0 > 60.0, "{areas:?}");
    }
    let sides = regressor
        .partial_dependence("side")
        .unwrap()
        .unwrap()
        .points;
    let names: Vec<Option<&str>> = sides.iter().map(|point| point.value.as_deref()).collect();
    assert!(
        names.contains(&Some("north")) && names.contains(&Some("south")),
        "{names:?}"
    );
    assert!(sides.len() == 2 && sides.iter().all(|point| point.at.is_none()));
}

#[test]
fn dates_are_moved_whole_and_gaps_are_a_level_of_their_own() {
    let mut csv = String::from("sold,heating,price\n");
    for r in 0..200 {
        let month = r * 7 % 12;
        let heating = ["gas", "", "oil"][r % 3];
        csv += &format!(
            "2021-{:02}-15,{heating},{}\n",
            month + 1,
            10 * month + 50 * (r % 3)
        );
    }
    let mut settings = quick_settings();
    settings.training.epochs = 30;
    let regressor = trained(&table(&csv), settings);
    let months = regressor
        .partial_dependence("sold")
        .unwrap()
        .unwrap()
        .points;
    assert!(months.len() == 12 && months.is_sorted_by(|a, b| a.at < b.at));
    assert!(months[11].mean > months[0].mean + 60.0, "{months:?}");
    assert_eq!(months[0].at, Some(1_610_668_800.0)); // 15 January 2021
    let heating = regressor
        .partial_dependence("heating")
        .unwrap()
        .unwrap()
        .points;
    let values: Vec<Option<&str>> = heating.iter().map(|point| point.value.as_deref()).collect();
    assert!(values.len() == 3 && values.contains(&None), "{values:?}");
}
