//! Where results go: nothing that people have is destroyed, whatever the path leads to.
#![cfg(unix)]

use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::process::{Command, Stdio};

use crate::support::{CHAINRULE, DIABETES, Folder, Run};

const TRAIN: [&str; 8] = [
    "train",
    "diabetes.csv",
    "--target",
    "progression",
    "--hidden",
    "4",
    "--epochs",
    "2",
];

const PREDICT: [&str; 3] = ["predict", "model.safetensors", "diabetes.csv"];

/// The model that [`TRAIN`] gives.
fn expected_model() -> Vec<u8> {
    let folder = Folder::with_table();
    folder.run(TRAIN).succeeds();
    folder.read("model.safetensors")
}

/// What the command prints that [`PREDICT`] is.
fn expected_predictions(folder: &Folder) -> String {
    folder.run(PREDICT).succeeds().stdout
}

/// Runs the command by way of a shell, which sets up its streams; `$chainrule` is the command.
fn shell(folder: &Folder, script: &str) -> Run {
    Run::of(
        Command::new("bash")
            .args(["-c", script])
            .env("chainrule", CHAINRULE)
            .current_dir(folder.path(""))
            .stdin(Stdio::null()),
    )
}

#[test]
fn a_result_that_is_appended_to_a_file_through_standard_output_leaves_what_was_there() {
    let folder = Folder::with_model();
    let predictions = expected_predictions(&folder);
    for name in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        folder.write("all.csv", "kept\n");
        shell(
            &folder,
            &format!(
                "\"$chainrule\" {} --output {name} >> all.csv",
                PREDICT.join(" ")
            ),
        )
        .succeeds();
        assert_eq!(
            String::from_utf8(folder.read("all.csv")).unwrap(),
            format!("kept\n{predictions}"),
            "{name}"
        );
    }
    folder.write("all.csv", "kept\n");
    shell(
        &folder,
        &format!(
            "{{ \"$chainrule\" {} --output /dev/fd/3; }} 3>> all.csv",
            PREDICT.join(" ")
        ),
    )
    .succeeds();
    assert!(folder.read("all.csv").starts_with(b"kept\n"));
    assert_eq!(
        folder.files(),
        ["all.csv", "diabetes.csv", "model.safetensors"]
    );
}

#[test]
fn several_results_go_one_after_the_other_into_one_redirection() {
    let folder = Folder::with_model();
    let predictions = expected_predictions(&folder);
    let predict = format!("\"$chainrule\" {} --output /dev/stdout", PREDICT.join(" "));
    shell(
        &folder,
        &format!("{{ echo first; {predict}; {predict}; echo last; }} > all.csv"),
    )
    .succeeds();
    assert_eq!(
        String::from_utf8(folder.read("all.csv")).unwrap(),
        format!("first\n{predictions}{predictions}last\n")
    );
}

#[test]
fn a_model_on_standard_output_is_the_model_alone_and_the_report_goes_to_standard_error() {
    let expected = expected_model();
    let folder = Folder::with_table();
    let train = format!("\"$chainrule\" {} --model /dev/stdout", TRAIN.join(" "));
    for (script, prefix) in [
        (format!("{train} > m"), ""),
        (format!("{train} --json > m"), ""),
        (format!("{train} | cat > m"), ""),
        (format!("echo kept > m; {train} >> m"), "kept\n"),
    ] {
        let run = shell(&folder, &script).succeeds();
        let model = folder.read("m");
        assert!(model == [prefix.as_bytes(), &expected].concat(), "{script}");
        assert!(
            run.stderr.contains("validation"),
            "{script}: {}",
            run.stderr
        );
        assert_eq!(folder.files(), ["diabetes.csv", "m"]);
    }
}

