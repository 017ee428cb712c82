//! Ctrl-C during training, and going on from the checkpoint.
#![cfg(unix)]

use std::process::Command;

use crate::started::Started;
use crate::support::{CHAINRULE, Folder, Run, exists};

const OPTIONS: [&str; 14] = [
    "train",
    "diabetes.csv",
    "--target",
    "progression",
    "--hidden",
    "16,8",
    "--epochs",
    "2500",
    "--schedule",
    "cosine",
    "--seed",
    "3",
    "--optimizer",
    "adamw",
];

/// Starts the command, presses Ctrl-C once it trains, and waits for its end. The signal comes twice, as it does by way
/// of `timeout`.
fn run_and_interrupt<'a>(folder: &Folder, args: impl IntoIterator<Item = &'a str>) -> Run {
    let training = Started::new(&mut folder.command(args));
    // A few steps of many: a release build trains all epochs in some eighty milliseconds.
    std::thread::sleep(std::time::Duration::from_millis(10));
    training.signal("-INT");
    training.signal("-INT");
    training.end()
}

#[test]
fn several_targets_go_on_where_they_were_interrupted() {
    let folder = Folder::with_table();
    let [command, table, _, _, network @ ..] = OPTIONS;
    let both = |second: &'static str| {
        let targets = ["--target", "progression", "--target", second];
        [command, table].into_iter().chain(targets).chain(network)
    };
    // Ctrl-C in the first training.
    run_and_interrupt(&folder, both("bmi")).fails(
        130,
        &[
            "--target progression --ignore bmi --model model-progression.safetensors --resume",
            "Not trained yet: \"bmi\"",
        ],
    );
    let run = folder.run(both("bmi").chain(["--resume"])).succeeds();
    for words in ["target 1 of 2: progression\n", "target 2 of 2: bmi\n"] {
        assert!(run.stderr.contains(words), "{}", run.stderr);
    }
    let models = ["model-bmi.safetensors", "model-progression.safetensors"];
    assert_eq!(folder.files(), ["diabetes.csv", models[0], models[1]]);

    // Ctrl-C in the second: the first is not trained again, as long as it has its model.
    let second = [
        "--target",
        "bmi",
        "--ignore",
        "progression",
        "--model",
        models[0],
    ];
    let second = [command, table].into_iter().chain(second).chain(network);
    for first_is_there in [true, false] {
        if !first_is_there {
            std::fs::remove_file(folder.path(models[1])).unwrap();
        }
        run_and_interrupt(&folder, second.clone()).fails(130, &["keeps the training"]);
        let run = folder
            .run(both("bmi").chain(["--resume", "--json"]))
            .succeeds();
        assert!(run.stdout.contains(r#""target":"bmi""#), "{}", run.stdout);
        assert_eq!(
            run.stdout.contains(models[1]),
            !first_is_there,
            "{}",
            run.stdout
        );
        assert_eq!(folder.files(), ["diabetes.csv", models[0], models[1]]);
    }
}

#[test]
fn an_interrupted_training_resumes_to_the_same_model_file() {
    let uninterrupted = Folder::with_table();
    uninterrupted.run(OPTIONS).succeeds();

    let folder = Folder::with_table();
    let run = run_and_interrupt(&folder, OPTIONS);
    let resume =
        "chainrule train diabetes.csv --target progression --model model.safetensors --resume";
    let run = run.fails(
        130,
        &[
            "of 2500 epochs; model.safetensors.checkpoint keeps the training",
            resume,
        ],
    );
    assert_eq!(run.stdout, "");
    assert_eq!(
        folder.files(),
        ["diabetes.csv", "model.safetensors.checkpoint"]
    );

    // Exactly what the message says, interrupted once more.
    let resume: Vec<&str> = resume.split(' ').skip(1).collect();
    run_and_interrupt(&folder, resume.iter().copied()).fails(130, &["keeps the training"]);
    folder.run(resume).succeeds();
    assert_eq!(
        folder.files(),
        ["diabetes.csv", "model.safetensors"],
        "a finished training needs no checkpoint"
    );
    assert!(
        folder.read("model.safetensors") == uninterrupted.read("model.safetensors"),
        "the two models differ"
    );
}

#[test]
fn a_checkpoint_is_neither_overwritten_nor_continued_with_other_options_or_tables() {
    let folder = Folder::with_table();
    run_and_interrupt(&folder, OPTIONS).fails(130, &[]);
    let checkpoint = folder.read("model.safetensors.checkpoint");

    folder.run(OPTIONS).fails(
        1,
        &[
            "model.safetensors.checkpoint is the checkpoint of an interrupted training",
            "--resume",
            "delete it",
        ],
    );
    let run = folder.run(
        OPTIONS
            .into_iter()
            .chain(["--l2", "0.5", "--batch", "all", "--resume"]),
    );
    run.fails(
        1,
        &[
            "was made with other options",
            "--l2 was 0, now 0.5",
            "--batch was 32, now all",
        ],
    );
    let run = folder.run(["train", "diabetes.csv", "--target", "bmi", "--resume"]);
    run.fails(1, &["--target was progression, now bmi"]);
    let table = String::from_utf8(folder.read("diabetes.csv")).unwrap();
    folder.write("other.csv", table.replacen("59,2,32.1", "59,2,32.2", 1));
    let run = folder.run(["train", "other.csv", "--target", "progression", "--resume"]);
    run.fails(
        1,
        &["other.csv is not the table that the checkpoint was made from"],
    );
    let run = folder.run(["predict", "model.safetensors.checkpoint", "diabetes.csv"]);
    run.fails(
        1,
        &["is the checkpoint of an unfinished training, not a model"],
    );

    assert!(
        folder.read("model.safetensors.checkpoint") == checkpoint,
        "the checkpoint was touched"
    );
    assert!(!exists(folder.path("model.safetensors")));
}

#[test]
fn a_training_by_a_file_resumes_by_the_file_and_by_no_other() {
    let folder = Folder::with_table();
    let words = OPTIONS.into_iter().chain(["--save-config", "c.toml"]);
    run_and_interrupt(&folder, words).fails(130, &[]);
    let text = String::from_utf8(folder.read("c.toml")).unwrap();
    folder.write("other.toml", text.replace("seed = 3", "seed = 4"));
    let by = |file| ["train", "diabetes.csv", "--config", file, "--resume"];
    folder
        .run(by("other.toml"))
        .fails(1, &["--config names a file of other settings"]);
    folder.run(by("c.toml")).succeeds();
    let resumed = folder.read("model.safetensors");
    folder.run(by("c.toml").into_iter().take(4)).succeeds();
    assert!(folder.read("model.safetensors") == resumed);
}

#[test]
fn the_printed_command_resumes_whatever_the_names_are() {
    let folder = Folder::new();
    let rows: String = (0..400)
        .map(|r| format!("{},{},{r}\n", r % 7, r % 11))
        .collect();
    folder.write("-t 1.csv", format!("a,b,-y\n{rows}"));
    let train = [
        "train",
        "--target=-y",
        "--epochs",
        "100000",
        "--model=-m.st",
        "--",
        "-t 1.csv",
    ];
    let run = run_and_interrupt(&folder, train);
    let resume = "chainrule train './-t 1.csv' --target=-y --model=-m.st --resume";
    let run = run.fails(130, &[&format!("  {resume}\n")]);
    drop(run);
    // As a shell reads it, with the command's true path.
    let command = resume.replacen("chainrule", CHAINRULE, 1);
    let mut shell = Command::new("timeout");
    shell
        .args(["--signal", "INT", "--preserve-status", "2", "sh", "-c"])
        .arg(format!("exec {command}"))
        .current_dir(folder.path(""));
    Run::of(&mut shell).fails(130, &["training on 320 rows"]);
}
