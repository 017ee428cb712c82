//! The scikit-learn estimator of the Python package beside scikit-learn's own, on a page of its own.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::bars::{Bar, at_least, at_most, digits};
use super::builds::Builds;
use super::measurement::Series;
use super::programs::answer;
use super::report::{bars, line, spread};
use super::{Options, machine};
use crate::process;

/// How many threads both may use.
const THREADS: [usize; 2] = [1, 2];

/// Least ratios of scikit-learn's time to ours, by the beginning of the task.
const RATIOS: [(&str, f64); 3] = [
    ("fit, 10-16-16-8-1", 15.0),
    ("fit, 8-256-256-1", 3.0),
    ("predict one row, 10-16-16-8-1", 40.0),
];
/// Greatest time of the prediction of one row, and of the import beyond NumPy's, in seconds.
const ROW: (&str, f64) = ("predict one row, 10-16-16-8-1", 2e-6);
const IMPORT: f64 = 30e-3;

/// Both estimators, as the script calls them: ours first.
const BOTH: [&str; 2] = ["chainrule", "scikit-learn"];
/// The relative difference of the first losses that rounding may make.
const AGREEMENT: f64 = 1e-3;

/// One task with both estimators' seconds.
#[derive(Default)]
struct Task {
    what: String,
    seconds: [Series; 2],
    losses: [Vec<f64>; 2],
}

/// What the script found with some number of threads.
#[derive(Default)]
struct Found {
    threads: usize,
    versions: String,
    tasks: Vec<Task>,
    import: Series,
}

/// Installs the package beside scikit-learn, measures both in turns, and gives the page.
pub fn run(root: &Path, builds: &Builds, options: &Options) -> Result<String, String> {
    let python = builds.python.clone()?;
    let package = root.join("crates/chainrule-python");
    process::run(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--force-reinstall"])
            .arg("--no-deps")
            .arg(package)
            .env("CARGO_TARGET_DIR", builds.target("python")),
    )?;
    let script = root.join("bench/peers/python/estimators.py");
    let mut all = vec![];
    for threads in THREADS {
        let mut found = Found {
            threads,
            ..Found::default()
        };
        for round in 1..=options.rounds {
            println!(
                "estimators, {threads} thread(s), round {round} of {}",
                options.rounds
            );
            for (who, name) in BOTH.iter().enumerate() {
                let arguments = [name.to_string(), threads.to_string()];
                let answer = answer(Command::new(&python).arg(&script).args(arguments))?;
                add(&mut found, who, &answer)
                    .ok_or_else(|| format!("the script answered {answer}"))?;
            }
        }
        found.tasks.iter().try_for_each(agree)?;
        all.push(found);
    }
    Ok(page(&machine::describe(root)?, options, &all))
}

/// Adds what one estimator did in one round.
fn add(found: &mut Found, who: usize, answer: &Value) -> Option<()> {
    let versions = answer["versions"].as_object()?.iter();
    let versions = versions.map(|(name, version)| Some(format!("{name} {}", version.as_str()?)));
    found.versions = versions.collect::<Option<Vec<_>>>()?.join(", ");
    found.import.push(answer["import"].as_f64()?);
    let tasks = answer["tasks"].as_array()?;
    found.tasks.resize_with(tasks.len(), Task::default);
    for (task, answer) in found.tasks.iter_mut().zip(tasks) {
        task.what = answer["what"].as_str()?.to_string();
        task.seconds[who].push(answer["seconds"].as_f64()?);
        let losses = answer["losses"].as_array()?.iter().map(Value::as_f64);
        task.losses[who] = losses.collect::<Option<_>>()?;
    }
    Some(())
}

/// Whether both did the same.
fn agree(task: &Task) -> Result<(), String> {
    let [ours, theirs] = &task.losses;
    let near = |(a, b): (&f64, &f64)| (a / b - 1.0).abs() <= AGREEMENT;
    if ours.len() == theirs.len() && ours.iter().zip(theirs).all(near) {
        return Ok(());
    }
    Err(format!(
        "{}: the losses differ: {ours:?} and {theirs:?}",
        task.what
    ))
}

