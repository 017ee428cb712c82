//! How much memory a training takes beside its data.

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Init, SimpleNeuralNetwork};
use chainrule::training::{Control, Dataset, Trainer, TrainingSettings};
use ndarray::Array2;

/// A width of the hidden layers whose weights products take in place on the way back.
const IN_PLACE: usize = 256;
/// One whose weights are packed for it.
const PACKED: usize = 320;

/// The most bytes that are in use at a time while a network of two hidden layers trains with Adam for two epochs and
/// validates, the network included, the data not.
fn peak(hidden: usize, rows: usize, batch: usize) -> u64 {
    let (x, y) = (
        Array2::<f32>::from_elem((rows, 8), 0.5),
        Array2::<f32>::from_elem((rows, 1), 1.0),
    );
    let data = Dataset::new(x.view(), y.view(), None);
    let info = allocation_counter::measure(|| {
        let widths = [8, hidden, hidden, 1];
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

#[test]
fn memory_is_six_times_the_parameters_and_a_block() {
    // Parameters, the same packed, best parameters, two moments, and gradients; large weights packed once more; and the
    // rows that are on their way through one thread, those of one layer's input packed where it is large.
    for (hidden, packed, packed_inputs) in [(IN_PLACE, 0, 0), (PACKED, PACKED * PACKED, PACKED)] {
        let parameters = 8 * hidden + hidden + hidden * hidden + hidden + hidden + 1;
        for (batch, rows) in [(128, 128), (256, 256), (512, 512), (1_024, 512)] {
            let block = rows * (3 * 2 * hidden + packed_inputs); // Z, A and ∂C/∂Z
            // A tenth for rows on their way and small things; and each row's number.
            let bound = 4 * (6 * parameters + packed + block * 11 / 10 + 3 * 1_024) as u64;
            let found = peak(hidden, 1_024, batch);
            assert!(
                found <= bound,
                "{hidden} neurons, batch {batch}: {found} bytes, expected at most {bound}"
            );
        }
    }
}

#[test]
fn memory_does_not_grow_with_the_rows() {
    let (few, many) = (peak(IN_PLACE, 1_024, 256), peak(IN_PLACE, 8_192, 256));
    // Only the order of the rows does: four bytes each, for training and for validation.
    assert!(
        many <= few + 2 * 4 * (8_192 - 1_024) + 1_024,
        "{few} bytes for 1,024 rows, {many} for 8,192"
    );
}
