//! Trainings that are stopped, killed, started twice or cannot save their model: the work is kept.
#![cfg(unix)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::started::Started;
use crate::support::{Folder, command_in, exists};

/// A training that takes minutes.
const LONG: [&str; 8] = [
    "train",
    "diabetes.csv",
    "--target",
    "progression",
    "--hidden",
    "64,64",
    "--epochs",
    "1000000",
];

const CHECKPOINT: &str = "model.safetensors.checkpoint";

/// Waits for something to happen, at most a minute.
#[track_caller]
fn wait_until(happens: impl Fn() -> bool) -> Duration {
    let start = Instant::now();
    while !happens() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "it never happened"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    start.elapsed()
}

/// The command with signals as they are by default, whatever the tests were started with.
fn with_usual_signals(folder: &Folder, args: &[&str]) -> Command {
    let command = folder.command(args.iter().copied());
    let mut usual = Command::new("env");
    usual
        .arg("--default-signal=HUP")
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(folder.path(""))
        .stdin(Stdio::null());
    usual
}

#[cfg(target_os = "linux")]
#[test]
fn a_scheduler_or_a_closed_terminal_stops_a_training_as_ctrl_c_does() {
    for (signal, code) in [("-TERM", 143), ("-HUP", 129), ("-INT", 130)] {
        let folder = Folder::with_table();
        let training = Started::new(&mut with_usual_signals(&folder, &LONG));
        training.signal(signal);
        // A scheduler may say it twice.
        training.signal(signal);
        training.end().fails(
            code,
            &[
                "model.safetensors.checkpoint keeps the training",
                "--resume",
            ],
        );
        assert_eq!(folder.files(), ["diabetes.csv", CHECKPOINT], "{signal}");
        let resume = [
            "train",
            "diabetes.csv",
            "--target",
            "progression",
            "--resume",
        ];
        let resumed = Started::new(&mut with_usual_signals(&folder, &resume));
        resumed.signal(signal);
        resumed.end().fails(code, &["keeps the training"]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_training_under_nohup_outlives_its_terminal() {
    let folder = Folder::with_table();
    let command = folder.command(LONG);
    let mut nohup = Command::new("nohup");
    nohup
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(folder.path(""))
        .stdin(Stdio::null());
    let training = Started::new(&mut nohup);
    training.signal("-HUP");
    std::thread::sleep(Duration::from_millis(200));
    training.signal("-TERM");
    training.end().fails(143, &["keeps the training"]);
}

#[test]
fn a_killed_training_has_left_a_checkpoint_after_two_seconds_and_resumes() {
    let folder = Folder::with_table();
    let training = Started::new(&mut folder.command(LONG));
    let took = wait_until(|| exists(folder.path(CHECKPOINT)));
    let seconds = took.as_secs_f64();
    assert!((1.5..25.0).contains(&seconds), "{seconds}");
    training.signal("-KILL");
    assert_eq!(training.end().code, None);
    let resume = LONG.into_iter().chain(["--resume"]);
    let resumed = Started::new(&mut folder.command(resume));
    resumed.signal("-INT");
    resumed.end().fails(130, &["keeps the training"]);
    assert_eq!(
        folder.files(),
        ["diabetes.csv", CHECKPOINT],
        "the lock of the killed one is gone"
    );
}

#[test]
fn a_bag_that_is_killed_again_and_again_becomes_the_model_that_it_would_have_become() {
    const BAG: [&str; 6] = [
        "train",
        "diabetes.csv",
        "--target",
        "progression",
        "--members",
        "2",
    ];
    let (left_alone, killed) = (Folder::with_table(), Folder::with_table());
    left_alone.run(BAG).succeeds();
    let resume = ["--checkpoint-every", "0.1", "--resume"];
    let mut kills = 0;
    while !exists(killed.path("model.safetensors")) {
        let training = Started::new(&mut killed.command(BAG.into_iter().chain(resume)));
        // At another moment each time, early and late.
        std::thread::sleep(Duration::from_millis(600 + 250 * (kills % 7)));
        training.signal("-KILL");
        training.end();
        kills += 1;
        assert!(kills < 100, "each start loses what the one before had done");
    }
    assert!(kills > 1, "it was never killed");
    assert_eq!(
        killed.read("model.safetensors"),
        left_alone.read("model.safetensors")
    );
}

#[test]
fn the_time_between_checkpoints_can_be_chosen() {
    let folder = Folder::with_table();
    let every = LONG.into_iter().chain(["--checkpoint-every", "0.2"]);
    let training = Started::new(&mut folder.command(every));
    wait_until(|| exists(folder.path(CHECKPOINT)));
    let first = folder.read(CHECKPOINT);
    wait_until(|| folder.read(CHECKPOINT) != first);
    training.signal("-INT");
    training
        .end()
        .fails(130, &["--checkpoint-every 0.2 --resume"]);
    for wrong in ["0", "-1", "soon", "1e300"] {
        let run = folder.run(
            LONG.into_iter()
                .chain([&format!("--checkpoint-every={wrong}")[..]]),
        );
        run.fails(2, &["give a time above 0"]);
    }
}

#[test]
fn without_a_checkpoint_resume_starts_anew_and_says_so() {
    let folder = Folder::with_table();
    let args = [
        "train",
        "diabetes.csv",
        "--target",
        "progression",
        "--epochs",
        "3",
    ];
    folder.run(args).succeeds();
    let model = folder.read("model.safetensors");
    let run = folder.run(args.into_iter().chain(["--resume"])).succeeds();
    let words = "model.safetensors.checkpoint does not exist, so this training starts anew";
    assert!(run.stderr.contains(words), "{}", run.stderr);
    assert!(folder.read("model.safetensors") == model);
}

#[test]
fn two_trainings_of_one_model_are_told_apart_by_all_its_names() {
    let folder = Folder::with_table();
    std::os::unix::fs::symlink("model.safetensors", folder.path("latest")).unwrap();
    let training = Started::new(&mut folder.command(LONG));
    let process = format!("another training (process {}) is working on", training.id());
    for (model, options) in [
        ("model.safetensors", &[][..]),
        ("./model.safetensors", &["--resume"]),
        ("latest", &[]),
    ] {
        let args = LONG
            .into_iter()
            .chain(["--model", model])
            .chain(options.iter().copied());
        let run = folder.run(args);
        run.fails(
            1,
            &[
                &process,
                "wait for its end, or give this one another --model",
            ],
        );
    }
    // Another model in the same folder is nobody's business.
    let other = [
        "train",
        "diabetes.csv",
        "--target",
        "progression",
        "--epochs",
        "1",
        "--model",
        "other",
    ];
    folder.run(other).succeeds();
    training.signal("-INT");
    training.end().fails(130, &["keeps the training"]);
    assert_eq!(
        folder.files(),
        ["diabetes.csv", "latest", CHECKPOINT, "other"]
    );
}

#[test]
fn a_model_that_goes_to_a_pipe_keeps_its_training_in_the_current_folder() {
    let folder = Folder::with_table();
    let to_stdout: Vec<&str> = LONG.into_iter().chain(["--model", "/dev/stdout"]).collect();
    for (checkpoint, model) in [
        ("model.safetensors.checkpoint", "model.safetensors"),
        ("model-2.safetensors.checkpoint", "model-2.safetensors"),
    ] {
        let training = Started::new(&mut folder.command(to_stdout.iter().copied()));
        training.signal("-INT");
        let command = format!("--model {model} --resume");
        let run = training.end().fails(
            130,
            &[&format!("{checkpoint} keeps the training"), &command],
        );
        assert_eq!(run.stdout, "");
    }
    let resume = to_stdout.iter().copied().chain(["--resume"]);
    folder.run(resume).fails(
        1,
        &["/dev/stdout is no file, so no checkpoint stands beside it"],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_training_whose_model_cannot_be_saved_is_kept_and_its_model_made_without_training_again() {
    let folder = Folder::with_table();
    let args = [
        "train",
        "diabetes.csv",
        "--target",
        "progression",
        "--epochs",
        "20",
    ];
    folder.run(args).succeeds();
    let expected = folder.read("model.safetensors");
    // Somebody's model, which must not be in the way of the one that is kept.
    folder.write("model.safetensors", "another");

    let full = folder.run(args.into_iter().chain(["--model", "/dev/full"]));
    let message = full
        .fails(1, &["/dev/full cannot be written: No space left on device. The finished training is not lost:"])
        .stderr;
    assert!(!message.contains("os error"), "{message}");
    let run = folder.run(command_in(&message).unwrap()).succeeds();
    assert!(run.stderr.contains("20 epochs"), "{}", run.stderr);
    assert!(
        folder.read("model-2.safetensors") == expected
            || folder.read("model.safetensors") == expected
    );
}

#[test]
fn a_folder_that_vanishes_during_the_training_costs_nothing() {
    let folder = Folder::with_table();
    std::fs::create_dir(folder.path("results")).unwrap();
    let args = LONG.into_iter().chain(["--model", "results/m.safetensors"]);
    let training = Started::new(&mut folder.command(args));
    std::fs::remove_dir_all(folder.path("results")).unwrap();
    training.signal("-INT");
    let run = training.end();
    let run = run.fails(
        130,
        &[
            "m.safetensors.checkpoint keeps the training",
            "--model m.safetensors --resume",
        ],
    );
    assert!(
        exists(folder.path("m.safetensors.checkpoint")),
        "{}",
        run.stderr
    );
}

#[test]
fn a_target_that_looks_like_an_option_can_be_resumed() {
    let folder = Folder::new();
    let rows: String = (0..40).map(|i| format!("{i},{}\n", i * i)).collect();
    folder.write("t.csv", format!("x,-y\n{rows}"));
    let args = ["train", "t.csv", "--target=-y", "--epochs", "10000000"];
    let training = Started::new(&mut folder.command(args));
    training.signal("-INT");
    let message = training.end().fails(130, &["--target=-y"]).stderr;
    let resume = command_in(&message).unwrap();
    let resumed = Started::new(&mut folder.command(resume));
    resumed.signal("-INT");
    resumed.end().fails(130, &["keeps the training"]);
}
