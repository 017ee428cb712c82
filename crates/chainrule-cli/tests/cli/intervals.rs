//! Bounds beside predictions: which there are, what they are called, and what happens where there are none.

use crate::support::{DIABETES, Folder, Run, number};

fn predict(folder: &Folder, options: &[&'static str]) -> Run {
    let command = ["predict", "model.safetensors", "diabetes.csv"];
    folder.run(command.into_iter().chain(options.iter().copied()))
}

/// What `predict` prints, as header and rows of the last `count` values.
#[track_caller]
fn last(count: usize, run: Run) -> (String, Vec<Vec<f64>>) {
    let stdout = run.succeeds().stdout;
    let (head, rows) = stdout.split_once('\n').unwrap();
    let row = |line: &str| {
        let values = line.rsplit(',').take(count);
        let mut values: Vec<f64> = values.map(|value| value.parse().unwrap()).collect();
        values.reverse();
        values
    };
    (head.to_owned(), rows.lines().map(row).collect())
}

/// A folder with a model that kept no rows unseen.
fn folder_without_intervals() -> Folder {
    let folder = Folder::with_table();
    let train = "train diabetes.csv --target progression --epochs 2 --validation 0";
    folder.run(train.split(' ')).succeeds();
    folder
}

#[test]
fn a_higher_level_gives_wider_intervals_around_the_same_predictions() {
    let folder = Folder::with_model();
    let (head, usual) = last(3, predict(&folder, &[]));
    assert!(
        head.ends_with(",progression,prediction,prediction_lower,prediction_upper"),
        "{head}"
    );
    let (_, same) = last(3, predict(&folder, &["--interval", "0.9"]));
    assert_eq!(usual, same, "the default is 0.9");
    let (_, half) = last(3, predict(&folder, &["--interval", ".5"]));
    for (usual, half) in usual.iter().zip(&half) {
        assert_eq!(usual[0], half[0]);
        // A lower bound of 0 is that of both: no target is negative.
        let is_nested = usual[1] <= half[1] && half[2] < usual[2];
        assert!(is_nested && 0.0 <= usual[1], "{usual:?} {half:?}");
    }
    let (head, alone) = last(1, predict(&folder, &["--interval", "none"]));
    assert!(head.ends_with(",progression,prediction"), "{head}");
    let predictions = usual.iter().map(|row| row[0]);
    assert!(predictions.eq(alone.iter().map(|row| row[0])));
}

#[test]
fn bounds_have_the_name_of_the_predictions_and_are_as_little_overwritten() {
    let folder = Folder::with_model();
    let (head, _) = last(3, predict(&folder, &["--prediction-column", "p"]));
    assert!(head.ends_with(",p,p_lower,p_upper"), "{head}");

    let named = DIABETES.replacen("s6", "p_upper", 1);
    let train = "train - --target progression --epochs 2";
    folder.run_with_input(train.split(' '), &named).succeeds();
    folder.write("diabetes.csv", named);
    predict(&folder, &["--prediction-column", "p"]).fails(
        1,
        &["diabetes.csv already has a column \"p_upper\": give the new one another name with --prediction-column NAME"],
    );
    let (head, _) = last(
        1,
        predict(&folder, &["--prediction-column", "p", "--interval", "none"]),
    );
    assert!(head.ends_with(",p"), "{head}");
}

#[test]
fn a_level_that_is_no_share_is_refused() {
    let folder = Folder::with_model();
    for level in ["1.5", "0", "1", "-0.9", "NaN", "all", "90%"] {
        predict(&folder, &["--interval", level]).fails(
            2,
            &["give a share of the rows between 0 and 1, such as 0.9; or none"],
        );
    }
}

#[test]
fn a_model_without_intervals_predicts_and_says_what_to_do_where_they_are_asked_for() {
    let folder = folder_without_intervals();
    let missing = "model.safetensors has no intervals, because it keeps no errors on rows that its networks had not seen";
    let run = predict(&folder, &[]);
    assert!(run.stderr.contains(missing), "{}", run.stderr);
    let (head, _) = last(1, run);
    assert!(head.ends_with(",progression,prediction"), "{head}");
    let quiet = predict(&folder, &["--interval", "none"]).succeeds();
    assert_eq!(quiet.stderr, "");
    predict(&folder, &["--interval", "0.9"]).fails(
        1,
        &[
            missing,
            "train it again, with rows that are kept for validation (--validation 0.2) or by the strong recipe",
        ],
    );
    let evaluate = ["evaluate", "model.safetensors", "diabetes.csv", "--json"];
    assert!(folder.run(evaluate).succeeds().json()["interval"].is_null());
}

#[test]
fn too_few_rows_for_a_level_are_said_and_the_bounds_are_those_of_the_largest_error() {
    let folder = Folder::with_model(); // 88 rows are kept for validation
    let run = predict(&folder, &["--interval", "0.995"]).succeeds();
    let words = "88 rows that the networks had not seen are too few for intervals of 99.5 %: the bounds are those of \
                 the largest error, which stand for 98.88 %";
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert_eq!(
        predict(&folder, &["--interval", "0.98"]).succeeds().stderr,
        ""
    );
}

#[test]
fn training_and_the_model_file_tell_the_width_of_its_intervals() {
    let folder = Folder::with_table();
    let train = "train diabetes.csv --target progression --hidden 8 --epochs 5";
    let words = "90 % of new rows should lie within ± ";
    let printed = folder.run(train.split(' ')).succeeds().stdout;
    assert!(printed.contains(&format!("\n{words}")), "{printed}");
    let described = folder.run(["describe", "model.safetensors"]).succeeds();
    let line = printed
        .lines()
        .find(|line| line.starts_with(words))
        .unwrap();
    assert!(described.stdout.contains(line), "{}", described.stdout);

    let object = folder
        .run(train.split(' ').chain(["--json"]))
        .succeeds()
        .json();
    let of = |which: &str| number(&object, &format!("interval.half_width.{which}"));
    assert!(0.0 < of("least") && of("least") <= of("mean") && of("mean") <= of("most"));
}
