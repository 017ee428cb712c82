//! What must hold for any network, rows and batch: properties over random cases.

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Gradients, Init, SimpleNeuralNetwork};
use chainrule::training::{BatchGradient, Control, Dataset, Trainer, TrainingSettings};
use ndarray::Axis;
use proptest::prelude::*;

use crate::rows::{Rows, rows_for};

/// A small network and the number of rows to run through it.
#[derive(Clone, Debug)]
struct Case {
    widths: Vec<usize>,
    activation: Activation,
    loss: Loss,
    rows: usize,
    seed: u64,
}

impl Case {
    fn network(&self) -> SimpleNeuralNetwork<f64> {
        SimpleNeuralNetwork::from_widths(
            &self.widths,
            self.activation,
            self.loss,
            Init::Glorot,
            self.seed,
        )
    }

    fn data(&self) -> Rows {
        rows_for(
            self.loss,
            self.rows,
            self.widths[0],
            *self.widths.last().unwrap(),
        )
    }
}

fn case() -> impl Strategy<Value = Case> {
    let widths = prop::collection::vec(1usize..9, 2..5);
    (widths, 0usize..9, 0usize..6, 1usize..700, any::<u64>()).prop_map(
        |(widths, activation, loss, rows, seed)| Case {
            widths,
            activation: Activation::ALL[activation],
            loss: Loss::ALL[loss],
            rows,
            seed,
        },
    )
}

fn loss_and_gradients(
    network: &SimpleNeuralNetwork<f64>,
    rows: &Rows,
    order: &[u32],
) -> (f64, Gradients<f64>) {
    let data = Dataset::new(rows.x.view(), rows.y.view(), Some(rows.weights.view()));
    let mut gradient = BatchGradient::new(network, order.len(), 0.0);
    let loss = gradient.loss_and_gradients(network, &data, order);
    (loss, gradient.gradients().clone())
}

