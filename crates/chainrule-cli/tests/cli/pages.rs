//! Pages: where `train --report` and `report` write them, what they say, and what happens where they cannot be written.

use crate::support::{Folder, exists};

const TRAIN: [&str; 7] = [
    "train",
    "diabetes.csv",
    "--target",
    "progression",
    "--hidden",
    "4",
    "--epochs=3",
];

fn page(folder: &Folder, name: &str) -> String {
    String::from_utf8(folder.read(name)).unwrap()
}

#[test]
fn a_training_writes_its_page_and_the_model_that_it_writes_without() {
    let folder = Folder::with_table();
    folder.run(TRAIN).succeeds();
    let plain = folder.read("model.safetensors");
    let run = folder
        .run(TRAIN.into_iter().chain(["--report", "page.html"]))
        .succeeds();
    assert!(run.stderr.contains("the page is in page.html"), "{run:?}");
    assert_eq!(folder.read("model.safetensors"), plain);
    let page = page(&folder, "page.html");
    let errors: Vec<&str> = run.stdout.split_whitespace().collect();
    let validation = errors
        .iter()
        .position(|&word| word == "validation")
        .unwrap();
    let rmse = errors[validation + 2]; // five digits, of which the page has four
    assert!(
        page.contains(&format!(">{:.2}<", rmse.parse::<f64>().unwrap())),
        "{rmse}"
    );
    assert!(page.contains("hidden = [4]"), "the settings");
    assert!(page.contains("chainrule predict model.safetensors new.csv"));
}

#[test]
fn a_model_has_a_page_of_its_errors_on_any_table() {
    let folder = Folder::with_model();
    let run = folder
        .run(["report", "model.safetensors", "diabetes.csv"])
        .succeeds();
    assert_eq!(run.stdout, "");
    let evaluated = folder
        .run(["evaluate", "model.safetensors", "diabetes.csv"])
        .succeeds();
    let rmse: f64 = evaluated
        .stdout
        .split_whitespace()
        .nth(3)
        .unwrap()
        .parse()
        .unwrap();
    let page = page(&folder, "report.html");
    assert!(page.contains(&format!(">{rmse:.2}<")), "{rmse}");
    assert!(page.contains("The model may have learnt from these very rows"));
    assert!(page.contains("hidden = ["));
}

#[test]
fn a_page_may_go_to_standard_output() {
    let folder = Folder::with_model();
    let report = [
        "report",
        "model.safetensors",
        "diabetes.csv",
        "--output",
        "/dev/stdout",
    ];
    let run = folder.run(report).succeeds();
    assert!(run.stdout.starts_with("<!doctype html>"));
    let run = folder
        .run(TRAIN.into_iter().chain(["--report", "/dev/stdout"]))
        .succeeds();
    assert!(
        run.stdout.starts_with("<!doctype html>"),
        "{:.200}",
        run.stdout
    );
    assert!(
        run.stderr.contains("ridge"),
        "the errors make room for the page"
    );
}

#[test]
fn a_page_never_takes_the_place_of_what_is_read_or_of_what_else_is_written() {
    let folder = Folder::with_model();
    let (table, model) = (
        folder.read("diabetes.csv"),
        folder.read("model.safetensors"),
    );
    let train = |more: &[&str]| folder.run(TRAIN.into_iter().chain(more.iter().copied()));
    train(&["--report", "./diabetes.csv"]).fails(1, &["diabetes.csv, which is read"]);
    for other in ["model.safetensors", "./model.safetensors"] {
        train(&["--report", other]).fails(2, &["--report and --model name the same file"]);
    }
    train(&["--model", "new", "--report", "./new"]).fails(2, &["the same file"]);
    train(&["--save-config", "a.toml", "--report", "./a.toml"])
        .fails(2, &["--report and --save-config name the same file"]);
    train(&["--save-config", "./model.safetensors"])
        .fails(2, &["--save-config and --model name the same file"]);
    let report = |output: &str| {
        folder.run([
            "report",
            "model.safetensors",
            "diabetes.csv",
            "--output",
            output,
        ])
    };
    report("diabetes.csv").fails(1, &["diabetes.csv, which is read"]);
    report("./model.safetensors").fails(1, &["model.safetensors, which is read"]);
    assert_eq!(folder.read("diabetes.csv"), table);
    assert_eq!(folder.read("model.safetensors"), model);
    assert_eq!(folder.files(), ["diabetes.csv", "model.safetensors"]);
}

#[test]
fn a_page_that_has_no_place_is_refused_before_the_training() {
    let folder = Folder::with_table();
    let run = folder.run(TRAIN.into_iter().chain(["--report", "nowhere/page.html"]));
    run.fails(1, &["nowhere/page.html cannot be written", "no folder"]);
    assert!(!exists(folder.path("model.safetensors")));
}

#[cfg(target_os = "linux")]
#[test]
fn a_page_that_cannot_be_written_in_the_end_costs_no_model() {
    let folder = Folder::with_table();
    let run = folder.run(TRAIN.into_iter().chain(["--report", "/dev/full"]));
    let run = run.fails(
        1,
        &[
            "/dev/full cannot be written",
            "the model is in model.safetensors",
        ],
    );
    assert!(run.stdout.contains("validation"), "{run:?}");
    folder
        .run(["report", "model.safetensors", "diabetes.csv"])
        .succeeds();
}

#[test]
fn a_table_without_the_target_has_no_page_and_leaves_no_file() {
    let folder = Folder::with_model();
    let text = page(&folder, "diabetes.csv");
    let without: String = text
        .lines()
        .map(|line| line.rsplit_once(',').unwrap().0.to_owned() + "\n")
        .collect();
    folder.write("new.csv", without);
    folder
        .run(["report", "model.safetensors", "new.csv"])
        .fails(1, &["new.csv", "progression"]);
    assert!(!exists(folder.path("report.html")));
}
