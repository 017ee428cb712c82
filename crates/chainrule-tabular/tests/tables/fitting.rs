//! From a table to a model: what is refused, what is ignored, what is learnt, and going on after an interruption.

use std::time::{Duration, Instant};

use chainrule::loss_functions::Loss;
use chainrule::training::{Control, EarlyStopping, Event, Outcome, TrainingError};
use chainrule_tabular::table::TypedTable;
use chainrule_tabular::{
    FitError, Fitting, MemberEvent, Regressor, RegressorSettings, Roles, model_file,
};

use crate::houses::{houses_csv, predicted, quick_settings, table, trained};

fn without_validation() -> RegressorSettings {
    RegressorSettings {
        validation_fraction: 0.0,
        ..quick_settings()
    }
}

#[track_caller]
fn refused(csv: &str, settings: RegressorSettings) -> String {
    Fitting::new(table(csv), "price", settings)
        .unwrap_err()
        .to_string()
}

#[test]
fn a_missing_target_is_named() {
    assert_eq!(
        refused("area,Prices\n1,2\n3,4\n", quick_settings()),
        "houses.csv has no column \"price\" (did you mean \"Prices\"?): its columns are \"area\", \"Prices\""
    );
}

#[test]
fn a_target_alone_is_not_enough() {
    assert_eq!(
        refused("price\n1\n2\n", without_validation()),
        "houses.csv has no column beside the target \"price\": add at least one column to predict it from"
    );
}

#[test]
fn a_constant_target_is_refused() {
    assert_eq!(
        refused("area,price\n1,2.5\n2,2.5\n3,2.50\n", without_validation()),
        "houses.csv: the target \"price\" is constant (2.5): there is nothing to learn"
    );
}

#[test]
fn one_row_is_refused() {
    assert_eq!(
        refused("area,price\n1,2\n", without_validation()),
        "houses.csv has 1 row: at least 2 are needed to train on; add rows"
    );
    assert!(refused("area,price\n1,2\n", quick_settings()).starts_with("houses.csv has 1 row: "));
}

#[test]
fn too_few_rows_to_validate_with_are_refused() {
    assert_eq!(
        refused("area,price\n1,2\n3,4\n", quick_settings()),
        "houses.csv has 2 rows: a validation fraction of 0.2 leaves 2 to train on and 0 to validate with, where at least \
         2 and 1 are needed; add rows, or train without validation"
    );
}

#[test]
fn targets_that_the_loss_is_not_defined_for_are_refused() {
    let with = |loss| RegressorSettings {
        loss,
        ..without_validation()
    };
    assert_eq!(
        refused("area,price\n1,2\n3,-4\n", with(Loss::PoissonDeviance)),
        "houses.csv, line 3, column \"price\": -4 cannot be a target of the loss poisson_deviance, for which it has to be \
         finite and not negative: correct the value, or choose another loss"
    );
    assert!(
        refused("area,price\n1,0\n3,4\n", with(Loss::GammaDeviance))
            .contains("line 2, column \"price\": 0 cannot be a target of the loss gamma_deviance, for which it has to be finite and positive")
    );
}

#[test]
fn settings_without_meaning_are_refused() {
    let settings = RegressorSettings {
        hidden: vec![0],
        ..quick_settings()
    };
    assert_eq!(
        refused(&houses_csv(20), settings),
        "the hidden layers are [0]: every layer needs at least one neuron"
    );
}

/// The table with a further column at the left.
fn with_column(csv: &str, name: &str, value: impl Fn(usize) -> String) -> String {
    let mut lines = csv.lines();
    let mut wider = format!("{name},{}\n", lines.next().unwrap());
    for (row, line) in lines.enumerate() {
        wider.push_str(&format!("{},{line}\n", value(row)));
    }
    wider
}

#[test]
fn a_constant_column_changes_no_model() {
    let csv = houses_csv(40);
    let with_constant = table(&with_column(&csv, "b", |_| "3".into()));
    let regressor = trained(&with_constant, quick_settings());
    assert_eq!(regressor, trained(&table(&csv), quick_settings()));
    assert_eq!(regressor.columns(), ["area", "rooms", "age"]);
}

