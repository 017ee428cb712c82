//! `cargo xtask bench`: chainrule beside its peers, on the same problems, in turns, on this machine, now.
//!
//! `bench/README.md` says what is compared and how. Nothing is left out in silence: a peer that cannot be built,
//! installed or run, or whose losses are not chainrule's, stands in the report with the reason.

mod accuracy;
mod agreement;
mod bars;
mod builds;
mod comparison;
mod estimators;
mod growth;
mod job;
mod machine;
mod measurement;
mod one_row;
mod options;
mod programs;
mod report;

pub use options::Options;

use std::path::Path;

use builds::Builds;

/// Compares, prints the reports and writes them to `bench/results/`: `latest.md`, or `avx2.md` where that was asked
/// for, `python.md` for the Python package, `accuracy.md`, and `intervals.md` with its figure.
pub fn run(root: &Path, options: &Options) -> Result<(), String> {
    for (name, page) in accuracy::run(root, options)? {
        match options.leaves_out("chainrule") {
            // The peers' results are kept for a later page.
            true => show(name, &page),
            false => publish(root, options, name, &page)?,
        }
    }
    let only = |sections: &[&str]| {
        options
            .only
            .iter()
            .all(|name| sections.contains(&name.as_str()))
    };
    if only(&accuracy::SECTIONS) {
        return Ok(());
    }
    let builds = Builds::prepare(root, options)?;
    if options.wants("python") {
        publish(
            root,
            options,
            "python.md",
            &estimators::run(root, &builds, options)?,
        )?;
    }
    if only(&[&accuracy::SECTIONS[..], &["python"]].concat()) {
        return Ok(());
    }
    let tasks = comparison::COMPARISON.tasks.iter();
    let tasks: Vec<_> = tasks.filter(|task| options.wants(&task.section)).collect();
    let agreement = agreement::check(&builds, &tasks)?;
    let measured = measurement::run(&builds, &tasks, &agreement, options)?;
    let growth = match options.wants("growth") && !options.quick {
        true => growth::run(root, &builds.target("chainrule"))?,
        false => vec![],
    };
    let job = match options.wants("job") {
        true => Some(job::run(root, &builds, options)?),
        false => None,
    };
    let report = report::write(&report::Findings {
        machine: machine::describe(root)?,
        options,
        tasks: &tasks,
        agreement: &agreement,
        measured: &measured,
        growth: &growth,
        job: job.as_ref(),
        bars: bars::judge(&tasks, &measured, job.as_ref(), options),
    });
    let name = if options.avx2 { "avx2.md" } else { "latest.md" };
    publish(root, options, name, &report)
}

fn publish(root: &Path, options: &Options, name: &str, report: &str) -> Result<(), String> {
    show(name, report);
    if options.quick {
        return Ok(());
    }
    let path = root.join("bench/results").join(name);
    std::fs::write(&path, report).map_err(|error| format!("{}: {error}", path.display()))
}

/// Prints a page; a figure says nothing in a terminal.
fn show(name: &str, text: &str) {
    if name.ends_with(".md") {
        println!("\n{text}");
    }
}
