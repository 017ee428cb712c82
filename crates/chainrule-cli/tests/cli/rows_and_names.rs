//! No row is lost, the table comes back as it came, and no name, however long or strange, does harm.

use chainrule_tabular::table::source::{Block, Cell};
use chainrule_tabular::table::{ReadOptions, open_reader};

use crate::support::{Folder, Run};

/// A folder with a model of `y` from the columns `names`.
fn folder_with_model_of(names: &[&str]) -> Folder {
    let folder = Folder::new();
    let rows: String = (0..20)
        .map(|r| {
            let cells = (0..names.len()).map(|j| format!("{},", (r * (j + 3)) % 7));
            format!("{}{r}\n", cells.collect::<String>())
        })
        .collect();
    folder.write("train.csv", format!("{},y\n{rows}", names.join(",")));
    let train = ["train", "train.csv", "--target", "y"];
    let quick = ["--hidden", "3", "--epochs", "2"];
    folder.run(train.into_iter().chain(quick)).succeeds();
    folder
}

/// Every command that reads a table, each with the table `t.csv`.
const READERS: [&[&str]; 5] = [
    &[
        "train",
        "t.csv",
        "--target",
        "y",
        "--model",
        "new.safetensors",
    ],
    &["predict", "model.safetensors", "t.csv"],
    &["evaluate", "model.safetensors", "t.csv"],
    &["explain", "model.safetensors", "t.csv", "--row", "1"],
    &["check", "model.safetensors", "--table", "t.csv"],
];

#[test]
fn every_command_refuses_a_stray_quote_in_any_column_with_its_line() {
    let folder = folder_with_model_of(&["x"]);
    let rows: String = (0..1000).map(|r| format!("{r},fine,{r}\n")).collect();
    let note_last: String = (0..1000).map(|r| format!("{r},{r},fine\n")).collect();
    for (csv, place) in [
        (
            format!("x,y,note\n1,2,\"good\n{note_last}"),
            "line 2, column \"note\"",
        ),
        (
            format!("x,note,y\n1,\"good,2\n{rows}"),
            "line 2, column \"note\"",
        ),
        (
            format!("x,note,y\n{rows}5,1,\"6"),
            "line 1002, column \"y\"",
        ),
        (
            format!("x,note,y\n1,\"good,2\n{rows}7,12\",8\n"),
            "line 2, column \"note\"",
        ),
        (
            format!("x,note,y\n1,\"good,2\n{rows}7,\"bad\",8\n"),
            "line 2, column \"note\"",
        ),
        (
            format!("x,note,y\n1,\"a\"b,2\n{rows}"),
            "line 2, column \"note\"",
        ),
    ] {
        folder.write("t.csv", csv);
        for command in READERS {
            let run = folder.run(command.iter().copied());
            let run = run.fails(1, &["error: t.csv, ", place, "quote", "remove it"]);
            assert_eq!(run.stdout, "", "{command:?}");
        }
    }
    assert_eq!(folder.files(), ["model.safetensors", "t.csv", "train.csv"]);
}

#[test]
fn a_blank_line_in_a_table_of_one_column_shifts_no_prediction() {
    let folder = folder_with_model_of(&["x"]);
    let predict = |csv| folder.run_with_input(["predict", "model.safetensors", "-"], csv);
    let run = predict("x\n1\n\n3\n").succeeds();
    assert_eq!(run.stdout.lines().count(), 4, "{}", run.stdout);
    assert!(
        run.stdout.lines().nth(2).unwrap().starts_with(','),
        "{}",
        run.stdout
    );
    let gap = "column \"x\": 1 of 3 rows (line 3) has no value";
    assert!(run.stderr.contains(gap), "{}", run.stderr);
    let run = predict("x\n1\n3\n\n").succeeds();
    assert_eq!(run.stdout.lines().count(), 4, "{}", run.stdout);
    assert!(run.stdout.ends_with("\n\n"), "{}", run.stdout);
}

