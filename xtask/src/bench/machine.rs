//! The machine and the tools that figures belong to.

use std::path::Path;
use std::process::Command;

use crate::process;

/// Lines for the head of the report: what and which.
pub fn describe(root: &Path) -> Result<Vec<(&'static str, String)>, String> {
    let cores = std::thread::available_parallelism().map_err(|error| error.to_string())?;
    let output = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        process::output(command.current_dir(root).args(arguments))
            .map(|text| text.trim().to_string())
    };
    // The pages that a run writes are none of the code that it measures.
    let code = ["status", "--porcelain", "--", ".", ":!bench/results"];
    let changed = !output("git", &code)?.is_empty();
    let commit = output("git", &["rev-parse", "--short", "HEAD"])?;
    let changes = if changed { ", with changes" } else { "" };
    Ok(vec![
        ("date", output("date", &["-u", "+%Y-%m-%d %H:%M UTC"])?),
        ("commit", format!("{commit}{changes}")),
        ("processor", format!("{}, {cores} cores", processor())),
        ("system", output("uname", &["-srm"])?),
        ("compiler", output("rustc", &["--version"])?),
    ])
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let model = model.and_then(|line| line.split_once(':'));
    model.map_or("unknown", |(_, name)| name.trim()).to_string()
}
