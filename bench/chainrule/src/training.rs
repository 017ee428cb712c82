//! Training steps, through the trainer that users call.

use bench_protocol::{CHECKED_STEPS, Mode, Request, print_times, print_values};
use chainrule::Real;
use chainrule::training::{Control, Dataset, Event, Trainer};

use crate::network::{matrix, network, settings};

/// Losses of the first steps, or the time of a step: everything between two steps of one long training counts.
pub fn run<R: Real>(request: &Request, version: &str) -> Result<(), String> {
    let problem = &request.problem;
    let (x, y) = (
        matrix::<R>(&problem.x, problem.widths[0]),
        matrix::<R>(&problem.y, 1),
    );
    let data = Dataset::new(x.view(), y.view(), None);
    let mut trainer = Trainer::new(network(problem), settings(problem, request.threads));
    let mut losses = Vec::with_capacity(CHECKED_STEPS);
    let mut clock = request.clock();
    let mut listen = |event: Event| {
        let Event::Step { loss, .. } = event else {
            return Control::Continue;
        };
        let done = match request.mode {
            Mode::Check => {
                losses.push(loss);
                losses.len() == CHECKED_STEPS
            }
            Mode::Time => clock.tick(),
        };
        if done {
            Control::Stop
        } else {
            Control::Continue
        }
    };
    trainer
        .fit(&data, None, &mut listen)
        .map_err(|e| e.to_string())?;
    match request.mode {
        Mode::Check => print_values(version, &losses),
        Mode::Time => print_times(version, &clock),
    }
    Ok(())
}
