//! Every gradient of every kind of network against central differences, over the code that trains.

use chainrule::activation_functions::Activation;
use chainrule::gradient_check::gradient_check;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Init, SimpleNeuralNetwork};
use chainrule::training::Dataset;

use crate::rows::{Rows, rows_for};

/// Relative error that a check in `f64` must stay below.
const BOUND: f64 = 1e-7;

fn assert_gradients_agree(
    widths: &[usize],
    activation: Activation,
    loss: Loss,
    rows: &Rows,
    weighted: bool,
    l2: f64,
) {
    // Small odd seeds of the same rule for everybody: no case is picked to pass.
    let network = SimpleNeuralNetwork::from_widths(
        widths,
        activation,
        loss,
        Init::Notes,
        widths.len() as u64,
    );
    let weights = weighted.then(|| rows.weights.view());
    let report = gradient_check(
        &network,
        &Dataset::new(rows.x.view(), rows.y.view(), weights),
        l2,
    );
    let case = format!("{widths:?} {activation} {loss} weights: {weighted} λ: {l2}\n{report}");
    assert!(report.max_relative_error() <= BOUND, "{case}");
    assert_eq!(
        report.checked() + report.skipped(),
        network.parameter_count(),
        "{case}"
    );
    // A kink may hide a few coordinates; a check that skips many proves little.
    assert!(report.skipped() * 10 <= network.parameter_count(), "{case}");
}

/// 9 activations × 6 losses × {1, 3} outputs × {with, without} weights × {with, without} penalty × 3 depths.
#[test]
fn every_combination_matches_central_differences() {
    for loss in Loss::ALL {
        for outputs in [1, 3] {
            let rows = rows_for(loss, 6, 4, outputs);
            for hidden in [&[][..], &[5], &[5, 3, 4]] {
                let widths = [&[4], hidden, &[outputs]].concat();
                for activation in Activation::ALL {
                    for weighted in [false, true] {
                        for l2 in [0.0, 0.3] {
                            assert_gradients_agree(&widths, activation, loss, &rows, weighted, l2);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn dense_gradients_match_central_differences() {
    let rows = rows_for(Loss::MeanSquareError, 7, 3, 2);
    for activation in Activation::ALL {
        assert_gradients_agree(
            &[3, 5, 4, 2],
            activation,
            Loss::MeanSquareError,
            &rows,
            false,
            0.0,
        );
    }
}

#[test]
fn out_gradients_match_central_differences() {
    for outputs in [1, 3] {
        let rows = rows_for(Loss::MeanSquareError, 7, 4, outputs);
        assert_gradients_agree(
            &[4, outputs],
            Activation::Identity,
            Loss::MeanSquareError,
            &rows,
            true,
            0.0,
        );
    }
}

#[test]
fn gradients_of_several_blocks_match_central_differences() {
    // On one thread 300 rows are one block, 600 are two, 2,100 five.
    for count in [300, 600, 2_100] {
        let rows = rows_for(Loss::MeanSquareError, count, 3, 2);
        assert_gradients_agree(
            &[3, 4, 2],
            Activation::Tanh,
            Loss::MeanSquareError,
            &rows,
            true,
            0.1,
        );
    }
}

#[test]
fn one_row_and_one_neuron_are_enough() {
    let rows = rows_for(Loss::MeanSquareError, 1, 1, 1);
    assert_gradients_agree(
        &[1, 1, 1],
        Activation::Sigmoid,
        Loss::MeanSquareError,
        &rows,
        false,
        0.0,
    );
}

#[test]
fn coordinates_at_a_kink_are_counted_as_skipped() {
    // A zero row makes z = b = 0 in every neuron: ReLU's kink, for every bias and no other parameter.
    let network: SimpleNeuralNetwork<f64> = SimpleNeuralNetwork::builder(2)
        .dense(3, Activation::ReLU)
        .out(1)
        .build(4);
    let x = ndarray::array![[0.0, 0.0]];
    let y = ndarray::array![[1.0]];
    let report = gradient_check(&network, &Dataset::new(x.view(), y.view(), None), 0.0);
    let hidden_biases = &report.parameters[1];
    assert_eq!(
        (hidden_biases.checked, hidden_biases.skipped),
        (0, 3),
        "{report}"
    );
    assert_eq!(report.skipped(), 3, "{report}");
    assert!(report.to_string().contains("3 skipped at kinks"));
}
