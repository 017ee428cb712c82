//! The report: one Markdown page that says on what, against whom, how fast, and what is missing.

use std::fmt::Write;

use super::Options;
use super::agreement::Agreement;
use super::bars::{Bar, digits};
use super::contenders::{CHAINRULE, CONTENDERS};
use super::growth::Point;
use super::job::Job;
use super::measurement::{Measured, Series};
use super::tasks::Task;

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
    let mut page = head(findings);
    page += &bars(&findings.bars);
    for task in findings.tasks {
        page += &table(task, findings.measured);
    }
    page += &growth(findings.growth);
    page += &findings.job.map(job).unwrap_or_default();
    page += &agreement(findings);
    page += &absent(findings);
    page
}

fn head(findings: &Findings) -> String {
    let mut page = "# chainrule beside its peers\n\nWritten by `cargo xtask bench`; [how it is measured](../README.md).\n\n| | |\n|---|---|\n".to_string();
    for (what, which) in &findings.machine {
        line(&mut page, &[what, which]);
    }
    let peak = |precision| {
        let of = |threads| {
            Some(digits(
                findings.measured.peak.get(&(precision, threads))?.median(),
            ))
        };
        Some(format!(
            "{precision}: {} on one thread, {} on two",
            of(1)?,
            of(2)?
        ))
    };
    if let (Some(single), Some(double)) = (peak("f32"), peak("f64")) {
        let vectors = &findings.measured.vectors;
        let peak = format!("GFLOP/s, fused multiply-adds in {vectors} vectors, {single}; {double}");
        line(&mut page, &["measured peak", &peak]);
    }
    let rounds = findings.options.rounds;
    let seconds = findings.options.seconds;
    let how = format!(
        "{rounds} interleaved rounds, {seconds} s each; median, and least to greatest round"
    );
    line(&mut page, &["rounds", &how]);
    page
}

pub(super) fn bars(bars: &[Bar]) -> String {
    let mut page = "\n## Bars\n\n| | bar | found | |\n|---|---|---|---|\n".to_string();
    for bar in bars {
        let verdict = match bar.reached {
            Some(true) => "reached",
            Some(false) => "**not reached**",
            None => "unknown",
        };
        line(&mut page, &[&bar.what, &bar.bar, &bar.found, verdict]);
    }
    page
}

fn table(task: &Task, measured: &Measured) -> String {
    let mut page = format!(
        "\n## {}: {}\n\n{} operations. Times in µs.\n\n| | threads | median | spread | ratio to chainrule | share of the peak |\n|---|---|---|---|---|---|\n",
        task.name,
        task.what,
        digits(task.operations()),
    );
    for &threads in task.threads {
        for contender in &CONTENDERS {
            let Some(series) = measured.times.get(&(task.name, threads, contender.name)) else {
                continue;
            };
            let ours = measured.time(task.name, threads, CHAINRULE);
            let ratio = ours.map_or("".into(), |ours| digits(series.median() / ours));
            let share = measured.share(task, threads, contender.name);
            let share = share.map_or("".into(), |share| format!("{:.1} %", 100.0 * share));
            let (median, spread) = (digits(series.median()), spread(series));
            let threads = threads.to_string();
            line(
                &mut page,
                &[contender.name, &threads, &median, &spread, &ratio, &share],
            );
        }
    }
    page
}

fn growth(points: &[Point]) -> String {
    let mut page = String::new();
    let mut before = "";
    for point in points {
        if before.is_empty() {
            page += "\n## growth: chainrule alone, from 16-64-64-1, ReLU, batch 128, Adam, one thread\n\nMedians of 20 samples, one after the other.\n\n| | | µs | GFLOP/s |\n|---|---:|---:|---:|\n";
        }
        // A group is named in its first line alone.
        let what = if point.what == before { "" } else { point.what };
        before = point.what;
        let rate = point.operations / point.microseconds / 1e3;
        let (size, time) = (point.size.to_string(), digits(point.microseconds));
        line(&mut page, &[what, &size, &time, &digits(rate)]);
    }
    page
}