#[test]
fn a_table_comes_back_as_it_came_but_for_the_new_columns() {
    let folder = folder_with_model_of(&["x"]);
    for csv in [
        "\u{feff} note , x \r\n\"a, \"\"b\"\"\", 1 \r\n\r\nc,\"2\"\r\n",
        "x,note\n1,a\n\n\n2,\"b\n\nc\"",
        "x,z\r\n1,\n2,3\" \r\n\n\n",
    ] {
        let run = folder.run_with_input(["predict", "model.safetensors", "-"], csv);
        let predicted = run.succeeds().stdout;
        folder.write("t.csv", csv);
        let args = ["predict", "model.safetensors", "t.csv", "--output", "p.csv"];
        folder.run(args).succeeds();
        assert_eq!(folder.read("p.csv"), predicted.as_bytes(), "to a file");

        let names = ["prediction", "prediction_lower", "prediction_upper"];
        let mut left = predicted.replacen(&format!(",{}", names.join(",")), "", 1);
        let columns = names.map(|name| values_of(name, &predicted));
        assert!(
            columns.iter().all(|column| column.len() == 2),
            "{predicted:?}"
        );
        for row in 0..2 {
            let [y_hat, lower, upper] = &columns.each_ref().map(|column| &column[row]);
            left = left.replacen(&format!(",{y_hat},{lower},{upper}"), "", 1);
        }
        assert_eq!(left, csv);
    }
}

/// The values of a column, as a CSV reader finds them.
fn values_of(column: &str, csv: &str) -> Vec<String> {
    let csv = std::io::Cursor::new(csv.to_owned());
    let mut source = open_reader(Box::new(csv), "predicted", &ReadOptions::default()).unwrap();
    let position = source.names().iter().position(|name| name == column);
    let position = position.unwrap_or_else(|| panic!("no {column} in {:?}", source.names()));
    let (mut block, mut values) = (Block::default(), Vec::new());
    while source.next_block(&mut block).unwrap() {
        values.extend(
            (0..block.rows()).map(|row| match block.cell(row, position) {
                Cell::Text(text) => text.to_owned(),
                other => panic!("{other:?}"),
            }),
        );
    }
    values
}

#[test]
fn a_model_with_an_input_named_prediction_predicts_into_a_column_of_another_name() {
    let folder = folder_with_model_of(&["x", "prediction"]);
    let predict = |options: &[&'static str]| -> Run {
        let command = ["predict", "model.safetensors", "train.csv"];
        folder.run(command.into_iter().chain(options.iter().copied()))
    };
    for options in [
        &[][..],
        &["--prediction-column", "x"],
        &["--prediction-column", " y "],
    ] {
        predict(options).fails(
            1,
            &[
                "train.csv already has a column \"",
                "give the new one another name with --prediction-column NAME",
            ],
        );
    }
    predict(&["--prediction-column", " "]).fails(2, &["give a name"]);
    let predicted = predict(&["--prediction-column", "y, predicted"])
        .succeeds()
        .stdout;
    assert!(
        predicted.starts_with(
            "x,prediction,y,\"y, predicted\",\"y, predicted_lower\",\"y, predicted_upper\"\n"
        ),
        "{predicted}"
    );
    assert_eq!(values_of("y, predicted", &predicted).len(), 20);
}

#[test]
fn no_name_from_a_file_steers_the_terminal() {
    let evil = "a\u{9b}31m\u{9b}2J\u{202e}"; // in a table's text, other control characters are refused
    let folder = folder_with_model_of(&[evil, "b"]);
    let csv = format!("{evil},b,y,c{evil}\n1,2,3,4\n");
    folder.write("t.csv", &csv);
    folder.write("bad.csv", csv.replace("1,2", &format!("{evil},2")));
    folder.write("missing.csv", format!("{evil}x,b,y\n1,2,3\n"));
    let file = "t\u{1b}[31m.csv";
    folder.write(file, csv.replace("1,2", ",2"));
    folder.write("m\u{1b}[31m", "no model");
    folder.write(
        "constant.csv",
        format!("{evil},b,y\n1,2,3\n1,4,5\n1,6,7\n1,5,3\n1,5,2\n"),
    );
    for args in [
        &["describe", "model.safetensors"][..],
        &["describe", "m\u{1b}[31m"],
        &["describe", "n\u{1b}[31m"],
        &["explain", "model.safetensors", "t.csv", "--row", "1"],
        &["explain", "model.safetensors", "t.csv", "--row", "9"],
        &["check", "model.safetensors", "--table", "t.csv"],
        &["predict", "model.safetensors", "bad.csv"],
        &["predict", "model.safetensors", "missing.csv"],
        // Standard output would hold the table as it came.
        &["predict", "model.safetensors", file, "--output", "q.csv"],
        &["evaluate", "model.safetensors", file],
        &[
            "predict",
            "model.safetensors",
            "t.csv",
            "--prediction-column",
            evil,
        ],
        &[
            "predict",
            "model.safetensors",
            "t.csv",
            "--output",
            "no\u{1b}[31m/p.csv",
        ],
        &[
            "train",
            "constant.csv",
            "--target",
            "y",
            "--model",
            "o\u{1b}[31m",
            "--epochs",
            "1",
        ],
        &["train", "constant.csv", "--target", evil, "--model", "p"],
    ] {
        let run = folder.run(args.iter().copied());
        let all = run.stdout + &run.stderr;
        assert!(!all.is_empty());
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!all.contains(steers), "{args:?}: {all:?}");
        assert!(!all.contains("panicked"), "{args:?}: {all:?}");
    }
}

