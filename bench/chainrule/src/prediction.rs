//! Predictions: one row, and a million rows in one call.

use std::hint::black_box;

use bench_protocol::{CHECKED_ROWS, Mode, Request, print_times, print_values};
use chainrule::{Real, with_threads};
use ndarray::s;

use crate::network::{matrix, network};

/// One row at a time, each another one.
pub fn run_row<R: Real>(request: &Request, version: &str) -> Result<(), String> {
    let problem = &request.problem;
    let mut predictor = network::<R>(problem).predictor();
    let x = matrix::<R>(&problem.x, problem.widths[0]);
    let rows: Vec<&[R]> = x.outer_iter().filter_map(|row| row.to_slice()).collect();
    if request.mode == Mode::Check {
        let rows = rows.iter().take(CHECKED_ROWS);
        let predictions = rows.map(|row| Real::to_f64(predictor.predict_row(row)[0]));
        print_values(version, &predictions.collect::<Vec<_>>());
        return Ok(());
    }
    let mut clock = request.clock();
    let mut r = 0;
    clock.measure(|| {
        black_box(predictor.predict_row(black_box(rows[r])));
        r = (r + 1) % rows.len();
    });
    print_times(version, &clock);
    Ok(())
}

/// All rows in one call.
pub fn run_rows<R: Real>(request: &Request, version: &str) -> Result<(), String> {
    let problem = &request.problem;
    let network = network::<R>(problem);
    let x = matrix::<R>(&problem.x, problem.widths[0]);
    if request.mode == Mode::Check {
        let predictions = network.predict(x.slice(s![..CHECKED_ROWS, ..]));
        let predictions = predictions.iter().map(|&p| Real::to_f64(p));
        print_values(version, &predictions.collect::<Vec<_>>());
        return Ok(());
    }
    let clock = with_threads(request.threads, || {
        let mut clock = request.clock();
        clock.measure(|| {
            black_box(network.predict(black_box(x.view())));
        });
        clock
    });
    print_times(version, &clock.map_err(|error| error.to_string())?);
    Ok(())
}
