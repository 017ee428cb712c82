//! From a table to a model: what is refused, what is ignored, what is learnt, and going on after an interruption.

use std::time::{Duration, Instant};

use chainrule::loss_functions::Loss;
use chainrule::training::{Control, EarlyStopping, Event, Outcome, TrainingError};
use chainrule_tabular::{FitError, Fitting, Regressor, RegressorSettings, Table, model_file};

use crate::houses::{houses_csv, quick_settings, table, trained};

fn without_validation() -> RegressorSettings {
    RegressorSettings {
        validation_fraction: 0.0,
        ..quick_settings()
    }
}

#[track_caller]
fn refused(csv: &str, settings: RegressorSettings) -> String {
    Fitting::new(&table(csv), "price", settings)
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

#[test]
fn a_column_of_text_is_refused_with_the_remedy() {
    assert_eq!(
        refused("city,price\nBonn,2\nKiel,4\n", without_validation()),
        "houses.csv, line 2, column \"city\": \"Bonn\" is not a number \
         (a column of text? Remove the column, or write its values as numbers)"
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
fn a_constant_column_is_ignored_with_a_warning_and_not_asked_for_again() {
    let csv = houses_csv(40);
    let with_constant = table(&with_column(&csv, "b", |_| "3".into()));
    let fitting = Fitting::new(&with_constant, "price", quick_settings()).unwrap();
    assert_eq!(
        fitting.warnings(),
        ["houses.csv: column \"b\" is constant (3): it cannot help and is ignored"]
    );
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
    let fitting = Fitting::new(&table(&csv), "price", quick_settings()).unwrap();
    assert_eq!(
        fitting.warnings(),
        [
            "houses.csv: column \"b\" is constant (0) in the 32 rows to train on: it cannot help and is ignored"
        ]
    );
}

#[test]
fn only_constant_columns_are_refused() {
    assert_eq!(
        refused("area,rooms,price\n1,2,3\n1,2,4\n", without_validation()),
        "houses.csv: every column beside the target \"price\" is constant: there is nothing to predict it from"
    );
}

#[test]
fn scaling_is_learnt_from_the_training_rows_alone() {
    let houses = table(&houses_csv(40));
    let regressor = trained(&houses, quick_settings());
    let (train, _) = chainrule::training::validation_split(40, 0.2, 3);
    let (x, y) = regressor.standardized(&houses.select(&train)).unwrap();
    let n = train.len() as f64;
    for column in x.columns().into_iter().chain(y.columns()) {
        // Each of 32 values of order 1 is rounded to single precision, 6e-8.
        assert!(column.sum().abs() / n < 1e-6);
        assert!((column.map(|z| z * z).sum() / n - 1.0).abs() < 1e-6);
    }
}

#[test]
fn columns_are_found_by_name_wherever_they_stand() {
    let houses = table(&houses_csv(30));
    let regressor = trained(&houses, quick_settings());
    let mut shuffled = String::from("note,age,area,rooms\n");
    for record in houses.records() {
        shuffled.push_str(&format!(
            "any text,{},{},{}\n",
            &record[2], &record[0], &record[1]
        ));
    }
    assert_eq!(
        regressor.predict(&table(&shuffled)).unwrap(),
        regressor.predict(&houses).unwrap()
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
    let x = houses.numeric(regressor.columns()).unwrap();
    assert_eq!(
        regressor.predict_array(x.view()).to_vec(),
        regressor.predict(&houses).unwrap()
    );
}

#[test]
fn inputs_beyond_single_precision_are_refused_at_prediction() {
    let regressor = trained(&table(&houses_csv(30)), quick_settings());
    let message = regressor
        .predict(&table("area,rooms,age\n50,2,1\n-1e300,2,1\n"))
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("houses.csv, line 3, column \"area\": -1")
            && message.contains(" is too far from the column's usual values (mean "),
        "{message}"
    );
    // Within single precision, 3.4e38, but their weighted sums are not.
    let far = "area,rooms,age\n50,2,1\n9e39,4e38,6e39\n";
    let message = regressor.predict(&table(far)).unwrap_err().to_string();
    assert_eq!(
        message,
        "houses.csv, line 3: the prediction is not a finite number, because the inputs are too far from the rows that \
         the model was trained on: correct them, or remove the row"
    );
}

#[test]
fn a_model_learns_its_table_with_every_loss() {
    let houses = table(&houses_csv(80));
    for loss in Loss::ALL {
        let mut settings = quick_settings();
        settings.loss = loss;
        settings.training.epochs = 150;
        let evaluation = trained(&houses, settings).evaluate(&houses).unwrap();
        // The 0.9 quantile lies above the mean by design.
        let expected = if matches!(loss, Loss::Pinball { .. }) {
            0.8
        } else {
            0.95
        };
        assert!(evaluation.r2 > expected, "{loss}: {evaluation:?}");
    }
}

#[test]
fn a_log_link_predicts_positive_values_on_the_targets_scale() {
    let houses = table(&houses_csv(80));
    let mut settings = quick_settings();
    settings.loss = Loss::PoissonDeviance;
    let regressor = trained(&houses, settings);
    let output = regressor.preprocessing().output();
    assert_eq!(output.mean(), [0.0]);
    assert!(output.scale()[0] > 1000.0);
    assert!(regressor.predict(&houses).unwrap().iter().all(|&p| p > 0.0));
}

/// The bytes of the model file that the regressor makes.
fn file_bytes(regressor: &Regressor) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    model_file::save(regressor, &path).unwrap();
    std::fs::read(path).unwrap()
}

/// Trains with an interruption after every `steps` steps, each time through a checkpoint file and a new session.
fn trained_in_pieces(houses: &Table, settings: &RegressorSettings, steps: u64) -> Regressor {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let mut fitting = Fitting::new(houses, "price", settings.clone()).unwrap();
    for _ in 0..1000 {
        let outcome = fitting.run(&mut |event| match event {
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
            (checkpoint.settings(), checkpoint.target()),
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
    let at_seventh = &mut |event: Event| match event {
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
    let fitting = Fitting::new(&table(&csv), "price", quick_settings()).unwrap();
    let difference =
        |csv: &str| match Fitting::resume(&table(csv), fitting.checkpoint()).unwrap_err() {
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
            "some of its values are different",
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
    Fitting::resume(&table(&csv), fitting.checkpoint()).unwrap();
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
        "(target)",
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
