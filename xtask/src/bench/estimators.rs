//! The Python package's estimators on a page of their own: `MLPRegressor` beside scikit-learn's, one row of
//! `TabularRegressor`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::bars::{Bar, at_least, at_most, digits};
use super::builds::Builds;
use super::comparison::COMPARISON;
use super::measurement::Series;
use super::one_row::{self, OneRow};
use super::programs::answer;
use super::report::{bars, head, spread, table};
use super::{Options, machine};
use crate::process;

/// How many threads both may use.
const THREADS: [usize; 2] = [1, 2];

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
    install(root, builds, &python)?;
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
    let rows = one_row::run(root, builds, options)?;
    Ok(page(&machine::describe(root)?, options, &all, &rows))
}

/// Installs the package into an environment.
pub(super) fn install(root: &Path, builds: &Builds, python: &Path) -> Result<(), String> {
    process::run(
        Command::new(python)
            .args(["-m", "pip", "install", "--quiet", "--force-reinstall"])
            .arg("--no-deps")
            .arg(root.join("crates/chainrule-python"))
            .env("CARGO_TARGET_DIR", builds.target("python")),
    )
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

fn page(
    machine: &[(&'static str, String)],
    options: &Options,
    found: &[Found],
    rows: &[OneRow],
) -> String {
    let mut machine = machine.to_vec();
    let versions = found.first().map(|found| found.versions.clone());
    machine.push(("versions", versions.unwrap_or_default()));
    let how = "interleaved rounds, each in a process of its own; the losses of a fit's first five epochs agree to 1e-3; \
               median, and least to greatest round";
    machine.push(("rounds", format!("{} {how}", options.rounds)));

    let mut page = head("chainrule in Python beside its peers", &machine);
    let judged = found.iter().flat_map(judge);
    page += &bars(&judged.chain(one_row::judge(rows)).collect::<Vec<_>>());
    for found in found {
        let lines = found.tasks.iter().map(|Task { what, seconds, .. }| {
            let [ours, theirs] = seconds.each_ref().map(|series| series.times(1e6));
            let ratio = format!("{} ×", digits(theirs.median() / ours.median()));
            let times = |series: &Series| [digits(series.median()), spread(series)];
            let ([ours, our_spread], [theirs, their_spread]) = (times(&ours), times(&theirs));
            [what.clone(), ours, our_spread, theirs, their_spread, ratio]
        });
        let columns = ["", "chainrule", "spread", "scikit-learn", "spread", "ratio"];
        page += &format!(
            "\n## `MLPRegressor` beside scikit-learn's, {} thread(s)\n\nTimes in µs.\n\n",
            found.threads
        );
        page += &table(columns, "---:", lines);
    }
    page + &one_row::section(rows)
}

fn judge(found: &Found) -> Vec<Bar> {
    let named = |what: &str| format!("{what}, {} thread(s)", found.threads);
    let limits = &COMPARISON.bars.estimator;
    let mut bars = vec![];
    for task in &found.tasks {
        let [ours, theirs] = task.seconds.each_ref().map(Series::median);
        let is = |beginning: &str| task.what.starts_with(beginning);
        for (_, least) in limits.ratios.iter().filter(|bar| is(&bar.0)) {
            let what = named(&format!("{}: faster than scikit-learn", task.what));
            bars.push(at_least(what, *least, Some(theirs / ours)));
        }
        if is(&limits.row.0) {
            let what = named(&format!("{}: µs", task.what));
            bars.push(at_most(what, limits.row.1, "", Some(ours * 1e6)));
        }
    }
    let what = named("`import chainrule` beyond NumPy: ms");
    let found = found.import.median() * 1e3;
    bars.push(at_most(what, limits.import, "", Some(found)));
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
        let options = Options::default();
        let page = page(&[], &options, &[found], &[]);
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
