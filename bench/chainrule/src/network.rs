//! From a problem file to chainrule's types.

use bench_protocol::{Activation as Function, Problem, Rule};
use chainrule::Real;
use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{DenseLayer, OutLayer, SimpleNeuralNetwork};
use chainrule::optimizers::Optimizer;
use chainrule::training::TrainingSettings;
use ndarray::{Array1, Array2};

/// The problem's network with its weights.
pub fn network<R: Real>(problem: &Problem) -> SimpleNeuralNetwork<R> {
    let activation = match problem.activation {
        Function::ReLU => Activation::ReLU,
        Function::LeakyReLU => Activation::LeakyReLU { leakiness: 0.01 },
        Function::Identity => Activation::Identity,
    };
    let mut maps: Vec<_> = problem
        .layers
        .iter()
        .map(|layer| {
            let b = Array1::from_iter(layer.b.iter().map(|&b| R::from_f64(b.into())));
            chainrule::neural_networks::Affine::new(matrix(&layer.w, layer.inputs), b)
        })
        .collect();
    let out = OutLayer {
        affine: maps.pop().expect("a problem has an out layer"),
    };
    let hidden = maps
        .into_iter()
        .map(|affine| DenseLayer { affine, activation });
    SimpleNeuralNetwork::from_layers(hidden.collect(), out, Loss::MeanSquareError)
}

/// Rows of `columns` numbers each.
pub fn matrix<R: Real>(values: &[f32], columns: usize) -> Array2<R> {
    let values: Vec<R> = values.iter().map(|&v| R::from_f64(v.into())).collect();
    let rows = values.len() / columns;
    Array2::from_shape_vec((rows, columns), values).expect("whole rows")
}

/// Training as the problem says: batch after batch in the rows' order, for as many steps as the listener allows.
pub fn settings(problem: &Problem, threads: usize) -> TrainingSettings {
    TrainingSettings {
        epochs: usize::MAX,
        batch_size: Some(problem.batch),
        shuffle: false,
        optimizer: match problem.rule {
            Rule::GradientDescent => Optimizer::GradientDescent,
            Rule::Adam => Optimizer::ADAM,
        },
        learning_rate: problem.learning_rate.into(),
        threads,
        ..TrainingSettings::default()
    }
}
