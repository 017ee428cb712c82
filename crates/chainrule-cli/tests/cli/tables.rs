//! Tables as people have them, from training to prediction: kinds, gaps, dialects, and rows that are unlike the others.

use crate::support::{Folder, number};

/// Houses as a German spreadsheet writes them: a counter, decimal commas, a text, yes and no, dates, gaps.
fn houses(rows: usize) -> String {
    let mut csv = String::from("Nr;Fläche;Ort;Garten;verkauft;Preis\n");
    for r in 0..rows {
        let area = 40 + (37 * r) % 101;
        let text = if r % 11 == 5 {
            String::new()
        } else {
            format!("{area},5")
        };
        let (town, garden) = (["Bonn", "Kiel", "Ulm"][(r / 2) % 3], ["ja", "nein"][r % 2]);
        let price = if r % 13 == 3 {
            "k.A.".to_owned()
        } else {
            format!("{},{}", 1000 + 10 * area + 300 * (r % 2), r % 10)
        };
        csv.push_str(&format!(
            "{r};{text};{town};{garden};{}.{}.2023;{price}\n",
            1 + r % 28,
            1 + r % 12
        ));
    }
    csv
}

const TRAIN: [&str; 8] = [
    "train",
    "t.csv",
    "--target",
    "Preis",
    "--missing",
    "k.A.",
    "--epochs",
    "20",
];

fn folder_with_model() -> Folder {
    let folder = Folder::new();
    folder.write("t.csv", houses(78));
    folder.run(TRAIN).succeeds();
    folder
}

#[test]
fn a_spreadsheets_table_is_learnt_as_it_is_and_what_is_left_out_is_said() {
    let folder = Folder::new();
    folder.write("t.csv", houses(78));
    let run = folder.run(TRAIN).succeeds();
    for words in [
        "t.csv: left out: \"Nr\" (which number or name the rows)",
        "6 rows have no target and are left out",
        "training on 58 rows, 14 kept for validation, 4 columns as ",
    ] {
        assert!(
            run.stderr.contains(words),
            "{words:?} is not in: {}",
            run.stderr
        );
    }
    for name in ["training", "validation", "mean alone", "ridge"] {
        assert!(run.stdout.contains(name), "{}", run.stdout);
    }
    let described = folder
        .run(["describe", "model.safetensors"])
        .succeeds()
        .stdout;
    for words in [
        "Fläche",
        "ja −1, nein +1",
        "3 levels",
        "elapsed time, month",
        "gaps",
    ] {
        assert!(
            described.contains(words),
            "{words:?} is not in: {described}"
        );
    }
}

#[test]
fn predictions_come_back_in_the_tables_own_dialect() {
    let folder = folder_with_model();
    let row = "Nr;Fläche;Ort;Garten;verkauft\r\n1;75,5;Bonn;ja;3.4.2023\r\n";
    let predicted = folder
        .run_with_input(["predict", "model.safetensors", "-"], row)
        .succeeds()
        .stdout;
    let (head, rest) = predicted.split_once("\r\n").unwrap();
    assert_eq!(
        head,
        "Nr;Fläche;Ort;Garten;verkauft;prediction;prediction_lower;prediction_upper"
    );
    let new = rest
        .strip_prefix("1;75,5;Bonn;ja;3.4.2023;")
        .unwrap()
        .trim_end();
    assert_eq!(new.split(';').count(), 3, "{new}");
    for value in new.split(';') {
        let (whole, part) = value.split_once(',').unwrap_or_else(|| panic!("{value}"));
        assert!(whole.parse::<u32>().is_ok() && part.len() <= 4, "{value}");
    }
}

