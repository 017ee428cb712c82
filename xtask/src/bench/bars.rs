//! What the project wants to reach, and how far it is: each bar as figures.

use super::contenders::CHAINRULE;
use super::job::Job;
use super::measurement::{Measured, Memory};
use super::tasks::Task;

/// One bar, judged.
#[derive(Debug, PartialEq)]
pub struct Bar {
    /// What is measured.
    pub what: String,
    /// The bar.
    pub bar: String,
    /// What was found.
    pub found: String,
    /// Whether the bar is reached; unknown where a figure is missing.
    pub reached: Option<bool>,
}

/// Least ratios of a peer's time to chainrule's: task, threads, peer, ratio.
const RATIOS: [(&str, usize, &str, f64); 16] = [
    ("seed", 1, "JAX, whole loop", 4.0),
    ("seed", 1, "rust-mlp", 9.0),
    ("seed", 1, "FANN", 15.0),
    ("seed", 1, "burn", 35.0),
    ("seed", 1, "scikit-learn", 75.0),
    ("seed", 1, "PyTorch", 120.0),
    ("tab", 1, "JAX, whole loop", 1.15),
    ("tab", 1, "PyTorch", 1.9),
    ("tab", 2, "JAX, whole loop", 1.8),
    ("tab", 2, "PyTorch", 2.5),
    ("wide", 1, "PyTorch", 1.08),
    ("wide", 1, "JAX, whole loop", 1.08),
    ("wide", 2, "PyTorch", 1.08),
    ("wide", 2, "JAX, whole loop", 1.08),
    ("row-seed", 1, "FANN", 2.5),
    ("row-seed", 1, "ONNX Runtime", 90.0),
];
/// Greatest times in microseconds, on one thread: task, bar, goal.
const TIMES: [(&str, f64, &str); 3] = [
    ("seed", 2.5, ""),
    (
        "row-seed",
        0.120,
        "; goal 0.058, what RTNeural takes with sizes fixed at compile time",
    ),
    ("row-tab", 8.0, ""),
];
/// Least shares of the machine's peak: task, threads.
const SHARES: [(&str, usize); 4] = [("tab", 1), ("wide", 1), ("wide", 2), ("rows", 2)];
/// The least share, and the share that is the goal of training.
const SHARE: f64 = 0.78;
const SHARE_GOAL: f64 = 0.88;
/// How much faster two threads are than one on `tab`.
const TWO_THREADS: f64 = 1.75;
/// How much faster the whole job is than in scikit-learn.
const WHOLE_JOB: f64 = 30.0;
/// Greatest start-up in milliseconds, size in 10⁶ bytes, cold build in seconds.
const START_UP: f64 = 5.0;
const BINARY_SIZE: f64 = 8.0;
const COLD_BUILD: f64 = 120.0;

