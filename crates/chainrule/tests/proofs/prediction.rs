//! Prediction: block by block, row by row, on several threads; always the same function.

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Gradients, Init, Pass, SimpleNeuralNetwork, Workspace};
use chainrule::{Real, with_threads};
use ndarray::{Array2, s};

use crate::numbers::matrix;

fn network<R: Real>(
    widths: &[usize],
    activation: Activation,
    loss: Loss,
) -> SimpleNeuralNetwork<R> {
    SimpleNeuralNetwork::from_widths(widths, activation, loss, Init::Notes, 1)
}

fn assert_rows_agree<R: Real>(widths: &[usize], activation: Activation, loss: Loss) {
    let network = network::<R>(widths, activation, loss);
    let x = matrix(5, 9, widths[0]).mapv(R::from_f64);
    let together = network.predict(x.view());
    let mut predictor = network.predictor();
    for (x, y_hat) in x.rows().into_iter().zip(together.rows()) {
        for (&alone, &together) in predictor.predict_row(&x.to_vec()).iter().zip(y_hat) {
            let bound = 200.0 * R::epsilon().to_f64() * together.abs().to_f64().max(1.0);
            assert!(
                (alone - together).abs().to_f64() <= bound,
                "{widths:?} {activation}: {alone} {together}"
            );
        }
    }
}

#[test]
fn a_predictor_agrees_with_the_network() {
    for activation in Activation::ALL {
        for widths in [
            &[3, 2][..],
            &[10, 16, 16, 8, 1],
            &[1, 1, 1],
            &[5, 70, 33, 3],
        ] {
            for loss in [Loss::MeanSquareError, Loss::PoissonDeviance] {
                assert_rows_agree::<f64>(widths, activation, loss);
                assert_rows_agree::<f32>(widths, activation, loss);
            }
        }
    }
}

#[test]
fn a_predictor_allocates_nothing() {
    let network = network::<f32>(&[10, 16, 16, 8, 1], Activation::ReLU, Loss::MeanSquareError);
    let mut predictor = network.predictor();
    predictor.predict_row(&[0.5; 10]);
    let info = allocation_counter::measure(|| {
        predictor.predict_row(&[0.25; 10]);
    });
    assert_eq!(info.count_total, 0);
}

#[test]
#[should_panic(expected = "a row of 3 for a network of 10 inputs")]
fn a_row_of_another_length_panics_with_both_numbers() {
    network::<f32>(&[10, 4, 1], Activation::ReLU, Loss::MeanSquareError)
        .predictor()
        .predict_row(&[0.0; 3]);
}

#[test]
fn long_tables_give_the_same_bits_on_any_number_of_threads() {
    let network = network::<f32>(&[4, 40, 2], Activation::ReLU, Loss::MeanSquareError);
    let x = matrix(1, 9_001, 4).mapv(|v| v as f32);
    let alone = network.predict(x.view());
    for threads in [2, 3] {
        assert_eq!(
            with_threads(threads, || network.predict(x.view())).unwrap(),
            alone,
            "{threads} threads"
        );
    }
}

#[test]
fn a_row_has_the_same_bits_in_a_table_of_any_length() {
    // Blocks of 32 and of 256 rows: a table of 33 or 257 leaves no row behind alone, where its sums would be taken in
    // another order.
    for width in [128, 16] {
        let widths = [6, width, width, 3];
        let network = network::<f32>(&widths, Activation::Tanh, Loss::MeanSquareError);
        let x = matrix(2, 600, 6).mapv(|v| v as f32);
        let all = network.predict(x.view());
        for rows in (2..70).chain([255, 256, 257, 258, 511, 512, 513, 514, 545, 599]) {
            let some = |matrix: &Array2<f32>| matrix.slice(s![..rows, ..]).to_owned();
            assert_eq!(network.predict(&some(&x)), some(&all), "{rows} rows");
        }
    }
}

#[test]
fn the_memory_of_a_prediction_is_the_weights_and_a_block_not_the_table() {
    // The last one's weights would be packed a second time for a way back.
    for (width, together) in [(64, 64), (256, 32), (320, 32)] {
        let widths = [2, width, width, 1];
        let network = network::<f32>(&widths, Activation::ReLU, Loss::MeanSquareError);
        let x = Array2::<f32>::zeros((100_000, 2));
        let info = allocation_counter::measure(|| {
            let y_hat = network.predict(x.view());
            assert_eq!(y_hat.dim(), (100_000, 1));
        });
        // The predictions themselves, the weights in panels that may be a third wider, and Z and A of two hidden
        // layers.
        let (weights, block) = (width * width * 4 / 3, together * 2 * 2 * width);
        let bound = 4 * (100_000 + weights + block + 3 * 1_024) as u64;
        assert!(
            info.bytes_max < bound,
            "{width} neurons: {} bytes at the peak, expected at most {bound}",
            info.bytes_max
        );
    }
}

#[test]
#[should_panic]
fn a_workspace_for_predictions_has_no_room_for_gradients() {
    let network = network::<f32>(&[2, 4, 1], Activation::ReLU, Loss::MeanSquareError);
    let mut workspace = Workspace::forward_only(&network, 1);
    let pass = Pass::new(&network);
    let x = Array2::zeros((1, 2));
    pass.forward(x.view(), &mut workspace);
    assert_eq!(workspace.out.y_hat(1), network.predict(x.view()));
    pass.backward(
        x.view(),
        &mut workspace,
        &mut Gradients::zeros_like(&network),
    );
}
