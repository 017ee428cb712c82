//! chainrule, measured as its peers are; and what all comparisons need: the problems, the machine's peak.
//!
//! ```text
//! bench-chainrule prepare FOLDER                                       writes the problem files
//! bench-chainrule peak SECONDS                                         the machine's peak, f32 and f64, one and two threads
//! bench-chainrule memory FILE THREADS                                  what a training needs beside its data
//! bench-chainrule WORKLOAD MODE FILE THREADS SECONDS [f32|f64]         the protocol of bench/README.md
//! ```

mod memory;
mod network;
mod peak;
mod prediction;
mod problems;
mod training;

use std::path::Path;

use bench_protocol::{Request, Workload, locked_version};
use chainrule::Real;

fn main() {
    if let Err(problem) = run() {
        eprintln!("error: {problem}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["prepare", folder] => problems::write_all(Path::new(folder)).map_err(|e| e.to_string()),
        ["peak", seconds] => {
            peak::print(seconds.parse().map_err(|e| format!("{seconds:?}: {e}"))?);
            Ok(())
        }
        ["memory", file, threads] => {
            let threads = threads.parse().map_err(|e| format!("{threads:?}: {e}"))?;
            memory::print(Path::new(file), threads)
        }
        _ => measure(&Request::from_arguments()?),
    }
}

fn measure(request: &Request) -> Result<(), String> {
    match request.rest.first().map(String::as_str) {
        None | Some("f32") => measure_in::<f32>(request),
        Some("f64") => measure_in::<f64>(request),
        Some(other) => Err(format!("{other:?} is neither f32 nor f64")),
    }
}

fn measure_in<R: Real>(request: &Request) -> Result<(), String> {
    let version = locked_version(include_str!("../Cargo.lock"), "chainrule");
    match request.workload {
        Workload::Step => training::run::<R>(request, version),
        Workload::Row => prediction::run_row::<R>(request, version),
        Workload::Rows => prediction::run_rows::<R>(request, version),
    }
}
