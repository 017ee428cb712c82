//! Numbers of the lesson in `docs/backpropagation.md` that no other test holds: its first neuron, the table of
//! vanishing gradients, what single losses do, and the answers to its exercises.
//!
//! Where the page shows integers, halves and quarters, floating point holds them exactly, and the tests ask for
//! equality.

use chainrule::activation_functions::Activation;
use chainrule::inputs::{EncodedRows, InputColumn, InputLayout};
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{
    Affine, DenseLayer, Gradients, OutLayer, Pass, SimpleNeuralNetwork, Workspace,
};
use chainrule::optimizers::{Optimizer, OptimizerState};
use chainrule::training::{BatchGradient, Control, Dataset, Trainer, TrainingSettings};
use ndarray::{Array1, Array2, array};

/// One neuron without activation, under the square error: `ŷ = w x + b`.
fn neuron(w: Array2<f64>, b: f64) -> SimpleNeuralNetwork<f64> {
    let out = OutLayer {
        affine: Affine::new(w, array![b]),
    };
    SimpleNeuralNetwork::from_layers(Vec::new(), out, Loss::MeanSquareError)
}

/// The network of the worked example with another activation.
fn worked_example(activation: Activation) -> SimpleNeuralNetwork<f64> {
    let hidden = DenseLayer {
        affine: Affine::new(array![[2.0, -1.0], [1.0, 1.0]], array![-2.0, 1.0]),
        activation,
    };
    let out = OutLayer {
        affine: Affine::new(array![[2.0, -1.0]], array![1.0]),
    };
    SimpleNeuralNetwork::from_layers(vec![hidden], out, Loss::MeanSquareError)
}

fn rows() -> (Array2<f64>, Array2<f64>) {
    (array![[1.0, 2.0], [2.0, -1.0]], array![[-8.0], [6.0]])
}

/// `∂C/∂W` and `∂C/∂b` of a layer.
type Pair = (Array2<f64>, Array1<f64>);

/// `C`, and `∂C/∂W` and `∂C/∂b` of each layer, from the code that trains.
fn loss_and_gradients(
    network: &SimpleNeuralNetwork<f64>,
    x: &Array2<f64>,
    y: &Array2<f64>,
) -> (f64, Vec<Pair>) {
    let rows: Vec<u32> = (0..x.nrows() as u32).collect();
    let mut gradient = BatchGradient::new(network, x.nrows(), 0.0);
    let data = Dataset::new(x.view(), y.view(), None);
    let loss = gradient.loss_and_gradients(network, &data, &rows);
    let layers = &gradient.gradients().layers;
    let layers = layers.iter().map(|l| (l.dc_dw.clone(), l.dc_db.clone()));
    (loss, layers.collect())
}

/// `∂C/∂x` of one neuron by central differences with a step of 1, which are exact for a quadratic.
fn dc_dx(network: &SimpleNeuralNetwork<f64>, x: &Array2<f64>, y: &Array2<f64>) -> Vec<f64> {
    let loss_at = |j: usize, h: f64| {
        let mut moved = x.clone();
        moved[[0, j]] += h;
        loss_and_gradients(network, &moved, y).0
    };
    (0..x.ncols())
        .map(|j| (loss_at(j, 1.0) - loss_at(j, -1.0)) / 2.0)
        .collect()
}

#[test]
fn the_lesson_of_one_neuron_has_these_numbers() {
    let network = neuron(array![[2.0, -1.0]], -2.0);
    let (x, y) = (array![[1.0, 2.0]], array![[-5.0]]);
    assert_eq!(network.predict(x.view()), array![[-2.0]]);
    let (loss, gradients) = loss_and_gradients(&network, &x, &y);
    assert_eq!(loss, 9.0);
    assert_eq!(Loss::MeanSquareError.derivative(-2.0, -5.0), 6.0);
    assert_eq!(gradients, [(array![[6.0, 12.0]], array![6.0])]);
    assert_eq!(dc_dx(&network, &x, &y), [12.0, -6.0]);

    let settings = TrainingSettings {
        epochs: 1,
        optimizer: Optimizer::GradientDescent,
        learning_rate: 0.01,
        ..TrainingSettings::default()
    };
    let data = Dataset::new(x.view(), y.view(), None);
    let mut trainer = Trainer::new(network, settings);
    trainer
        .fit(&data, None, &mut |_| Control::Continue)
        .unwrap();
    let moved = trainer.network();
    for (found, expected) in moved.parameters().flatten().zip([1.94, -1.12, -2.06]) {
        assert!((found - expected).abs() < 1e-15, "{found}");
    }
    assert!((moved.predict(x.view())[[0, 0]] + 2.36).abs() < 1e-14);
    assert!((loss_and_gradients(moved, &x, &y).0 - 6.9696).abs() < 1e-13);
}

