//! A first layer over encoded rows is the dense layer over the matrix that they stand for: same results, gradients and
//! training.

use chainrule::activation_functions::Activation;
use chainrule::gradient_check::gradient_check;
use chainrule::inputs::InputColumn::{Levels, Steps, Value};
use chainrule::inputs::{EncodedRows, InputColumn, InputLayout, Inputs};
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Gradients, Init, Pass, SimpleNeuralNetwork, Workspace};
use chainrule::training::{BatchGradient, Control, Dataset, Trainer, TrainingSettings};
use chainrule::{Real, with_threads};
use ndarray::{Array1, Array2};

use crate::numbers::{matrix, numbers};

/// Columns of all kinds, single bins and levels, columns of a kind beside each other and apart.
const MIXED: [InputColumn; 9] = [
    Steps(5),
    Value,
    Steps(1),
    Steps(3),
    Levels(4),
    Value,
    Levels(1),
    Levels(2),
    Steps(33),
];

/// Rows that meet the ends of their columns: first and last bins, shares 0 and 1, levels that are missing.
fn encoded<R: Real>(columns: &[InputColumn], count: usize) -> EncodedRows<R> {
    let mut draws = numbers(count as u64 + 11).map(|v| v.abs());
    let mut draw = || draws.next().unwrap();
    let mut rows = EncodedRows::zeros(&InputLayout::new(columns.iter().copied()), count);
    for r in 0..count {
        let mut row = rows.row_mut(r);
        for &column in columns {
            let place = |draw: f64, places: usize| (draw * 1e4) as usize % places;
            match column {
                Value => row.value(R::from_f64(2.0 * draw() - 1.0)),
                Steps(bins) => match place(draw(), 6) {
                    0 => row.steps(0, R::zero()),
                    1 => row.steps(bins - 1, R::one()),
                    _ => row.steps(place(draw(), bins), R::from_f64(draw().fract())),
                },
                Levels(levels) => match place(draw(), levels + 1) {
                    0 => row.level(None),
                    level => row.level(Some(level - 1)),
                },
            };
        }
    }
    rows
}

fn network<R: Real>(inputs: usize, hidden: &[usize], outputs: usize) -> SimpleNeuralNetwork<R> {
    let widths = [&[inputs], hidden, &[outputs]].concat();
    let loss = Loss::MeanSquareError;
    SimpleNeuralNetwork::<f64>::from_widths(&widths, Activation::Tanh, loss, Init::Notes, 5).cast()
}

struct Case<R> {
    network: SimpleNeuralNetwork<R>,
    x: EncodedRows<R>,
    y: Array2<R>,
    weights: Array1<R>,
}

impl<R: Real> Case<R> {
    fn new(columns: &[InputColumn], rows: usize, hidden: &[usize], outputs: usize) -> Self {
        let x = encoded(columns, rows);
        let weights = numbers(3)
            .take(rows)
            .map(|w| R::from_f64(1.1 + w))
            .collect();
        Case {
            network: network(x.layout().inputs(), hidden, outputs),
            x,
            y: matrix(rows as u64, rows, outputs).mapv(R::from_f64),
            weights,
        }
    }

    fn data<'a>(&'a self, x: impl Into<Inputs<'a, R>>) -> Dataset<'a, R> {
        Dataset::new(x, self.y.view(), Some(self.weights.view()))
    }

    /// Of all rows as one batch, in memory for so many.
    fn gradients(&self, data: &Dataset<R>) -> (R, Gradients<R>) {
        let rows: Vec<u32> = (0..data.rows() as u32).collect();
        let mut gradient = BatchGradient::new(&self.network, rows.len(), 0.01);
        let loss = gradient.loss_and_gradients(&self.network, data, &rows);
        assert_eq!(loss, gradient.loss(&self.network, data, &rows));
        (loss, gradient.gradients().clone())
    }
}

/// The largest difference of two parameters' values, relative to the largest of them.
fn distance<'a, R: Real>(
    found: impl Iterator<Item = &'a [R]>,
    expected: impl Iterator<Item = &'a [R]>,
) -> f64 {
    let pairs = found.zip(expected).map(|(found, expected)| {
        assert_eq!(found.len(), expected.len());
        let scale = expected
            .iter()
            .fold(1e-3, |m: f64, e| m.max(Real::to_f64(*e).abs()));
        let difference = |(f, e): (&R, &R)| (Real::to_f64(*f) - Real::to_f64(*e)).abs() / scale;
        let differences = found.iter().zip(expected).map(difference);
        differences.fold(
            0.0,
            |worst: f64, d| if d > worst || d.is_nan() { d } else { worst },
        )
    });
    pairs.fold(
        0.0,
        |worst, d| if d > worst || d.is_nan() { d } else { worst },
    )
}