fn job(job: &Job) -> String {
    let mut page = "\n## job: 200 epochs on data/diabetes.csv, from process start to model file\n\nTimes in ms.\n\n| | median | spread | ratio to chainrule |\n|---|---|---|---|\n".to_string();
    let ours = job.chainrule.median();
    line(
        &mut page,
        &[
            "`chainrule train`",
            &digits(ours),
            &spread(&job.chainrule),
            "1.00",
        ],
    );
    match &job.sklearn {
        Ok(series) => {
            let ratio = digits(series.median() / ours);
            line(
                &mut page,
                &[
                    "scikit-learn",
                    &digits(series.median()),
                    &spread(series),
                    &ratio,
                ],
            );
        }
        Err(reason) => line(&mut page, &["scikit-learn", "absent", reason, ""]),
    }
    let start_up = digits(job.start_up.median());
    line(
        &mut page,
        &[
            "`chainrule --version`",
            &start_up,
            &spread(&job.start_up),
            "",
        ],
    );
    page
}

fn agreement(findings: &Findings) -> String {
    let mut page = "\n## Who took part\n\nBefore timing, the loss after 100 steps and the predictions of the first rows are compared with chainrule's in single precision: the relative difference must be at most 1e-3.\n\n| | version |".to_string();
    for task in findings.tasks {
        let _ = write!(page, " {} |", task.name);
    }
    page += "\n|---|---|";
    page += &"---|".repeat(findings.tasks.len());
    page += "\n";
    for contender in &CONTENDERS {
        let found = &findings.agreement.found;
        let cells =
            findings
                .tasks
                .iter()
                .map(|task| match found.get(&(task.name, contender.name)) {
                    Some(Ok(difference)) => format!("{difference:.0e}"),
                    Some(Err(_)) => "absent".to_string(),
                    None => "cannot".to_string(),
                });
        let version = findings.agreement.versions.get(contender.name);
        let mut all = vec![
            contender.name.to_string(),
            version.cloned().unwrap_or_default(),
        ];
        all.extend(cells);
        line(
            &mut page,
            &all.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    }
    page += "\n";
    for contender in CONTENDERS
        .iter()
        .filter(|contender| !contender.note.is_empty())
    {
        let _ = writeln!(page, "- {}: {}.", contender.name, contender.note);
    }
    page
}

fn absent(findings: &Findings) -> String {
    let mut page = "\n## Absent\n\n".to_string();
    let mut lines = vec![
        "RTNeural: its sizes are fixed when it is compiled, and no package index has it."
            .to_string(),
    ];
    for ((task, contender), found) in &findings.agreement.found {
        if let Err(reason) = found {
            lines.push(format!("{contender}, {task}: {reason}"));
        }
    }
    lines.extend(findings.measured.failures.iter().cloned());
    for absent in lines {
        let _ = writeln!(page, "- {absent}");
    }
    page
}

pub(super) fn spread(series: &Series) -> String {
    let (min, max) = series.spread();
    format!("{}–{}", digits(min), digits(max))
}

pub(super) fn line(page: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(page, "| {} |", cells.join(" | "));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tasks::TASKS;

    #[test]
    fn what_is_absent_is_told_with_its_reason() {
        let mut agreement = Agreement::default();
        let reason = Err("it is not installed".to_string());
        agreement.found.insert(("seed", "burn"), reason);
        let page = write(&Findings {
            machine: vec![("processor", "a | b".to_string())],
            options: &Options::parse(&["--only", "seed"]).unwrap(),
            tasks: &[&TASKS[0]],
            agreement: &agreement,
            measured: &Measured::default(),
            growth: &[],
            job: None,
            bars: vec![],
        });
        assert!(page.contains("- burn, seed: it is not installed"), "{page}");
        assert!(page.contains("| processor | a \\| b |"), "{page}");
    }
}
