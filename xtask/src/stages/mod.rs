//! The stages of `cargo xtask test`: what runs, in which order, and how it is told.
//!
//! A stage is a function from the repository's root to notes for the reader, or to the sentence that says why it failed. Adding one
//! takes a line in [`STAGES`].

mod code;
mod dependencies;
mod host_paths;
mod instructions;
mod pages;
mod python;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// One stage of the tests.
pub struct Stage {
    /// What `--stage` calls it.
    pub name: &'static str,
    /// What it checks, in a few words.
    pub what: &'static str,
    run: fn(&Path) -> Result<Notes, String>,
}

/// What a stage that passed wants the reader to know: above all, what it could not check here.
type Notes = Vec<String>;

/// All stages, those that answer fastest first.
pub const STAGES: &[Stage] = &[
    Stage {
        name: "format",
        what: "the code is formatted by rustfmt",
        run: code::format,
    },
    Stage {
        name: "links",
        what: "every relative link and #anchor of the pages leads somewhere",
        run: pages::links,
    },
    Stage {
        name: "host-paths",
        what: "no file names a path of the machine it was written on",
        run: host_paths::run,
    },
    Stage {
        name: "dependencies",
        what: "the core's dependencies, every package's licence and source",
        run: dependencies::run,
    },
    Stage {
        name: "deny",
        what: "cargo-deny's rules for licences, bans and sources",
        run: dependencies::cargo_deny,
    },
    Stage {
        name: "clippy",
        what: "clippy, every target, every feature, warnings are errors",
        run: code::clippy,
    },
    Stage {
        name: "core-alone",
        what: "the core crate without default features, also for WebAssembly",
        run: code::core_alone,
    },
    Stage {
        name: "tests",
        what: "unit, property, command line and documentation tests",
        run: code::tests,
    },
    Stage {
        name: "rustdoc",
        what: "the reference documentation, warnings are errors",
        run: code::rustdoc,
    },
    Stage {
        name: "commands",
        what: "the commands of README.md and docs/, with a release build",
        run: pages::commands,
    },
    Stage {
        name: "python",
        what: "the Python package: a wheel in a fresh environment, its tests, the notebook",
        run: python::run,
    },
    Stage {
        name: "instructions",
        what: "a training step and a prediction take no more instructions than they did",
        run: instructions::run_callgrind,
    },
];

/// Runs stages in order until one fails; tells each one's result and time, and sums up.
pub fn run<'a>(root: &Path, stages: impl ExactSizeIterator<Item = &'a Stage>) -> ExitCode {
    let count = stages.len();
    let start = Instant::now();
    let mut summary = Vec::new();
    let mut failed = None;
    for (index, stage) in stages.enumerate() {
        println!("\n=== {}/{count} {}: {}", index + 1, stage.name, stage.what);
        let stage_start = Instant::now();
        let result = (stage.run)(root);
        let time = seconds(stage_start.elapsed());
        match result {
            Ok(notes) => {
                notes.iter().for_each(|note| println!("note: {note}"));
                println!("=== {} passed in {time}", stage.name);
                summary.push(format!("{:<14} passed {time:>9}", stage.name));
                summary.extend(notes.iter().map(|note| format!("{:<14} note: {note}", "")));
            }
            Err(problem) => {
                println!("=== {} FAILED in {time}\n{problem}", stage.name);
                summary.push(format!("{:<14} FAILED {time:>9}", stage.name));
                failed = Some(stage.name);
                break;
            }
        }
    }
    println!("\n{}", summary.join("\n"));
    let total = seconds(start.elapsed());
    match failed {
        None => {
            println!("{count} of {count} stages passed in {total}");
            ExitCode::SUCCESS
        }
        Some(name) => {
            eprintln!(
                "error: stage {name} failed after {total}; run it alone with: cargo xtask test --stage {name}"
            );
            ExitCode::FAILURE
        }
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Stage = Stage {
        name: "good",
        what: "",
        run: |_| Ok(vec!["told".to_string()]),
    };
    const BAD: Stage = Stage {
        name: "bad",
        what: "",
        run: |_| Err("why".to_string()),
    };
    const NEVER: Stage = Stage {
        name: "never",
        what: "",
        run: |_| panic!("a stage ran after one that failed"),
    };

    #[test]
    fn a_failing_stage_ends_the_run_with_a_failure() {
        let code = |stages: &[Stage]| format!("{:?}", run(Path::new("."), stages.iter()));
        assert_eq!(code(&[GOOD, GOOD]), format!("{:?}", ExitCode::SUCCESS));
        assert_eq!(
            code(&[GOOD, BAD, NEVER]),
            format!("{:?}", ExitCode::FAILURE)
        );
    }

    #[test]
    fn names_of_stages_are_unique() {
        let mut names: Vec<_> = STAGES.iter().map(|stage| stage.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STAGES.len());
    }
}
