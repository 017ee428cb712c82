//! Predict, evaluate, describe, check and explain, on a model that was trained before.

use std::process::Stdio;

use crate::support::{Folder, number};

#[test]
fn predictions_stand_beside_the_input_and_give_the_errors_that_evaluate_reports() {
    let folder = Folder::with_model();
    folder
        .run([
            "predict",
            "model.safetensors",
            "diabetes.csv",
            "--output",
            "predicted.csv",
        ])
        .succeeds();
    let predicted = String::from_utf8(folder.read("predicted.csv")).unwrap();
    let table = String::from_utf8(folder.read("diabetes.csv")).unwrap();
    assert_eq!(predicted.lines().count(), table.lines().count());
    let (mut squares, mut absolute, mut rows) = (0.0, 0.0, 0.0);
    let (mut within, mut width) = (0.0, 0.0);
    for (with, without) in predicted.lines().zip(table.lines()).skip(1) {
        let own = with
            .strip_prefix(without)
            .and_then(|own| own.strip_prefix(','));
        let own = own.expect("the input's columns are kept").split(',');
        let own: Vec<f64> = own.map(|value| value.parse().unwrap()).collect();
        let [prediction, lower, upper] = own[..] else {
            panic!("{with}")
        };
        assert!(lower < prediction && prediction < upper, "{with}");
        let actual: f64 = without.rsplit_once(',').unwrap().1.parse().unwrap();
        let error = prediction - actual;
        within += f64::from(u8::from(lower <= actual && actual <= upper));
        width += upper - lower;
        squares += error * error;
        absolute += error.abs();
        rows += 1.0;
    }
    let object = folder
        .run(["evaluate", "model.safetensors", "diabetes.csv", "--json"])
        .succeeds()
        .json();
    assert_eq!(number(&object, "rows"), rows);
    assert!(
        (number(&object, "rmse") - f64::sqrt(squares / rows)).abs() < 1e-3, // predictions have three decimals
        "{object}"
    );
    assert!(
        (number(&object, "mae") - absolute / rows).abs() < 1e-3,
        "{object}"
    );
    assert!(number(&object, "r2") < 1.0);
    assert_eq!(number(&object, "interval.level"), 0.9);
    assert_eq!(number(&object, "interval.coverage"), within / rows);
    assert!(
        (number(&object, "interval.mean_width") - width / rows).abs() < 2e-3,
        "{object}"
    );
    let text = folder
        .run(["evaluate", "model.safetensors", "diabetes.csv"])
        .succeeds()
        .stdout;
    assert!(text.starts_with("rows  442\nrmse  "), "{text}");
    assert!(
        text.contains("\nwithin their intervals for 0.9: 0."),
        "{text}"
    );
}

#[test]
fn cells_with_commas_and_quotes_come_out_as_they_went_in() {
    let folder = Folder::with_model();
    let csv = "note,age,sex,bmi,bp,s1,s2,s3,s4,s5,s6\n\"a, \"\"b\"\"\",59,2,32.10,101,157,93.2,38,4,4.8598,87\n";
    let output = folder
        .run_with_input(["predict", "model.safetensors", "-"], csv)
        .succeeds()
        .stdout;
    assert!(
        output.contains("\n\"a, \"\"b\"\"\",59,2,32.10,101,"),
        "{output}"
    );
}

#[test]
fn a_reader_that_closes_early_ends_predict_quietly() {
    let folder = Folder::with_model();
    // More than a pipe holds, so that the command must notice.
    let table = String::from_utf8(folder.read("diabetes.csv")).unwrap();
    let (header, rows) = table.split_once('\n').unwrap();
    folder.write("long.csv", format!("{header}\n{}", rows.repeat(20)));
    let mut command = folder.command(["predict", "model.safetensors", "long.csv"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).as_ref()
        ),
        (Some(0), "")
    );
}

#[test]
fn a_description_names_columns_layers_and_training() {
    let folder = Folder::with_model();
    let text = folder
        .run(["describe", "model.safetensors"])
        .succeeds()
        .stdout;
    for words in [
        "(8, 10)",
        "(4, 8)",
        "relu",
        "progression",
        "bmi",
        "learning rate 0.001",
        "after epoch 5 of 5",
    ] {
        assert!(text.contains(words), "{words:?} is not in: {text}");
    }
}