#[test]
fn gradients_vanish_and_explode_as_the_page_says() {
    for (activation, z, expected) in [
        (Activation::Sigmoid, 0.0, 0.25),
        (Activation::Sigmoid, 5.0, 0.0066),
        (Activation::Sigmoid, 10.0, 0.000045),
        (Activation::Tanh, 0.0, 1.0),
        (Activation::Tanh, 3.0, 0.0099),
    ] {
        assert_two_digits(activation.derivative(z), expected);
    }
    for (depth, sigmoid, tanh, relu, steep) in [
        (1, 0.20, 0.42, 1.0, 2.0),
        (5, 0.00049, 0.096, 1.0, 32.0),
        (10, 0.00000028, 0.041, 1.0, 1024.0),
    ] {
        assert_two_digits(slope_of_a_chain(Activation::Sigmoid, 1.0, depth), sigmoid);
        assert_two_digits(slope_of_a_chain(Activation::Tanh, 1.0, depth), tanh);
        assert_eq!(slope_of_a_chain(Activation::ReLU, 1.0, depth), relu);
        assert_eq!(slope_of_a_chain(Activation::ReLU, 2.0, depth), steep);
    }
}

/// `∂ŷ/∂x` at x = 1 through `depth` layers of one neuron with this weight and no bias, (B1) and (B4) along the way.
fn slope_of_a_chain(activation: Activation, weight: f64, depth: usize) -> f64 {
    let (mut x, mut slope) = (1.0, 1.0);
    for _ in 0..depth {
        let z = weight * x;
        slope *= activation.derivative(z) * weight;
        x = activation.value(z);
    }
    slope
}

/// The page shows two significant digits: half a unit of the second is at most a twentieth of the number.
#[track_caller]
fn assert_two_digits(found: f64, shown: f64) {
    assert!(
        (found - shown).abs() <= 0.05 * shown,
        "{found} is not {shown}"
    );
}

/// The constant with the mean slope 0 between `low` and `high`, by bisection: ℓ' does not fall as ŷ grows.
fn best_constant(loss: Loss, targets: &[f64], mut low: f64, mut high: f64) -> f64 {
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        let slope: f64 = targets.iter().map(|&y| loss.derivative(middle, y)).sum();
        if slope > 0.0 {
            high = middle;
        } else {
            low = middle;
        }
    }
    0.5 * (low + high)
}

#[test]
fn the_best_constant_of_hubers_loss_lies_between_median_and_mean() {
    let targets = [0.0, 0.1, 0.2, 0.3, 5.0];
    for (loss, expected) in [
        (Loss::MeanSquareError, 1.12),
        (Loss::MeanAbsoluteError, 0.2),
        (Loss::Huber { delta: 1.0 }, 0.4),
        (Loss::Huber { delta: 10.0 }, 1.12), // the mean, where all targets are near
        (Loss::Huber { delta: 1e-6 }, 0.2),  // to the median
    ] {
        let found = best_constant(loss, &targets, -1.0, 6.0);
        assert!(
            (found - expected).abs() < 1e-5,
            "{loss}: {found} is not {expected}"
        );
    }
}

#[test]
fn a_count_of_zero_pulls_the_raw_output_down_for_ever() {
    let loss = Loss::PoissonDeviance;
    for y_hat in [10.0, 0.0, -10.0, -39.0, -41.0, -1e4] {
        assert!(loss.derivative(y_hat, 0.0_f64) > 0.0, "at {y_hat}");
    }
    assert!(loss.value(-39.0, 0.0_f64) > 0.0);
    assert!(loss.value(-60.0, 0.0_f64) < 0.0, "the tangent");
    // Between exp(−40) and exp(40), the slope out there leads back.
    for loss in [Loss::PoissonDeviance, Loss::GammaDeviance] {
        for y in [1e-17, 1.0, 1e17] {
            assert!(loss.derivative(41.0, y) > 0.0, "{loss} {y}");
            assert!(loss.derivative(-41.0, y) < 0.0, "{loss} {y}");
        }
        assert!(loss.derivative(41.0, 1e18) < 0.0, "{loss}: further out");
    }
    // The prediction uses the same bounds.
    assert_eq!(loss.inverse_link(50.0), f64::exp(40.0));
}

