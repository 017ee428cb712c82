//! Instructions of one training step and one prediction of the small network: a guard on speed that does not depend on the clock.
//!
//! Callgrind runs the core's example `small_network` twice with different counts; the difference belongs to the additional ones alone. Valgrind
//! knows no AVX-512, so this counts the AVX2 code.

use std::path::Path;
use std::process::{Command, Stdio};

use super::Notes;
use crate::process::{cargo, run};
use crate::repository;

/// The example in the core crate.
const EXAMPLE: &str = "small_network";
/// How often its task is repeated, fewer and more.
const COUNTS: [u64; 2] = [100, 600];

/// A task of the example and the most instructions that one repetition may take, a tenth above what it took when the bound was set.
struct Bound {
    task: &'static str,
    what: &'static str,
    most: u64,
}

const BOUNDS: [Bound; 2] = [
    Bound {
        task: "steps",
        what: "a training step of 10-16-16-8-1 with 32 rows",
        most: 42_000,
    },
    Bound {
        task: "rows",
        what: "a prediction of one row",
        most: 1_450,
    },
];

pub fn run_callgrind(root: &Path) -> Result<Notes, String> {
    if Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        return Ok(vec![
            "not counted: valgrind is not installed here".to_string(),
        ]);
    }
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return Ok(vec![
            "not counted: the bounds are those of x86-64 Linux".to_string(),
        ]);
    }
    run(cargo(root).args([
        "build",
        "--release",
        "--locked",
        "-p",
        "chainrule",
        "--example",
        EXAMPLE,
    ]))?;
    BOUNDS.iter().map(|bound| check(root, bound)).collect()
}

fn check(root: &Path, bound: &Bound) -> Result<String, String> {
    let [few, many] = COUNTS;
    let each = (count(root, bound.task, many)? - count(root, bound.task, few)?) / (many - few);
    let told = format!(
        "{} takes {each} instructions (at most {})",
        bound.what, bound.most
    );
    if each > bound.most {
        Err(told)
    } else {
        Ok(told)
    }
}

/// Instructions of a whole run of the example.
fn count(root: &Path, task: &str, repetitions: u64) -> Result<u64, String> {
    let target = repository::target_directory(root)?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(target.join("release/examples").join(EXAMPLE))
        .args([task, &repetitions.to_string()])
        .output()
        .map_err(|error| format!("valgrind cannot be run: {error}"))?;
    let report = String::from_utf8_lossy(&output.stderr);
    collected(&report).ok_or_else(|| format!("callgrind gave no count of instructions:\n{report}"))
}

/// The number in callgrind's closing line, `==123== Collected : 5086986`.
fn collected(report: &str) -> Option<u64> {
    report
        .lines()
        .find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read_from_the_closing_line() {
        assert_eq!(
            collected("==1== Events    : Ir\n==1== Collected : 5086986\n==1==\n"),
            Some(5_086_986)
        );
        assert_eq!(collected("==1== error: no such tool"), None);
    }
}
