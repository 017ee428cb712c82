//! The whole job, from process start to model file, against the same in scikit-learn; and what a user waits for.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::Options;
use super::builds::Builds;
use super::measurement::Series;
use super::programs::last_line;
use crate::process;

/// Epochs of the training.
const EPOCHS: &str = "200";
/// Starts of `chainrule --version` in a round.
const STARTS: usize = 20;

/// What was found.
pub struct Job {
    /// Milliseconds of chainrule's training.
    pub chainrule: Series,
    /// Milliseconds of scikit-learn's, or why there are none.
    pub sklearn: Result<Series, String>,
    /// Milliseconds of `chainrule --version`.
    pub start_up: Series,
    /// Bytes of the stripped binary.
    pub binary_size: u64,
    /// Seconds of the build from nothing, if it was asked for.
    pub cold_build: Option<f64>,
}

/// Runs everything in rounds.
pub fn run(root: &Path, builds: &Builds, options: &Options) -> Result<Job, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = folder.path();
    let table = root.join("data/diabetes.csv");
    let mut sklearn = match options.leaves_out("sklearn") {
        true => Err("left out by --without".to_string()),
        false => Ok(Series::default()),
    };
    let (mut chainrule, mut start_up) = (Series::default(), Series::default());
    for round in 1..=options.rounds {
        println!("job, round {round} of {}", options.rounds);
        chainrule.push(milliseconds(&mut training(builds, &table, folder))?);
        sklearn = sklearn.and_then(|mut series| {
            let mut command = peer_training(root, builds, &table, folder)?;
            series.push(milliseconds(&mut command)?);
            Ok(series)
        });
        let mut starts = Series::default();
        for _ in 0..STARTS {
            let mut command = Command::new(&builds.command);
            starts.push(milliseconds(command.arg("--version"))?);
        }
        start_up.push(starts.median());
    }
    let binary = std::fs::metadata(&builds.command).map_err(|error| error.to_string())?;
    let cold_build = options.cold_build.then(|| cold_build(root, folder));
    Ok(Job {
        chainrule,
        sklearn,
        start_up,
        binary_size: binary.len(),
        cold_build: cold_build.transpose()?,
    })
}

/// Every row is trained on, as in scikit-learn: none is kept for validation.
fn training(builds: &Builds, table: &Path, folder: &Path) -> Command {
    let mut command = Command::new(&builds.command);
    let words = "--target progression --hidden 16,16,8 --batch 32 --optimizer adam \
                 --learning-rate 0.001 --validation 0 --epochs";
    command.arg("train").arg(table).args(words.split(' '));
    let model = folder.join("chainrule.safetensors");
    command.args([EPOCHS, "--model"]).arg(model);
    command
}

fn peer_training(
    root: &Path,
    builds: &Builds,
    table: &Path,
    folder: &Path,
) -> Result<Command, String> {
    let mut command = Command::new(builds.python.clone()?);
    command.arg(root.join("bench/peers/python/whole_job.py"));
    command.arg(table).args(["progression", EPOCHS]);
    command.arg(folder.join("sklearn.joblib"));
    // One thread is what a network of this size is fastest with.
    for variable in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"] {
        command.env(variable, "1");
    }
    Ok(command)
}

fn milliseconds(command: &mut Command) -> Result<f64, String> {
    command.stdin(Stdio::null());
    let start = Instant::now();
    let output = command.output().map_err(|error| error.to_string())?;
    let time = start.elapsed().as_secs_f64() * 1e3;
    if !output.status.success() {
        return Err(last_line(&output.stderr));
    }
    Ok(time)
}

/// Builds the release binary in an empty target folder; what cargo has to download is there before.
fn cold_build(root: &Path, folder: &Path) -> Result<f64, String> {
    process::run(process::cargo(root).args(["fetch", "--locked"]))?;
    let mut cargo = process::cargo(root);
    cargo.args([
        "build",
        "--release",
        "--locked",
        "--package",
        "chainrule-cli",
    ]);
    cargo.arg("--target-dir").arg(folder.join("target"));
    let start = Instant::now();
    process::run(&mut cargo)?;
    Ok(start.elapsed().as_secs_f64())
}
