//! What the project wants to reach, and how far it is: each bar as figures.

use super::Options;
use super::comparison::{CHAINRULE, COMPARISON, Task, TaskBars};
use super::job::Job;
use super::measurement::{Measured, Memory, Series};

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

/// Judges every bar of the tasks that ran.
pub fn judge(
    tasks: &[&'static Task],
    measured: &Measured,
    job: Option<&Job>,
    options: &Options,
) -> Vec<Bar> {
    let bars = match options.avx2 {
        true => &COMPARISON.bars.tasks_with_avx2,
        false => &COMPARISON.bars.tasks,
    };
    let of_tasks = tasks
        .iter()
        .flat_map(|task| task_bars(task, bars, measured));
    of_tasks.chain(job.into_iter().flat_map(job_bars)).collect()
}

fn task_bars(task: &'static Task, all: &TaskBars, measured: &Measured) -> Vec<Bar> {
    let name = task.name.as_str();
    let ours = |threads| measured.time(name, threads, CHAINRULE);
    let mut bars = vec![];
    for (_, most, goal) in all.times.iter().filter(|bar| bar.0 == name) {
        let what = format!("{name}: µs on one thread");
        bars.push(at_most(what, *most, goal, ours(1)));
    }
    for (_, threads, least, goal) in all.shares.iter().filter(|bar| bar.0 == name) {
        let share = measured.share(task, *threads, CHAINRULE);
        bars.push(Bar {
            what: format!("{name}: share of the machine's peak, {}", count(*threads)),
            bar: format!("≥ {:.0} %{goal}", 100.0 * least),
            found: share.map_or(missing(), |share| format!("{:.1} %", 100.0 * share)),
            reached: share.map(|share| share >= *least),
        });
    }
    if name == all.two_threads.0 {
        let ratio = ours(1).zip(ours(2)).map(|(one, two)| one / two);
        let what = format!("{name}: two threads against one");
        bars.push(at_least(what, all.two_threads.1, ratio));
    }
    for (_, threads, peer, least) in all.ratios.iter().filter(|bar| bar.0 == name) {
        let both = measured.time(name, *threads, peer).zip(ours(*threads));
        let what = format!("{name}: faster than {peer}, {}", count(*threads));
        bars.push(at_least(
            what,
            *least,
            both.map(|(theirs, ours)| theirs / ours),
        ));
    }
    for threads in &task.threads {
        let memory = measured.memory.get(&(name, *threads));
        bars.extend(memory.map(|memory| memory_bar(name, *threads, memory)));
    }
    bars
}

fn memory_bar(name: &str, threads: usize, memory: &Result<Memory, String>) -> Bar {
    let (bar, found, reached) = match memory {
        Ok(Memory { measured, bound }) => (
            format!("≤ {:.2} MB", bound / 1e6),
            format!("{:.2} MB", measured / 1e6),
            Some(measured <= bound),
        ),
        Err(reason) => ("its bound".into(), reason.clone(), None),
    };
    let threads = count(threads);
    let what = format!("{name}: memory of training beside the data, {threads}");
    Bar {
        what,
        bar,
        found,
        reached,
    }
}

fn job_bars(job: &Job) -> [Bar; 4] {
    let bars = &COMPARISON.bars;
    let most = |what: &str, most, found| at_most(what.into(), most, "", found);
    let sklearn = job.sklearn.as_ref().ok().map(Series::median);
    let ratio = sklearn.map(|time| time / job.chainrule.median());
    let (start_up, size) = (job.start_up.median(), job.binary_size as f64 / 1e6);
    let cold_build = "cold build of the release binary, s (with --cold-build)";
    [
        at_least(
            "whole job: faster than scikit-learn".into(),
            bars.whole_job,
            ratio,
        ),
        most(
            "start-up of `chainrule --version`, ms",
            bars.start_up,
            Some(start_up),
        ),
        most("stripped binary, MB", bars.binary_size, Some(size)),
        most(cold_build, bars.cold_build, job.cold_build),
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

pub(super) fn between(what: String, (least, most): (f64, f64), found: Option<f64>) -> Bar {
    Bar {
        what,
        bar: format!("{:.0}–{:.0} %", 100.0 * least, 100.0 * most),
        found: found.map_or(missing(), |found| format!("{:.1} %", 100.0 * found)),
        reached: found.map(|found| least <= found && found <= most),
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
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::comparison::tests::task;

    #[test]
    fn bars_are_judged_by_their_figures() {
        let mut measured = Measured::default();
        for (contender, time) in [(CHAINRULE, 0.1), ("FANN", 0.2)] {
            let series = measured.times.entry(("row-seed", 1, contender));
            series.or_default().push(time);
        }
        let bars = judge(&[task("row-seed")], &measured, None, &Options::default());
        let of = |what: &str| {
            let bar = bars.iter().find(|bar| bar.what.contains(what)).unwrap();
            (bar.found.as_str(), bar.reached)
        };
        assert_eq!(of("µs"), ("0.100", Some(true)));
        assert_eq!(of("FANN"), ("2.00 ×", Some(false)));
        assert_eq!(of("ONNX"), ("not measured", None));
    }

    #[test]
    fn numbers_have_three_digits() {
        let numbers = [0.0581, 2.5, 109_600.4, 999.6, 0.0].map(digits);
        assert_eq!(numbers, ["0.0581", "2.50", "109,600", "1,000", "0"]);
    }
}
