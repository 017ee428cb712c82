//! Fits y = sin(3 x₀) + x₁² to rows in memory, stops when rows that are held back gain nothing more, and measures the
//! error on rows that the training never saw.
//!
//! `cargo run --release -p chainrule --example fit_a_function`

use chainrule::activation_functions::Activation;
use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::{
    Control, Dataset, EarlyStopping, Trainer, TrainingError, TrainingSettings,
};
use ndarray::{Array2, s};

/// The program. It is public because the tests run it, too.
pub fn main() -> Result<(), TrainingError> {
    // 600 points that fill the square from −1 to 1 evenly.
    let x = Array2::from_shape_fn((600, 2), |(row, column)| {
        let step = [0.754_878, 0.569_840][column];
        (2.0 * (row as f32 * step).fract()) - 1.0
    });
    let y = Array2::from_shape_fn((600, 1), |(row, _)| {
        (3.0 * x[[row, 0]]).sin() + x[[row, 1]].powi(2)
    });
    let part = |from: usize, to: usize| (x.slice(s![from..to, ..]), y.slice(s![from..to, ..]));
    let ((x_train, y_train), (x_held_back, y_held_back)) = (part(0, 400), part(400, 500));
    let (x_test, y_test) = part(500, 600);

    let network = SimpleNeuralNetwork::builder(2)
        .dense(32, Activation::Tanh)
        .dense(16, Activation::Tanh)
        .out(1)
        .build(7); // the seed of the initial weights
    let settings = TrainingSettings {
        epochs: 500,
        learning_rate: 0.01,
        early_stopping: Some(EarlyStopping {
            patience: 50,
            min_improvement: 0.0,
        }),
        ..TrainingSettings::default()
    };
    let mut trainer = Trainer::new(network, settings);
    let outcome = trainer.fit(
        &Dataset::new(x_train, y_train, None),
        Some(&Dataset::new(x_held_back, y_held_back, None)),
        &mut |_event| Control::Continue, // where a program shows progress, or stops
    )?;

    let errors = trainer.network().predict(x_test) - y_test;
    let rmse = errors.mapv(|e| e * e).mean().unwrap_or(f32::NAN).sqrt();
    let epochs = trainer.history().len();
    println!("{outcome:?} after {epochs} epochs: RMSE {rmse:.4} on rows that it never saw");
    assert!(rmse < 0.05);
    Ok(())
}
