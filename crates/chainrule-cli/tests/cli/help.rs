//! Help, usage and completions.

use crate::support::Folder;

const COMMANDS: [&str; 8] = [
    "demo",
    "train",
    "predict",
    "evaluate",
    "describe",
    "check",
    "explain",
    "completions",
];

#[test]
fn the_help_of_every_command_has_examples_that_begin_with_its_name() {
    let folder = Folder::new();
    let help = folder.run(["--help"]).succeeds().stdout;
    assert!(help.contains("Examples:\n  chainrule demo"), "{help}");
    for command in COMMANDS {
        assert!(
            help.contains(&format!("\n  {command}")),
            "{command} is not in: {help}"
        );
        for flag in ["-h", "--help"] {
            let help = folder.run([command, flag]).succeeds().stdout;
            let examples = help
                .split_once("Examples:\n")
                .unwrap_or_else(|| panic!("{command} {flag} has no examples: {help}"))
                .1;
            assert!(
                examples.contains(&format!("chainrule {command}")),
                "{command} {flag}: {examples}"
            );
        }
    }
}

#[test]
fn wrong_usage_exits_with_two_and_shows_the_usage() {
    let folder = Folder::new();
    folder.run([]).fails(2, &["Usage: chainrule <COMMAND>"]);
    folder
        .run(["tran"])
        .fails(2, &["unrecognized subcommand 'tran'", "'train'"]);
    folder
        .run(["train", "t.csv"])
        .fails(2, &["--target <COLUMN>"]);
    folder
        .run(["train", "t.csv", "--target", "y", "--activation", "relo"])
        .fails(2, &["\"relo\" is not an activation function"]);
    folder
        .run(["train", "t.csv", "--target", "y", "--loss", "pinball"])
        .fails(2, &["pinball(0.9)"]);
    folder
        .run(["train", "t.csv", "--target", "y", "--hidden", "64,0"])
        .fails(2, &["give widths from 1"]);
    folder
        .run(["train", "t.csv", "--target", "y", "--batch", "none"])
        .fails(2, &["give a whole number from 1, or all"]);
    folder
        .run(["train", "t.csv", "--target", "y", "--schedule", "step(0,1)"])
        .fails(2, &["such as step(50,0.5)"]);
    folder
        .run(["train", "t.csv", "--target", "y", "--validation", "1"])
        .fails(2, &["from 0 to below 1"]);
    folder
        .run(["train", "t.csv", "--target", "y", "--learning-rate", "nan"])
        .fails(2, &["a number above 0"]);
    folder
        .run(["check", "m.safetensors", "--hidden", "4"])
        .fails(2, &["cannot be used with"]);
    folder
        .run(["explain", "m.safetensors", "t.csv", "--row", "0"])
        .fails(2, &["give a whole number from 1"]);
}

#[test]
fn every_shell_gets_a_completion_script_that_knows_the_commands() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = folder.run(["completions", shell]).succeeds().stdout;
        for words in ["explain", "learning-rate", "cross-validate"] {
            assert!(script.contains(words), "{shell}: no {words}");
        }
    }
}