#[test]
fn a_column_that_varies_only_in_the_validation_rows_is_ignored_too() {
    let csv = houses_csv(40);
    let (_, validation) = chainrule::training::validation_split(40, 0.2, 3);
    let odd = validation[0] as usize;
    let csv = with_column(&csv, "b", |row| if row == odd { "1" } else { "0" }.into());
    let fitting = Fitting::new(table(&csv), "price", quick_settings()).unwrap();
    assert_eq!(
        fitting.warnings(),
        [
            "houses.csv: column \"b\" tells nothing apart in the 32 rows to train on: it cannot help and is ignored"
        ]
    );
}

#[test]
fn only_constant_columns_are_refused() {
    assert!(
        refused("area,rooms,price\n1,2,3\n1,2,4\n", without_validation()).starts_with(
            "houses.csv: none of the 2 columns beside the target \"price\" can be used, because they are constant,"
        )
    );
}

#[test]
fn scaling_is_learnt_from_the_training_rows_alone() {
    let houses = table(&houses_csv(40));
    let regressor = trained(&houses, quick_settings());
    let (train, _) = chainrule::training::validation_split(40, 0.2, 3);
    let (x, y) = regressor.encoded(&houses, &train).unwrap();
    let n = train.len() as f64;
    // Each of 32 values of order 1 is rounded to single precision, 6e-8.
    assert!(y.sum().abs() / n < 1e-6);
    assert!((y.map(|z| z * z).sum() / n - 1.0).abs() < 1e-6);
    for x in x.columns() {
        let below = x.iter().filter(|&&z| z < 0.0).count() as f64;
        let above = x.iter().filter(|&&z| z > 0.0).count() as f64;
        assert!(below <= n / 2.0 && above <= n / 2.0, "the median is 0: {x}");
    }
}

#[test]
fn columns_are_found_by_name_wherever_they_stand() {
    let houses = table(&houses_csv(30));
    let regressor = trained(&houses, quick_settings());
    let mut shuffled = String::from("note,age,area,rooms\n");
    for line in houses_csv(30).lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        shuffled.push_str(&format!(
            "any text,{},{},{}\n",
            cells[2], cells[0], cells[1]
        ));
    }
    assert_eq!(
        predicted(&regressor, &table(&shuffled)),
        predicted(&regressor, &houses)
    );

    let message = regressor
        .predict(&table("area,rooms\n50,2\n"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "houses.csv has no column \"age\": its columns are \"area\", \"rooms\""
    );
    let message = regressor
        .evaluate(&table("area,rooms,age\n50,2,1\n"))
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("houses.csv has no column \"price\""),
        "{message}"
    );
}

#[test]
fn arrays_and_tables_give_the_same_predictions() {
    let houses = table(&houses_csv(30));
    let regressor = trained(&houses, quick_settings());
    let columns: Vec<_> = regressor
        .columns()
        .iter()
        .map(|name| houses.numbers_of(name).unwrap())
        .collect();
    let x = ndarray::Array2::from_shape_fn((30, 3), |(r, j)| columns[j][r]);
    assert_eq!(
        regressor.predict_array(x.view()).unwrap().to_vec(),
        predicted(&regressor, &houses)
    );
}

#[test]
fn no_input_is_too_far_away_for_a_prediction() {
    let regressor = trained(&table(&houses_csv(30)), quick_settings());
    let far = table("area,rooms,age\n50,2,1\n-1e300,2,1\n9e39,4e38,6e39\n51,3,2\n");
    let predictions = regressor.predict(&far).unwrap();
    assert!(
        predictions.values.iter().all(Option::is_some),
        "{predictions:?}"
    );
    let outside: Vec<usize> = predictions
        .unusual
        .columns()
        .map(|(_, found)| found.outside.rows)
        .collect();
    assert_eq!(outside, [2, 1, 1]);
}

/// Houses with a garden or none, in one of three towns, with gaps, some without a price.
fn mixed_csv(rows: usize) -> String {
    let mut csv = String::from("area,garden,town,sold,price\n");
    for r in 0..rows {
        let area = if r % 11 == 5 {
            String::new()
        } else {
            (40 + (37 * r) % 101).to_string()
        };
        let garden = ["yes", "no"][r % 2];
        let town = ["Bonn", "Kiel", "Ulm", ""][(r / 2) % 4];
        let price = if r % 13 == 3 {
            "NA".to_owned()
        } else {
            (1000 + 10 * ((37 * r) % 101) + 300 * (r % 2)).to_string()
        };
        csv.push_str(&format!(
            "{area},{garden},{town},2024-0{}-1{},{price}\n",
            1 + r % 9,
            r % 7
        ));
    }
    csv
}

