//! Fits two targets with one network, and lets some rows count more than others.
//!
//! `cargo run --release -p chainrule --example several_outputs`

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::{Control, Dataset, Trainer, TrainingError, TrainingSettings};
use ndarray::{Array1, Array2, Axis};

/// The program. It is public because the tests run it, too.
pub fn main() -> Result<(), TrainingError> {
    // Of each rectangle: area and circumference.
    let x = Array2::from_shape_fn((150, 2), |(r, j)| {
        0.1 + ((r * (7 + 4 * j)) % 150) as f64 / 150.0
    });
    let y = Array2::from_shape_fn((150, 2), |(r, k)| match k {
        0 => x[[r, 0]] * x[[r, 1]],
        _ => 2.0 * (x[[r, 0]] + x[[r, 1]]),
    });
    // Large rectangles count three times as much.
    let weights = Array1::from_shape_fn(150, |r| if y[[r, 0]] > 0.5 { 3.0 } else { 1.0 });

    let network = SimpleNeuralNetwork::builder(2)
        .dense(16, Activation::Mish)
        .out(2)
        .loss(Loss::MeanSquareError)
        .build(0);
    let settings = TrainingSettings {
        epochs: 300,
        learning_rate: 0.01,
        ..TrainingSettings::default()
    };
    let mut trainer = Trainer::new(network, settings);
    let data = Dataset::new(x.view(), y.view(), Some(weights.view()));
    trainer.fit(&data, None, &mut |_| Control::Continue)?;

    let errors = trainer.network().predict(x.view()) - &y;
    let mean_errors = errors.mapv(f64::abs).mean_axis(Axis(0)).expect("some rows");
    println!(
        "mean absolute error: area {:.4}, circumference {:.4}",
        mean_errors[0], mean_errors[1]
    );
    assert!(mean_errors.iter().all(|&error| error < 0.05));
    Ok(())
}
