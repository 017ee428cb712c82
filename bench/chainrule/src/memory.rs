//! What a training needs beside its data: the growth of the process, and the bound that the project promises.

use std::path::Path;

use bench_protocol::Problem;
use chainrule::training::{Control, Dataset, Event, Trainer};

use crate::network::{matrix, network, settings};

/// Steps of the training that is watched.
const STEPS: u64 = 40;

/// Prints one line: `measured` and `bound` in bytes.
///
/// The bound: 4 × the parameters' bytes × (1 + threads), and one block's activations, which are `Z`, `A`, `∂C/∂Z` of
/// every layer, `X` and `Y` for the rows of a batch.
pub fn print(file: &Path, threads: usize) -> Result<(), String> {
    let mut problem = Problem::read(file)?;
    let (x, y) = (
        matrix::<f32>(&problem.x, problem.widths[0]),
        matrix::<f32>(&problem.y, 1),
    );
    problem.x = Vec::new();
    problem.y = Vec::new();
    let data = Dataset::new(x.view(), y.view(), None);
    let network = network::<f32>(&problem);
    let parameters = 4 * network.parameter_count();
    problem.layers = Vec::new();
    let hidden: usize = problem.widths[1..].iter().sum();
    let activations = 4 * problem.batch * (3 * hidden + problem.widths[0] + 1);

    let before = status("VmRSS:")?;
    reset_peak()?;
    let mut trainer = Trainer::new(network, settings(&problem, threads));
    let mut listen = |event: Event| match event {
        Event::Step { step: STEPS.., .. } => Control::Stop,
        _ => Control::Continue,
    };
    trainer
        .fit(&data, None, &mut listen)
        .map_err(|e| e.to_string())?;
    // The network itself was there before the training.
    let measured = status("VmHWM:")?.saturating_sub(before) + parameters;
    let bound = 4 * parameters * (1 + threads) + activations;
    println!("{{\"measured\":{measured},\"bound\":{bound}}}");
    Ok(())
}

/// A line of the kernel's account of this process, in bytes.
fn status(name: &str) -> Result<usize, String> {
    let text = std::fs::read_to_string("/proc/self/status")
        .map_err(|e| format!("the system does not tell a process's memory: {e}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes =
        line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<usize>().ok());
    kilobytes
        .map(|k| k * 1024)
        .ok_or(format!("no {name} in /proc/self/status"))
}

/// Forgets the peak of what was done before.
fn reset_peak() -> Result<(), String> {
    std::fs::write("/proc/self/clear_refs", "5").map_err(|e| format!("/proc/self/clear_refs: {e}"))
}
