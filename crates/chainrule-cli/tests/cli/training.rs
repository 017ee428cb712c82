//! Training: options, warnings, results.

use crate::support::{DIABETES, Folder, number};

const TRAIN: [&str; 6] = [
    "train",
    "diabetes.csv",
    "--target",
    "progression",
    "--epochs",
    "8",
];

#[test]
fn training_prints_its_errors_and_says_where_the_model_is() {
    let folder = Folder::with_table();
    let run = folder.run(TRAIN).succeeds();
    assert!(
        run.stdout.contains("training         354") && run.stdout.contains("validation        88"),
        "{}",
        run.stdout
    );
    assert!(
        run.stderr
            .contains("training on 354 rows, 88 kept for validation"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains("8 epochs (the best was 7); the model is in model.safetensors"),
        "{}",
        run.stderr
    );
    assert_eq!(folder.files(), ["diabetes.csv", "model.safetensors"]);

    let once = TRAIN.map(|word| if word == "8" { "1" } else { word });
    let run = folder.run(once).succeeds();
    assert!(
        run.stderr.contains("\n1 epoch (the best was 1); the model"),
        "{}",
        run.stderr
    );
}

#[test]
fn each_hidden_layer_may_have_an_activation_of_its_own() {
    let folder = Folder::with_table();
    let network = [
        "--hidden",
        "8,4",
        "--activation",
        "tanh,leaky_relu(0.2)",
        "--epochs",
        "3",
    ];
    let train = ["train", "diabetes.csv", "--target", "progression"]
        .into_iter()
        .chain(network);
    folder
        .run(train.chain(["--save-config", "c.toml"]))
        .succeeds();
    let described = folder
        .run(["describe", "model.safetensors"])
        .succeeds()
        .stdout;
    assert!(
        described.contains("tanh") && described.contains("leaky_relu(0.2)"),
        "{described}"
    );
    let again = [
        "train",
        "diabetes.csv",
        "--config",
        "c.toml",
        "--model",
        "again",
    ];
    folder.run(again).succeeds();
    let bytes = |name: &str| std::fs::read(folder.path(name)).unwrap();
    assert_eq!(bytes("model.safetensors"), bytes("again"));
    let three = ["check", "--hidden", "8,4", "--activation", "tanh,relu,relu"];
    folder
        .run(three)
        .fails(1, &["3 activations for 2 hidden layers"]);
}

#[test]
fn training_prints_one_json_object() {
    let folder = Folder::with_table();
    let run = folder
        .run(TRAIN.into_iter().chain(["--json", "--model", "m"]))
        .succeeds();
    assert_eq!(run.stdout.lines().count(), 1);
    let object = run.json();
    assert_eq!(
        (&object["model"], &object["stopped_early"]),
        (&"m".into(), &false.into())
    );
    assert_eq!(number(&object, "epochs"), 8.0);
    assert_eq!(
        (
            number(&object, "training.rows"),
            number(&object, "validation.rows")
        ),
        (354.0, 88.0)
    );
    assert!(number(&object, "validation.rmse") > number(&object, "validation.mae"));

    let object = folder
        .run(TRAIN.into_iter().chain(["--json", "--validation", "0"]))
        .succeeds()
        .json();
    assert_eq!(number(&object, "training.rows"), 442.0);
    assert!(object["validation"].is_null());
}

#[test]
fn the_same_command_gives_the_same_file_from_a_table_or_from_standard_input() {
    let folder = Folder::with_table();
    folder.run(TRAIN).succeeds();
    let first = folder.read("model.safetensors");
    folder.run(TRAIN).succeeds();
    assert!(folder.read("model.safetensors") == first);
    folder
        .run_with_input(
            ["train", "-", "--target", "progression", "--epochs", "8"],
            DIABETES,
        )
        .succeeds();
    assert!(folder.read("model.safetensors") == first);
    folder
        .run(TRAIN.into_iter().chain(["--seed", "1"]))
        .succeeds();
    assert!(folder.read("model.safetensors") != first);
}

#[test]
fn every_option_is_heard() {
    let folder = Folder::with_table();
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
    for (options, words) in [
        (&["--hidden", "7"][..], "(7, 10)"),
        (&["--activation", "leaky_relu(0.2)"], "leaky_relu(0.2)"),
        (&["--activation", "swish"], "silu"),
        (&["--loss", "huber(1.5)"], "loss huber(1.5)"),
        (&["--loss", "absolute_error"], "loss mean_absolute_error"),
        (&["--optimizer", "sgd"], "gradient_descent"),
        (&["--optimizer", "nesterov"], "nesterov(0.9)"),
        (
            &["--optimizer", "adamw", "--weight-decay", "0.25"],
            "weight decay 0.25",
        ),
        (&["--learning-rate", "0.002"], "learning rate 0.002"),
        (
            &["--schedule", "step(3,0.5)"],
            "step(every 3 epochs, factor 0.5)",
        ),
        (&["--l2", "0.03"], "L2 penalty 0.03"),
        (&["--batch", "all"], "all rows"),
        (&["--validation", "0.5"], "validation fraction 0.5"),
        (&["--seed", "4"], "seed 4"),
    ] {
        let text = described(options);
        assert!(
            text.contains(words) && !usual.contains(words),
            "{options:?}: {text}"
        );
    }
    // This one shows in what comes out rather than in the settings.
    assert_ne!(described(&["--clip-norm", "0.001"]), usual);
}

#[test]
fn patience_stops_a_training_that_no_longer_improves() {
    let folder = Folder::with_table();
    let args = [
        "train",
        "diabetes.csv",
        "--target",
        "progression",
        "--epochs",
        "3000",
        "--patience",
        "5",
        "--json",
    ];
    let object = folder.run(args).succeeds().json();
    assert_eq!(object["stopped_early"], true);
    assert!(number(&object, "epochs") < 1000.0, "{object}");
}

#[test]
fn the_number_of_threads_changes_no_weight() {
    let folder = Folder::with_table();
    let predicted = |threads| {
        folder
            .run(
                TRAIN
                    .into_iter()
                    .chain(["--batch", "all", "--threads", threads]),
            )
            .succeeds();
        folder
            .run(["predict", "model.safetensors", "diabetes.csv"])
            .succeeds()
            .stdout
    };
    let one = predicted("1");
    assert_eq!(predicted("2"), one);
    assert_eq!(predicted("3"), one);
}

#[test]
fn a_weight_decay_without_its_optimizer_is_wrong_usage() {
    let folder = Folder::with_table();
    let run = folder.run(TRAIN.into_iter().chain(["--weight-decay", "0.1"]));
    run.fails(2, &["--weight-decay belongs to --optimizer adam_w", "--l2"]);
}

#[test]
fn a_penalty_beside_a_weight_decay_is_wrong_usage() {
    let folder = Folder::with_table();
    let both = ["--optimizer", "adamw", "--l2", "0.1"];
    let run = folder.run(TRAIN.into_iter().chain(both));
    run.fails(2, &["--l2 0.1 and --optimizer adam_w", "--weight-decay"]);
    let without_decay = ["--weight-decay", "0"];
    let run = folder.run(TRAIN.into_iter().chain(both).chain(without_decay));
    run.succeeds();
}
