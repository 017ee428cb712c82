//! Every bad input has one clear message: where, what was found, what to do.

use std::fs::OpenOptions;

use crate::support::{Folder, Run, exists};

/// Trains on a table that has something wrong with it.
fn train(csv: impl AsRef<[u8]>) -> (Folder, Run) {
    let folder = Folder::new();
    folder.write("t.csv", csv);
    let run = folder.run(["train", "t.csv", "--target", "y", "--epochs", "2"]);
    (folder, run)
}

#[track_caller]
fn refused(csv: impl AsRef<[u8]>, words: &[&str]) {
    let (folder, run) = train(csv);
    run.fails(1, words);
    assert_eq!(
        folder.files(),
        ["t.csv"],
        "a refused training leaves nothing behind"
    );
}

#[test]
fn a_missing_table_is_named() {
    let folder = Folder::new();
    folder
        .run(["train", "nowhere.csv", "--target", "y"])
        .fails(1, &["error: nowhere.csv does not exist"]);
    assert!(folder.files().is_empty());
}

#[test]
fn an_empty_table_and_a_bare_header_are_told_apart() {
    refused("", &["t.csv is empty"]);
    refused("x,y\n", &["t.csv has a header but no rows"]);
}

#[test]
fn a_ragged_row_is_named_with_its_line() {
    refused(
        "x,y\n1,2\n3,4,5\n",
        &["t.csv, line 3: 3 values where the header has 2 columns"],
    );
}

#[test]
fn a_target_that_is_no_number_is_named_with_line_and_column() {
    let rows: String = (0..20).map(|r| format!("{r}.5,{r}\n")).collect();
    refused(
        format!("x,y\n1,2\nred,red\n{rows}"),
        &["t.csv, line 3, column \"y\": \"red\" is not a number"],
    );
}

#[test]
fn infinities_are_refused_in_any_spelling_and_all_problems_are_told_at_once() {
    let rows: String = (0..20).map(|r| format!("{r}.5,{r}\n")).collect();
    for value in ["inf", "-Infinity", "1e999"] {
        refused(
            format!("x,y\n1,2\n{value},4\n5,{value}\n{rows}"),
            &[
                "t.csv, line 3, column \"x\"",
                "t.csv, line 4, column \"y\"",
                "is not a finite number",
            ],
        );
    }
}