#[test]
fn one_bad_row_costs_the_others_nothing_and_is_said_once() {
    let folder = folder_with_model();
    let head = "Fläche;Ort;Garten;verkauft\n";
    let good = "75,5;Bonn;ja;3.4.2023\n";
    let bad =
        "viel;Rom;vielleicht;gestern\n75,5;Ulm;ja;3.4.2023;zu;viel\n9999999;Ulm;ja;3.4.2023\n";
    let predict = |csv: &str| {
        folder
            .run_with_input(["predict", "model.safetensors", "-"], csv)
            .succeeds()
    };
    let alone = predict(&format!("{head}{good}"));
    assert_eq!(alone.stderr, "");
    let together = predict(&format!("{head}{good}{bad}{good}"));
    let lines: Vec<&str> = together.stdout.lines().collect();
    let first = alone.stdout.lines().nth(1).unwrap();
    assert_eq!((lines[1], lines[5]), (first, first));
    assert!(
        !lines[2].ends_with(';'),
        "a row of gaps is predicted: {}",
        lines[2]
    );
    assert!(
        lines[3].ends_with(";zu;viel;;;"),
        "a row that cannot be split has no prediction: {}",
        lines[3]
    );
    for words in [
        "\"viel\" is not a number",
        "Rom",
        "standard input, line 4",
        "lies far outside",
    ] {
        assert!(
            together.stderr.contains(words),
            "{words:?} is not in: {}",
            together.stderr
        );
    }
    let evaluated = folder
        .run([
            "evaluate",
            "model.safetensors",
            "t.csv",
            "--missing",
            "k.A.",
            "--json",
        ])
        .succeeds();
    assert_eq!(number(&evaluated.json(), "rows"), 72.0);
    assert!(
        evaluated.stderr.contains("6 rows have no target"),
        "{}",
        evaluated.stderr
    );
}

#[test]
fn what_columns_are_can_be_told() {
    let folder = Folder::new();
    folder.write("t.csv", houses(78));
    let described = |options: &[&str]| {
        folder
            .run(TRAIN.into_iter().chain(options.iter().copied()))
            .succeeds();
        folder
            .run(["describe", "model.safetensors"])
            .succeeds()
            .stdout
    };
    let usual = described(&[]);
    let of = |text: &str, name: &str| -> Option<String> {
        text.lines()
            .find(|line| line.starts_with(name))
            .map(str::to_owned)
    };
    assert_eq!(of(&usual, "Nr"), None);
    assert!(
        of(&described(&["--numeric", "Nr"]), "Nr")
            .unwrap()
            .contains("number")
    );
    assert_eq!(of(&described(&["--ignore", "Ort"]), "Ort"), None);
    let only = described(&["--only", "Fläche"]);
    assert!(
        of(&only, "Fläche").is_some()
            && of(&only, "Ort").is_none()
            && of(&only, "Garten").is_none()
    );
    let other_order = TRAIN.into_iter().chain(["--date", "verkauft=m/d/y"]);
    folder.run(other_order).fails(
        1,
        &["line 14, column \"verkauft\": \"13.1.2023\" is not a date or time"],
    );
    let weighted = described(&["--weight", "Fläche"]);
    assert_eq!(of(&weighted, "Fläche"), None);
}

/// The options of a training of both numbers.
const BOTH: [&str; 10] = [
    "train",
    "t.csv",
    "--target",
    "Preis",
    "--target",
    "Fläche",
    "--missing",
    "k.A.",
    "--epochs",
    "20",
];

#[test]
fn each_target_gets_a_model_that_does_not_see_the_others() {
    let folder = Folder::new();
    folder.write("t.csv", houses(78));
    folder.run(BOTH).succeeds();
    assert!(!folder.path("model.safetensors").exists());
    let (price, area) = ("model-Preis.safetensors", "model-Fläche.safetensors");
    for (model, other) in [(price, "Fläche"), (area, "Preis")] {
        let described = folder.run(["describe", model]).succeeds().stdout;
        assert!(!described.contains(other), "{described}");
    }
    folder
        .run(
            TRAIN
                .into_iter()
                .chain(["--ignore", "Fläche", "--model", "alone"]),
        )
        .succeeds();
    let bytes = |name: &str| std::fs::read(folder.path(name)).unwrap();
    assert_eq!(bytes(price), bytes("alone"));

    // Both predictions beside the table, in one go.
    let first = folder
        .run(["predict", price, "t.csv", "--interval", "none"])
        .succeeds()
        .stdout;
    let names = ["--interval", "none", "--prediction-column", "area"];
    let both = ["predict", area, "-"].into_iter().chain(names);
    let both = folder.run_with_input(both, &first).succeeds().stdout;
    assert!(
        both.starts_with("Nr;Fläche;Ort;Garten;verkauft;Preis;prediction;area\n"),
        "{both}"
    );
}