fn page(machine: &[(&'static str, String)], options: &Options, found: &[Found]) -> String {
    let mut page = "# chainrule.sklearn beside scikit-learn\n\nWritten by `cargo xtask bench`; [how it is measured](../README.md).\n\n| | |\n|---|---|\n".to_string();
    for (what, which) in machine {
        line(&mut page, &[what, which]);
    }
    let versions = found.first().map_or("", |found| &found.versions);
    line(&mut page, &["versions", versions]);
    let how = "interleaved rounds, each in a process of its own; the losses of a fit's first five epochs agree to 1e-3; median, and least to greatest round";
    line(&mut page, &["rounds", &format!("{} {how}", options.rounds)]);
    page += &bars(&found.iter().flat_map(judge).collect::<Vec<_>>());
    for found in found {
        let threads = found.threads;
        page += &format!(
            "\n## With {threads} thread(s)\n\nTimes in µs.\n\n| | chainrule | spread | scikit-learn | spread | ratio |\n|---|---:|---|---:|---|---:|\n"
        );
        for Task { what, seconds, .. } in &found.tasks {
            let [ours, theirs] = [0, 1].map(|who: usize| seconds[who].times(1e6));
            let ratio = theirs.median() / ours.median();
            let cells: [&str; 6] = [
                what,
                &digits(ours.median()),
                &spread(&ours),
                &digits(theirs.median()),
                &spread(&theirs),
                &format!("{} ×", digits(ratio)),
            ];
            line(&mut page, &cells);
        }
    }
    page
}

fn judge(found: &Found) -> Vec<Bar> {
    let named = |what: &str| format!("{what}, {} thread(s)", found.threads);
    let mut bars = vec![];
    for task in &found.tasks {
        let [ours, theirs] = [0, 1].map(|who: usize| task.seconds[who].median());
        for (_, least) in RATIOS.iter().filter(|(t, _)| task.what.starts_with(t)) {
            let what = named(&format!("{}: faster than scikit-learn", task.what));
            bars.push(at_least(what, *least, Some(theirs / ours)));
        }
        if task.what.starts_with(ROW.0) {
            let what = named(&format!("{}: µs", task.what));
            bars.push(at_most(what, ROW.1 * 1e6, "", Some(ours * 1e6)));
        }
    }
    let what = named("`import chainrule` beyond NumPy: ms");
    bars.push(at_most(
        what,
        IMPORT * 1e3,
        "",
        Some(found.import.median() * 1e3),
    ));
    bars
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_page_shows_both_and_judges_by_the_medians() {
        let answer = |seconds: f64, loss: f64| {
            json!({
                "versions": {"scikit-learn": "1.2.3"},
                "tasks": [{"what": "fit, 8-256-256-1, float32", "seconds": seconds, "losses": [loss]}],
                "import": 0.02,
            })
        };
        let mut found = Found {
            threads: 1,
            ..Found::default()
        };
        for (ours, theirs) in [(1.0, 5.0), (9.0, 5.0), (2.0, 5.0)] {
            add(&mut found, 0, &answer(ours, 0.5)).unwrap();
            add(&mut found, 1, &answer(theirs, 0.5001)).unwrap();
        }
        agree(&found.tasks[0]).unwrap();
        let options = Options::parse(&["--rounds", "3"]).unwrap();
        let page = page(&[], &options, &[found]);
        for expected in [
            "| versions | scikit-learn 1.2.3 |",
            "| fit, 8-256-256-1, float32: faster than scikit-learn, 1 thread(s) | ≥ 3 × | 2.50 × | **not reached** |",
            "| `import chainrule` beyond NumPy: ms, 1 thread(s) | ≤ 30 | 20.0 | reached |",
            "| 2,000,000 | 1,000,000–9,000,000 | 5,000,000 |",
        ] {
            assert!(page.contains(expected), "{expected} in {page}");
        }
        let mut found = Found::default();
        assert!(add(&mut found, 0, &json!({"tasks": []})).is_none());
        add(&mut found, 0, &answer(1.0, 0.5)).unwrap();
        add(&mut found, 1, &answer(1.0, 0.6)).unwrap();
        assert!(
            agree(&found.tasks[0])
                .unwrap_err()
                .contains("[0.5] and [0.6]")
        );
    }
}
