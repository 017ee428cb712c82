//! A small network at work: training steps or single-row predictions, as many as asked for.
//!
//! `cargo run --release -p chainrule-cli --example small_network -- steps 1000` trains the 10-16-16-8-1 network of the
//! README's example for that many steps of 32 rows; `-- rows 1000` predicts that many rows, one at a time. The tests
//! count its instructions; it lies with the command because one release build then serves both.

use std::hint::black_box;

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Init, SimpleNeuralNetwork};
use chainrule::optimizers::Optimizer;
use chainrule::training::{Control, Dataset, Trainer, TrainingSettings};
use ndarray::Array2;

/// Rows in a batch; an epoch has ten batches.
const BATCH: usize = 32;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (task, count) = match arguments.as_slice() {
        [task, count] => (task.as_str(), count.parse::<usize>().ok()),
        _ => ("", None),
    };
    let network: SimpleNeuralNetwork<f32> = SimpleNeuralNetwork::from_widths(
        &[10, 16, 16, 8, 1],
        Activation::LeakyReLU { leakiness: 0.01 },
        Loss::MeanSquareError,
        Init::He,
        1,
    );
    match (task, count) {
        ("steps", Some(count)) => steps(network, count),
        ("rows", Some(count)) => rows(&network, count),
        _ => {
            eprintln!("usage: small_network steps|rows COUNT");
            std::process::exit(2);
        }
    }
}

fn steps(network: SimpleNeuralNetwork<f32>, count: usize) {
    let x = Array2::from_shape_fn((10 * BATCH, 10), |(r, j)| {
        ((r * 7 + j * 3) % 11) as f32 / 5.0 - 1.0
    });
    let y = Array2::from_shape_fn((10 * BATCH, 1), |(r, _)| x[[r, 0]] - x[[r, 1]] * x[[r, 2]]);
    let settings = TrainingSettings {
        epochs: count.div_ceil(10),
        batch_size: Some(BATCH),
        optimizer: Optimizer::GradientDescent,
        learning_rate: 0.01,
        ..TrainingSettings::default()
    };
    let mut trainer = Trainer::new(network, settings);
    let outcome = trainer.fit(&Dataset::new(x.view(), y.view(), None), None, &mut |_| {
        Control::Continue
    });
    match outcome {
        Ok(_) => println!(
            "loss {:.4}",
            trainer
                .history()
                .last()
                .map_or(f64::NAN, |record| record.training_loss)
        ),
        Err(error) => eprintln!("{error}"),
    }
}

fn rows(network: &SimpleNeuralNetwork<f32>, count: usize) {
    let mut predictor = network.predictor();
    let x = [0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8, 0.9, -1.0];
    let sum: f32 = (0..count)
        .map(|_| predictor.predict_row(black_box(&x))[0])
        .sum();
    println!("mean {:.4}", sum / count.max(1) as f32);
}