#[test]
fn what_several_targets_cannot_have_is_refused_before_the_first_is_learnt() {
    let folder = Folder::new();
    folder.write("t.csv", houses(78));
    for (more, words) in [
        (["--target", "Preis"], "--target Preis is given twice"),
        (
            ["--save-config", "c.toml"],
            "--save-config writes the settings of one model",
        ),
    ] {
        folder.run(BOTH.into_iter().chain(more)).fails(2, &[words]);
    }
    let piped = ["train", "-"].into_iter().chain(BOTH.into_iter().skip(2));
    folder
        .run_with_input(piped, &houses(78))
        .fails(2, &["can be read once"]);
    folder
        .run(["train", "t.csv", "--target", "Preis,Fläche"])
        .fails(1, &["Give the option once for each of them"]);
    std::fs::create_dir(folder.path("model-Fläche.safetensors")).unwrap();
    folder
        .run(BOTH)
        .fails(1, &["model-Fläche.safetensors", "it is a folder"]);
    assert!(!folder.path("model-Preis.safetensors").exists());
}

#[test]
fn a_table_without_a_header_has_its_target_by_number() {
    let folder = Folder::new();
    let rows: String = houses(60)
        .lines()
        .skip(1)
        .map(|line| format!("{line}\n"))
        .collect();
    folder.write("t.csv", &rows);
    let options = ["--no-header", "--missing", "k.A."];
    let train = ["train", "t.csv", "--target", "6", "--epochs", "5"];
    folder.run(train.into_iter().chain(options)).succeeds();
    let predict = ["predict", "model.safetensors", "t.csv"];
    let predicted = folder
        .run(predict.into_iter().chain(options))
        .succeeds()
        .stdout;
    assert_eq!(predicted.lines().count(), 60);
    let first = predicted.lines().next().unwrap();
    assert!(
        first.starts_with(&format!("{};", rows.lines().next().unwrap())),
        "{first}"
    );
}

#[test]
fn explain_walks_a_raw_row_through_the_encoders() {
    let folder = folder_with_model();
    let args = [
        "explain",
        "model.safetensors",
        "t.csv",
        "--row",
        "1",
        "--missing",
        "k.A.",
    ];
    let text = folder.run(args).succeeds().stdout;
    for words in [
        "Ort = Bonn",
        "Bonn",
        "verkauft",
        "Garten = nein",
        "data, as the model encodes them",
    ] {
        assert!(text.contains(words), "{words:?} is not in: {text}");
    }
    let gap = [
        "explain",
        "model.safetensors",
        "t.csv",
        "--row",
        "6",
        "--missing",
        "k.A.",
    ];
    let text = folder.run(gap).succeeds().stdout;
    assert!(
        text.contains("(missing)") && text.contains("Fläche missing"),
        "{text}"
    );
    let without = [
        "explain",
        "model.safetensors",
        "t.csv",
        "--row",
        "4",
        "--missing",
        "k.A.",
    ];
    folder.run(without).fails(
        1,
        &["t.csv, line 5, column \"Preis\": the value is missing"],
    );
}

