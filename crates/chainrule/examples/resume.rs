//! Stops a training in the middle of an epoch, goes on later, and gets the same bits as without the stop.
//!
//! Everything that a training needs to go on is in its `TrainingState`; a program that ends in between writes it down.
//! (The crate `chainrule-tabular` has a file for it.)
//!
//! `cargo run --release -p chainrule --example resume`

use chainrule::activation_functions::Activation;
use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::{
    Control, Dataset, Event, Outcome, Trainer, TrainingError, TrainingSettings,
};
use ndarray::Array2;

/// The program. It is public because the tests run it, too.
pub fn main() -> Result<(), TrainingError> {
    let x = Array2::from_shape_fn((90, 2), |(r, j)| {
        ((r * (7 + 4 * j)) % 90) as f32 / 45.0 - 1.0
    });
    let y = Array2::from_shape_fn((90, 1), |(r, _)| x[[r, 0]] * x[[r, 1]]);
    let data = Dataset::new(x.view(), y.view(), None);
    let network = SimpleNeuralNetwork::builder(2)
        .dense(8, Activation::Tanh)
        .out(1)
        .build(0);
    let settings = TrainingSettings {
        epochs: 20,
        ..TrainingSettings::default()
    };

    let mut first = Trainer::new(network.clone(), settings.clone());
    let outcome = first.fit(&data, None, &mut |event| match event {
        Event::Step { step: 31, .. } => Control::Stop, // Ctrl-C, for instance
        _ => Control::Continue,
    })?;
    assert_eq!(outcome, Outcome::Interrupted);
    let state = first.state();
    println!("stopped after step {}", state.position.step);

    let mut second = Trainer::resume(network.clone(), settings.clone(), state);
    second.fit(&data, None, &mut |_| Control::Continue)?;

    let mut uninterrupted = Trainer::new(network, settings);
    uninterrupted.fit(&data, None, &mut |_| Control::Continue)?;
    assert_eq!(second.network(), uninterrupted.network());
    println!(
        "after {} epochs both networks are equal, bit for bit",
        second.history().len()
    );
    Ok(())
}