#[test]
fn a_figure_on_standard_output_is_the_figure_alone() {
    let folder = Folder::new();
    let run = folder
        .run(["demo", "--epochs", "2", "--figure", "/dev/stdout"])
        .succeeds();
    assert!(
        run.stdout.starts_with("<svg") || run.stdout.starts_with("<?xml"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.trim_end().ends_with("</svg>"), "{}", run.stdout);
    assert!(
        run.stderr.contains("ordinary least squares"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_read_is_not_overwritten_under_any_of_its_names() {
    let folder = Folder::with_model();
    let model = folder.read("model.safetensors");
    let at = |name: &str| folder.path(name);
    for (file, kind) in [("diabetes.csv", "table"), ("model.safetensors", "model")] {
        fs::hard_link(at(file), at(&format!("hard-{kind}"))).unwrap();
        symlink(file, at(&format!("soft-{kind}"))).unwrap();
    }
    for name in ["diabetes.csv", "./diabetes.csv", "hard-table", "soft-table"] {
        let words = [&format!("{name} would take the place of diabetes.csv, which is read")[..]];
        folder
            .run(TRAIN.into_iter().chain(["--model", name]))
            .fails(1, &words);
        folder
            .run(PREDICT.into_iter().chain(["--output", name]))
            .fails(1, &words);
    }
    for name in ["model.safetensors", "hard-model", "soft-model"] {
        let words =
            [&format!("{name} would take the place of model.safetensors, which is read")[..]];
        folder
            .run(PREDICT.into_iter().chain(["--output", name]))
            .fails(1, &words);
    }
    let train = "\"$chainrule\" train - --target progression --model diabetes.csv < diabetes.csv";
    shell(&folder, train).fails(1, &["diabetes.csv would take the place of standard input"]);
    assert!(folder.read("diabetes.csv") == DIABETES.as_bytes());
    assert!(folder.read("model.safetensors") == model);
}

#[test]
fn a_checkpoint_that_is_the_table_is_not_overwritten() {
    let folder = Folder::with_table();
    symlink("diabetes.csv", folder.path("model.safetensors.checkpoint")).unwrap();
    for options in [&[][..], &["--resume"]] {
        folder
            .run(TRAIN.into_iter().chain(options.iter().copied()))
            .fails(1, &["would take the place of diabetes.csv"]);
    }
    assert!(folder.read("diabetes.csv") == DIABETES.as_bytes());
}

#[test]
fn a_table_that_is_standard_output_as_well_is_refused() {
    let folder = Folder::with_model();
    let words = ["standard output goes into diabetes.csv, which is read"];
    for command in ["predict", "evaluate"] {
        let script =
            format!("\"$chainrule\" {command} model.safetensors diabetes.csv >> diabetes.csv");
        shell(&folder, &script).fails(1, &words);
    }
    assert!(folder.read("diabetes.csv") == DIABETES.as_bytes());
}

#[test]
fn a_link_stays_and_what_it_leads_to_is_written() {
    let expected = expected_model();
    let folder = Folder::with_table();
    fs::create_dir(folder.path("store")).unwrap();
    symlink("store/m", folder.path("latest")).unwrap();
    for _ in ["nothing there", "a model there"] {
        folder
            .run(TRAIN.into_iter().chain(["--model", "latest"]))
            .succeeds();
        assert!(folder.path("latest").is_symlink());
        assert!(folder.read("store/m") == expected);
        assert_eq!(folder.files(), ["diabetes.csv", "latest", "store"]);
        assert_eq!(fs::read_dir(folder.path("store")).unwrap().count(), 1);
    }
    symlink("missing/m", folder.path("astray")).unwrap();
    let run = folder.run(TRAIN.into_iter().chain(["--model", "astray"]));
    let run = run.fails(1, &["astray cannot be written: there is no folder missing"]);
    assert!(!run.stderr.contains("training on"), "{}", run.stderr);
}

#[test]
fn devices_and_pipes_take_a_result_and_stay_what_they_are() {
    let expected = expected_model();
    let folder = Folder::with_model();
    let predictions = expected_predictions(&folder);
    folder
        .run(PREDICT.into_iter().chain(["--output", "/dev/null"]))
        .succeeds();
    let run = folder
        .run(TRAIN.into_iter().chain(["--model", "/dev/null"]))
        .succeeds();
    assert!(run.stdout.contains("validation"), "{}", run.stdout);
    assert!(
        fs::metadata("/dev/null")
            .unwrap()
            .file_type()
            .is_char_device()
    );

    let made = Command::new("mkfifo")
        .arg(folder.path("pipe"))
        .status()
        .unwrap();
    assert!(made.success());
    let predict = format!(
        "\"$chainrule\" {} --output pipe & cat pipe",
        PREDICT.join(" ")
    );
    assert_eq!(shell(&folder, &predict).succeeds().stdout, predictions);
    let train = format!(
        "\"$chainrule\" {} --model pipe & cat pipe > m; wait",
        TRAIN.join(" ")
    );
    shell(&folder, &train).succeeds();
    assert!(folder.read("m") == expected);
    assert_eq!(
        folder.files(),
        ["diabetes.csv", "m", "model.safetensors", "pipe"]
    );
}

#[test]
fn a_file_keeps_its_permissions_and_a_new_one_follows_the_umask() {
    let folder = Folder::with_model();
    let mode = |name: &str| {
        fs::metadata(folder.path(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o7777
    };
    fs::set_permissions(
        folder.path("model.safetensors"),
        Permissions::from_mode(0o600),
    )
    .unwrap();
    folder.run(TRAIN).succeeds();
    assert_eq!(mode("model.safetensors"), 0o600);
    for (umask, expected) in [("077", 0o600), ("002", 0o664)] {
        let script = format!(
            "umask {umask}; rm -f p.csv; \"$chainrule\" {} --output p.csv",
            PREDICT.join(" ")
        );
        shell(&folder, &script).succeeds();
        assert_eq!(mode("p.csv"), expected, "umask {umask}");
    }
}

#[test]
fn a_file_that_is_read_only_is_not_replaced() {
    let folder = Folder::with_model();
    let before = folder.read("model.safetensors");
    fs::set_permissions(
        folder.path("model.safetensors"),
        Permissions::from_mode(0o444),
    )
    .unwrap();
    let run = folder.run(TRAIN);
    run.fails(1, &["model.safetensors cannot be written: it is read-only"]);
    assert!(folder.read("model.safetensors") == before);
}

#[test]
fn what_a_killed_process_left_is_removed_by_the_next() {
    let folder = Folder::with_table();
    for name in [
        ".model.safetensors.chainrule-4000000000-0.tmp",
        ".other.chainrule.lock",
    ] {
        folder.write(name, "half");
    }
    folder.run(TRAIN).succeeds();
    assert_eq!(folder.files(), ["diabetes.csv", "model.safetensors"]);
}

#[test]
fn a_closed_standard_output_is_an_error_for_every_command() {
    let folder = Folder::with_model();
    for command in [
        "predict model.safetensors diabetes.csv",
        "predict model.safetensors diabetes.csv --output /dev/stdout",
        "evaluate model.safetensors diabetes.csv",
        "describe model.safetensors",
        "explain model.safetensors diabetes.csv --row 1",
        "check --rows 2 --hidden 2",
        "train diabetes.csv --target progression --hidden 2 --epochs 1 --model m",
        "demo --epochs 1 --json",
        "completions bash",
        "--help",
        "train --help",
        "--version",
    ] {
        let run = shell(&folder, &format!("\"$chainrule\" {command} >&-"));
        run.fails(1, &["cannot", "closed"]);
    }
    // Who prints nothing needs no standard output.
    shell(
        &folder,
        &format!("\"$chainrule\" {} --output p.csv >&-", PREDICT.join(" ")),
    )
    .succeeds();
    shell(
        &folder,
        &format!(
            "\"$chainrule\" {} --output p.csv > /dev/null",
            PREDICT.join(" ")
        ),
    )
    .succeeds();
    let both = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null")
        .unwrap();
    Run::of(folder.command(["--help"]).stdout(both)).succeeds();
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_an_error_for_help_and_version_too() {
    let folder = Folder::new();
    for args in [
        &["--help"][..],
        &["train", "--help"],
        &["--version"],
        &["help", "predict"],
    ] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let run = Run::of(folder.command(args.iter().copied()).stdout(full));
        run.fails(
            1,
            &["cannot write to standard output: No space left on device"],
        );
    }
    // A reader that has had enough is none.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    Run::of(
        folder
            .command(["--help"])
            .stdout(File::from(std::os::fd::OwnedFd::from(writer))),
    )
    .succeeds();
}
