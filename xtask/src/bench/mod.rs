//! `cargo xtask bench`: chainrule beside its peers, on the same problems, in turns, on this machine, now.
//!
//! `bench/README.md` says what is compared and how. Nothing is left out in silence: a peer that cannot be built, installed or run, or
//! whose losses are not chainrule's, stands in the report with the reason.

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
mod options;
mod programs;
mod report;

pub use options::Options;

use std::path::Path;

use builds::Builds;

/// Compares, prints the reports and writes them to `bench/results/`: `latest.md`, `python.md` for the scikit-learn estimator, and
/// `accuracy.md`.
pub fn run(root: &Path, options: &Options) -> Result<(), String> {
    if options.wants("accuracy") {
        let page = accuracy::run(root, options)?;
        match options.leaves_out("chainrule") {
            // The peers' results are kept for a later page.
            true => println!("\n{page}"),
            false => publish(root, options, "accuracy.md", &page)?,
        }
    }
    if options.only == ["accuracy"] {
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
    if options
        .only
        .iter()
        .all(|section| ["accuracy", "python"].contains(&section.as_str()))
    {
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
        bars: bars::judge(&tasks, &measured, job.as_ref()),
    });
    publish(root, options, "latest.md", &report)
}

fn publish(root: &Path, options: &Options, name: &str, report: &str) -> Result<(), String> {
    println!("\n{report}");
    if options.quick {
        return Ok(());
    }
    let path = root.join("bench/results").join(name);
    std::fs::write(&path, report).map_err(|error| format!("{}: {error}", path.display()))
}
