//! `cargo xtask fuzz`: each target of `fuzz/` for a while, from seeds that are read without an error.
//!
//! It needs cargo-fuzz, and says so where it is missing. No sanitizer runs: the crates that read have no unsafe code, and a stable toolchain serves.
//! What always runs instead are the tests of changed bytes and of forged contents in `chainrule-tabular`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{process, repository};

/// The targets, and how long each runs: a minute in all.
const TARGETS: [&str; 4] = ["model", "checkpoint", "network", "table"];
const SECONDS_EACH: u32 = 15;

/// Runs all targets, or says what is missing.
pub fn run(root: &Path) -> Result<(), String> {
    if !process::works(Command::new("cargo").args(["fuzz", "--version"])) {
        let how = "cargo install cargo-fuzz";
        return Err(format!(
            "nothing was fuzzed: cargo-fuzz is not installed ({how})"
        ));
    }
    seed(root)?;
    for target in TARGETS {
        let time = format!("-max_total_time={SECONDS_EACH}");
        process::run(
            Command::new("cargo")
                .args(["fuzz", "run", "--sanitizer", "none", target])
                .args(["--", &time, "-max_len=65536"])
                .current_dir(root),
        )?;
    }
    Ok(())
}

/// Puts a table and a model into the corpora: random bytes alone would hardly pass a header.
fn seed(root: &Path) -> Result<(), String> {
    let target = repository::build_release(root)?;
    let corpus = |name: &str| root.join("fuzz/corpus").join(name);
    for target in TARGETS {
        let folder = corpus(target);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let (table, seed) = (
        root.join("data/diabetes.csv"),
        corpus("table").join("diabetes"),
    );
    fs::copy(&table, &seed).map_err(|error| format!("{}: {error}", seed.display()))?;
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
