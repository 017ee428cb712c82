//! Takes the steps without a `Trainer`: the gradients of a batch, then the optimizer, with a rule of one's own between
//! them.
//!
//! `cargo run --release -p chainrule --example own_training_loop`

use chainrule::activation_functions::Activation;
use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::optimizers::{Optimizer, OptimizerState};
use chainrule::training::{BatchGradient, Dataset};
use ndarray::Array2;

/// Rows of a batch.
const BATCH: usize = 25;

/// The program. It is public because the tests run it, too.
pub fn main() {
    let x = Array2::from_shape_fn((200, 2), |(r, j)| {
        ((r * (7 + 4 * j)) % 200) as f64 / 100.0 - 1.0
    });
    let y = Array2::from_shape_fn((200, 1), |(r, _)| x[[r, 0]] * x[[r, 1]]);
    let data = Dataset::new(x.view(), y.view(), None);
    let rows: Vec<u32> = (0..200).collect();

    let mut network = SimpleNeuralNetwork::builder(2)
        .dense(16, Activation::SiLU)
        .out(1)
        .build(3);
    // Working memory for one batch: allocated once, used at every step.
    let mut batch = BatchGradient::new(&network, BATCH, 0.0);
    let mut optimizer = OptimizerState::new(
        Optimizer::Momentum { momentum: 0.9 },
        network.parameter_count(),
    );

    let mut everything = BatchGradient::new(&network, rows.len(), 0.0);
    let first_loss = everything.loss(&network, &data, &rows);
    let (mut learning_rate, mut best_loss) = (0.1, first_loss);
    for _epoch in 0..300 {
        for rows in rows.chunks(BATCH) {
            batch.loss_and_gradients(&network, &data, rows);
            let parameters = network.parameters_mut();
            optimizer.step(parameters.zip(batch.gradients().slices()), learning_rate);
        }
        // The rule of one's own: an epoch that made things worse halves the steps.
        let loss = everything.loss(&network, &data, &rows);
        if loss > best_loss {
            learning_rate /= 2.0;
        }
        best_loss = best_loss.min(loss);
    }
    println!(
        "loss {first_loss:.4} before, {best_loss:.6} after, last learning rate {learning_rate}"
    );
    assert!(best_loss < first_loss / 50.0);
}
