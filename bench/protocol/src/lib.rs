//! What the measured Rust programs have in common: the request they are given, the problem file they read, the clock
//! they measure with, and the one line they print. `bench/README.md` describes all four for programs in other
//! languages.

mod clock;
mod problem;

pub use clock::Clock;
pub use problem::{Activation, Layer, Problem, Rule};

use std::path::Path;

/// Steps of the check: the losses of so many steps are printed.
pub const CHECKED_STEPS: usize = 100;
/// Predictions that the check prints.
pub const CHECKED_ROWS: usize = 100;

/// What a program is asked to do: `PROGRAM WORKLOAD MODE FILE THREADS SECONDS`, and for chainrule a precision.
pub struct Request {
    /// What is measured.
    pub workload: Workload,
    /// Whether losses or predictions are wanted, or times.
    pub mode: Mode,
    /// The weights and data.
    pub problem: Problem,
    /// Threads that may be used.
    pub threads: usize,
    /// How long to measure.
    pub seconds: f64,
    /// What follows, if anything.
    pub rest: Vec<String>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// A training step on one batch.
    Step,
    /// The prediction of one row.
    Row,
    /// The prediction of all rows in one call.
    Rows,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The losses of the first steps, or the predictions of the first rows.
    Check,
    /// Times.
    Time,
}

impl Request {
    /// Reads the program's arguments.
    pub fn from_arguments() -> Result<Request, String> {
        let mut arguments = std::env::args().skip(1);
        let mut next = |what: &str| {
            arguments
                .next()
                .ok_or(format!("the argument {what} is missing"))
        };
        let workload = match next("WORKLOAD")?.as_str() {
            "step" => Workload::Step,
            "row" => Workload::Row,
            "rows" => Workload::Rows,
            other => return Err(format!("{other:?} is none of step, row, rows")),
        };
        let mode = match next("MODE")?.as_str() {
            "check" => Mode::Check,
            "time" => Mode::Time,
            other => return Err(format!("{other:?} is none of check, time")),
        };
        let problem = Problem::read(Path::new(&next("FILE")?))?;
        let number = |text: String| text.parse::<f64>().map_err(|e| format!("{text:?}: {e}"));
        Ok(Request {
            workload,
            mode,
            problem,
            threads: number(next("THREADS")?)? as usize,
            seconds: number(next("SECONDS")?)?,
            rest: arguments.collect(),
        })
    }

    /// A clock that measures as long as the request says.
    pub fn clock(&self) -> Clock {
        Clock::new(self.seconds)
    }
}

/// Prints the answer to a check: losses of the steps, or predictions of the rows.
pub fn print_values(version: &str, values: &[f64]) {
    let values: Vec<String> = values.iter().map(f64::to_string).collect();
    println!(
        "{{\"version\":\"{version}\",\"values\":[{}]}}",
        values.join(",")
    );
}

/// Prints the answer to a measurement.
pub fn print_times(version: &str, clock: &Clock) {
    let (median, min, max) = clock.microseconds();
    println!(
        "{{\"version\":\"{version}\",\"median\":{median},\"min\":{min},\"max\":{max},\"blocks\":{}}}",
        clock.blocks()
    );
}

/// The version of a package in the text of a `Cargo.lock`.
pub fn locked_version<'a>(lock: &'a str, package: &str) -> &'a str {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines
        .nth(1)
        .and_then(|line| line.split('"').nth(1))
        .unwrap_or("unknown")
}
