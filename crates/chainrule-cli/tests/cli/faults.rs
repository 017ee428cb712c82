//! Faults of the operating system at every step of a save: what was there stays or the new is there whole, and no
//! training is lost.
//!
//! Faults are injected by strace where it is there and allowed; the limit on a file's size is a fault that every system
//! has.
#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use crate::support::{CHAINRULE, Folder, Run, command_in};

/// The steps of a save, and an error that each may meet.
const FAULTS: [(&str, &str, usize); 7] = [
    ("openat", "ENOSPC", 12),
    ("write", "ENOSPC", 8),
    ("write", "EIO", 8),
    ("fsync", "EIO", 6),
    ("rename,renameat,renameat2", "EROFS", 4),
    ("fchmod", "EPERM", 4),
    ("flock", "ENOLCK", 4),
];

/// Whether strace can be used here.
fn can_trace() -> bool {
    let traced = Command::new("strace")
        .args(["-qq", "-e", "trace=none", "true"])
        .stdin(Stdio::null())
        .output();
    let can = traced.is_ok_and(|output| output.status.success());
    if !can {
        eprintln!("strace is not there or not allowed: no faults are injected");
    }
    can
}

/// Runs the command with one system call of a kind failing: the `n`th one that it makes in the folder itself, not while
/// it is loaded.
fn run_with_fault(folder: &Folder, args: &[&str], (calls, error): (&str, &str), when: &str) -> Run {
    let inject = format!("inject={calls}:error={error}:when={when}");
    let mut strace = Command::new("strace");
    strace
        .args([
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            &format!("trace={calls}"),
            "-e",
            &inject,
            CHAINRULE,
        ])
        .args(args)
        .current_dir(folder.path(""))
        .stdin(Stdio::null());
    Run::of(&mut strace)
}

#[test]
fn a_fault_at_any_step_leaves_the_old_file_or_the_new_one_whole() {
    if !can_trace() {
        return;
    }
    let folder = Folder::with_model();
    let args = [
        "predict",
        "model.safetensors",
        "diabetes.csv",
        "--output",
        "p.csv",
    ];
    folder.run(args).succeeds();
    let new = folder.read("p.csv");
    let (mut failed, mut succeeded) = (0, 0);
    for (calls, error, count) in FAULTS {
        for n in 1..=count {
            folder.write("p.csv", "old");
            let run = run_with_fault(&folder, &args, (calls, error), &n.to_string());
            let there = folder.read("p.csv");
            let what = format!("{calls} {error} {n}: {run:?}");
            assert!(there == b"old" || there == new, "{what}");
            assert!(
                !run.stderr.contains("panicked") && !run.stderr.contains("os error"),
                "{what}"
            );
            match run.code {
                Some(0) => assert!(there == new, "{what}"),
                _ => assert!(!run.stderr.is_empty(), "{what}"),
            }
            *(if run.code == Some(0) {
                &mut succeeded
            } else {
                &mut failed
            }) += 1;
            assert_eq!(
                folder.files(),
                ["diabetes.csv", "model.safetensors", "p.csv"],
                "{what}"
            );
        }
    }
    assert!(
        failed >= 6 && succeeded >= 6,
        "{failed} failed, {succeeded} succeeded"
    );
}

#[test]
fn a_fault_at_any_step_of_the_last_save_loses_no_training() {
    if !can_trace() {
        return;
    }
    let train = [
        "train",
        "diabetes.csv",
        "--target",
        "progression",
        "--hidden",
        "4",
        "--epochs",
        "3",
    ];
    let expected = {
        let folder = Folder::with_table();
        folder.run(train).succeeds();
        folder.read("model.safetensors")
    };
    let mut kept = 0;
    for (calls, error, count) in FAULTS {
        for n in 1..=count {
            let folder = Folder::with_table();
            let run = run_with_fault(&folder, &train, (calls, error), &n.to_string());
            let what = format!("{calls} {error} {n}: {run:?}");
            assert!(
                !run.stderr.contains("panicked") && !run.stderr.contains("os error"),
                "{what}"
            );
            let message = run.stderr.clone();
            if run.code == Some(0) || !message.contains("training on") {
                continue;
            }
            if let Some(resume) = command_in(&message) {
                assert!(
                    message.contains("The finished training is not lost"),
                    "{what}"
                );
                folder.run(resume).succeeds();
                kept += 1;
            }
            assert!(folder.read("model.safetensors") == expected, "{what}");
            assert_eq!(
                folder.files(),
                ["diabetes.csv", "model.safetensors"],
                "{what}"
            );
        }
    }
    assert!(kept >= 4, "{kept} faults met the last save");
}

#[test]
fn a_disk_that_takes_nothing_at_all_is_told_with_every_place_that_was_tried() {
    if !can_trace() {
        return;
    }
    let folder = Folder::with_table();
    let train = [
        "train",
        "diabetes.csv",
        "--target",
        "progression",
        "--hidden",
        "4",
        "--epochs",
        "3",
    ];
    let run = run_with_fault(&folder, &train, ("fsync", "EIO"), "1+");
    run.fails(
        1,
        &[
            "model.safetensors cannot be written: Input/output error",
            "The training could not be kept either: model.safetensors.checkpoint cannot be written",
        ],
    );
    assert_eq!(folder.files(), ["diabetes.csv"]);
}

#[test]
fn the_limit_on_a_files_size_is_a_message_and_not_the_end_of_the_process() {
    let folder = Folder::with_model();
    let limited = |script: &str| {
        Run::of(
            Command::new("bash")
                .args(["-c", &format!("ulimit -f 4; {script}")])
                .env("chainrule", CHAINRULE)
                .current_dir(folder.path(""))
                .stdin(Stdio::null()),
        )
    };
    let predict = "\"$chainrule\" predict model.safetensors diabetes.csv";
    let run = limited(&format!("{predict} --output p.csv"));
    run.fails(1, &["p.csv cannot be written: File too large"]);
    let run = limited(&format!("{predict} > printed.csv"));
    run.fails(1, &["cannot write to standard output: File too large"]);
    let run =
        limited("\"$chainrule\" train diabetes.csv --target progression --epochs 2 --model big");
    run.fails(
        1,
        &[
            "big cannot be written: File too large",
            "The training could not be kept either",
        ],
    );
    assert_eq!(
        folder.files(),
        ["diabetes.csv", "model.safetensors", "printed.csv"]
    );
}
