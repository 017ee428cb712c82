//! The command line of `cargo xtask`: which task, which stages; everything else is in the library.

#![forbid(unsafe_code)]

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use xtask::stages::{self, STAGES, Stage};
use xtask::{bench, fuzz, playground, wheels};

/// The project's own tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Run every test there is, stage by stage
    #[command(after_help = stage_list())]
    Test {
        /// What needs no network and no release build, for the work in between
        #[arg(long)]
        quick: bool,
        /// One stage alone
        #[arg(long, conflicts_with = "quick", value_parser = stage_named)]
        stage: Option<&'static Stage>,
    },
    /// Build the page in the browser into target/playground
    Playground {
        /// Show it, until it is interrupted
        #[arg(long)]
        serve: bool,
    },
    /// Fuzz the readers of models and tables; needs cargo-fuzz
    Fuzz {
        /// How long in all
        #[arg(long, default_value_t = 1.0)]
        minutes: f64,
    },
    /// Pack the sources of the Python package and build its wheel from them, in target/wheels; needs a network
    Wheels,
    /// Compare with the peers and write the pages in bench/results
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the package lies in the repository's root");
    let result = match Task::parse() {
        Task::Test {
            stage: Some(stage), ..
        } => stages::run(root, &[stage]),
        Task::Test { quick, .. } => {
            let stages = STAGES.iter().filter(|stage| stage.quick || !quick);
            stages::run(root, &stages.collect::<Vec<_>>())
        }
        Task::Playground { serve } => playground::build(root, serve),
        Task::Fuzz { minutes } => fuzz::run(root, minutes),
        Task::Wheels => wheels::run(root),
        Task::Bench(options) => bench::run(root, &options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn stage_named(name: &str) -> Result<&'static Stage, String> {
    let stage = STAGES.iter().find(|stage| stage.name == name);
    stage.ok_or_else(|| format!("there is no such stage\n\n{}", stage_list()))
}

fn stage_list() -> String {
    let mut list = String::from("Stages (* also with --quick):");
    for stage in STAGES {
        let mark = if stage.quick { '*' } else { ' ' };
        list += &format!("\n {mark} {:<14} {}", stage.name, stage.what);
    }
    list
}