#[test]
fn encoded_gradients_match_central_differences() {
    for (rows, hidden, outputs) in [
        (1, &[][..], 1),
        (9, &[5, 3], 2),
        (40, &[], 3),
        (600, &[2], 1),
    ] {
        for l2 in [0.0, 0.3] {
            let case = Case::<f64>::new(&MIXED, rows, hidden, outputs);
            let report = gradient_check(&case.network, &case.data(&case.x), l2);
            let found = report.max_relative_error();
            assert!(found <= 1e-7, "{rows} {hidden:?} {outputs}\n{report}");
            assert_eq!(report.checked(), case.network.parameter_count());
        }
    }
}

/// Results, loss and gradients of encoded rows beside those of their matrix.
fn assert_same_as_dense<R: Real>(bound: f64) {
    let long = [Steps(1024), Value, Levels(70)];
    let plain = [Value, Value];
    for (columns, rows, hidden, outputs) in [
        (&MIXED[..], 1, &[67][..], 1),
        (&MIXED, 33, &[5, 4], 2),
        (&MIXED, 700, &[130, 8], 1),
        (&MIXED, 5, &[], 3),
        (&long, 300, &[64], 1),
        (&long, 40, &[200, 100], 1),
        (&long[..1], 130, &[], 1),
        (&long[2..], 130, &[16], 1),
        (&plain, 40, &[8], 1),
    ] {
        let case = Case::<R>::new(columns, rows, hidden, outputs);
        let dense = case.x.to_dense();
        let name = format!("{columns:?} {rows} {hidden:?} {outputs} {}", R::NAME);

        let (found, expected) = (case.network.predict(&case.x), case.network.predict(&dense));
        let slices = [&found, &expected].map(|y| y.as_slice().into_iter());
        let [found, expected] = slices;
        assert!(distance(found, expected) < bound, "{name}: predictions");

        let (found, expected) = (
            case.gradients(&case.data(&case.x)),
            case.gradients(&case.data(&dense)),
        );
        assert!(
            Real::to_f64((found.0 - expected.0) / expected.0).abs() < bound,
            "{name}"
        );
        let apart = distance(found.1.slices(), expected.1.slices());
        assert!(apart < bound, "{name}: gradients {apart:e}");

        // The pass that others may run by hand.
        let (mut workspace, mut gradients) = (
            Workspace::new(&case.network, rows),
            Gradients::zeros_like(&case.network),
        );
        let run = |x: Inputs<R>, pass: Pass<R>, workspace: &mut _, gradients: &mut _| {
            pass.forward(x, workspace);
            let n = rows * outputs;
            let y = &case.y.as_slice().unwrap()[..n];
            let (y_hat, dc_dy_hat) = workspace.out.loss_slices(rows);
            let loss = case.network.loss();
            loss.sum_and_gradient(y_hat, y, outputs, None, R::one(), dc_dy_hat);
            pass.backward(x, workspace, gradients);
        };
        let pass = Pass::of_encoded(&case.network, case.x.layout());
        run((&case.x).into(), pass, &mut workspace, &mut gradients);
        let found = gradients.clone();
        run(
            (&dense).into(),
            Pass::new(&case.network),
            &mut workspace,
            &mut gradients,
        );
        let apart = distance(found.slices(), gradients.slices());
        assert!(apart < bound, "{name}: a pass by hand {apart:e}");
    }
}

#[test]
fn encoded_rows_are_the_matrix_that_they_stand_for() {
    // Sums of up to 1,025 terms. In single precision both ways are off by some ten units in the last place of the
    // largest.
    assert_same_as_dense::<f64>(1e-12);
    assert_same_as_dense::<f32>(1e-4);
}

#[test]
fn rounding_in_running_sums_is_that_of_the_dense_product() {
    // 1,024 bins and an output for each of 40 neurons, against the same weights in double precision.
    let case = Case::<f32>::new(&[Steps(1024)], 200, &[], 40);
    let exact = case
        .network
        .cast::<f64>()
        .predict(&case.x.to_dense().mapv(f64::from));
    let error = |found: Array2<f32>| {
        let squares = found
            .iter()
            .zip(&exact)
            .map(|(&f, &e)| (f64::from(f) - e).powi(2));
        (squares.sum::<f64>() / exact.len() as f64).sqrt()
    };
    let encoded = error(case.network.predict(&case.x));
    let dense = error(case.network.predict(&case.x.to_dense()));
    assert!(encoded < 2.0 * dense, "{encoded:e} beside {dense:e}");
}

#[test]
fn encoded_rows_train_the_same_network() {
    let case = Case::<f64>::new(&MIXED, 150, &[20, 7], 1);
    let dense = case.x.to_dense();
    let trained = |data: Dataset<f64>| {
        let settings = TrainingSettings {
            epochs: 5,
            batch_size: Some(32),
            learning_rate: 0.01,
            ..TrainingSettings::default()
        };
        let mut trainer = Trainer::new(case.network.clone(), settings);
        trainer
            .fit(&data, Some(&data), &mut |_| Control::Continue)
            .unwrap();
        trainer.into_network()
    };
    let (found, expected) = (trained(case.data(&case.x)), trained(case.data(&dense)));
    let apart = distance(found.parameters(), expected.parameters());
    assert!(apart < 1e-9, "{apart:e}");
    assert!(distance(found.parameters(), case.network.parameters()) > 1e-2);
}

