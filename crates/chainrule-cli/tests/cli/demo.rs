//! The demo: its bounds over seeds and folds, its JSON, its plots.

use std::process::Stdio;

use crate::support::{CHAINRULE, Folder, number};

#[test]
fn the_demo_prints_one_json_object_and_leaves_no_file() {
    let folder = Folder::new();
    let run = folder.run(["demo", "--json"]).succeeds();
    assert_eq!(run.stdout.lines().count(), 1);
    assert_eq!(run.stderr, "");
    let object = run.json();
    for path in [
        "rmse.before",
        "rmse.train",
        "rmse.test",
        "baseline.mean",
        "baseline.least_squares",
    ] {
        assert!(number(&object, path).is_finite(), "{path}");
    }
    assert!(number(&object, "gradient_check.max_relative_error") < 1e-6);
    assert_eq!(
        (number(&object, "rows.train"), number(&object, "rows.test")),
        (354.0, 88.0)
    );
    assert!(folder.files().is_empty(), "{:?}", folder.files());
}

#[test]
fn the_demo_is_the_same_each_time_and_another_with_another_seed() {
    let folder = Folder::new();
    let first = folder.run(["demo", "--json"]).succeeds().stdout;
    assert_eq!(folder.run(["demo", "--json"]).succeeds().stdout, first);
    assert_ne!(
        folder
            .run(["demo", "--json", "--seed", "1"])
            .succeeds()
            .stdout,
        first
    );
}

#[test]
fn no_seed_of_twenty_diverges_and_each_learns_far_more_than_the_mean() {
    let folder = Folder::new();
    for seed in 0..20 {
        let object = folder
            .run(["demo", "--json", "--seed", &seed.to_string()])
            .succeeds()
            .json();
        let [test, train, mean, line] = [
            "rmse.test",
            "rmse.train",
            "baseline.mean",
            "baseline.least_squares",
        ]
        .map(|path| number(&object, path));
        assert!(train < 56.0 && test < 0.9 * mean, "seed {seed}: {object}");
        // One split of 88 test rows varies by several per cent around the ratio that cross-validation measures.
        assert!(test < 1.12 * line, "seed {seed}: {object}");
        assert!(
            number(&object, "gradient_check.max_relative_error") < 1e-6,
            "seed {seed}: {object}"
        );
    }
}

#[test]
fn over_ten_folds_the_network_is_at_most_three_per_cent_behind_least_squares() {
    let folder = Folder::new();
    for seed in 0..5 {
        let object = folder
            .run([
                "demo",
                "--cross-validate",
                "10",
                "--json",
                "--seed",
                &seed.to_string(),
            ])
            .succeeds()
            .json();
        assert!(number(&object, "ratio") <= 1.03, "seed {seed}: {object}");
        // What other programs give for least squares on this table.
        let least_squares = number(&object, "rmse.least_squares");
        assert!(
            (54.0..55.5).contains(&least_squares),
            "seed {seed}: {object}"
        );
    }
}

#[test]
fn the_demo_shows_tables_and_plots_and_says_where_the_figure_is() {
    let folder = Folder::new();
    let run = folder.run(["demo"]).succeeds();
    for words in [
        "593 parameters",
        "Gradient check: 593 of 593",
        "training rows (354)",
        "network before training",
        "network after training",
        "predicting the mean",
        "ordinary least squares",
        "training loss",
        "predicted ↑   actual →",
    ] {
        assert!(
            run.stdout.contains(words),
            "{words:?} is not in: {}",
            run.stdout
        );
    }
    assert!(
        run.stdout.lines().all(|line| line.chars().count() <= 80),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains('\x1b'), "no colour outside a terminal");
    assert_eq!(run.stderr, "the same plots as a file: chainrule-demo.svg\n");
    let svg = String::from_utf8(folder.read("chainrule-demo.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
    assert_eq!(
        svg.matches("<circle").count(),
        88,
        "one dot for each test row"
    );
    assert!(!svg.contains("NaN"));
}

#[test]
fn the_figure_goes_where_it_is_asked_for_with_and_without_json() {
    let folder = Folder::new();
    folder
        .run(["demo", "--json", "--figure", "a.svg"])
        .succeeds();
    folder.run(["demo", "--figure", "b.svg"]).succeeds();
    assert_eq!(folder.files(), ["a.svg", "b.svg"]);
    assert_eq!(folder.read("a.svg"), folder.read("b.svg"));
    let run = folder.run(["demo", "--figure", "missing/c.svg"]);
    run.fails(
        1,
        &["error: missing/c.svg cannot be written: there is no folder missing"],
    );
}

#[test]
fn a_reader_that_closes_early_ends_the_demo_quietly() {
    let folder = Folder::new();
    let mut command = std::process::Command::new(CHAINRULE);
    let mut child = command
        .arg("demo")
        .current_dir(folder.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("error"));
}

#[test]
fn folds_and_epochs_outside_their_range_are_refused() {
    let folder = Folder::new();
    folder
        .run(["demo", "--cross-validate", "1"])
        .fails(2, &["give a whole number from 2 to 442"]);
    folder
        .run(["demo", "--cross-validate", "443"])
        .fails(2, &["give a whole number from 2 to 442"]);
    folder
        .run(["demo", "--epochs", "0"])
        .fails(2, &["give a whole number from 1"]);
}
