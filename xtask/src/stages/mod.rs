//! The stages of `cargo xtask test`: what runs, in which order, and how it is told.
//!
//! A stage is a function from the repository's root to notes for the reader, or to the sentence that says why it
//! failed. Adding one takes a line in [`STAGES`].

mod browser;
mod code;
mod dependencies;
mod host_paths;
mod instructions;
mod neon;
mod package;
mod pages;
mod playground;
mod python;
mod widths;

use std::path::Path;
use std::time::{Duration, Instant};

/// One stage of the tests.
pub struct Stage {
    /// What `--stage` calls it.
    pub name: &'static str,
    /// What it checks, in a few words.
    pub what: &'static str,
    /// Whether `--quick` runs it.
    pub quick: bool,
    run: Run,
}

/// What a stage that passed wants the reader to know: above all, what it could not check here.
type Notes = Vec<String>;

type Run = fn(&Path) -> Result<Notes, String>;

/// A stage that `--quick` runs, too.
const fn quick(name: &'static str, what: &'static str, run: Run) -> Stage {
    Stage {
        name,
        what,
        quick: true,
        run,
    }
}

/// A stage that builds much or needs a network.
const fn slow(name: &'static str, what: &'static str, run: Run) -> Stage {
    Stage {
        name,
        what,
        quick: false,
        run,
    }
}

/// All stages, those that answer fastest first.
pub const STAGES: &[Stage] = &[
    quick("format", "the code is formatted by rustfmt", code::format),
    quick(
        "widths",
        "comments and prose are at most 120 columns wide",
        widths::run,
    ),
    quick(
        "links",
        "every relative link and #anchor of the pages leads somewhere",
        pages::links,
    ),
    quick(
        "host-paths",
        "no file names a path of the machine it was written on",
        host_paths::run,
    ),
    quick(
        "dependencies",
        "the core's dependencies, every package's licence and source",
        dependencies::run,
    ),
    quick(
        "clippy",
        "clippy, every target, every feature, warnings are errors",
        code::clippy,
    ),
    quick(
        "tests",
        "unit, property and command line tests, the examples",
        code::tests,
    ),
    slow(
        "core-alone",
        "the core without default features, also for WebAssembly; the command without formats",
        code::core_alone,
    ),
    slow(
        "neon",
        "the core's kernels with NEON, on an emulated processor",
        neon::run_emulated,
    ),
    slow(
        "doctests",
        "the examples of the reference documentation and the pages",
        code::doctests,
    ),
    slow(
        "rustdoc",
        "the reference documentation, warnings are errors",
        code::rustdoc,
    ),
    slow(
        "package",
        "each published crate holds its licences and data, and builds alone",
        package::run,
    ),
    slow(
        "commands",
        "the commands of README.md and docs/, with a release build",
        pages::commands,
    ),
    slow(
        "browser",
        "pages of models in Chromium: from a phone to a desk, light and dark",
        browser::run,
    ),
    slow(
        "playground",
        "the page with the core in WebAssembly, by keyboard and by mouse, in Chromium",
        playground::run,
    ),
    slow(
        "python",
        "the Python package: a wheel in an environment of its own, its tests, the notebook",
        python::run,
    ),
    slow(
        "instructions",
        "a training step and a prediction take no more instructions than they did",
        instructions::run_callgrind,
    ),
];

/// Runs stages in order until one fails; tells each one's result and time, and sums up.
pub fn run(root: &Path, stages: &[&Stage]) -> Result<(), String> {
    let count = stages.len();
    let start = Instant::now();
    let mut summary = String::new();
    let mut failed = None;
    for (index, stage) in stages.iter().enumerate() {
        let name = stage.name;
        println!("\n=== {}/{count} {name}: {}", index + 1, stage.what);
        let stage_start = Instant::now();
        let result = (stage.run)(root);
        let time = seconds(stage_start.elapsed());
        match result {
            Ok(notes) => {
                notes.iter().for_each(|note| println!("note: {note}"));
                println!("=== {name} passed in {time}");
                summary += &format!("\n{name:<14} passed {time:>9}");
                summary.extend(
                    notes
                        .iter()
                        .map(|note| format!("\n{:<14} note: {note}", "")),
                );
            }
            Err(problem) => {
                println!("=== {name} FAILED in {time}\n{problem}");
                summary += &format!("\n{name:<14} FAILED {time:>9}");
                failed = Some(name);
                break;
            }
        }
    }
    println!("{summary}");
    let total = seconds(start.elapsed());
    if let Some(name) = failed {
        let how = format!("cargo xtask test --stage {name}");
        return Err(format!(
            "stage {name} failed after {total}; run it alone with: {how}"
        ));
    }
    println!("{count} of {count} stages passed in {total}");
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Stage = quick("good", "", |_| Ok(vec!["told".to_string()]));
    const BAD: Stage = quick("bad", "", |_| Err("why".to_string()));
    const NEVER: Stage = slow("never", "", |_| panic!("a stage ran after one that failed"));

    #[test]
    fn a_failing_stage_ends_the_run_with_a_failure() {
        let run = |stages: &[&Stage]| run(Path::new("."), stages);
        assert_eq!(run(&[&GOOD, &GOOD]), Ok(()));
        let told = run(&[&GOOD, &BAD, &NEVER]).unwrap_err();
        assert!(told.starts_with("stage bad failed"), "{told}");
    }

    #[test]
    fn names_of_stages_are_unique() {
        let mut names: Vec<_> = STAGES.iter().map(|stage| stage.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STAGES.len());
    }
}
