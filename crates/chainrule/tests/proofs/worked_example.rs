//! The worked example of `docs/backpropagation.md`, section 6: every number on that page, from the code that trains.
//!
//! Forward and backward involve integers and halves only, which floating point holds exactly; so those numbers are
//! compared for equality.

use chainrule::activation_functions::Activation;
use chainrule::gradient_check::gradient_check;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{
    Affine, DenseLayer, Gradients, OutLayer, Pass, SimpleNeuralNetwork, Workspace,
};
use chainrule::optimizers::Optimizer;
use chainrule::training::{BatchGradient, Control, Dataset, Event, Trainer, TrainingSettings};
use ndarray::{Array1, Array2, array, s};

fn x() -> Array2<f64> {
    array![[1.0, 2.0], [2.0, -1.0]]
}

fn y() -> Array2<f64> {
    array![[-8.0], [6.0]]
}

fn network() -> SimpleNeuralNetwork<f64> {
    network_of(
        array![[2.0, -1.0], [1.0, 1.0]],
        array![-2.0, 1.0],
        array![[2.0, -1.0]],
        array![1.0],
    )
}

fn network_of(
    w1: Array2<f64>,
    b1: Array1<f64>,
    w2: Array2<f64>,
    b2: Array1<f64>,
) -> SimpleNeuralNetwork<f64> {
    let hidden = DenseLayer {
        affine: Affine::new(w1, b1),
        activation: Activation::LeakyReLU { leakiness: 0.5 },
    };
    SimpleNeuralNetwork::from_layers(
        vec![hidden],
        OutLayer {
            affine: Affine::new(w2, b2),
        },
        Loss::MeanSquareError,
    )
}

#[test]
fn the_worked_example_goes_forward_as_written() {
    let (network, mut workspace) = (network(), Workspace::new(&network(), 2));
    let pass = Pass::new(&network);
    pass.forward(x().view(), &mut workspace);
    assert_eq!(workspace.hidden[0].z(2), array![[-2.0, 4.0], [3.0, 2.0]]); // (F1)
    assert_eq!(workspace.hidden[0].a(2), array![[-1.0, 4.0], [3.0, 2.0]]); // (F2)
    assert_eq!(workspace.out.y_hat(2), array![[-5.0], [5.0]]); // (F3)
    assert_eq!(
        network
            .loss()
            .mean(workspace.out.y_hat(2), y().view(), None),
        5.0
    ); // (L0), (L1)
}

#[test]
fn the_worked_example_goes_backward_as_written() {
    let (network, mut workspace) = (network(), Workspace::new(&network(), 2));
    let mut gradients = Gradients::zeros_like(&network);
    let pass = Pass::new(&network);
    pass.forward(x().view(), &mut workspace);
    fill_dc_dy_hat(&mut workspace, &y(), 0.5);
    assert_eq!(workspace.out.dc_dy_hat(2), array![[3.0], [-1.0]]); // G₂  (L0), (L1)

    pass.backward(x().view(), &mut workspace, &mut gradients);
    assert_eq!(gradients.layers[1].dc_dw, array![[-6.0, 10.0]]); // (B2)
    assert_eq!(gradients.layers[1].dc_db, array![2.0]); // (B3)
    assert_eq!(
        workspace.hidden[0].dc_dz(2),
        array![[3.0, -3.0], [-2.0, 1.0]]
    ); // G₁  (B1)
    assert_eq!(gradients.layers[0].dc_dw, array![[-1.0, 8.0], [-1.0, -7.0]]); // (B2)
    assert_eq!(gradients.layers[0].dc_db, array![1.0, -2.0]); // (B3)

    // What the pass leaves out, ∂C/∂X of the first layer, and what it overwrites, ∂C/∂A₁. (B4)
    let mut dc_da = Array2::from_elem((2, 2), f64::NAN);
    pass.input_gradient(1, workspace.g(1, 2), dc_da.view_mut());
    assert_eq!(dc_da, array![[6.0, -3.0], [-2.0, 1.0]]);
    let mut dc_dx = Array2::from_elem((2, 2), f64::NAN);
    pass.input_gradient(0, workspace.g(0, 2), dc_dx.view_mut());
    assert_eq!(dc_dx, array![[3.0, -6.0], [-3.0, 3.0]]);
}

