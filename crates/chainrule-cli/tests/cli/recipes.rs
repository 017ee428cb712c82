//! What is trained when nothing is said, and what may be said about it.
#![cfg(unix)]

use crate::support::{Folder, Run, exists};

/// A table of some rows that trains in a moment.
fn few_rows() -> Folder {
    let folder = Folder::new();
    let rows = (0..60).map(|r| format!("{},{},{}\n", r, (r * 7) % 11, r * r + 10 * ((r * 7) % 11)));
    folder.write("t.csv", format!("a,b,y\n{}", rows.collect::<String>()));
    folder
}

#[test]
fn with_only_a_target_bags_are_trained_and_judged_out_of_fold() {
    let folder = few_rows();
    let run = folder.run(["train", "t.csv", "--target", "y", "--model", "m"]);
    let run = run.succeeds();
    assert!(
        run.stdout.contains("\nout of fold       60"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("\nridge             60"),
        "{}",
        run.stdout
    );
    assert!(
        run.stderr.contains("48 networks in 6 bags"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("the mean of "), "{}", run.stderr);
    let described = folder.run(["describe", "m"]);
    assert!(
        described.stdout.starts_with("the mean of "),
        "{}",
        described.stdout
    );
    assert!(
        described
            .stdout
            .contains("each by the networks without its fold, of 8"),
        "{}",
        described.stdout
    );

    let explained = folder
        .run(["explain", "m", "t.csv", "--row", "3"])
        .succeeds();
    assert!(
        explained.stdout.contains("networks; this is the first"),
        "{}",
        explained.stdout
    );
    let checked = folder
        .run(["check", "m", "--table", "t.csv", "--rows", "1"])
        .succeeds();
    assert!(
        checked.stdout.starts_with("the first of "),
        "{}",
        checked.stdout
    );
}

#[test]
fn a_model_of_the_targets_logarithm_is_said_to_be_one() {
    let folder = Folder::new();
    let row = |r: i32| {
        let (a, b) = (r * 17 % 60, r * 7 % 11);
        format!("{a},{b},{}\n", 1.05f64.powi(a) * 1.5f64.powi(b))
    };
    let rows: String = (0..60).map(row).collect();
    folder.write("t.csv", format!("a,b,y\n{rows}"));
    let train = ["train", "t.csv", "--target", "y", "--model", "m"];
    let run = folder.run(train).succeeds();
    let said = "y has a long tail: networks that learn its logarithm err least";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    let described = folder.run(["describe", "m"]).stdout;
    assert!(described.contains("target as its logarithm"), "{described}");

    // A loss that was asked for is that of the target as it is.
    let train = [
        "train", "t.csv", "--target", "y", "--loss", "mae", "--model", "n",
    ];
    let run = folder.run(train).succeeds();
    assert!(!run.stderr.contains("logarithm"), "{}", run.stderr);
}

#[test]
fn bags_are_the_same_with_one_thread_and_with_two() {
    let folder = few_rows();
    let train = ["train", "t.csv", "--target", "y", "--members", "2"];
    let with = |more: [&'static str; 5]| folder.run(train.into_iter().chain(more)).succeeds();
    with(["--model", "two", "--threads", "2", "--json"]);
    let report = with(["--model", "one", "--threads", "1", "--json"]).json();
    assert_eq!(report["out_of_fold"]["rows"], 60);
    assert_eq!(report["validation"], serde_json::Value::Null);
    assert_eq!(folder.read("one"), folder.read("two"));
}

#[test]
fn an_option_of_one_network_asks_for_one_network() {
    let folder = few_rows();
    let run = folder.run([
        "train", "t.csv", "--target", "y", "--model", "m", "--epochs", "3",
    ]);
    assert!(run.stdout.contains("\nvalidation"), "{}", run.stdout);
    let refused = folder.run([
        "train", "t.csv", "--target", "y", "--model", "n", "--recipe", "strong", "--epochs", "3",
    ]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("--epochs describes one network"),
        "{}",
        refused.stderr
    );
    let refused = folder.run([
        "train",
        "t.csv",
        "--target",
        "y",
        "--model",
        "n",
        "--recipe",
        "basic",
        "--members",
        "3",
    ]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused
            .stderr
            .contains("--members belongs to the strong recipe"),
        "{}",
        refused.stderr
    );
    assert!(!exists(folder.path("n")));
}

/// A training that has so much time, in a folder with its table.
fn run_with_time_limit(folder: &Folder, time: &str) -> Run {
    let train = ["train", "diabetes.csv", "--target", "progression"];
    let options = ["--model", "m", "--time-limit", time];
    folder.run(train.into_iter().chain(options)).succeeds()
}

#[test]
fn a_time_in_which_nothing_is_learnt_gives_a_model_a_little_later() {
    let folder = Folder::with_table();
    let run = run_with_time_limit(&folder, "0.000001");
    assert!(
        run.stderr.contains("goes on until one has"),
        "{}",
        run.stderr
    );
    folder.run(["evaluate", "m", "diabetes.csv"]).succeeds();
}

#[test]
fn at_the_end_of_its_time_a_training_gives_what_it_has() {
    let folder = Folder::with_table();
    let run = run_with_time_limit(&folder, "1");
    assert!(run.stdout.contains("\nout of fold"), "{}", run.stdout);
    assert!(
        run.stderr.contains("at the end of the time"),
        "{}",
        run.stderr
    );
    folder.run(["evaluate", "m", "diabetes.csv"]).succeeds();
    assert!(!exists(folder.path("m.checkpoint")));
}
