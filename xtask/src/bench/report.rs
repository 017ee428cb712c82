//! The report: one Markdown page that says on what, against whom, how fast, and what is missing.

use std::fmt::Write;

use super::Options;
use super::agreement::Agreement;
use super::bars::{Bar, digits};
use super::comparison::{CHAINRULE, COMPARISON, Task};
use super::growth::Point;
use super::job::Job;
use super::measurement::{Measured, Series};

/// Everything that the report tells.
pub struct Findings<'a> {
    /// Lines about the machine.
    pub machine: Vec<(&'static str, String)>,
    /// How it was measured.
    pub options: &'a Options,
    /// What was measured.
    pub tasks: &'a [&'static Task],
    /// Whether all compute the same.
    pub agreement: &'a Agreement,
    /// The figures.
    pub measured: &'a Measured,
    /// How costs grow, if it was measured.
    pub growth: &'a [Point],
    /// The whole job, if it ran.
    pub job: Option<&'a Job>,
    /// The bars.
    pub bars: Vec<Bar>,
}

/// The page.
pub fn write(findings: &Findings) -> String {
    let Findings {
        tasks, measured, ..
    } = findings;
    let mut machine = findings.machine.clone();
    machine.extend(peak(measured).map(|peak| ("measured peak", peak)));
    let (rounds, seconds) = (findings.options.rounds, findings.options.seconds());
    let how = "median, and least to greatest round";
    let rounds = format!("{rounds} interleaved rounds, {seconds} s each; {how}");
    machine.push(("rounds", rounds));

    let title = match findings.options.avx2 {
        true => "chainrule beside its peers, with AVX2",
        false => "chainrule beside its peers",
    };
    let mut page = head(title, &machine) + &bars(&findings.bars);
    page.extend(tasks.iter().map(|task| times(task, measured)));
    page += &growth(findings.growth);
    page += &findings.job.map(job).unwrap_or_default();
    page + &agreement(findings) + &absent(findings)
}