#[test]
fn inspect_shows_each_column_and_what_is_worth_a_look() {
    let folder = Folder::new();
    folder.write("t.csv", houses(78));
    let shown = folder
        .run(["inspect", "t.csv", "--missing", "k.A.", "--target", "Preis"])
        .succeeds()
        .stdout;
    assert!(
        shown.starts_with("t.csv: 78 rows, 6 columns; text"),
        "{shown}"
    );
    let line = |name: &str| {
        let found = shown.lines().find(|line| line.starts_with(name));
        found.unwrap_or_else(|| panic!("no {name:?} in: {shown}"))
    };
    for (name, words) in [
        ("Nr", "left out: it names or numbers the rows"),
        ("Fläche", "40.5 to 140.5"),
        ("Ort", "a category of 3 levels"),
        ("Garten", "nein 39, ja 39"),
        ("verkauft", "2023-01-01"),
        ("Preis", "the target"),
    ] {
        assert!(
            line(name).contains(words),
            "{words:?} is not in: {}",
            line(name)
        );
    }
    assert_eq!(line("Fläche").split_whitespace().nth(2), Some("7"), "gaps");

    let doubled: String = (0..40)
        .map(|r| format!("{},{},{}\n", r % 7, 3 * (r % 9), r % 9))
        .collect();
    folder.write("leak.csv", format!("a,twice,y\n{doubled}"));
    let shown = folder
        .run(["inspect", "leak.csv", "--target", "y"])
        .succeeds()
        .stdout;
    assert!(
        shown.contains("\"twice\": it gives the target \"y\" away"),
        "{shown}"
    );
}

#[test]
fn json_lines_come_back_as_json_lines_and_no_name_promises_another_format() {
    let folder = folder_with_model();
    let part = "{\"Fläche\": 50.5, \"Ort\": \"Ulm\", \"Garten\": true}\n";
    let whole =
        "{\"Fläche\": 50.5, \"Ort\": \"Ulm\", \"Garten\": \"ja\", \"verkauft\": \"1.2.2023\"}\n";
    folder.write("part.jsonl", part);
    folder.write("whole.jsonl", whole);
    folder
        .run(["predict", "model.safetensors", "part.jsonl"])
        .fails(1, &["verkauft"]);
    let run = folder.run([
        "predict",
        "model.safetensors",
        "whole.jsonl",
        "--interval",
        "none",
    ]);
    let stdout = run.succeeds().stdout;
    let beginning = whole.trim_end().strip_suffix('}').unwrap();
    let added = stdout.strip_prefix(beginning).expect("the line as it came");
    let number = added.strip_prefix(",\"prediction\":").unwrap();
    let number = number.strip_suffix("}\n").unwrap();
    assert!(number.parse::<f64>().unwrap().is_finite(), "{stdout}"); // with a point, unlike the model's own table

    let predict = ["predict", "model.safetensors", "whole.jsonl", "--output"];
    let to = |file: &'static str| folder.run(predict.into_iter().chain([file]));
    to("out.jsonl").succeeds();
    to("out.csv").succeeds();
    let csv = std::fs::read_to_string(folder.path("out.csv")).unwrap();
    assert!(
        csv.starts_with("Fläche,Ort,Garten,verkauft,prediction"),
        "{csv}"
    );
    to("out.jsonl.gz").fails(1, &["out.jsonl.gz would be packed", ".csv"]);
    for (file, words) in [
        ("out.xlsx", "would be a workbook"),
        ("out.ndjson", "can only hold JSON lines if the table does"),
        ("out.csv.ZST", "would be packed"),
    ] {
        folder
            .run(["predict", "model.safetensors", "t.csv", "--output", file])
            .fails(1, &[file, words]);
        assert!(!folder.path(file).exists());
    }
}

#[test]
fn inspect_speaks_json() {
    let folder = Folder::new();
    folder.write("t.csv", houses(78));
    let shown = folder
        .run(["inspect", "t.csv", "--missing", "k.A.", "--json"])
        .succeeds()
        .stdout;
    let json: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(json["rows"], 78);
    assert_eq!(json["columns"][2]["name"], "Ort");
    assert_eq!(json["columns"][2]["kind"], "category");
    assert_eq!(json["columns"][2]["distinct"], 3);
}