#[test]
fn the_worked_example_sums_its_rows_gradients() {
    let network = network();
    let of_rows = |rows: std::ops::Range<usize>| {
        let (x, y) = (
            x().slice(s![rows.clone(), ..]).to_owned(),
            y().slice(s![rows.clone(), ..]).to_owned(),
        );
        let mut workspace = Workspace::new(&network, rows.len());
        let mut gradients = Gradients::zeros_like(&network);
        let pass = Pass::new(&network);
        pass.forward(x.view(), &mut workspace);
        fill_dc_dy_hat(&mut workspace, &y, 0.5); // the whole batch's 1/(n o), for one row as for both
        pass.backward(x.view(), &mut workspace, &mut gradients);
        gradients
    };
    let (both, first, second) = (of_rows(0..2), of_rows(0..1), of_rows(1..2));
    assert_eq!(first.layers[0].dc_dw, array![[3.0, 6.0], [-3.0, -6.0]]);
    assert_eq!(second.layers[0].dc_dw, array![[-4.0, 2.0], [2.0, -1.0]]);
    for (l, both) in both.layers.iter().enumerate() {
        assert_eq!(both.dc_dw, &first.layers[l].dc_dw + &second.layers[l].dc_dw); // (B5)
        assert_eq!(both.dc_db, &first.layers[l].dc_db + &second.layers[l].dc_db); // (B5)
    }
}

#[test]
fn the_worked_example_checks_a_derivative_by_hand() {
    let (x, y) = (x(), y());
    let loss_at = |p: f64| {
        let network = network_of(
            array![[2.0, -1.0], [1.0, 1.0]],
            array![-2.0, 1.0],
            array![[p, -1.0]],
            array![1.0],
        );
        BatchGradient::new(&network, 2, 0.0).loss(
            &network,
            &Dataset::new(x.view(), y.view(), None),
            &[0, 1],
        )
    };
    assert_eq!((loss_at(3.0), loss_at(1.0)), (4.0, 16.0));
    assert_eq!((loss_at(3.0) - loss_at(1.0)) / 2.0, -6.0); // (G1)
}

#[test]
fn the_gradient_check_confirms_the_worked_example() {
    let (x, y) = (x(), y());
    let report = gradient_check(&network(), &Dataset::new(x.view(), y.view(), None), 0.0);
    // No kink is near, and there the loss is quadratic in each single parameter: (G1) is exact but for
    // rounding, 1e-16 · C / h with C = 5 and h = 1e-3, beside derivatives of 1 to 10.
    assert_eq!((report.checked(), report.skipped()), (9, 0), "{report}");
    assert!(report.max_relative_error() < 1e-11, "{report}");
}

#[test]
fn the_worked_example_takes_its_step_as_written() {
    let settings = TrainingSettings {
        epochs: 1,
        batch_size: None,
        shuffle: false,
        optimizer: Optimizer::GradientDescent,
        learning_rate: 0.01,
        ..TrainingSettings::default()
    };
    let (x, y) = (x(), y());
    let data = Dataset::new(x.view(), y.view(), None);
    let mut losses = Vec::new();
    let mut trainer = Trainer::new(network(), settings);
    let mut listen = |event: Event| {
        if let Event::Step { loss, .. } = event {
            losses.push(loss);
        }
        Control::Continue
    };
    trainer.fit(&data, None, &mut listen).unwrap();
    assert_eq!(losses, [5.0]);

    let expected = network_of(
        array![[2.01, -1.08], [1.01, 1.07]],
        array![-2.01, 1.02],
        array![[2.06, -1.1]],
        array![0.98],
    );
    // Decimal fractions are rounded in binary: a few times 2⁻⁵³ of numbers up to 8.
    for (found, expected) in trainer
        .network()
        .parameters()
        .flatten()
        .zip(expected.parameters().flatten())
    {
        assert!(
            (found - expected).abs() < 1e-15,
            "{found} is not {expected}"
        );
    }
    let y_hat = trainer.network().predict(x.view());
    assert!(
        (y_hat[[0, 0]] - -5.8318).abs() < 1e-14 && (y_hat[[1, 0]] - 5.1784).abs() < 1e-14,
        "{y_hat}"
    );
    let loss = trainer.network().loss().mean(y_hat.view(), y.view(), None);
    assert!((loss - 2.6880589).abs() < 1e-13, "{loss}");
}

/// `∂C/∂Ŷ` of the square error with the given `1/(n o)`, written where the backward pass begins.
fn fill_dc_dy_hat(workspace: &mut Workspace<f64>, y: &Array2<f64>, scale: f64) {
    let n = y.nrows();
    let y_hat = workspace.out.y_hat(n).to_owned();
    let mut g = vec![f64::NAN; n];
    let targets = y.as_slice().unwrap();
    Loss::MeanSquareError.sum_and_gradient(
        y_hat.as_slice().unwrap(),
        targets,
        1,
        None,
        scale,
        &mut g,
    );
    workspace
        .out
        .dc_dy_hat_mut(n)
        .assign(&Array2::from_shape_vec((n, 1), g).unwrap());
}