#[test]
fn a_table_of_every_kind_is_learnt_and_rows_without_a_target_are_left_out() {
    let houses = table(&mixed_csv(78));
    let mut settings = quick_settings();
    settings.training.epochs = 300;
    let mut fitting = Fitting::new(&houses, "price", settings).unwrap();
    assert_eq!((fitting.without_target(), fitting.rows()), (6, (58, 14)));
    fitting.run(&mut |_| Control::Continue).unwrap();
    let report = fitting.report();
    assert!(report.training.unwrap().r2 > Some(0.9), "{report:?}");
    let regressor = fitting.into_regressor();
    assert_eq!(regressor.columns(), ["area", "garden", "town", "sold"]);
    let evaluated = regressor.evaluate(&houses).unwrap();
    assert_eq!(
        (evaluated.without_target, evaluated.evaluation.rows),
        (6, 72)
    );

    let bytes = file_bytes(&regressor);
    let again = model_file::model_from_bytes(&bytes).unwrap();
    assert_eq!(again, regressor);
    assert_eq!(file_bytes(&again), bytes);
}

#[test]
fn one_bad_row_costs_the_others_nothing() {
    let regressor = trained(&table(&mixed_csv(78)), quick_settings());
    let good = "60,yes,Bonn,2024-03-14\n";
    let bad = "60,perhaps,Rome,\n";
    let header = "area,garden,town,sold\n";
    let read = |rows: &str| {
        let csv = std::io::Cursor::new(format!("{header}{rows}"));
        let wanted: Vec<String> = regressor.columns().into_iter().map(str::to_owned).collect();
        let options = chainrule_tabular::table::ReadOptions::default();
        let reader = chainrule_tabular::table::PlannedReader::from_reader(
            csv,
            "t",
            regressor.plan(),
            &wanted,
            &options,
        );
        let mut reader = reader.unwrap();
        let table = reader.next_block().unwrap().unwrap().table;
        predicted(&regressor, &table)
    };
    let alone = read(good);
    let both = read(&format!("{good}{bad}"));
    assert!(
        (both[0] / alone[0] - 1.0).abs() < 1e-6, // a product of one row may be summed in another order
        "{both:?} {alone:?}"
    );
    assert!(both[1].is_finite());
}

#[test]
fn weights_count_rows_as_often_as_they_say() {
    let mut csv = String::from("area,w,price\n");
    for r in 0..60 {
        let (area, is_odd) = (0.5 * ((r * 7) % 60) as f64, r % 2);
        csv.push_str(&format!(
            "{area},{},{}\n",
            1 - is_odd,
            100.0 + area + 1000.0 * is_odd as f64
        ));
    }
    let roles = Roles {
        weight: Some("w".to_owned()),
        ..Roles::from("price")
    };
    let mut settings = without_validation();
    settings.training.epochs = 200;
    let mut fitting = Fitting::new(table(&csv), roles, settings.clone()).unwrap();
    assert_eq!((fitting.without_weight(), fitting.rows()), (30, (30, 0)));
    fitting.run(&mut |_| Control::Continue).unwrap();
    assert!(
        fitting.report().training.unwrap().rmse < 5.0,
        "{:?}",
        fitting.report()
    );

    let roles = Roles {
        weight: Some("w".to_owned()),
        ..Roles::from("price")
    };
    let negative = csv.replacen(",1,", ",-1,", 1);
    let message = Fitting::new(table(&negative), roles, settings)
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "houses.csv, line 2, column \"w\": the weight -1 is below 0: correct it"
    );
}

