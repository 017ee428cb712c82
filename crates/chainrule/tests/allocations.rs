//! After the first step a training step allocates nothing of its own.

use chainrule::activation_functions::Activation;
use chainrule::linear_algebra::{affine, column_sums, product_nn, product_tn};
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Init, SimpleNeuralNetwork};
use chainrule::training::{Control, Dataset, Event, Trainer, TrainingSettings};
use ndarray::{Array1, Array2, Axis};

/// Allocations of one step after the first: what ten epochs allocate more than one, by step.
fn allocations_per_step(widths: &[usize], rows: usize, batch: usize) -> u64 {
    let x = Array2::<f32>::from_elem((rows, widths[0]), 0.5);
    let y = Array2::<f32>::from_elem((rows, 1), 1.0);
    let data = Dataset::new(x.view(), y.view(), None);
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
            trainer.fit(&data, None, &mut count).unwrap();
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

/// What the matrix products of one step allocate by themselves: `gemm` packs the factors of larger ones.
fn allocations_of_products(widths: &[usize], rows: usize) -> u64 {
    let matrix = |rows, columns| Array2::<f32>::zeros((rows, columns));
    let layer = |i: usize, o: usize, first: bool| {
        let (x, w, b, g) = (
            matrix(rows, i),
            matrix(o, i),
            Array1::zeros(o),
            matrix(rows, o),
        );
        let (mut z, mut dc_dw, mut dc_db, mut dc_dx) = (
            matrix(rows, o),
            matrix(o, i),
            Array1::zeros(o),
            matrix(rows, i),
        );
        let info = allocation_counter::measure(|| {
            affine(x.view(), w.view(), b.view(), z.view_mut());
            // A step takes the gradients of at most 128 outputs at a time.
            let pieces = g.axis_chunks_iter(Axis(1), 128);
            for (g, dc_dw) in pieces.zip(dc_dw.axis_chunks_iter_mut(Axis(0), 128)) {
                product_tn(g, x.view(), dc_dw);
            }
            column_sums(g.view(), dc_db.view_mut());
            if !first {
                product_nn(g.view(), w.view(), dc_dx.view_mut());
            }
        });
        info.count_total
    };
    widths
        .windows(2)
        .enumerate()
        .map(|(l, pair)| layer(pair[0], pair[1], l == 0))
        .sum()
}

#[test]
fn a_step_of_a_small_network_allocates_nothing() {
    assert_eq!(allocations_per_step(&[10, 16, 16, 8, 1], 96, 32), 0);
    assert_eq!(allocations_per_step(&[4, 32, 32, 1], 64, 32), 0);
}

#[test]
fn a_step_of_a_larger_network_allocates_nothing_but_what_gemm_packs() {
    let widths = [8, 512, 512, 1];
    let (step, products) = (
        allocations_per_step(&widths, 256, 128),
        allocations_of_products(&widths, 128),
    );
    assert!(products > 0, "the shapes must be large enough for gemm");
    assert_eq!(step, products);
}
