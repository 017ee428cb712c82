//! The command line of `cargo xtask`: which task, which stages; everything else is in the library.

#![forbid(unsafe_code)]

use std::path::Path;
use std::process::ExitCode;

use xtask::stages::{self, STAGES};
use xtask::{bench, fuzz};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package lies in the repository's root");
    match arguments[..] {
        ["test"] => stages::run(root, STAGES.iter()),
        ["test", "--stage", name] => match STAGES.iter().find(|stage| stage.name == name) {
            Some(stage) => stages::run(root, [stage].into_iter()),
            None => usage(&format!("there is no stage {name:?}")),
        },
        ["bench", ref options @ ..] => match bench::Options::parse(options) {
            Ok(options) => ended(bench::run(root, &options)),
            Err(problem) => usage(&problem),
        },
        ["fuzz"] => ended(fuzz::run(root)),
        ["help" | "--help" | "-h"] => {
            println!("{}", help());
            ExitCode::SUCCESS
        }
        [] => usage("which task?"),
        _ => usage(&format!("cannot make sense of {:?}", arguments.join(" "))),
    }
}

fn ended(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn usage(problem: &str) -> ExitCode {
    eprintln!("error: {problem}\n\n{}", help());
    ExitCode::from(2)
}

fn help() -> String {
    let mut help = String::from(
        "cargo xtask test                 run every test there is, stage by stage\n\
         cargo xtask test --stage NAME    run one stage\n",
    );
    help += fuzz::HELP;
    help += bench::HELP;
    help += "\n\nStages:";
    for stage in STAGES {
        help += &format!("\n  {:<14} {}", stage.name, stage.what);
    }
    help
}