/// A title and what the figures belong to.
pub(super) fn head(title: &str, machine: &[(&'static str, String)]) -> String {
    let origin = "Written by `cargo xtask bench`; [how it is measured](../README.md).";
    let lines = machine.iter().map(|(what, which)| [*what, which]);
    format!("# {title}\n\n{origin}\n\n") + &table(["", ""], "---", lines)
}

fn peak(measured: &Measured) -> Option<String> {
    let of = |precision, threads| Some(digits(measured.peak.get(&(precision, threads))?.median()));
    let both = |name| {
        Some(format!(
            "{name}: {} on one thread, {} on two",
            of(name, 1)?,
            of(name, 2)?
        ))
    };
    let (vectors, single, double) = (&measured.vectors, both("f32")?, both("f64")?);
    Some(format!(
        "GFLOP/s, fused multiply-adds in {vectors} vectors, {single}; {double}"
    ))
}

pub(super) fn bars(bars: &[Bar]) -> String {
    let lines = bars.iter().map(|bar| {
        let verdict = match bar.reached {
            Some(true) => "reached",
            Some(false) => "**not reached**",
            None => "unknown",
        };
        [bar.what.as_str(), &bar.bar, &bar.found, verdict]
    });
    "\n## Bars\n\n".to_string() + &table(["", "bar", "found", ""], "---", lines)
}

fn times(task: &'static Task, measured: &Measured) -> String {
    let mut lines = vec![];
    for &threads in &task.threads {
        let ours = measured.time(&task.name, threads, CHAINRULE);
        for contender in &COMPARISON.contenders {
            let name = contender.name.as_str();
            let Some(series) = measured.times.get(&(task.name.as_str(), threads, name)) else {
                continue;
            };
            let ratio = ours.map_or(String::new(), |ours| digits(series.median() / ours));
            let share = measured.share(task, threads, name);
            let share = share.map_or(String::new(), |share| format!("{:.1} %", 100.0 * share));
            let (threads, median) = (threads.to_string(), digits(series.median()));
            lines.push([
                name.to_string(),
                threads,
                median,
                spread(series),
                ratio,
                share,
            ]);
        }
    }
    let (name, what, operations) = (&task.name, &task.what, digits(task.operations()));
    let columns = [
        "",
        "threads",
        "median",
        "spread",
        "ratio to chainrule",
        "share of the peak",
    ];
    format!("\n## {name}: {what}\n\n{operations} operations. Times in µs.\n\n")
        + &table(columns, "---", lines)
}

fn growth(points: &[Point]) -> String {
    if points.is_empty() {
        return String::new();
    }
    let mut before = "";
    let lines = points.iter().map(|point| {
        // A group is named in its first line alone.
        let what = if point.what == before { "" } else { point.what };
        before = point.what;
        let rate = digits(point.operations / point.microseconds / 1e3);
        [
            what.to_string(),
            point.size.to_string(),
            digits(point.microseconds),
            rate,
        ]
    });
    let title = "growth: chainrule alone, from 16-64-64-1, ReLU, batch 128, Adam, one thread";
    let how = "Medians of 20 samples, one after the other.";
    format!("\n## {title}\n\n{how}\n\n") + &table(["", "", "µs", "GFLOP/s"], "---:", lines)
}

fn job(job: &Job) -> String {
    let ours = job.chainrule.median();
    let line = |what: &str, series: &Series, ratio: String| {
        [
            what.to_string(),
            digits(series.median()),
            spread(series),
            ratio,
        ]
    };
    let lines = [
        line("`chainrule train`", &job.chainrule, "1.00".into()),
        match &job.sklearn {
            Ok(series) => line("scikit-learn", series, digits(series.median() / ours)),
            Err(reason) => ["scikit-learn", "absent", reason, ""].map(String::from),
        },
        line("`chainrule --version`", &job.start_up, String::new()),
    ];
    let title = "job: 200 epochs on data/diabetes.csv, from process start to model file";
    let columns = ["", "median", "spread", "ratio to chainrule"];
    format!("\n## {title}\n\nTimes in ms.\n\n") + &table(columns, "---", lines)
}

fn agreement(findings: &Findings) -> String {
    let Agreement { found, versions } = findings.agreement;
    let tasks = || findings.tasks.iter().map(|task| task.name.as_str());
    let lines = COMPARISON.contenders.iter().map(|contender| {
        let name = contender.name.as_str();
        let cells = tasks().map(|task| match found.get(&(task, name)) {
            Some(Ok(difference)) => format!("{difference:.0e}"),
            Some(Err(_)) => "absent".to_string(),
            None => "cannot".to_string(),
        });
        let version = versions.get(name).cloned().unwrap_or_default();
        [name.to_string(), version].into_iter().chain(cells)
    });
    let mut page = "\n## Who took part\n\nBefore timing, the loss after 100 steps and the predictions of the first rows are \
                    compared with chainrule's in single precision: the relative difference must be at most 1e-3.\n\n"
        .to_string();
    page += &table(["", "version"].into_iter().chain(tasks()), "---", lines);
    page += "\n";
    for contender in &COMPARISON.contenders {
        let own = findings.options.avx2 && contender.avx2.is_empty();
        let own = own.then_some("takes the instructions that it chooses itself");
        let notes = contender.note.as_deref().into_iter().chain(own);
        page.extend(notes.map(|note| format!("- {}: {note}.\n", contender.name)));
    }
    page
}

fn absent(findings: &Findings) -> String {
    let mut page = "\n## Absent\n\n- RTNeural: its sizes are fixed when it is compiled, and no package index has it.\n".to_string();
    for ((task, contender), found) in &findings.agreement.found {
        let reason = found.as_ref().err();
        page.extend(reason.map(|reason| format!("- {contender}, {task}: {reason}\n")));
    }
    let failures = findings.measured.failures.iter();
    page.extend(failures.map(|failure| format!("- {failure}\n")));
    page
}

pub(super) fn spread(series: &Series) -> String {
    let (min, max) = series.spread();
    format!("{}–{}", digits(min), digits(max))
}

/// A table; all columns but the first are aligned as `numbers` says.
pub(super) fn table<L>(
    columns: impl IntoIterator<Item = impl AsRef<str>>,
    numbers: &str,
    lines: impl IntoIterator<Item = L>,
) -> String
where
    L: IntoIterator<Item: AsRef<str>>,
{
    let mut page = String::new();
    let count = line(&mut page, columns);
    // Writing to a string cannot fail.
    let _ = writeln!(page, "|---|{}", format!("{numbers}|").repeat(count - 1));
    for cells in lines {
        line(&mut page, cells);
    }
    page
}

/// Writes the line of a table and gives the number of its cells.
fn line(page: &mut String, cells: impl IntoIterator<Item = impl AsRef<str>>) -> usize {
    let cells = cells
        .into_iter()
        .map(|cell| cell.as_ref().replace('|', "\\|"));
    let cells: Vec<String> = cells.collect();
    let _ = writeln!(page, "| {} |", cells.join(" | "));
    cells.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::comparison::tests::task;

    #[test]
    fn what_is_absent_is_told_with_its_reason() {
        let mut agreement = Agreement::default();
        let reason = Err("it is not installed".to_string());
        agreement.found.insert(("seed", "burn"), reason);
        let page = write(&Findings {
            machine: vec![("processor", "a | b".to_string())],
            options: &Options::default(),
            tasks: &[task("seed")],
            agreement: &agreement,
            measured: &Measured::default(),
            growth: &[],
            job: None,
            bars: vec![],
        });
        assert!(page.contains("- burn, seed: it is not installed"), "{page}");
        assert!(
            page.contains("|  |  |\n|---|---|\n| processor | a \\| b |"),
            "{page}"
        );
    }
}
