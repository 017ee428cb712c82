//! Instructions of one training step and one prediction of the small network: a guard on speed that does not depend on
//! the clock.
//!
//! Callgrind runs the command's example `small_network` twice with different counts; the difference belongs to the
//! additional ones alone. The code of each instruction set that Valgrind knows is counted, which are those of x86-64
//! but AVX-512.

use std::path::Path;
use std::process::Command;

use super::Notes;
use crate::process::works;
use crate::repository;

/// The example, which is built with the command.
const EXAMPLE: &str = "small_network";
/// How often its task is repeated, fewer and more.
const COUNTS: [u64; 2] = [100, 600];

/// The instruction sets, as `CHAINRULE_INSTRUCTIONS` names them.
const SETS: [&str; 2] = ["avx2", "none"];

/// A task of the example and the most instructions that one repetition may take with each of the sets, a tenth above
/// what it took when the bound was set.
struct Bound {
    task: &'static str,
    what: &'static str,
    most: [u64; 2],
}

const BOUNDS: [Bound; 2] = [
    Bound {
        task: "steps",
        what: "a training step of 10-16-16-8-1 with 32 rows",
        most: [40_000, 198_000],
    },
    Bound {
        task: "rows",
        what: "a prediction of one row",
        most: [1_290, 3_900],
    },
];

pub fn run_callgrind(root: &Path) -> Result<Notes, String> {
    let note = |why: &str| Ok(vec![format!("not counted: {why}")]);
    if !works(Command::new("valgrind").arg("--version")) {
        return note("valgrind is not installed here");
    }
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return note("the bounds are those of x86-64 Linux");
    }
    let example = repository::build_release(root)?
        .join("release/examples")
        .join(EXAMPLE);
    let of_each_set = |bound: &'static Bound| {
        SETS.iter()
            .zip(bound.most)
            .map(move |(set, most)| (bound, *set, most))
    };
    let bounds = BOUNDS.iter().flat_map(of_each_set);
    bounds
        .map(|(bound, set, most)| check(&example, bound, set, most))
        .collect()
}

fn check(example: &Path, bound: &Bound, set: &str, most: u64) -> Result<String, String> {
    let [few, many] = COUNTS;
    let all = count(example, bound.task, many, set)? - count(example, bound.task, few, set)?;
    let each = all / (many - few);
    let told = format!(
        "{} takes {each} instructions with {set} (at most {most})",
        bound.what
    );
    if each > most { Err(told) } else { Ok(told) }
}

/// Instructions of a whole run of the example with an instruction set.
fn count(example: &Path, task: &str, repetitions: u64, set: &str) -> Result<u64, String> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(example)
        .args([task, &repetitions.to_string()])
        .env("CHAINRULE_INSTRUCTIONS", set)
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