#[test]
fn rows_that_cannot_be_read_are_left_out_and_counted_where_that_is_asked_for() {
    let rows: String = (0..20).map(|r| format!("{r}.5,{r}\n")).collect();
    let folder = Folder::new();
    folder.write("t.csv", format!("x,y\n1,2\ninf,4\n5,6,7\n{rows}"));
    let train = ["train", "t.csv", "--target", "y", "--epochs", "2"];
    folder.run(train).fails(
        1,
        &["line 3", "line 4: 3 values where the header has 2 columns"],
    );
    let run = folder
        .run(train.into_iter().chain(["--on-error", "skip"]))
        .succeeds();
    assert!(
        run.stderr
            .contains("t.csv: 2 rows cannot be read and are left out"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains("training on 17 rows, 4 kept for validation"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_missing_target_is_named_with_what_there_is() {
    refused(
        "x,Y\n1,2\n3,4\n",
        &["t.csv has no column \"y\"", "did you mean \"Y\"?", "\"x\""],
    );
}

#[test]
fn two_columns_of_one_name_are_told_apart_and_said() {
    let rows: String = (0..20).map(|r| format!("{r}.5,{},{r}\n", r % 7)).collect();
    let (_, run) = train(format!("x,x,y\n{rows}"));
    let run = run.succeeds();
    assert!(
        run.stderr
            .contains("both named \"x\": the second is called \"x (2)\""),
        "{}",
        run.stderr
    );
}

#[test]
fn a_constant_column_is_left_out_and_said_and_a_constant_target_refused() {
    let rows: String = (0..20).map(|i| format!("{i},7,{}\n", i * i)).collect();
    let (folder, run) = train(format!("x,c,y\n{rows}"));
    let run = run.succeeds();
    assert!(
        run.stderr
            .contains("t.csv: left out: \"c\" (the same value in every row)"),
        "{}",
        run.stderr
    );
    assert!(exists(folder.path("model.safetensors")));
    let rows: String = (0..20).map(|i| format!("{i},7\n")).collect();
    refused(
        format!("x,y\n{rows}"),
        &["the target \"y\" is constant (7)", "nothing to learn"],
    );
}

#[test]
fn one_row_is_not_enough() {
    refused("x,y\n1,2\n", &["t.csv has 1 row"]);
}

#[test]
fn a_target_outside_the_domain_of_the_loss_is_named() {
    let folder = Folder::new();
    folder.write("t.csv", "x,y\n1,2\n3,-4\n5,6\n");
    let run = folder.run(["train", "t.csv", "--target", "y", "--loss", "poisson"]);
    run.fails(1, &["t.csv, line 3, column \"y\": -4", "poisson_deviance"]);
}

#[test]
fn a_training_that_diverges_says_at_which_step_and_what_to_try() {
    let folder = Folder::with_table();
    let args = [
        "train",
        "diabetes.csv",
        "--target",
        "progression",
        "--optimizer",
        "gradient_descent",
        "--learning-rate",
        "1e30",
    ];
    let run = folder.run(args);
    run.fails(
        1,
        &[
            "training diverged at step 2 (epoch 1)",
            "Try a smaller learning rate",
            "No epoch was finished, so no model is written",
        ],
    );
    assert_eq!(folder.files(), ["diabetes.csv"]);
}

#[test]
fn at_prediction_a_missing_column_is_named_and_extra_or_reordered_ones_do_no_harm() {
    let folder = Folder::with_model();
    folder.write("missing.csv", "age,sex\n59,2\n");
    let run = folder.run(["predict", "model.safetensors", "missing.csv"]);
    run.fails(1, &["missing.csv has no column \"bmi\""]);

    let in_order = "age,sex,bmi,bp,s1,s2,s3,s4,s5,s6\n59,2,32.1,101,157,93.2,38,4,4.8598,87\n";
    let reordered =
        "name,s6,s5,s4,s3,s2,s1,bp,bmi,sex,age\nAnna,87,4.8598,4,38,93.2,157,101,32.1,2,59\n";
    let prediction = |csv: &str| {
        let run = folder
            .run_with_input(["predict", "model.safetensors", "-"], csv)
            .succeeds();
        let last = run.stdout.trim_end().rsplit(',').next().map(str::to_string);
        (run.stdout, last)
    };
    let (output, with_extra) = prediction(reordered);
    assert!(
        output.starts_with("name,s6,") && output.contains("\nAnna,87,"),
        "the input's columns are kept: {output}"
    );
    assert_eq!(with_extra, prediction(in_order).1);
}

#[test]
fn a_table_that_has_a_prediction_already_is_not_overwritten() {
    let folder = Folder::with_model();
    let predicted = folder
        .run(["predict", "model.safetensors", "diabetes.csv"])
        .succeeds()
        .stdout;
    folder.write("predicted.csv", predicted);
    let run = folder.run(["predict", "model.safetensors", "predicted.csv"]);
    run.fails(
        1,
        &["predicted.csv already has a column \"prediction\": give the new one another name with --prediction-column NAME"],
    );
}

#[test]
fn a_file_that_is_no_model_or_a_newer_one_is_told_apart() {
    let folder = Folder::with_model();
    folder
        .run(["describe", "diabetes.csv"])
        .fails(1, &["error: diabetes.csv is not a chainrule model"]);
    folder
        .run(["describe", "nowhere"])
        .fails(1, &["error: nowhere does not exist"]);

    let model = folder.read("model.safetensors");
    let [old, new] = [br#"\"format\":2,"#, br#"\"format\":9,"#];
    let place = model
        .windows(old.len())
        .position(|window| window == old)
        .expect("the format in the metadata");
    let mut newer = model.clone();
    newer[place..place + new.len()].copy_from_slice(new);
    folder.write("newer.safetensors", newer);
    folder.run(["describe", "newer.safetensors"]).fails(
        1,
        &["newer.safetensors was made by a newer chainrule (format 9"],
    );

    folder.write("cut.safetensors", &model[..model.len() - 9]);
    folder
        .run(["predict", "cut.safetensors", "diabetes.csv"])
        .fails(1, &["cut.safetensors is"]);
}

#[test]
fn a_place_that_cannot_be_written_is_told_before_the_training() {
    let folder = Folder::with_table();
    let train = |model| {
        folder.run([
            "train",
            "diabetes.csv",
            "--target",
            "progression",
            "--model",
            model,
        ])
    };
    let run = train("missing/model.safetensors");
    run.fails(
        1,
        &["missing/model.safetensors cannot be written: there is no folder missing"],
    );
    std::fs::create_dir(folder.path("results")).unwrap();
    let run = train("results").fails(1, &["results cannot be written: it is a folder"]);
    assert!(!run.stderr.contains("training on"), "{}", run.stderr);
}

#[test]
fn an_unwritable_output_of_predict_is_named() {
    let folder = Folder::with_model();
    let run = folder.run([
        "predict",
        "model.safetensors",
        "diabetes.csv",
        "--output",
        "missing/p.csv",
    ]);
    run.fails(
        1,
        &["missing/p.csv cannot be written: there is no folder missing"],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_wherever_it_is() {
    let folder = Folder::with_model();
    let full = "No space left on device";
    let run = folder.run([
        "predict",
        "model.safetensors",
        "diabetes.csv",
        "--output",
        "/dev/full",
    ]);
    run.fails(1, &["/dev/full cannot be written", full]);
    let run = folder.run([
        "train",
        "diabetes.csv",
        "--target",
        "progression",
        "--epochs",
        "1",
        "--model",
        "/dev/full",
    ]);
    run.fails(1, &["/dev/full cannot be written", full]);
    for args in [
        &["predict", "model.safetensors", "diabetes.csv"][..],
        &["demo", "--json"],
        &["completions", "bash"],
    ] {
        let device = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let run = Run::of(folder.command(args.iter().copied()).stdout(device));
        run.fails(1, &["error: cannot write to standard output", full]);
    }
}