#[test]
fn a_report_tells_what_looks_wrong() {
    let warned = |csv: &str, words: &str| {
        let mut fitting = Fitting::new(table(csv), "price", quick_settings()).unwrap();
        fitting.run(&mut |_| Control::Continue).unwrap();
        let all = [fitting.warnings().to_vec(), fitting.report().warnings].concat();
        assert!(
            all.iter().any(|warning| warning.contains(words)),
            "{words}: {all:?}"
        );
    };
    let csv = houses_csv(60);
    warned(&csv, "the last epoch, 6, was the best one");
    warned(
        &csv,
        "ridge regression, a straight line, is better than this network",
    );
    let twice: String = csv
        .lines()
        .chain(csv.lines().skip(1))
        .map(|line| format!("{line}\n"))
        .collect();
    warned(
        &twice,
        "rows kept for validation are repeated among the rows to train on",
    );
    let narrow: String = houses_csv(12)
        .lines()
        .map(|line| format!("{line}\n"))
        .collect();
    let wide = (0..30).fold(narrow, |csv, j| {
        with_column(&csv, &format!("x{j}"), |row| {
            format!("{}.5", (row * row * (j + 3) + 7 * j) % 23)
        })
    });
    warned(
        &wide,
        "there are more inputs (32) than rows to train on (10)",
    );
}

#[test]
fn a_model_learns_its_table_with_every_loss() {
    let houses = table(&houses_csv(80));
    for loss in Loss::ALL {
        let mut settings = quick_settings();
        settings.loss = loss;
        settings.training.epochs = 150;
        let evaluation = trained(&houses, settings)
            .evaluate(&houses)
            .unwrap()
            .evaluation;
        // The 0.9 quantile lies above the mean by design.
        let expected = if matches!(loss, Loss::Pinball { .. }) {
            0.8
        } else {
            0.95
        };
        assert!(evaluation.r2 > Some(expected), "{loss}: {evaluation:?}");
    }
}

#[test]
fn a_log_link_predicts_positive_values_on_the_targets_scale() {
    let houses = table(&houses_csv(80));
    let mut settings = quick_settings();
    settings.loss = Loss::PoissonDeviance;
    let regressor = trained(&houses, settings);
    let scale = regressor.target_scale().scale();
    assert_eq!(scale.mean(), 0.0);
    assert!(scale.scale() > 1000.0);
    assert!(predicted(&regressor, &houses).iter().all(|&p| p > 0.0));
}

/// The bytes of the model file that the regressor makes.
fn file_bytes(regressor: &Regressor) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    model_file::save(regressor, &path).unwrap();
    std::fs::read(path).unwrap()
}

/// Trains with an interruption after every `steps` steps, each time through a checkpoint file and a new session.
fn trained_in_pieces(houses: &TypedTable, settings: &RegressorSettings, steps: u64) -> Regressor {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let mut fitting = Fitting::new(houses, "price", settings.clone()).unwrap();
    for _ in 0..1000 {
        let outcome = fitting.run(&mut |told| match told.event {
            Event::Step { step, .. } if step % steps == 0 => Control::Stop,
            _ => Control::Continue,
        });
        if outcome.unwrap() != Outcome::Interrupted {
            return fitting.into_regressor();
        }
        model_file::save_checkpoint(&fitting.checkpoint(), &path).unwrap();
        let checkpoint = model_file::load_checkpoint(&path).unwrap();
        assert_eq!(checkpoint, fitting.checkpoint());
        assert_eq!(
            (&checkpoint.composition().bags[0], checkpoint.target()),
            (settings, "price")
        );
        fitting = Fitting::resume(houses, checkpoint).unwrap();
    }
    panic!("the training does not come to an end");
}

#[test]
fn an_interrupted_training_ends_in_the_same_file_bytes() {
    let houses = table(&houses_csv(50));
    let mut settings = quick_settings();
    let whole = file_bytes(&trained(&houses, settings.clone()));
    // 40 training rows make 5 steps an epoch: the stops fall within, at the end of, and across epochs.
    for steps in [1, 3, 5, 7, 29] {
        assert!(
            file_bytes(&trained_in_pieces(&houses, &settings, steps)) == whole,
            "{steps}"
        );
    }
    settings.training.epochs = 60;
    settings.training.learning_rate = 0.05;
    settings.training.early_stopping = Some(EarlyStopping {
        patience: 2,
        min_improvement: 0.0,
    });
    let whole = trained(&houses, settings.clone());
    assert!(
        whole.history().len() < 60,
        "early stopping was meant to happen"
    );
    assert!(file_bytes(&trained_in_pieces(&houses, &settings, 7)) == file_bytes(&whole));
}

