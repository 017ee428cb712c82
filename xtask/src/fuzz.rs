//! `cargo xtask fuzz`: each target of `fuzz/` for a while, from seeds that are read without an error.
//!
//! It needs cargo-fuzz, and says so where it is missing. No sanitizer runs: the crates that read have no unsafe code,
//! and a stable toolchain serves. What always runs instead are the tests of changed bytes, of forged contents and of
//! the kept tables in `chainrule-tabular`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{process, repository};

/// The targets, and the share of the time of each: tables have four formats.
const TARGETS: [(&str, f64); 4] = [
    ("model", 0.1),
    ("checkpoint", 0.1),
    ("network", 0.1),
    ("table", 0.7),
];

/// Tables of every format, small ones that fuzzing has found to take ways of their own among them.
const KEPT_TABLES: &str = "crates/chainrule-tabular/tests/corpus";

/// Runs all targets for so many minutes in all, or says what is missing.
pub fn run(root: &Path, minutes: f64) -> Result<(), String> {
    if !process::works(Command::new("cargo").args(["fuzz", "--version"])) {
        let how = "cargo install cargo-fuzz";
        return Err(format!(
            "nothing was fuzzed: cargo-fuzz is not installed ({how})"
        ));
    }
    seed(root)?;
    for (target, share) in TARGETS {
        let time = format!("-max_total_time={:.0}", 60.0 * minutes * share);
        // A table of some kilobytes is read in milliseconds; what takes seconds or gigabytes is a fault.
        let limits = ["-max_len=65536", "-timeout=10", "-rss_limit_mb=2048"];
        process::run(
            Command::new("cargo")
                .args(["fuzz", "run", "--sanitizer", "none", target])
                .args(["--", &time])
                .args(limits)
                .current_dir(root),
        )?;
    }
    Ok(())
}

/// Puts tables and a model into the corpora: random bytes alone would hardly pass a header.
fn seed(root: &Path) -> Result<(), String> {
    let target = repository::build_release(root)?;
    let corpus = |name: &str| root.join("fuzz/corpus").join(name);
    for (target, _) in TARGETS {
        let folder = corpus(target);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let table = root.join("data/diabetes.csv");
    let failed = |error| format!("{KEPT_TABLES}: {error}");
    for kept in fs::read_dir(root.join(KEPT_TABLES)).map_err(failed)? {
        let kept = kept.map_err(failed)?;
        fs::copy(kept.path(), corpus("table").join(kept.file_name())).map_err(failed)?;
    }
    process::run(
        Command::new(target.join("release/chainrule"))
            .arg("train")
            .arg(&table)
            .args([
                "--target",
                "progression",
                "--hidden",
                "2",
                "--epochs",
                "2",
                "--model",
            ])
            .arg(corpus("model").join("diabetes")),
    )
}