/// Equal up to the rounding of sums taken in another order.
fn assert_close(a: &Gradients<f64>, b: &Gradients<f64>) {
    let scale = a.slices().flatten().fold(1.0_f64, |m, g| m.max(g.abs()));
    for (a, b) in a.slices().flatten().zip(b.slices().flatten()) {
        assert!((a - b).abs() <= 1e-11 * scale, "{a} is not {b}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, rng_seed: prop::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

    /// Permuted rows: predictions are permuted alike, to the bit; loss and gradients stay, to rounding.
    #[test]
    fn permuting_rows_permutes_predictions_and_keeps_gradients(case in case(), shift in 0usize..700) {
        let (network, rows) = (case.network(), case.data());
        let straight: Vec<u32> = (0..case.rows as u32).collect();
        let mut turned = straight.clone();
        turned.rotate_left(shift % case.rows);

        let prediction = network.predict(rows.x.view());
        let indices: Vec<usize> = turned.iter().map(|&r| r as usize).collect();
        let permuted = network.predict(rows.x.select(Axis(0), &indices).view());
        for (to, &from) in indices.iter().enumerate() {
            for (a, b) in permuted.row(to).iter().zip(prediction.row(from)) {
                prop_assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0));
            }
        }
        let (loss, gradients) = loss_and_gradients(&network, &rows, &straight);
        let (turned_loss, turned_gradients) = loss_and_gradients(&network, &rows, &turned);
        prop_assert!((loss - turned_loss).abs() <= 1e-11 * loss.abs().max(1.0));
        assert_close(&gradients, &turned_gradients);
    }

    /// A batch's gradient is the mean of its parts' gradients, each weighted by the number of its rows, whatever the
    /// rows' own weights (B5, L0).
    #[test]
    fn a_batch_is_the_mean_of_its_parts(case in case(), cut in 0.0f64..1.0) {
        prop_assume!(case.rows > 1);
        let (network, rows) = (case.network(), case.data());
        let cut = 1 + ((case.rows - 2) as f64 * cut) as usize;
        let all: Vec<u32> = (0..case.rows as u32).collect();
        let (head, tail) = all.split_at(cut);
        let share = |part: &[u32]| part.len() as f64 / all.len() as f64;
        let (share_head, share_tail) = (share(head), share(tail));

        let (loss, gradients) = loss_and_gradients(&network, &rows, &all);
        let (head_loss, mut sum) = loss_and_gradients(&network, &rows, head);
        let (tail_loss, tail) = loss_and_gradients(&network, &rows, tail);
        prop_assert!((loss - share_head * head_loss - share_tail * tail_loss).abs() <= 1e-11 * loss.abs().max(1.0));
        for (s, t) in sum.slices_mut().flatten().zip(tail.slices().flatten()) {
            *s = share_head * *s + share_tail * t;
        }
        assert_close(&gradients, &sum);
    }

    /// Doubling the targets and the out layer's parameters doubles predictions and quadruples the mean square error, to
    /// the bit.
    #[test]
    fn scaled_targets_scale_the_loss(case in case()) {
        let case = Case { loss: Loss::MeanSquareError, ..case };
        let (network, mut rows) = (case.network(), case.data());
        let order: Vec<u32> = (0..case.rows as u32).collect();
        let (loss, gradients) = loss_and_gradients(&network, &rows, &order);
        let mut doubled = network.clone();
        let out = doubled.affine_maps_mut().last().unwrap();
        out.w *= 2.0;
        out.b *= 2.0;
        rows.y *= 2.0;
        let (doubled_loss, doubled_gradients) = loss_and_gradients(&doubled, &rows, &order);
        prop_assert_eq!(doubled_loss, 4.0 * loss);
        let (out, doubled_out) = (gradients.layers.last().unwrap(), doubled_gradients.layers.last().unwrap());
        prop_assert_eq!(&doubled_out.dc_dw, &(2.0 * &out.dc_dw));
        prop_assert_eq!(&doubled_out.dc_db, &(2.0 * &out.dc_db));
    }

    /// Threads never change a bit of the loss or of a gradient.
    #[test]
    fn thread_counts_give_the_same_bits(case in case(), threads in 2usize..5) {
        let (network, rows) = (case.network(), case.data());
        let order: Vec<u32> = (0..case.rows as u32).collect();
        let alone = loss_and_gradients(&network, &rows, &order);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let together = pool.install(|| loss_and_gradients(&network, &rows, &order));
        prop_assert_eq!(alone.0.to_bits(), together.0.to_bits());
        prop_assert_eq!(alone.1, together.1);
    }

    /// The loss that is reported without gradients is the one whose gradients are taken.
    #[test]
    fn loss_alone_is_the_loss_of_the_gradients(case in case()) {
        let (network, rows) = (case.network(), case.data());
        let order: Vec<u32> = (0..case.rows as u32).collect();
        let data = Dataset::new(rows.x.view(), rows.y.view(), None);
        let mut gradient = BatchGradient::new(&network, order.len(), 0.1);
        let alone = gradient.loss(&network, &data, &order);
        prop_assert_eq!(alone.to_bits(), gradient.loss_and_gradients(&network, &data, &order).to_bits());
    }

    /// The same seed gives the same training, another seed another one.
    #[test]
    fn seeds_decide_the_training(case in case(), seed in any::<u64>()) {
        prop_assume!(case.rows > 40);
        let rows = case.data();
        let train = |seed| {
            let settings = TrainingSettings { epochs: 2, seed, ..TrainingSettings::default() };
            let mut trainer = Trainer::new(case.network(), settings);
            let data = Dataset::new(rows.x.view(), rows.y.view(), None);
            trainer.fit(&data, None, &mut |_| Control::Continue).unwrap();
            trainer.state().parameters
        };
        prop_assert_eq!(train(seed), train(seed));
        prop_assert_ne!(train(seed), train(seed ^ 1));
    }
}
