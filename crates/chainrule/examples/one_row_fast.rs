//! Predicts single rows as a stream brings them: a `Predictor` keeps the weights ready and allocates nothing.
//!
//! `cargo run --release -p chainrule --example one_row_fast`

use std::time::Instant;

use chainrule::activation_functions::Activation;
use chainrule::neural_networks::SimpleNeuralNetwork;
use ndarray::aview1;

/// Rows in the stream.
const ROWS: usize = 10_000;

/// The program. It is public because the tests run it, too.
pub fn main() {
    let network = SimpleNeuralNetwork::<f32>::builder(4)
        .dense(16, Activation::ReLU)
        .dense(8, Activation::ReLU)
        .out(1)
        .build(5);
    // Once, after training: later changes to the network do not reach it.
    let mut predictor = network.predictor();

    let mut row = [0.0, 0.25, 0.5, 0.75];
    let mut sum = 0.0;
    let start = Instant::now();
    for step in 0..ROWS {
        row[step % 4] = (step as f32 * 0.01).sin();
        sum += predictor.predict_row(&row)[0];
    }
    let nanoseconds = start.elapsed().as_nanos() / ROWS as u128;
    println!("mean {:.4}, {nanoseconds} ns a row", sum / ROWS as f32);

    // The network itself gives the same, but for the order of its sums.
    let alone = predictor.predict_row(&row)[0];
    let in_a_batch = network.predict(aview1(&row).into_shape_with_order((1, 4)).expect("one row"));
    assert!((alone - in_a_batch[[0, 0]]).abs() < 1e-6);
}