/// Judges every bar of the tasks that ran.
pub fn judge(tasks: &[&'static Task], measured: &Measured, job: Option<&Job>) -> Vec<Bar> {
    let mut bars = vec![];
    for task in tasks {
        bars.extend(task_bars(task, measured));
    }
    bars.extend(job.into_iter().flat_map(job_bars));
    bars
}

fn task_bars(task: &'static Task, measured: &Measured) -> Vec<Bar> {
    let name = task.name;
    let ours = |threads| measured.time(name, threads, CHAINRULE);
    let mut bars = vec![];
    for (_, limit, goal) in TIMES.iter().filter(|(task, ..)| *task == name) {
        let what = format!("{name}: µs on one thread");
        bars.push(at_most(what, *limit, goal, ours(1)));
    }
    for (_, threads) in SHARES.iter().filter(|(task, _)| *task == name) {
        let what = format!("{name}: share of the machine's peak, {}", count(*threads));
        let share = measured.share(task, *threads, CHAINRULE);
        let goal = match task.workload {
            "step" => format!("; goal {:.0} %", 100.0 * SHARE_GOAL),
            _ => String::new(),
        };
        bars.push(Bar {
            what,
            bar: format!("≥ {:.0} %{goal}", 100.0 * SHARE),
            found: share.map_or(missing(), |share| format!("{:.1} %", 100.0 * share)),
            reached: share.map(|share| share >= SHARE),
        });
    }
    if name == "tab" {
        let ratio = ours(1).zip(ours(2)).map(|(one, two)| one / two);
        bars.push(at_least(
            "tab: two threads against one".into(),
            TWO_THREADS,
            ratio,
        ));
    }
    for (_, threads, peer, least) in RATIOS.iter().filter(|(task, ..)| *task == name) {
        let theirs = measured.time(name, *threads, peer);
        let ratio = theirs
            .zip(ours(*threads))
            .map(|(theirs, ours)| theirs / ours);
        let what = format!("{name}: faster than {peer}, {}", count(*threads));
        bars.push(at_least(what, *least, ratio));
    }
    for threads in task.threads {
        if let Some(memory) = measured.memory.get(&(name, *threads)) {
            bars.push(memory_bar(name, *threads, memory));
        }
    }
    bars
}

fn memory_bar(name: &str, threads: usize, memory: &Result<Memory, String>) -> Bar {
    let what = format!(
        "{name}: memory of training beside the data, {}",
        count(threads)
    );
    match memory {
        Ok(Memory { measured, bound }) => Bar {
            what,
            bar: format!("≤ {:.2} MB", bound / 1e6),
            found: format!("{:.2} MB", measured / 1e6),
            reached: Some(measured <= bound),
        },
        Err(reason) => Bar {
            what,
            bar: "its bound".into(),
            found: reason.clone(),
            reached: None,
        },
    }
}

fn job_bars(job: &Job) -> Vec<Bar> {
    let sklearn = job.sklearn.as_ref().ok().map(|series| series.median());
    let ratio = sklearn.map(|time| time / job.chainrule.median());
    vec![
        at_least(
            "whole job: faster than scikit-learn".into(),
            WHOLE_JOB,
            ratio,
        ),
        at_most(
            "start-up of `chainrule --version`, ms".into(),
            START_UP,
            "",
            Some(job.start_up.median()),
        ),
        at_most(
            "stripped binary, MB".into(),
            BINARY_SIZE,
            "",
            Some(job.binary_size as f64 / 1e6),
        ),
        at_most(
            "cold build of the release binary, s (with --cold-build)".into(),
            COLD_BUILD,
            "",
            job.cold_build,
        ),
    ]
}

pub(super) fn at_least(what: String, least: f64, found: Option<f64>) -> Bar {
    Bar {
        what,
        bar: format!("≥ {least} ×"),
        found: found.map_or(missing(), |found| format!("{} ×", digits(found))),
        reached: found.map(|found| found >= least),
    }
}

pub(super) fn at_most(what: String, most: f64, goal: &str, found: Option<f64>) -> Bar {
    Bar {
        what,
        bar: format!("≤ {most}{goal}"),
        found: found.map_or(missing(), digits),
        reached: found.map(|found| found <= most),
    }
}

fn missing() -> String {
    "not measured".to_string()
}

fn count(threads: usize) -> &'static str {
    if threads == 1 {
        "one thread"
    } else {
        "two threads"
    }
}

/// Three significant digits, and all of a large number's.
pub fn digits(value: f64) -> String {
    let before = value.abs().log10().floor() as i32 + 1;
    let decimals = if value == 0.0 {
        0
    } else {
        (3 - before).clamp(0, 9)
    };
    let text = format!("{value:.*}", decimals as usize);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match fraction {
        "" => grouped,
        fraction => format!("{grouped}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::contenders::CONTENDERS;
    use crate::bench::tasks::TASKS;

    #[test]
    fn every_ratio_is_to_a_peer_that_is_measured() {
        for (task, threads, peer, _) in RATIOS {
            let contender = CONTENDERS.iter().find(|c| c.name == peer).expect(peer);
            assert!(contender.problem(task, threads).is_some(), "{peer} {task}");
        }
    }

    #[test]
    fn bars_are_judged_by_their_figures() {
        let mut measured = Measured::default();
        let mut add = |contender, time| {
            let key = ("row-seed", 1, contender);
            measured.times.entry(key).or_default().push(time);
        };
        add(CHAINRULE, 0.1);
        add("FANN", 0.2);
        let bars = judge(&[&TASKS[3]], &measured, None);
        let of = |what: &str| bars.iter().find(|bar| bar.what.contains(what)).unwrap();
        assert_eq!(of("µs").reached, Some(true));
        assert_eq!(
            (of("FANN").found.as_str(), of("FANN").reached),
            ("2.00 ×", Some(false))
        );
        assert_eq!(
            (of("ONNX").found.as_str(), of("ONNX").reached),
            ("not measured", None)
        );
    }

    #[test]
    fn numbers_have_three_digits() {
        let cases = [
            (0.0581, "0.0581"),
            (2.5, "2.50"),
            (109_600.4, "109,600"),
            (999.6, "1,000"),
            (0.0, "0"),
        ];
        for (value, text) in cases {
            assert_eq!(digits(value), text);
        }
    }
}
