//! Compares every gradient of a network with finite differences, and one weight's by hand.
//!
//! `cargo run --release -p chainrule --example check_a_gradient`

use chainrule::activation_functions::Activation;
use chainrule::gradient_check::gradient_check;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::{BatchGradient, Dataset};
use ndarray::Array2;

/// λ of the penalty (λ/2) Σ W².
const L2_PENALTY: f64 = 0.01;

/// The program. It is public because the tests run it, too.
pub fn main() {
    let x = Array2::from_shape_fn((12, 3), |(r, j)| (r as f64 * 0.37 + j as f64).sin());
    let y = Array2::from_shape_fn((12, 1), |(r, _)| x[[r, 0]] * x[[r, 1]] - x[[r, 2]]);
    let data = Dataset::new(x.view(), y.view(), None);
    // Differences lose half of a number's digits, so gradients are checked in double precision.
    let network = SimpleNeuralNetwork::<f64>::builder(3)
        .dense(5, Activation::Gelu)
        .dense(4, Activation::LeakyReLU { leakiness: 0.01 })
        .out(1)
        .loss(Loss::MeanSquareError)
        .build(1);

    let report = gradient_check(&network, &data, L2_PENALTY);
    println!("{report}\n");
    assert!(report.max_relative_error() < 1e-7);

    // The same for the first weight of the first layer: ∂C/∂w ≈ (C(w + h) − C(w − h)) / 2h.
    let rows: Vec<u32> = (0..12).collect();
    let mut batch = BatchGradient::new(&network, rows.len(), L2_PENALTY);
    let mut loss_with = |moved_by: f64| {
        let mut moved = network.clone();
        let first_weights = moved.parameters_mut().next().expect("W of the first layer");
        first_weights[0] += moved_by;
        batch.loss(&moved, &data, &rows)
    };
    let h = 1e-5;
    let quotient = (loss_with(h) - loss_with(-h)) / (2.0 * h);

    batch.loss_and_gradients(&network, &data, &rows);
    let first_gradients = batch.gradients().slices().next().expect("∂C/∂W");
    println!(
        "derivative {:.9}, quotient {quotient:.9}",
        first_gradients[0]
    );
    assert!((first_gradients[0] - quotient).abs() < 1e-8);
}
