//! Agreement with PyTorch: values, gradients and 20-step trajectories that `reference/make_reference.py` stored.
//!
//! **Tolerance.** Two correct programs add the same numbers in different orders and differ by a few roundings of the
//! largest terms of each sum. So a tensor agrees when no element is off by more than 1e-10 of the *largest magnitude in
//! that tensor*: an element that is nearly zero because large terms cancel is not asked for digits that no order of
//! summation would keep. A tensor of zeros must be zero.

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Affine, DenseLayer, OutLayer, SimpleNeuralNetwork};
use chainrule::optimizers::{Optimizer, Schedule};
use chainrule::training::{BatchGradient, Control, Dataset, Event, Trainer, TrainingSettings};
use ndarray::{Array1, Array2};
use serde_json::Value;

const TOLERANCE: f64 = 1e-10;
const NETWORKS: &str = include_str!("reference/networks.json");
const TRAJECTORIES: &str = include_str!("reference/trajectories.json");

#[test]
fn activations_and_derivatives_agree_with_pytorch() {
    let stored: Value = serde_json::from_str(NETWORKS).unwrap();
    let z = vector(&stored["activations"]["z"]).to_vec();
    let values = stored["activations"]["values"].as_object().unwrap();
    assert_eq!(values.len(), Activation::ALL.len());
    for activation in Activation::ALL {
        let expected = &values[activation.name()];
        let mut a = vec![f64::NAN; z.len()];
        activation.forward(&z, &mut a);
        assert_close(
            &format!("a of {activation}"),
            &a,
            &vector(&expected["a"]).to_vec(),
        );
        let mut da = vec![1.0; z.len()];
        activation.multiply_by_derivative(&z, &mut da);
        assert_close(
            &format!("a' of {activation}"),
            &da,
            &vector(&expected["da"]).to_vec(),
        );
    }
}

#[test]
fn raw_outputs_losses_and_gradients_agree_with_pytorch() {
    let stored: Value = serde_json::from_str(NETWORKS).unwrap();
    let cases = stored["networks"].as_array().unwrap();
    assert_eq!(cases.len(), Activation::ALL.len() * Loss::ALL.len());
    for case in cases {
        let network = network(case, &case["layers"]);
        let (x, y, weights) = data(case);
        let data = Dataset::new(x.view(), y.view(), weights.as_ref().map(|w| w.view()));
        let name = format!(
            "{}, {}, {} outputs, weights: {}, penalty {}",
            case["activations"],
            network.loss(),
            network.outputs(),
            weights.is_some(),
            case["l2_penalty"]
        );

        let raw = network.predict_raw(x.view());
        assert_close(
            &format!("raw outputs of {name}"),
            flat(&raw),
            flat(&matrix(&case["raw"])),
        );
        let prediction = network.predict(x.view());
        assert_close(
            &format!("prediction of {name}"),
            flat(&prediction),
            flat(&matrix(&case["prediction"])),
        );

        let rows: Vec<u32> = (0..x.nrows() as u32).collect();
        let mut gradient = BatchGradient::new(&network, rows.len(), number(&case["l2_penalty"]));
        let loss = gradient.loss_and_gradients(&network, &data, &rows);
        assert_close(&format!("loss of {name}"), &[loss], &[number(&case["c"])]);
        let expected = case["gradients"].as_array().unwrap();
        assert_eq!(gradient.gradients().layers.len(), expected.len());
        for (l, (found, expected)) in gradient.gradients().layers.iter().zip(expected).enumerate() {
            assert_close(
                &format!("∂C/∂W of layer {l} of {name}"),
                flat(&found.dc_dw),
                flat(&matrix(&expected["dc_dw"])),
            );
            assert_close(
                &format!("∂C/∂b of layer {l} of {name}"),
                found.dc_db.as_slice().unwrap(),
                vector(&expected["dc_db"]).as_slice().unwrap(),
            );
        }
    }
}

