//! How much memory a training takes beside its data.

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Init, SimpleNeuralNetwork};
use chainrule::training::{Control, Dataset, Trainer, TrainingSettings};
use ndarray::Array2;

/// The widths of the hidden layers.
const HIDDEN: usize = 256;

/// The most bytes that are in use at a time while a network of two hidden layers trains with Adam for two epochs and validates, the
/// network included, the data not.
fn peak(rows: usize, batch: usize) -> u64 {
    let (x, y) = (
        Array2::<f32>::from_elem((rows, 8), 0.5),
        Array2::<f32>::from_elem((rows, 1), 1.0),
    );
    let data = Dataset::new(x.view(), y.view(), None);
    let info = allocation_counter::measure(|| {
        let widths = [8, HIDDEN, HIDDEN, 1];
        let network = SimpleNeuralNetwork::from_widths(
            &widths,
            Activation::ReLU,
            Loss::MeanSquareError,
            Init::He,
            1,
        );
        let settings = TrainingSettings {
            epochs: 2,
            batch_size: Some(batch),
            ..TrainingSettings::default()
        };
        let mut trainer = Trainer::new(network, settings);
        trainer
            .fit(&data, Some(&data), &mut |_| Control::Continue)
            .unwrap();
    });
    info.bytes_max
}

/// Bytes of the parameters, and of Z, A and ∂C/∂Z of one block of `rows` rows.
fn parameters_and_block(rows: usize) -> (u64, u64) {
    let parameters = 8 * HIDDEN + HIDDEN + HIDDEN * HIDDEN + HIDDEN + HIDDEN + 1;
    (4 * parameters as u64, (4 * rows * 3 * 2 * HIDDEN) as u64)
}

#[test]
fn memory_is_six_times_the_parameters_and_a_block() {
    // Parameters, the same packed, best parameters, two moments, and gradients; and the rows that are on their way through one thread.
    for (batch, rows) in [(128, 128), (256, 256), (512, 512), (1_024, 512)] {
        let (parameters, block) = parameters_and_block(rows);
        // Each row's number, and a tenth for rows on their way and small things.
        let numbers = 3 * 4 * 1_024;
        let bound = 6 * parameters + block * 11 / 10 + numbers;
        let found = peak(1_024, batch);
        assert!(
            found <= bound,
            "batch {batch}: {found} bytes, expected at most {bound}"
        );
    }
}

#[test]
fn memory_does_not_grow_with_the_rows() {
    let (few, many) = (peak(1_024, 256), peak(8_192, 256));
    // Only the order of the rows does: four bytes each, for training and for validation.
    assert!(
        many <= few + 2 * 4 * (8_192 - 1_024) + 1_024,
        "{few} bytes for 1,024 rows, {many} for 8,192"
    );
}