#[test]
fn the_gradients_of_models_and_of_networks_given_by_options_pass_the_check() {
    let folder = Folder::with_model();
    folder
        .run(["check", "model.safetensors", "--table", "diabetes.csv"])
        .succeeds();
    for options in [
        &[][..],
        &[
            "--hidden",
            "6,5",
            "--activation",
            "mish",
            "--loss",
            "huber(0.7)",
            "--l2",
            "0.1",
            "--seed",
            "2",
        ],
        &[
            "--hidden",
            "6",
            "--activation",
            "gelu",
            "--loss",
            "gamma",
            "--rows",
            "20",
        ],
        &[
            "--hidden",
            "6",
            "--table",
            "diabetes.csv",
            "--target",
            "bmi",
        ],
    ] {
        let run = folder
            .run(["check"].into_iter().chain(options.iter().copied()))
            .succeeds();
        assert!(
            run.stdout.contains("max relative error") && run.stdout.contains("skipped at kinks"),
            "{}",
            run.stdout
        );
    }
    let run = folder.run(["check", "--table", "diabetes.csv"]);
    run.fails(2, &["--table without a model needs --target"]);
    folder.write("other.csv", "a,b\n1,2\n3,4\n");
    folder
        .run(["check", "model.safetensors", "--table", "other.csv"])
        .fails(1, &["other.csv has no column \"age\""]);
}

#[test]
fn explain_shows_every_equation_and_gradients_that_agree_with_their_differences() {
    let folder = Folder::with_table();
    let train = [
        "train",
        "diabetes.csv",
        "--target",
        "progression",
        "--hidden",
        "5,3",
        "--activation",
        "tanh",
        "--l2",
        "0.1",
        "--epochs",
        "5",
    ];
    folder.run(train).succeeds();
    let text = folder
        .run([
            "explain",
            "model.safetensors",
            "diabetes.csv",
            "--row",
            "1",
            "--full",
        ])
        .succeeds()
        .stdout;
    for words in [
        "Row 1 of diabetes.csv, through model.safetensors",
        "32.1",
        "F1  Z = X Wᵀ + 1 bᵀ",
        "F2  A = a(Z), a(z) = tanh z  (A4)",
        "F3  Ŷ = X Wᵀ + 1 bᵀ",
        "L1  ℓ(ŷ, y) = (ŷ − y)²",
        "L7  C = ℓ + (λ/2) Σ W², λ = 0.1",
        "B1  G = ∂C/∂Z = ∂C/∂A ⊙ a'(Z)",
        "B2  ∂C/∂W = Gᵀ X + λ W",
        "B3  ∂C/∂b = Gᵀ 1",
        "∂C/∂b  (3)  ",
        "B4  ∂C/∂X = G W",
        "W      (5, 10)",
        "W      (3, 5)",
        "∂C/∂W  (1, 3)",
        "actual 151",
    ] {
        assert!(text.contains(words), "{words:?} is not in: {text}");
    }
    // 5·10+5 + 3·5+3 + 3+1 parameters, each beside its finite difference.
    let summary = text
        .split("largest difference between the 77 gradients shown and their finite differences: ")
        .nth(1);
    let largest: f64 = summary
        .unwrap_or_else(|| panic!("no summary of 77 gradients in: {text}"))
        .trim()
        .parse()
        .unwrap();
    assert!(largest < 1e-8, "{largest}");

    let predicted = folder
        .run("predict model.safetensors diabetes.csv --interval none".split(' '))
        .succeeds()
        .stdout;
    let prediction: f64 = predicted
        .lines()
        .nth(1)
        .unwrap()
        .rsplit(',')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(
        text.contains(&format!("prediction of progression: {prediction:.3}")),
        "{prediction}: {text}"
    );
}

#[test]
fn explain_abbreviates_large_matrices_and_refuses_rows_that_are_not_there() {
    let folder = Folder::with_model();
    let text = folder
        .run([
            "explain",
            "model.safetensors",
            "diabetes.csv",
            "--row",
            "442",
        ])
        .succeeds()
        .stdout;
    assert!(
        text.contains('…') && text.contains('⋮') && text.contains('⋱'),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 110),
        "{text}"
    );
    let run = folder.run([
        "explain",
        "model.safetensors",
        "diabetes.csv",
        "--row",
        "443",
    ]);
    run.fails(1, &["diabetes.csv has 442 rows: there is no row 443"]);
}
