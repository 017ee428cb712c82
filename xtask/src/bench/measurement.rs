//! The rounds: everyone measures once, then everyone again, so that a machine that slows down slows all of them.

use std::collections::BTreeMap;

use super::Options;
use super::agreement::Agreement;
use super::builds::Builds;
use super::comparison::{CHAINRULE_F64, COMPARISON, Contender, Task};
use super::programs::answer;

/// What a number of rounds found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series(Vec<f64>);

impl Series {
    /// Adds a round.
    pub fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// The median of the rounds.
    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len() - 1;
        (sorted[last / 2] + sorted[sorted.len() / 2]) / 2.0
    }

    /// The same in another unit.
    pub fn times(&self, factor: f64) -> Series {
        Series(self.0.iter().map(|value| value * factor).collect())
    }

    /// The least and the greatest round.
    pub fn spread(&self) -> (f64, f64) {
        let min = self.0.iter().copied().fold(f64::INFINITY, f64::min);
        let max = self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (min, max)
    }
}

/// Bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// By how much the process grew.
    pub measured: f64,
    /// What the project promises.
    pub bound: f64,
}

/// All figures.
#[derive(Default)]
pub struct Measured {
    /// Microseconds by task, threads and contender.
    pub times: BTreeMap<(&'static str, usize, &'static str), Series>,
    /// The machine's peak in 10⁹ operations a second, by precision (`f32`, `f64`) and threads.
    pub peak: BTreeMap<(&'static str, usize), Series>,
    /// The vectors that the peak was measured with.
    pub vectors: String,
    /// What went wrong after the check had gone well.
    pub failures: Vec<String>,
    /// What a training needs beside its data, by task and threads.
    pub memory: BTreeMap<(&'static str, usize), Result<Memory, String>>,
}

impl Measured {
    /// Median microseconds.
    pub fn time(&self, task: &str, threads: usize, contender: &str) -> Option<f64> {
        let found = self
            .times
            .iter()
            .find(|((t, n, c), _)| (*t, *n, *c) == (task, threads, contender));
        found.map(|(_, series)| series.median())
    }

    /// The share of the machine's peak that a contender reaches with the arithmetic that a task needs at least.
    pub fn share(&self, task: &Task, threads: usize, contender: &str) -> Option<f64> {
        let precision = if contender == CHAINRULE_F64 {
            "f64"
        } else {
            "f32"
        };
        let peak = self.peak.get(&(precision, threads))?.median();
        let microseconds = self.time(&task.name, threads, contender)?;
        Some(task.operations() / (microseconds * 1e3) / peak)
    }
}

/// All rounds of all tasks.
pub fn run(
    builds: &Builds,
    tasks: &[&'static Task],
    agreement: &Agreement,
    options: &Options,
) -> Result<Measured, String> {
    let mut measured = Measured::default();
    for task in tasks {
        for round in 1..=options.rounds {
            println!("{}, round {round} of {}", task.name, options.rounds);
            peak(builds, options, &mut measured)?;
            for &threads in &task.threads {
                for contender in &COMPARISON.contenders {
                    if agreement.holds(task, contender) {
                        time(builds, task, threads, contender, options, &mut measured);
                    }
                }
            }
        }
        // The seed shape needs less than the pages of its threads' stacks.
        if ["tab", "wide"].contains(&task.name.as_str()) {
            for &threads in &task.threads {
                let found = memory(builds, task, threads);
                measured.memory.insert((&task.name, threads), found);
            }
        }
    }
    Ok(measured)
}

fn time(
    builds: &Builds,
    task: &'static Task,
    threads: usize,
    contender: &'static Contender,
    options: &Options,
    measured: &mut Measured,
) {
    let Some(problem) = contender.problem(task, threads) else {
        return;
    };
    let Ok(program) = builds.program(contender) else {
        return;
    };
    let file = builds.problems.join(problem).with_extension("problem");
    let mut command = program.command(threads);
    command.args([&task.workload, "time"]).arg(file);
    command.args([threads.to_string(), options.seconds().to_string()]);
    let answer = answer(command.args(&contender.variant));
    match answer.map(|answer| answer["median"].as_f64()) {
        Ok(Some(median)) => {
            let key = (task.name.as_str(), threads, contender.name.as_str());
            measured.times.entry(key).or_default().push(median);
        }
        Ok(None) => note_failure(task, contender, "no median", measured),
        Err(reason) => note_failure(task, contender, &reason, measured),
    }
}

fn note_failure(task: &Task, contender: &Contender, reason: &str, measured: &mut Measured) {
    let failure = format!("{} at {}: {reason}", contender.name, task.name);
    println!("{failure}");
    if !measured.failures.contains(&failure) {
        measured.failures.push(failure);
    }
}

fn peak(builds: &Builds, options: &Options, measured: &mut Measured) -> Result<(), String> {
    let mut command = builds.chainrule()?.command(2);
    let seconds = (options.seconds() / 4.0).to_string();
    let answer = answer(command.args(["peak", &seconds]))?;
    measured.vectors = answer["vectors"].as_str().unwrap_or("unknown").to_string();
    for precision in ["f32", "f64"] {
        for threads in [1, 2] {
            let rate = answer[precision][threads - 1].as_f64();
            let rate = rate.ok_or("the peak is not a number")?;
            measured
                .peak
                .entry((precision, threads))
                .or_default()
                .push(rate);
        }
    }
    Ok(())
}

fn memory(builds: &Builds, task: &Task, threads: usize) -> Result<Memory, String> {
    let file = builds.problems.join(&task.name).with_extension("problem");
    let mut command = builds.chainrule()?.command(threads);
    // What is given back must leave the process: otherwise the training hides in room that reading the problem has
    // left.
    command.env("MALLOC_MMAP_THRESHOLD_", "65536");
    let answer = answer(command.arg("memory").arg(file).arg(threads.to_string()))?;
    let bytes = |name: &str| answer[name].as_f64().ok_or(format!("{name} is missing"));
    Ok(Memory {
        measured: bytes("measured")?,
        bound: bytes("bound")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::comparison::CHAINRULE;
    use crate::bench::comparison::tests::task;

    #[test]
    fn rounds_are_summed_up_by_median_and_spread() {
        let mut series = Series::default();
        for value in [3.0, 1.0, 2.0, 10.0] {
            series.push(value);
        }
        assert_eq!((series.median(), series.spread()), (2.5, (1.0, 10.0)));
    }

    #[test]
    fn a_share_is_the_arithmetic_over_time_and_peak() {
        let mut measured = Measured::default();
        // 95,744 operations in 1 µs are 95.744 · 10⁹ a second.
        let key = ("seed", 1, CHAINRULE);
        measured.times.entry(key).or_default().push(1.0);
        let peak = measured.peak.entry(("f32", 1)).or_default();
        peak.push(2.0 * 95.744);
        assert_eq!(measured.share(task("seed"), 1, CHAINRULE), Some(0.5));
        assert_eq!(measured.share(task("seed"), 2, CHAINRULE), None);
    }
}