#[test]
fn the_number_of_threads_changes_neither_the_file_nor_a_resumed_training() {
    let houses = table(&houses_csv(50));
    let mut settings = quick_settings();
    let on_one = file_bytes(&trained(&houses, settings.clone()));
    settings.training.threads = 3;
    assert!(file_bytes(&trained(&houses, settings.clone())) == on_one);

    let mut fitting = Fitting::new(&houses, "price", settings).unwrap();
    let at_seventh = &mut |told: MemberEvent| match told.event {
        Event::Step { step: 7, .. } => Control::Stop,
        _ => Control::Continue,
    };
    fitting.run(at_seventh).unwrap();
    let mut resumed = Fitting::resume(&houses, fitting.checkpoint().with_threads(2)).unwrap();
    assert_eq!(resumed.settings().training.threads, 2);
    resumed.run(&mut |_| Control::Continue).unwrap();
    assert!(file_bytes(&resumed.into_regressor()) == on_one);
}

#[test]
fn a_checkpoint_refuses_another_table() {
    let csv = houses_csv(30);
    let fitting = Fitting::new(table(&csv), "price", quick_settings()).unwrap();
    let difference =
        |csv: &str| match Fitting::resume(table(csv), fitting.checkpoint()).unwrap_err() {
            error @ FitError::OtherTable { .. } => error.to_string(),
            other => panic!("{other}"),
        };
    assert_eq!(
        difference(&houses_csv(31)),
        "houses.csv is not the table that the checkpoint was made from: it has 31 rows, that one had 30; \
         resume with that table, or start anew"
    );
    for (other, words) in [
        (
            csv.replace("age", "years"),
            "its column \"years\" was not in that one",
        ),
        (
            with_column(&csv, "b", |r| r.to_string()),
            "its column \"b\" was not in that one",
        ),
        (
            csv.replacen("area,rooms", "rooms,area", 1),
            "its columns are in another order",
        ),
        (
            csv.replacen("\n40,", "\n40.0001,", 1),
            "some of its values are different, or were read with other options",
        ),
    ] {
        let message = difference(&other);
        assert!(message.contains(words), "{message}");
    }
    let narrower: String = csv
        .lines()
        .map(|line| format!("{}\n", line.split_once(',').unwrap().1))
        .collect();
    assert!(difference(&narrower).contains("that one had a column \"area\""));
    Fitting::resume(table(&csv), fitting.checkpoint()).unwrap();
}

#[test]
fn a_diverged_training_keeps_the_last_good_weights() {
    let houses = table(&houses_csv(30));
    let mut settings = quick_settings();
    settings.training.optimizer = chainrule::optimizers::Optimizer::GradientDescent;
    settings.training.learning_rate = 1e12;
    let mut fitting = Fitting::new(&houses, "price", settings).unwrap();
    let untrained = fitting.regressor();
    let error = fitting.run(&mut |_| Control::Continue).unwrap_err();
    assert!(matches!(error, TrainingError::Diverged { .. }), "{error}");
    assert_eq!(fitting.regressor().network(), untrained.network());
}

#[test]
fn a_description_names_columns_scales_and_the_training() {
    let text = trained(&table(&houses_csv(40)), quick_settings()).describe();
    for words in [
        "dense",
        "area ",
        "rooms ",
        "price ",
        "target",
        "learning rate 0.01",
        "after epoch 6 of 6",
        "best validation loss",
    ] {
        assert!(text.contains(words), "{words:?} is not in\n{text}");
    }
}

#[test]
fn resuming_takes_no_longer_than_starting_however_many_columns_there_are() {
    let names: Vec<String> = (0..60_000).map(|j| format!("measure_{j:06}")).collect();
    let row = |r: usize| {
        let cells: Vec<String> = (0..names.len())
            .map(|j| (r * (j + 1) % 7).to_string())
            .collect();
        format!("{},{r}\n", cells.join(","))
    };
    let csv: String = (1..6).map(row).collect();
    let wide = table(&format!("{},price\n{csv}", names.join(",")));
    let settings = RegressorSettings {
        hidden: vec![1],
        ..without_validation()
    };
    let begin = Instant::now();
    let checkpoint = Fitting::new(&wide, "price", settings).unwrap().checkpoint();
    let start = begin.elapsed();
    let begin = Instant::now();
    Fitting::resume(&wide, checkpoint).unwrap();
    let resumed = begin.elapsed();
    assert!(
        resumed < 3 * start + Duration::from_secs(2),
        "{resumed:?} after {start:?}"
    );
}