#[test]
fn any_number_of_threads_gives_encoded_rows_the_same_bits() {
    // On three threads and on one, 1,700 rows are cut in different places, and run in one wave or several.
    for (columns, rows, hidden) in [
        (&MIXED[..], 1_700, &[200, 9][..]),
        (&MIXED, 300, &[]),
        (&[Steps(300), Value], 513, &[130]),
    ] {
        let case = Case::<f32>::new(columns, rows, hidden, 1);
        let run = || {
            (
                case.gradients(&case.data(&case.x)),
                case.network.predict(&case.x),
            )
        };
        let alone = run();
        for threads in [2, 3] {
            assert_eq!(
                with_threads(threads, run).unwrap(),
                alone,
                "{threads} threads"
            );
        }
    }
}

#[test]
fn an_encoded_predictor_agrees_with_the_network() {
    for hidden in [&[][..], &[67], &[9, 130]] {
        for loss in [Loss::MeanSquareError, Loss::PoissonDeviance] {
            let x = encoded::<f64>(&MIXED, 40);
            let inputs = x.layout().inputs();
            let widths = [&[inputs], hidden, &[2]].concat();
            let network =
                SimpleNeuralNetwork::from_widths(&widths, Activation::Gelu, loss, Init::He, 2);
            let expected = network.predict(&x);
            let mut predictor = network.encoded_predictor(x.layout());
            for (r, expected) in expected.rows().into_iter().enumerate() {
                let found = predictor.predict_row(&x, r);
                let close = |(f, e): (&f64, &f64)| (f - e).abs() <= 1e-12 * (1.0 + e.abs());
                assert_eq!(found.len(), 2);
                assert!(
                    found.iter().zip(expected).all(close),
                    "{hidden:?} {loss} row {r}"
                );
            }
            let mut row = || predictor.predict_row(&x, 7)[0];
            assert_eq!(
                allocation_counter::measure(|| assert!(row().is_finite())).count_total,
                0
            );
        }
    }
}

#[test]
#[should_panic(expected = "encoded rows for a predictor of another layout")]
fn a_predictor_of_another_layout_panics() {
    let network = network::<f64>(5, &[], 1);
    let mut predictor = network.encoded_predictor(&InputLayout::new([Steps(5)]));
    predictor.predict_row(&EncodedRows::zeros(&InputLayout::new([Levels(5)]), 1), 0);
}

#[test]
fn a_level_that_is_missing_adds_nothing() {
    let layout = InputLayout::new([Levels(3)]);
    let mut rows = EncodedRows::<f64>::zeros(&layout, 2);
    rows.row_mut(0).level(None);
    rows.row_mut(1).level(Some(2));
    let network = network::<f64>(3, &[], 1);
    let (w, b) = (&network.out().affine.w, network.out().affine.b[0]);
    let found = network.predict(&rows);
    assert_eq!(found, ndarray::array![[b], [b + w[[0, 2]]]]);
}

#[test]
fn the_same_memory_serves_matrices_and_encoded_rows() {
    let case = Case::<f64>::new(&MIXED, 70, &[6], 1);
    let other = Case::<f64>::new(&[Value, Steps(48), Levels(2)], 70, &[6], 1);
    let dense = case.x.to_dense();
    let rows: Vec<u32> = (0..70).collect();
    let mut gradient = BatchGradient::new(&case.network, 70, 0.0);
    let mut losses = Vec::new();
    for _ in 0..2 {
        for data in [case.data(&case.x), case.data(&dense), other.data(&other.x)] {
            losses.push(gradient.loss_and_gradients(&case.network, &data, &rows));
        }
    }
    assert!((losses[0] - losses[1]).abs() < 1e-12);
    assert_eq!(losses[..3], losses[3..]);
}

#[test]
#[should_panic(expected = "inputs of the encoded rows and of the network")]
fn a_layout_of_other_inputs_panics() {
    let network = network::<f64>(5, &[], 1);
    let _ = Pass::of_encoded(&network, &InputLayout::new([Steps(4)]));
}

#[test]
#[should_panic(expected = "encoded rows in a pass that was not prepared for their layout")]
fn encoded_rows_in_a_pass_for_matrices_panic() {
    let case = Case::<f64>::new(&MIXED, 2, &[], 1);
    let mut workspace = Workspace::new(&case.network, 2);
    Pass::new(&case.network).forward(&case.x, &mut workspace);
}

#[test]
#[should_panic(expected = "a matrix in a pass that was prepared for encoded rows")]
fn a_matrix_in_a_pass_for_encoded_rows_panics() {
    let case = Case::<f64>::new(&MIXED, 2, &[], 1);
    let mut workspace = Workspace::new(&case.network, 2);
    let pass = Pass::of_encoded(&case.network, case.x.layout());
    pass.forward(&case.x.to_dense(), &mut workspace);
}
