//! A training's settings in a file: written, read again, and refused where something is wrong with them.

use crate::support::{Folder, Run, exists};

/// A table that trains in a moment, with a column that only counts and one that weighs.
fn folder() -> Folder {
    let folder = Folder::new();
    let row = |r: usize| format!("{r};{},5;{};{}\n", (r * 7) % 11, r % 3 + 1, r * r);
    let rows: String = (0..40).map(row).collect();
    folder.write("t.csv", format!("id;a;w;y\n{rows}"));
    folder
}

/// Trains one small network and saves its settings as `c.toml`.
fn folder_with_config() -> Folder {
    let folder = folder();
    let words = "train t.csv --target y --model first --hidden 4 --epochs 3 --save-config c.toml";
    folder.run(words.split(' ')).succeeds();
    folder
}

/// Trains by a copy of the file in which one text stands for another.
fn changed(what: &str, instead: &str) -> Run {
    let folder = folder_with_config();
    let text = String::from_utf8(folder.read("c.toml")).unwrap();
    assert!(text.contains(what), "{what} in {text}");
    folder.write("c.toml", text.replacen(what, instead, 1));
    let run = folder.run(["train", "t.csv", "--config", "c.toml", "--model", "second"]);
    assert!(!exists(folder.path("second")));
    assert_eq!(run.stderr.trim_end().lines().count(), 1, "{}", run.stderr);
    run
}

#[test]
fn a_saved_file_trains_the_same_bytes() {
    let columns = "--target y --ignore id --numeric a --weight w --separator ; --decimal ,";
    let bags = format!("{columns} --members 2 --seed 3 --loss huber(0.5) --missing 4,5");
    let network = format!(
        "{columns} --hidden 4,3 --activation leaky_relu(0.3) --epochs 5 --batch all --optimizer adamw \
         --weight-decay 0.3 --schedule step(2,0.5) --clip-norm 0.7 --validation 0.3 --patience 2 --on-error skip"
    );
    for options in [bags, network] {
        let folder = folder();
        let words = format!("train t.csv --model first --save-config c.toml {options}");
        folder.run(words.split(' ')).succeeds();
        let words = "train t.csv --model second --config c.toml --save-config d.toml --threads 1";
        folder.run(words.split(' ')).succeeds();
        assert!(folder.read("second") == folder.read("first"), "{options}");
        assert_eq!(folder.read("d.toml"), folder.read("c.toml"));
    }
}

#[test]
fn options_of_what_the_file_says_are_refused() {
    let folder = folder_with_config();
    let config = folder.read("c.toml");
    for option in [
        "--target y",
        "--hidden 4",
        "--seed 0",
        "--recipe basic",
        "--members 2",
        "--loss mean_square_error",
        "--patience 4",
    ] {
        let words = format!("train t.csv --config c.toml --model m {option}");
        let name = option.split(' ').next().unwrap();
        let message = format!("{name} cannot be given beside --config c.toml, which says it");
        folder.run(words.split(' ')).fails(2, &[&message]);
    }
    folder
        .run("train t.csv --config c.toml --model m --save-config c.toml".split(' '))
        .fails(1, &["c.toml would take the place of c.toml, which is read"]);
    folder
        .run("train t.csv --target y --model m --save-config m".split(' '))
        .fails(2, &["--save-config and --model name the same file"]);
    folder
        .run("train t.csv --target y --model m --save-config no/c.toml".split(' '))
        .fails(1, &["no/c.toml cannot be written: "]);
    assert_eq!(folder.read("c.toml"), config);
    assert_eq!(folder.files(), ["c.toml", "first", "t.csv"]);
}

#[test]
fn what_the_file_leaves_open_is_left_to_the_options() {
    let folder = folder_with_config();
    let text = String::from_utf8(folder.read("c.toml")).unwrap();
    folder.write("c.toml", text.replace("target = \"y\"", ""));
    folder
        .run("train t.csv --config c.toml --model m".split(' '))
        .fails(
            2,
            &["c.toml names no target: give --target COLUMN, or write target = "],
        );
    let words = "train t.csv --config c.toml --model m --target y";
    folder.run(words.split(' ')).succeeds();
    assert!(folder.read("m") == folder.read("first"));
}

#[test]
fn a_file_that_is_not_there_or_holds_no_text_is_told() {
    let folder = folder();
    let run = |name: &str| folder.run(["train", "t.csv", "--config", name, "--model", "m"]);
    run("c.toml").fails(1, &["error: c.toml cannot be read: "]);
    folder.write("c.toml", [0xff, 0xfe]);
    run("c.toml").fails(1, &["error: c.toml cannot be read: "]);
    folder.write("c.toml", "#".repeat(1_000_001));
    run("c.toml").fails(1, &["c.toml is longer than 1000000 bytes"]);
    folder.write("c.toml", "");
    run("c.toml").fails(1, &["c.toml, line 1: missing field `folds`"]);
    assert!(!exists(folder.path("m")));
}

#[test]
fn a_wrong_key_is_named_with_its_line() {
    changed("epochs = 3", "epoch = 3").fails(
        1,
        &[
            "error: c.toml, line ",
            ": there is no setting bags[1].training.epoch\n",
        ],
    );
    changed("[columns]", "[columns]\ntargets = \"y\"")
        .fails(1, &[": there is no setting columns.targets\n"]);
}

#[test]
fn a_wrong_type_or_a_value_out_of_range_is_named_with_its_line() {
    for (what, instead, message) in [
        (
            "epochs = 3",
            "epochs = true",
            "bags[1].training.epochs: invalid type: boolean `true`",
        ),
        (
            "epochs = 3",
            "epochs = 0",
            "bags[1]: 0 epochs train nothing",
        ),
        (
            "seed = 0",
            "seed = 0\nmember = 4294967295",
            "bags[1]: member is 4294967295",
        ),
        (
            "seed = 0",
            "seed = 1.5",
            "bags[1].training.seed: invalid type: ",
        ),
        (
            "hidden = [4]",
            "hidden = [4, 0]",
            "bags[1]: the hidden layers are [4, 0]",
        ),
        (
            "validation_fraction = 0.2",
            "validation_fraction = 2",
            "bags[1]: the validation fraction is 2",
        ),
        (
            "validation_fraction = 0.2",
            "validation_fraction = nan",
            "bags[1]: the validation fraction is NaN",
        ),
        (
            "\"relu\"",
            "\"relo\"",
            "bags[1].activation: unknown variant `relo`, expected ",
        ),
        (
            "[columns]",
            "[table]\nseparator = \"abc\"\n[columns]",
            "separator of [table] is \"abc\": give comma",
        ),
    ] {
        changed(what, instead).fails(1, &["error: c.toml", message]);
    }
    changed("folds = 0", "folds = 1").fails(1, &["error: c.toml: 1 folds: rows are cut into"]);
}

#[test]
fn the_largest_seed_survives() {
    let folder = folder();
    let words = "train t.csv --target y --model first --epochs 2 --save-config c.toml --seed";
    let words = words.split(' ').chain(["18446744073709551615"]);
    folder.run(words).succeeds();
    let words = "train t.csv --config c.toml --model second";
    folder.run(words.split(' ')).succeeds();
    assert!(folder.read("second") == folder.read("first"));
}