#[test]
fn the_loss_of_an_epoch_is_the_weighted_mean_over_the_table() {
    let network = worked_example(Activation::Tanh);
    let (x, y) = rows();
    let weights = array![3.0, 0.5];
    let data = Dataset::new(x.view(), y.view(), Some(weights.view()));
    let expected = network.loss().mean(
        network.predict(x.view()).view(),
        y.view(),
        Some(weights.view()),
    );
    let settings = TrainingSettings {
        epochs: 1,
        batch_size: Some(1),
        optimizer: Optimizer::GradientDescent,
        learning_rate: 1e-15, // both batches see the network as it is
        ..TrainingSettings::default()
    };
    let mut trainer = Trainer::new(network, settings);
    trainer
        .fit(&data, None, &mut |_| Control::Continue)
        .unwrap();
    let found = trainer.history()[0].training_loss;
    assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
}

#[test]
fn exercise_1_one_neuron() {
    let network = neuron(array![[1.0, 2.0]], -2.0);
    let (x, y) = (array![[3.0, -1.0]], array![[1.0]]);
    assert_eq!(network.predict(x.view()), array![[-1.0]]);
    let (loss, gradients) = loss_and_gradients(&network, &x, &y);
    assert_eq!(loss, 4.0);
    assert_eq!(gradients, [(array![[-12.0, 4.0]], array![-4.0])]);
    assert_eq!(dc_dx(&network, &x, &y), [-4.0, -8.0]);
}

#[test]
fn exercise_2_the_weights_stored_the_other_way() {
    let w = array![[2.0, -1.0, 3.0], [1.0, 1.0, -2.0]]; // (o,i) = (2,3)
    let b = array![-2.0, 1.0];
    let x = array![
        [1.0, 2.0, -1.0],
        [2.0, -1.0, 1.0],
        [0.0, 3.0, 1.0],
        [1.0, 1.0, 2.0]
    ];
    let y = array![[1.0, 0.0], [-2.0, 3.0], [4.0, 1.0], [0.0, -1.0]];
    let v = w.t().to_owned(); // (i,o)
    let out = OutLayer {
        affine: Affine::new(w.clone(), b.clone()),
    };
    let network = SimpleNeuralNetwork::from_layers(Vec::new(), out, Loss::MeanSquareError);
    let z = x.dot(&v) + &b;
    assert_eq!(network.predict(x.view()), z);
    let g = (&z - &y) * (2.0 / 8.0);
    let (_, gradients) = loss_and_gradients(&network, &x, &y);
    assert_eq!(x.t().dot(&g), gradients[0].0.t());
    assert_eq!(g.dot(&v.t()), g.dot(&w)); // (B4)
}

#[test]
fn exercise_3_two_linear_layers_are_one() {
    let (x, _) = rows();
    let one = neuron(array![[3.0, -3.0]], -4.0);
    let two = worked_example(Activation::Identity);
    assert_eq!(one.predict(x.view()), two.predict(x.view()));
}

#[test]
fn exercise_4_the_worked_example_with_relu() {
    let (x, y) = rows();
    let network = worked_example(Activation::ReLU);
    assert_eq!(network.predict(x.view()), array![[-3.0], [5.0]]);
    let (loss, gradients) = loss_and_gradients(&network, &x, &y);
    assert_eq!(loss, 13.0);
    assert_eq!(gradients[0].0, array![[-4.0, 2.0], [-3.0, -11.0]]);
    assert_eq!(gradients[0].1, array![-2.0, -4.0]);
}

#[test]
fn exercise_5_slopes_at_zero() {
    for (activation, slope) in [
        (Activation::Sigmoid, 0.25),
        (Activation::Tanh, 1.0),
        (Activation::Gelu, 0.5),
        (Activation::SiLU, 0.5),
        (Activation::Softplus, 0.5),
        (Activation::Mish, 0.6),
    ] {
        let found: f64 = activation.derivative(0.0);
        assert!((found - slope).abs() < 1e-15, "{activation}: {found}");
    }
}

