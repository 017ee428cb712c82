//! After the first step a training step allocates nothing.

use chainrule::activation_functions::Activation;
use chainrule::inputs::{EncodedRows, InputColumn, InputLayout};
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Init, SimpleNeuralNetwork};
use chainrule::training::{Control, Dataset, Event, Trainer, TrainingSettings};
use ndarray::Array2;

/// Allocations of one step after the first: what ten epochs allocate more than one, by step.
fn allocations_per_step(widths: &[usize], rows: usize, batch: usize) -> u64 {
    let x = Array2::<f32>::from_elem((rows, widths[0]), 0.5);
    let y = Array2::<f32>::from_elem((rows, 1), 1.0);
    allocations_per_step_of(&Dataset::new(x.view(), y.view(), None), widths, batch)
}

/// The same over these rows.
fn allocations_per_step_of(data: &Dataset<f32>, widths: &[usize], batch: usize) -> u64 {
    let network = SimpleNeuralNetwork::from_widths(
        widths,
        Activation::ReLU,
        Loss::MeanSquareError,
        Init::He,
        1,
    );
    let measure = |epochs| {
        let settings = TrainingSettings {
            epochs,
            batch_size: Some(batch),
            ..TrainingSettings::default()
        };
        let mut trainer = Trainer::new(network.clone(), settings);
        let mut steps = 0;
        let info = allocation_counter::measure(|| {
            let mut count = |event: Event| {
                steps += u64::from(matches!(event, Event::Step { .. }));
                Control::Continue
            };
            trainer.fit(data, None, &mut count).unwrap();
        });
        (info.count_total, steps)
    };
    measure(1); // What is made once for the whole process is not a step's.
    let (one, steps_of_one) = measure(1);
    let (ten, steps_of_ten) = measure(10);
    let (extra, steps) = (ten - one, steps_of_ten - steps_of_one);
    assert_eq!(
        extra % steps,
        0,
        "{extra} allocations in {steps} equal steps"
    );
    extra / steps
}

#[test]
fn a_step_allocates_nothing() {
    assert_eq!(allocations_per_step(&[10, 16, 16, 8, 1], 96, 32), 0);
    assert_eq!(allocations_per_step(&[4, 32, 32, 1], 64, 32), 0);
    assert_eq!(allocations_per_step(&[8, 512, 512, 1], 256, 128), 0);
    assert_eq!(allocations_per_step(&[64, 640, 320, 1], 1_200, 600), 0);
}

#[test]
fn a_step_over_encoded_rows_allocates_nothing() {
    let layout = InputLayout::new([
        InputColumn::Value,
        InputColumn::Steps(60),
        InputColumn::Levels(3),
    ]);
    let (x, y) = (EncodedRows::zeros(&layout, 700), Array2::zeros((700, 1)));
    let data = Dataset::new(&x, y.view(), None);
    // The last batch of each epoch is smaller than the others.
    for (hidden, batch) in [(16, 32), (130, 600)] {
        let widths = [64, hidden, 1];
        assert_eq!(allocations_per_step_of(&data, &widths, batch), 0);
    }
}
