//! Before anything is timed: does everyone compute the same?
//!
//! Losses after 100 steps, or predictions, are compared with those of chainrule on the same problem.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::Value;

use super::builds::Builds;
use super::comparison::{COMPARISON, Contender, Task};
use super::programs::{Program, answer};

/// How far losses may be apart, relative to chainrule's; how far predictions, relative to the largest of chainrule's.
const TOLERANCE: f64 = 1e-3;

/// What was found, for everyone who was asked.
#[derive(Default)]
pub struct Agreement {
    /// By task and contender: the relative difference, or why there is none or why it is too large.
    pub found: BTreeMap<(&'static str, &'static str), Result<f64, String>>,
    /// By contender.
    pub versions: BTreeMap<&'static str, String>,
}

impl Agreement {
    /// Whether a contender may be timed at a task.
    pub fn holds(&self, task: &'static Task, contender: &'static Contender) -> bool {
        matches!(self.found.get(&(&task.name, &contender.name)), Some(Ok(_)))
    }
}

/// Asks everyone, each with as many threads as it will be timed with; chainrule itself answers on one thread.
pub fn check(builds: &Builds, tasks: &[&'static Task]) -> Result<Agreement, String> {
    let mut agreement = Agreement::default();
    let mut reference = BTreeMap::new();
    for task in tasks {
        for contender in &COMPARISON.contenders {
            let solves = |&&threads: &&usize| contender.problem(task, threads).is_some();
            let Some(&threads) = task.threads.iter().rfind(solves) else {
                continue;
            };
            let problem = contender.problem(task, threads).unwrap_or_default();
            let key = (task.workload.as_str(), problem);
            if let Entry::Vacant(entry) = reference.entry(key) {
                let ours = ask(builds, builds.chainrule()?, task, problem, 1, None)?;
                entry.insert(values(&ours)?);
            }
            let answer = builds.program(contender).as_ref().map_err(String::clone);
            let answer = answer.and_then(|program| {
                ask(
                    builds,
                    program,
                    task,
                    problem,
                    threads,
                    contender.variant.as_deref(),
                )
            });
            let found = answer.and_then(|answer| {
                let version = answer["version"].as_str().unwrap_or("unknown");
                agreement.versions.insert(&contender.name, version.into());
                judge(difference(task, &reference[&key], &values(&answer)?)?)
            });
            let shown = match &found {
                Ok(difference) => format!("agrees, relative difference {difference:.1e}"),
                Err(reason) => format!("absent: {reason}"),
            };
            println!("{:<9} {:<17} {shown}", task.name, contender.name);
            agreement.found.insert((&task.name, &contender.name), found);
        }
    }
    Ok(agreement)
}

fn judge(difference: f64) -> Result<f64, String> {
    if difference <= TOLERANCE {
        return Ok(difference);
    }
    Err(format!(
        "it computes something else: relative difference {difference:.1e}"
    ))
}

fn ask(
    builds: &Builds,
    program: &Program,
    task: &Task,
    problem: &str,
    threads: usize,
    variant: Option<&str>,
) -> Result<Value, String> {
    let file = builds.problems.join(problem).with_extension("problem");
    let mut command = program.command(threads);
    command.args([&task.workload, "check"]).arg(file);
    command.args([&threads.to_string(), "0"]).args(variant);
    answer(&mut command)
}

fn values(answer: &Value) -> Result<Vec<f64>, String> {
    let values = answer["values"]
        .as_array()
        .ok_or("the answer holds no values")?;
    let values: Option<Vec<f64>> = values.iter().map(Value::as_f64).collect();
    values.ok_or("a value is not a number".to_string())
}

/// Of the last loss, which holds what all steps before it did; of the prediction that is farthest off.
fn difference(task: &Task, ours: &[f64], theirs: &[f64]) -> Result<f64, String> {
    if ours.len() != theirs.len() || ours.is_empty() {
        return Err(format!("{} values instead of {}", theirs.len(), ours.len()));
    }
    if task.workload == "step" {
        let last = ours.len() - 1;
        return Ok((ours[last] - theirs[last]).abs() / ours[last].abs());
    }
    let largest = ours.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    let differences = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
    Ok(differences.fold(0.0, f64::max) / largest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::comparison::tests::task;

    #[test]
    fn losses_are_compared_at_the_last_step_and_predictions_everywhere() {
        let (step, row) = (task("seed"), task("row-seed"));
        let difference = |task, theirs: &[f64]| difference(task, &[4.0, -2.0, 2.0], theirs);
        assert_eq!(difference(step, &[9.0, 9.0, 2.5]), Ok(0.25));
        assert_eq!(difference(row, &[4.0, -3.0, 2.0]), Ok(0.25));
        assert!(difference(row, &[4.0]).is_err());
        assert!(judge(9e-4).is_ok() && judge(2e-3).is_err() && judge(f64::NAN).is_err());
    }
}