#[test]
fn exercise_6_best_constants() {
    let targets = [0.0, 1.0, 2.0, 3.0, 14.0];
    for (loss, expected) in [
        (Loss::MeanSquareError, 4.0),
        (Loss::MeanAbsoluteError, 2.0),
        (Loss::Huber { delta: 3.0 }, 2.25),
    ] {
        let found = best_constant(loss, &targets, -1.0, 15.0);
        assert!((found - expected).abs() < 1e-12, "{loss}: {found}");
    }
}

#[test]
fn exercise_7_a_count_of_zero() {
    let loss = Loss::PoissonDeviance;
    assert_eq!(
        (loss.value(0.0, 0.0), loss.derivative(0.0, 0.0)),
        (2.0, 2.0)
    );
    for y_hat in [-1.0, -10.0, -39.0_f64] {
        let expected = 2.0 * y_hat.exp();
        assert!((loss.value(y_hat, 0.0) / expected - 1.0).abs() < 1e-15);
    }
}

/// The first moment, and how far one parameter moved at η = 1, after the given gradients.
fn after_steps(rule: Optimizer, gradients: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut p, mut state) = ([0.0], OptimizerState::new(rule, 1));
    for g in gradients {
        state.step([(&mut p[..], &[g][..])].into_iter(), 1.0);
    }
    (state.first_moment()[0], p[0])
}

#[test]
fn exercise_8_momentum_adds_what_stays_and_halves_what_alternates() {
    let rule = Optimizer::Momentum { momentum: 0.9 };
    let (d, _) = after_steps(rule, std::iter::repeat_n(1.0, 500));
    assert!((d - 10.0).abs() < 1e-12, "{d}");
    let alternating = (0..500).map(|t| if t % 2 == 0 { 1.0 } else { -1.0 });
    let (d, _) = after_steps(rule, alternating);
    assert!((d + 1.0 / 1.9).abs() < 1e-12, "{d}"); // the last gradient was −1
}

#[test]
fn exercise_9_adams_first_step() {
    for (g, expected) in [(3.0, -1.0), (-0.001, 0.99999), (1e-8, -0.5)] {
        let (_, moved) = after_steps(Optimizer::ADAM, std::iter::once(g));
        assert!((moved - expected).abs() < 1e-7, "{g}: {moved}");
    }
}

#[test]
fn exercise_10_a_difference_across_a_kink() {
    let relu = Activation::ReLU;
    let d = |h: f64| (relu.value(h) - relu.value(-h)) / (2.0 * h);
    for h in [0.25, 0.125] {
        assert_eq!((d(h), (4.0 * d(h) - d(2.0 * h)) / 3.0), (0.5, 0.5)); // (G1)
    }
    assert_eq!(relu.derivative(0.0), 0.0);
}

#[test]
fn the_lesson_of_encoded_rows_has_these_numbers() {
    let network = neuron(array![[2.0, -1.0, 4.0]], 0.0);
    let layout = InputLayout::new([InputColumn::Steps(3)]);
    let mut x = EncodedRows::zeros(&layout, 2);
    x.row_mut(0).steps(2, 0.25);
    x.row_mut(1).steps(0, 0.5);
    let written_out = array![[1.0, 1.0, 0.25], [0.5, 0.0, 0.0]];
    assert_eq!(x.to_dense(), written_out);
    let (pass, mut workspace) = (
        Pass::of_encoded(&network, &layout),
        Workspace::new(&network, 2),
    );
    pass.forward(&x, &mut workspace);
    assert_eq!(workspace.out.y_hat(2), array![[2.0], [1.0]]);
    let g = array![[4.0], [-2.0]];
    workspace.out.dc_dy_hat_mut(2).assign(&g);
    let mut gradients = Gradients::zeros_like(&network);
    pass.backward(&x, &mut workspace, &mut gradients);
    assert_eq!(gradients.layers[0].dc_dw, array![[3.0, 4.0, 1.0]]);
    assert_eq!(gradients.layers[0].dc_dw, g.t().dot(&written_out));
}