/// The settings behind the trajectories' names, as in the script's table.
fn optimizer(name: &str) -> (Optimizer, Schedule) {
    use Optimizer::*;
    let (constant, adam) = (
        Schedule::Constant,
        Adam {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
        },
    );
    match name {
        "gradient_descent" | "gradient_descent_clipped" => (GradientDescent, constant),
        "momentum" => (Momentum { momentum: 0.9 }, constant),
        "nesterov" => (Nesterov { momentum: 0.9 }, constant),
        "adam" | "adam_with_weights_and_penalty" => (adam, constant),
        "adam_w" => (
            AdamW {
                beta1: 0.8,
                beta2: 0.95,
                epsilon: 1e-6,
                weight_decay: 0.1,
            },
            constant,
        ),
        "gradient_descent_with_steps" => (
            GradientDescent,
            Schedule::Step {
                every_epochs: 6,
                factor: 0.5,
            },
        ),
        "momentum_with_cosine" => (Momentum { momentum: 0.8 }, Schedule::Cosine),
        _ => panic!("the stored trajectory {name:?} has no settings here"),
    }
}

#[test]
fn twenty_steps_of_each_optimizer_agree_with_pytorch() {
    let stored: Value = serde_json::from_str(TRAJECTORIES).unwrap();
    for case in stored["trajectories"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let (optimizer, schedule) = optimizer(name);
        let settings = TrainingSettings {
            epochs: stored["steps"].as_u64().unwrap() as usize, // all rows in one batch: an epoch is a step
            batch_size: None,
            shuffle: false,
            optimizer,
            learning_rate: number(&case["learning_rate"]),
            schedule,
            l2_penalty: number(&case["l2_penalty"]),
            clip_norm: case["clip_norm"].as_f64(),
            ..TrainingSettings::default()
        };
        let (x, y, weights) = data(case);
        let data = Dataset::new(x.view(), y.view(), weights.as_ref().map(|w| w.view()));
        let mut losses = Vec::new();
        let mut listen = |event: Event| {
            if let Event::Step { loss, .. } = event {
                losses.push(loss);
            }
            Control::Continue
        };
        let mut trainer = Trainer::new(network(case, &case["initial"]), settings);
        trainer.fit(&data, None, &mut listen).unwrap();

        let expected = vector(&case["losses"]).to_vec();
        assert_eq!(losses.len(), expected.len(), "{name}");
        for (t, (found, expected)) in losses.iter().zip(&expected).enumerate() {
            assert_close(
                &format!("loss before step {} of {name}", t + 1),
                &[*found],
                &[*expected],
            );
        }
        let expected = network(case, &case["final"]);
        for (k, (found, expected)) in trainer
            .network()
            .parameters()
            .zip(expected.parameters())
            .enumerate()
        {
            assert_close(
                &format!("parameters {k} (W, b, W, b, …) of {name} after the last step"),
                found,
                expected,
            );
        }
    }
}

#[track_caller]
fn assert_close(what: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}: number of elements");
    let scale = expected.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= TOLERANCE * scale,
            "{what}, element {k}: {found} is not PyTorch's {expected}; largest magnitude {scale}"
        );
    }
}

fn network(case: &Value, layers: &Value) -> SimpleNeuralNetwork<f64> {
    let affine = |layer: &Value| Affine::new(matrix(&layer["w"]), vector(&layer["b"]));
    let (out, hidden) = layers.as_array().unwrap().split_last().unwrap();
    let activations = case["activations"].as_array().unwrap();
    assert_eq!(activations.len(), hidden.len());
    let hidden = hidden
        .iter()
        .zip(activations)
        .map(|(layer, activation)| DenseLayer {
            affine: affine(layer),
            activation: activation.as_str().unwrap().parse().unwrap(),
        });
    let loss = case["loss"].as_str().unwrap().parse().unwrap();
    SimpleNeuralNetwork::from_layers(
        hidden.collect(),
        OutLayer {
            affine: affine(out),
        },
        loss,
    )
}

fn data(case: &Value) -> (Array2<f64>, Array2<f64>, Option<Array1<f64>>) {
    let weights = Some(&case["weights"])
        .filter(|weights| !weights.is_null())
        .map(vector);
    (matrix(&case["x"]), matrix(&case["y"]), weights)
}

fn matrix(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(value.clone()).unwrap();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn vector(value: &Value) -> Array1<f64> {
    serde_json::from_value::<Vec<f64>>(value.clone())
        .unwrap()
        .into()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn flat(matrix: &Array2<f64>) -> &[f64] {
    matrix.as_slice().unwrap()
}