#[test]
fn names_of_seventy_thousand_letters_are_cut_wherever_they_are_shown() {
    let long = "n".repeat(70_000);
    let folder = folder_with_model_of(&[&long, "b"]);
    folder.write("other.csv", format!("{long}x,b,y\n1,2,3\n"));
    for (code, args) in [
        (0, &["describe", "model.safetensors"][..]),
        (
            0,
            &["explain", "model.safetensors", "train.csv", "--row", "1"],
        ),
        (1, &["predict", "model.safetensors", "other.csv"]),
        (1, &["train", "other.csv", "--target", &long]),
    ] {
        let run = folder.run(args.iter().copied());
        assert_eq!(run.code, Some(code), "{:.500}", run.stderr);
        for line in (run.stdout + &run.stderr).lines() {
            assert!(line.chars().count() < 400, "{:?}: {line:.500}", args[0]);
        }
    }
}

#[test]
fn whatever_is_given_for_a_number_is_answered_with_what_is_allowed() {
    let folder = Folder::with_table();
    let train: &[&str] = &["train", "diabetes.csv", "--target", "progression"];
    let check: &[&str] = &["check"];
    let explain: &[&str] = &["explain", "m", "t.csv"];
    let demo: &[&str] = &["demo"];
    for (command, option, allowed) in [
        (train, "--learning-rate", "give a number above 0"),
        (train, "--clip-norm", "give a number above 0"),
        (train, "--l2", "give a number from 0"),
        (train, "--weight-decay", "give a number from 0"),
        (train, "--validation", "give a share from 0 to below 1"),
        (train, "--epochs", "give a whole number from 1 to 10000000"),
        (train, "--patience", "give a whole number from 1"),
        (train, "--threads", "give a whole number from 1"),
        (train, "--batch", "give a whole number from 1, or all"),
        (train, "--hidden", "give widths from 1"),
        (train, "--schedule", "give constant, cosine, step"),
        (
            train,
            "--seed",
            "give a whole number from 0 to 18446744073709551615",
        ),
        (check, "--l2", "give a number from 0"),
        (check, "--rows", "give a whole number from 1"),
        (check, "--seed", "give a whole number from 0"),
        (explain, "--row", "give a whole number from 1"),
        (demo, "--seed", "give a whole number from 0"),
        (demo, "--epochs", "give a whole number from 1"),
        (demo, "--cross-validate", "give a whole number from 2"),
    ] {
        for value in [
            "-1",
            "-0.5",
            "-1e5",
            "-inf",
            "-x",
            "--",
            "1e-3x",
            "0,001",
            "nan",
            "99999999999999999999.5",
        ] {
            if value == "99999999999999999999.5" && allowed.starts_with("give a number") {
                continue; // large, but a number
            }
            let run = folder.run(command.iter().copied().chain([option, value]));
            let run = run.fails(2, &[option, allowed]);
            assert!(
                !run.stderr.contains("-- -"),
                "{option} {value}: {}",
                run.stderr
            );
        }
    }
}

#[test]
fn a_value_that_looks_like_an_option_gets_a_tip_that_works() {
    let folder = Folder::new();
    folder.write("t.csv", "x,-y\n1,2\n2,3\n3,5\n4,4\n5,7\n");
    let run = folder.run(["train", "t.csv", "--target", "-y"]);
    let run = run.fails(2, &["write --OPTION=-y"]);
    assert!(!run.stderr.contains("-- -y"), "{}", run.stderr);
    folder
        .run(["train", "t.csv", "--target=-y", "--epochs", "1"])
        .succeeds();
    folder
        .run(["train", "t.csv", "--targett", "-y"])
        .fails(2, &["'--target'"]);
}
