//! Intervals around predictions: how often they hold new rows, and that they are part of the model.

use chainrule::training::Control;
use chainrule_tabular::metrics::Coverage;
use chainrule_tabular::table::TypedTable;
use chainrule_tabular::{Composition, Fitting, Regressor, RegressorSettings, model_file};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::houses::{houses_csv, predicted, quick_settings, table, trained};

/// Rows whose price grows with their area, and whose noise grows by ten times as well.
fn noisier_with_area(rows: usize, seed: u64) -> TypedTable {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut csv = String::from("area,rooms,price\n");
    for _ in 0..rows {
        let (area, rooms) = (random.random_range(0.0..1.0), random.random_range(1..5));
        let noise: f64 = (0..12).map(|_| random.random_range(-0.5..0.5)).sum();
        let price = 100.0 + 100.0 * area + f64::from(rooms) + noise * (1.0 + 9.0 * area);
        csv.push_str(&format!("{area:.4},{rooms},{price:.4}\n"));
    }
    table(&csv)
}

/// A network whose validation rows are unseen, or a bag of five.
fn fitted(table: &TypedTable, folds: usize, threads: usize) -> Regressor {
    let mut settings = quick_settings();
    settings.training.epochs = 8;
    settings.training.batch_size = Some(32);
    settings.validation_fraction = 0.4;
    let composition = Composition {
        folds,
        refits: 0,
        refit_length: 1,
        bags: vec![settings],
    };
    let composition = composition.with_threads(threads);
    let mut fitting = Fitting::new(table, "price", composition).unwrap();
    fitting.run(&mut |_| Control::Continue).unwrap();
    fitting.into_regressor()
}

#[test]
fn intervals_cover_in_each_third_of_the_predictions() {
    let (learnt_from, new) = (noisier_with_area(5000, 1), noisier_with_area(3000, 2));
    for folds in [0, 5] {
        let regressor = fitted(&learnt_from, folds, 2);
        let (actual, y_hat) = (regressor.actual(&new).unwrap(), predicted(&regressor, &new));
        let band = regressor.intervals().unwrap().band(0.9);
        let mut rows: Vec<usize> = (0..y_hat.len()).collect();
        rows.sort_by(|&a, &b| y_hat[a].total_cmp(&y_hat[b]));
        let thirds = rows.chunks(1000).map(|third| {
            let mut coverage = Coverage::default();
            let add = |&row: &usize| coverage.add(actual[row], band.around(y_hat[row]));
            third.iter().for_each(add);
            coverage
        });
        let thirds: Vec<Coverage> = thirds.collect();
        for coverage in &thirds {
            let share = coverage.share().unwrap();
            assert!((0.85..0.95).contains(&share), "{folds} folds: {thirds:?}");
        }
        assert!(
            thirds[2].mean_width > 2.0 * thirds[0].mean_width,
            "{thirds:?}"
        );
    }
}

#[test]
fn intervals_are_the_same_on_any_number_of_threads_and_come_back_from_a_file() {
    let table = noisier_with_area(300, 3);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    for folds in [0, 3] {
        let regressor = fitted(&table, folds, 1);
        assert_eq!(
            regressor.intervals(),
            fitted(&table, folds, 3).intervals(),
            "{folds} folds"
        );
        model_file::save(&regressor, &path).unwrap();
        let loaded = model_file::load(&path).unwrap();
        assert!(loaded.intervals().is_some());
        assert_eq!(loaded, regressor);
    }
}

#[test]
fn intervals_are_made_of_the_rows_that_the_networks_had_not_seen() {
    let table = table(&houses_csv(50));
    let regressor = trained(&table, quick_settings());
    let intervals = regressor.intervals().unwrap();
    assert_eq!(intervals.predictions().len(), 10, "a fifth is kept");
    let unseen = regressor.unseen().unwrap().evaluation;
    let errors = intervals.predictions().iter().zip(intervals.actual());
    let squares: f64 = errors.map(|(y_hat, y)| (y_hat - y).powi(2)).sum();
    assert!(((squares / 10.0).sqrt() / unseen.rmse - 1.0).abs() < 1e-12);
    let text = regressor.describe();
    assert!(
        text.contains("\n90 % of new rows should lie within ± "),
        "{text}"
    );

    let none_kept = RegressorSettings {
        validation_fraction: 0.0,
        ..quick_settings()
    };
    let regressor = trained(&table, none_kept);
    assert_eq!(regressor.intervals(), None);
    assert!(!regressor.describe().contains("of new rows"));
}

#[test]
fn an_interval_of_bounded_predictions_ends_where_they_do() {
    let table = noisier_with_area(300, 4);
    let regressor = fitted(&table, 3, 1);
    let bounds = regressor.target_scale().bounds().unwrap();
    let band = regressor.intervals().unwrap().band(0.9);
    assert_eq!(band.around(bounds.0).0, bounds.0);
    assert_eq!(band.around(bounds.1).1, bounds.1);
}
