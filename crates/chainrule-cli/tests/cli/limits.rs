//! Sizes that no machine has, and paths that would be waited for for ever: refused at once, with a message.

use crate::support::{DIABETES, Folder};

#[test]
fn a_network_that_the_machine_has_no_room_for_is_refused_before_it_is_made() {
    let folder = Folder::new();
    let names: Vec<String> = (0..1000).map(|j| format!("x{j}")).collect();
    let row = |r: usize| -> String { (0..1000).map(|j| format!("{},", (r * j + r) % 7)).collect() };
    let rows: String = (1..20).map(|r| format!("{}{r}\n", row(r))).collect();
    folder.write("wide.csv", format!("{},y\n{rows}", names.join(",")));
    folder
        .run([
            "train",
            "wide.csv",
            "--target",
            "y",
            "--hidden",
            "100000000",
        ])
        .fails(
            1,
            &[
                "error: training a network of ",
                " TB of memory, and about ",
                " are free: choose narrower hidden layers",
            ],
        );
    assert_eq!(folder.files(), ["wide.csv"]);
}

#[test]
fn more_layers_than_a_model_may_have_are_refused() {
    let folder = Folder::with_table();
    let widths = vec!["1"; 1001].join(",");
    folder
        .run([
            "train",
            "diabetes.csv",
            "--target",
            "progression",
            "--hidden",
            &widths,
        ])
        .fails(
            1,
            &["1001 hidden layers are too many: a model has at most 1000"],
        );
}

#[cfg(target_os = "linux")]
#[test]
fn a_thousand_threads_are_as_many_as_there_are_processors() {
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    let folder = Folder::with_table();
    let arguments = [
        "train",
        "diabetes.csv",
        "--target",
        "progression",
        "--hidden",
        "64,64",
        "--epochs",
        "100000",
        "--threads",
        "1000",
    ];
    let mut child = folder
        .command(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command");
    let tasks = format!("/proc/{}/task", child.id());
    let mut most = 0;
    let end = Instant::now() + Duration::from_secs(2);
    while Instant::now() < end && child.try_wait().expect("its status").is_none() {
        most = most.max(std::fs::read_dir(&tasks).map_or(0, Iterator::count));
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
    // Besides the workers: the main thread, the progress bar's, the one that waits for signals, and some to spare.
    folder
        .run([
            "train",
            "diabetes.csv",
            "--target",
            "progression",
            "--threads",
            "100000",
        ])
        .fails(2, &["invalid value '100000' for '--threads"]);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    assert!((2..=processors + 8).contains(&most), "{most} threads");
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_model_or_a_checkpoint_is_not_waited_for() {
    let folder = Folder::new();
    folder.write("diabetes.csv", DIABETES);
    for name in ["pipe", "m.safetensors.checkpoint"] {
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path(name))
            .status();
        assert!(made.expect("mkfifo").success());
    }
    let refused =
        "cannot be read: it is a pipe or a device, not a file: give the path of the file itself";
    folder
        .run(["predict", "pipe", "diabetes.csv"])
        .fails(1, &["error: pipe ", refused]);
    folder
        .run([
            "train",
            "diabetes.csv",
            "--target",
            "progression",
            "--model",
            "m.safetensors",
            "--resume",
        ])
        .fails(1, &["error: m.safetensors.checkpoint ", refused]);
}
