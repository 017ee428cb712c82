//! What the notes this project started from get wrong, and (1.5), which they have right: one test for each correction
//! of `docs/backpropagation.md`.
//!
//! Each test computes the notes' formula, word for word, and central differences of the loss. It asserts how far the
//! notes' formula is off (or that its shapes do not fit), and that chainrule's own functions agree with the
//! differences. Sizes are distinct and greater than 1: n = 5 rows, i = 3 inputs, o = 4 neurons; so no formula can pass
//! by having a square matrix.

use std::panic::catch_unwind;

use chainrule::activation_functions::Activation;
use chainrule::linear_algebra::{product_nn, product_nt};
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{
    Affine, DenseLayer, Gradients, OutLayer, Pass, SimpleNeuralNetwork, Workspace,
};
use ndarray::{Array1, Array2, Axis, array};

const N: usize = 5;
const I: usize = 3;
const O: usize = 4;

/// With h = 1e-5 a central difference errs by about h² C'''/6 ≈ 1e-11 and by rounding ≈ 1e-16/h = 1e-11, times numbers
/// of the order of 10 here.
const H: f64 = 1e-5;
const AGREES: f64 = 1e-7;

fn x() -> Array2<f64> {
    array![
        [0.3, -1.2, 0.8],
        [-0.7, 0.4, 1.5],
        [1.1, 0.9, -0.6],
        [-1.4, -0.2, 0.5],
        [0.6, 1.3, 1.7]
    ]
}

fn y() -> Array2<f64> {
    array![[1.0], [-2.0], [0.5], [3.0], [-1.5]]
}

/// An out layer that reads X itself: ŷ = X wᵀ + b.
fn out_network() -> SimpleNeuralNetwork<f64> {
    let out = OutLayer {
        affine: Affine::new(array![[0.9, -0.5, 1.3]], array![0.2]),
    };
    SimpleNeuralNetwork::from_layers(Vec::new(), out, Loss::MeanSquareError)
}

/// One dense layer of O neurons below an out layer of one.
fn dense_network(activation: Activation) -> SimpleNeuralNetwork<f64> {
    let w = array![
        [0.5, -0.8, 0.3],
        [-1.1, 0.4, 0.7],
        [0.6, 0.9, -0.4],
        [-0.3, 1.2, 0.8]
    ];
    let hidden = DenseLayer {
        affine: Affine::new(w, array![0.1, -0.2, 0.35, 0.15]),
        activation,
    };
    let out = OutLayer {
        affine: Affine::new(array![[0.7, -1.3, 0.4, 1.6]], array![-0.3]),
    };
    SimpleNeuralNetwork::from_layers(vec![hidden], out, Loss::MeanSquareError)
}

fn loss(network: &SimpleNeuralNetwork<f64>, x: &Array2<f64>) -> f64 {
    network
        .loss()
        .mean(network.predict_raw(x.view()).view(), y().view(), None)
}

/// Central differences of the loss by each element of one layer's W.
fn quotients_w(network: &SimpleNeuralNetwork<f64>, layer: usize) -> Array2<f64> {
    let loss_at = |k: usize, j: usize, h: f64| {
        let mut moved = network.clone();
        moved.affine_maps_mut().nth(layer).unwrap().w[[k, j]] += h;
        loss(&moved, &x())
    };
    let shape = network.affine_maps().nth(layer).unwrap().w.dim();
    Array2::from_shape_fn(shape, |(k, j)| {
        (loss_at(k, j, H) - loss_at(k, j, -H)) / (2.0 * H)
    })
}

/// Central differences of the loss by each element of one layer's b.
fn quotients_b(network: &SimpleNeuralNetwork<f64>, layer: usize) -> Array1<f64> {
    let loss_at = |k: usize, h: f64| {
        let mut moved = network.clone();
        moved.affine_maps_mut().nth(layer).unwrap().b[k] += h;
        loss(&moved, &x())
    };
    let o = network.affine_maps().nth(layer).unwrap().b.len();
    Array1::from_shape_fn(o, |k| (loss_at(k, H) - loss_at(k, -H)) / (2.0 * H))
}

/// Central differences of the loss by each element of X.
fn quotients_x(network: &SimpleNeuralNetwork<f64>, x: &Array2<f64>) -> Array2<f64> {
    let loss_at = |r: usize, j: usize, h: f64| {
        let mut moved = x.clone();
        moved[[r, j]] += h;
        loss(network, &moved)
    };
    Array2::from_shape_fn(x.dim(), |(r, j)| {
        (loss_at(r, j, H) - loss_at(r, j, -H)) / (2.0 * H)
    })
}

/// chainrule's pass: forward, ∂C/∂Ŷ from the loss with the given scale (1/n is the mean's), backward, and ∂C/∂X of the
/// first layer too.
struct Passed {
    workspace: Workspace<f64>,
    gradients: Gradients<f64>,
    dc_dx: Array2<f64>,
}

fn pass(network: &SimpleNeuralNetwork<f64>, x: &Array2<f64>, scale: f64) -> Passed {
    let n = x.nrows();
    let (pass, mut workspace) = (Pass::new(network), Workspace::new(network, n));
    let mut gradients = Gradients::zeros_like(network);
    pass.forward(x.view(), &mut workspace);
    let (y_hat, dc_dy_hat) = workspace.out.loss_slices(n);
    let targets = y();
    let y = targets.as_slice().unwrap();
    network
        .loss()
        .sum_and_gradient(y_hat, y, 1, None, scale, dc_dy_hat);
    pass.backward(x.view(), &mut workspace, &mut gradients);
    // A backward pass leaves ∂C/∂X of its first layer out.
    let mut dc_dx = Array2::from_elem(x.dim(), f64::NAN);
    pass.input_gradient(0, workspace.g(0, n), dc_dx.view_mut());
    Passed {
        workspace,
        gradients,
        dc_dx,
    }
}

/// ∂C/∂A of the hidden layer, `C'` in the notes: what the out layer hands down.
fn dc_da(network: &SimpleNeuralNetwork<f64>, workspace: &Workspace<f64>, n: usize) -> Array2<f64> {
    let mut dc_da = Array2::from_elem((n, O), f64::NAN);
    Pass::new(network).input_gradient(1, workspace.g(1, n), dc_da.view_mut());
    dc_da
}

fn largest_difference(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    assert_eq!(a.dim(), b.dim());
    (a - b).iter().fold(0.0, |m: f64, e| m.max(e.abs()))
}

/// ŷ − y of the out layer that reads X.
fn residual(network: &SimpleNeuralNetwork<f64>) -> Array1<f64> {
    (network.predict_raw(x().view()) - y()).column(0).to_owned()
}

const MEAN: f64 = 1.0 / N as f64; // 1/(n o) with one output

#[test]
fn the_original_shape_of_an_activation_does_not_compose() {
    let network = dense_network(Activation::LeakyReLU { leakiness: 0.01 });
    let next = network.out().affine.w.clone(); // (1, O)
    let of_the_notes = Array2::<f64>::zeros((N, I)); // "a(z) ∈ R^(batchSize, inputNeurons)"
    let product = catch_unwind(|| {
        product_nt(
            of_the_notes.view(),
            next.view(),
            Array2::zeros((N, 1)).view_mut(),
        )
    });
    assert!(
        product.is_err(),
        "the next layer took an activation of shape (batch, inputs)"
    );

    let pass = pass(&network, &x(), MEAN);
    let a = pass.workspace.hidden[0].a(N);
    assert_eq!(a.dim(), (N, O));
    product_nt(a, next.view(), Array2::zeros((N, 1)).view_mut()); // composes
    assert!(
        largest_difference(&pass.gradients.layers[1].dc_dw, &quotients_w(&network, 1)) < AGREES
    );
}

#[test]
fn the_original_gradient_for_the_last_inputs_lacks_the_mean() {
    let network = out_network();
    let quotients = quotients_x(&network, &x());
    let (e, w) = (
        residual(&network).insert_axis(Axis(1)),
        network.out().affine.w.clone(),
    );
    let formula = 2.0 * e.dot(&w); // 2 ((X wᵀ + b) − y) ⊗ w
    let code = e.dot(&w); //            the notes' code drops the 2
    assert!(largest_difference(&formula, &quotients) > 1.0);
    assert!(largest_difference(&code, &quotients) > 1.0);
    // Off by exactly n, and by n/2.
    assert!(largest_difference(&(formula / N as f64), &quotients) < AGREES);
    assert!(largest_difference(&(code * (2.0 / N as f64)), &quotients) < AGREES);

    assert!(largest_difference(&pass(&network, &x(), MEAN).dc_dx, &quotients) < AGREES);
}

#[test]
fn the_original_gradient_of_the_out_bias_is_a_vector_for_one_number() {
    let network = out_network();
    let quotient = quotients_b(&network, 0);
    let formula = 2.0 * residual(&network); // 2 ((X wᵀ + b) − y)
    assert_eq!(
        (formula.len(), quotient.len()),
        (N, 1),
        "one number is asked for"
    );
    assert!(
        formula.iter().all(|v| (v - quotient[0]).abs() > 0.1),
        "no element of it is the derivative: {formula} {quotient}"
    );
    assert!(
        (formula.sum() / N as f64 - quotient[0]).abs() < AGREES,
        "its mean is"
    );

    let ours = &pass(&network, &x(), MEAN).gradients.layers[0].dc_db;
    assert_eq!(ours.len(), 1);
    assert!((ours[0] - quotient[0]).abs() < AGREES);
}

#[test]
fn the_original_code_moves_every_out_weight_by_the_same_amount() {
    let network = out_network();
    let quotients = quotients_w(&network, 0);
    // 2 * np.sum(np.dot((np.dot(X, w) + b - y), X)) / X.shape[0]
    let code = 2.0 * residual(&network).dot(&x()).sum() / N as f64;
    let moved_alike = Array2::from_elem((1, I), code);
    assert!(
        largest_difference(&moved_alike, &quotients) > 0.1,
        "{code} {quotients}"
    );
    assert!(
        (code - quotients.sum()).abs() < AGREES,
        "it is the sum over the inputs"
    );

    assert!(
        largest_difference(
            &pass(&network, &x(), MEAN).gradients.layers[0].dc_dw,
            &quotients
        ) < AGREES
    );
}

#[test]
fn the_original_gradient_for_one_input_takes_one_term_of_the_sum() {
    for activation in [Activation::Tanh, Activation::LeakyReLU { leakiness: 0.01 }] {
        let network = dense_network(activation);
        let quotients = quotients_x(&network, &x());
        let pass = pass(&network, &x(), MEAN);
        let formula = one_term_formula(&network, &x(), &pass.workspace);
        assert!(
            largest_difference(&formula, &quotients) > 0.1,
            "{activation}"
        );
        assert!(
            largest_difference(&pass.dc_dx, &quotients) < AGREES,
            "{activation}"
        );

        // With a single input the sum has one term, and there the formula holds.
        let Affine { w, b } = network.hidden()[0].affine.clone();
        let narrow = DenseLayer {
            affine: Affine::new(w.slice_move(ndarray::s![.., ..1]), b),
            activation,
        };
        let network =
            SimpleNeuralNetwork::from_layers(vec![narrow], network.out().clone(), network.loss());
        let x = x().slice_move(ndarray::s![.., ..1]);
        let pass = self::pass(&network, &x, MEAN);
        let formula = one_term_formula(&network, &x, &pass.workspace);
        assert!(
            largest_difference(&formula, &quotients_x(&network, &x)) < AGREES,
            "{activation}"
        );
    }
}

#[test]
fn the_original_gradient_for_the_inputs_of_a_batch_is_right() {
    for activation in [Activation::Tanh, Activation::LeakyReLU { leakiness: 0.01 }] {
        let network = dense_network(activation);
        let pass = pass(&network, &x(), MEAN);
        let formula = whole_sum_formula(&network, &x(), &pass.workspace);
        let quotients = quotients_x(&network, &x());
        assert!(
            largest_difference(&formula, &quotients) < AGREES,
            "{activation}"
        );
        // The notes' tensordot over the neurons is the same product, G W.
        let tensordot = pass.workspace.hidden[0]
            .dc_dz(N)
            .dot(&network.hidden()[0].affine.w);
        assert!(
            largest_difference(&tensordot, &formula) < 1e-14,
            "{activation}"
        );
    }
}

/// (1.4): Σ_k C'(…) a'(X_rj W_kj + b_k) W_kj. `C'` is taken to be the right ∂C/∂A_rk, so that the argument of a' alone
/// is tried.
fn one_term_formula(
    network: &SimpleNeuralNetwork<f64>,
    x: &Array2<f64>,
    workspace: &Workspace<f64>,
) -> Array2<f64> {
    let Affine { w, b } = &network.hidden()[0].affine;
    inputs_formula(network, x, workspace, |r, j, k| {
        x[[r, j]] * w[[k, j]] + b[k]
    })
}

/// (1.5): Σ_k C'(…) a'(X Wᵀ_:k + b_k) ⊗ Wᵀ_:k, whose argument in row r is X_r: · W_k: + b_k.
fn whole_sum_formula(
    network: &SimpleNeuralNetwork<f64>,
    x: &Array2<f64>,
    workspace: &Workspace<f64>,
) -> Array2<f64> {
    let Affine { w, b } = &network.hidden()[0].affine;
    inputs_formula(network, x, workspace, |r, _, k| {
        x.row(r).dot(&w.row(k)) + b[k]
    })
}

/// Σ_k ∂C/∂A_rk · a'(argument(r, j, k)) · W_kj for each row r and input j.
fn inputs_formula(
    network: &SimpleNeuralNetwork<f64>,
    x: &Array2<f64>,
    workspace: &Workspace<f64>,
    argument: impl Fn(usize, usize, usize) -> f64,
) -> Array2<f64> {
    let DenseLayer { affine, activation } = &network.hidden()[0];
    let dc_da = dc_da(network, workspace, x.nrows());
    Array2::from_shape_fn(x.dim(), |(r, j)| {
        (0..O)
            .map(|k| dc_da[[r, k]] * activation.derivative(argument(r, j, k)) * affine.w[[k, j]])
            .sum()
    })
}

#[test]
fn the_original_cost_is_one_number_for_each_row() {
    let network = out_network();
    let formula = residual(&network).mapv(|e| e * e); // (X wᵀ + b − y)²
    assert_eq!(formula.len(), N, "C has to be one number");
    let ours = loss(&network, &x());
    assert!((formula.sum() * MEAN - ours).abs() < 1e-14, "its mean is C");
    assert!((formula.sum() - ours).abs() > 1.0, "its sum is not");
}

#[test]
fn the_original_cross_product_is_an_outer_product() {
    // Three rows and three inputs: the one case in which a cross product of the two vectors exists.
    let network = out_network();
    let quotients = quotients_x(&network, &x());
    let errors = residual(&network) * (2.0 * MEAN);
    let (e, w) = (
        errors.slice(ndarray::s![..I]),
        network.out().affine.w.row(0),
    );
    let cross = array![
        e[1] * w[2] - e[2] * w[1],
        e[2] * w[0] - e[0] * w[2],
        e[0] * w[1] - e[1] * w[0]
    ];
    assert_eq!(cross.len(), I, "three numbers for nine derivatives");
    let outer = Array2::from_shape_fn((N, I), |(r, j)| errors[r] * w[j]);
    assert!(largest_difference(&outer, &quotients) < AGREES);
}

#[test]
fn the_original_meaning_of_the_primes_counts_the_inputs_twice() {
    let network = dense_network(Activation::Tanh);
    let quotients = quotients_w(&network, 0);
    let pass = pass(&network, &x(), MEAN);
    let (g, x) = (pass.workspace.hidden[0].dc_dz(N), x());
    // With a' = ∂a/∂W, which is a'(z) X_rj by itself, the equation's own factor X_rj comes a second time.
    let formula = g.t().dot(&x.mapv(|x| x * x));
    assert!(largest_difference(&formula, &quotients) > 0.1);
    // With a' = ∂a/∂z the factor is needed, and comes once.
    assert!(largest_difference(&g.t().dot(&x), &quotients) < AGREES);
}

#[test]
fn the_original_column_of_inputs_has_the_index_of_a_neuron() {
    let network = dense_network(Activation::LeakyReLU { leakiness: 0.01 });
    let quotients = quotients_w(&network, 0);
    let pass = pass(&network, &x(), MEAN);
    let (g, x) = (pass.workspace.hidden[0].dc_dz(N), x());
    for i in 0..I {
        // C'(…) a'(…) (x_i⁽¹⁾ … x_i⁽ⁿ⁾): the i-th neuron with the i-th input, one number for each row.
        let formula = &g.column(i) * &x.column(i);
        assert_eq!(formula.len(), N, "a neuron has {I} weights");
        assert!(
            (formula.sum() - quotients[[i, i]]).abs() < AGREES,
            "its sum is one of them"
        );
    }
    // One number for each neuron k and input j.
    let ours = Array2::from_shape_fn((O, I), |(k, j)| g.column(k).dot(&x.column(j)));
    assert!(largest_difference(&ours, &quotients) < AGREES);
}

#[test]
fn the_original_product_for_the_weights_does_not_compose() {
    let network = dense_network(Activation::LeakyReLU { leakiness: 0.01 });
    let pass = pass(&network, &x(), MEAN);
    let g = pass.workspace.hidden[0].dc_dz(N).to_owned(); // C' ⊙ a'
    let (x, g_shape) = (x(), g.dim());
    assert_eq!((g_shape, x.t().dim()), ((N, O), (I, N)));
    // (C' ⊙ a') Xᵀ, whatever shape the result is hoped to have.
    for shape in [(N, N), (O, I), (I, O)] {
        let product = catch_unwind(|| product_nn(g.view(), x.t(), Array2::zeros(shape).view_mut()));
        assert!(product.is_err(), "(n,o)(i,n) gave {shape:?}");
    }

    let ours = &pass.gradients.layers[0].dc_dw;
    assert_eq!(ours.dim(), (O, I));
    assert!(largest_difference(ours, &quotients_w(&network, 0)) < AGREES);
}

#[test]
fn the_original_sum_over_axis_zero_moves_all_neurons_alike() {
    let network = dense_network(Activation::LeakyReLU { leakiness: 0.01 });
    let quotients = quotients_w(&network, 0);
    let pass = pass(&network, &x(), MEAN);
    let ours = &pass.gradients.layers[0].dc_dw;
    assert!(largest_difference(ours, &quotients) < AGREES);

    // The shape that the notes give, (outputNeurons), cannot be subtracted from W (o,i) …
    assert!(Array1::<f64>::zeros(O).broadcast((O, I)).is_none());
    // … and what the sum over axis 0 of the right product gives, (inputNeurons), moves every neuron by the same row.
    let summed = ours.sum_axis(Axis(0));
    let moved_alike = summed.broadcast((O, I)).unwrap().to_owned();
    assert_eq!(moved_alike.row(0), moved_alike.row(O - 1));
    assert!(largest_difference(&moved_alike, &quotients) > 0.1);
}

#[test]
fn the_original_relu_derivative_is_the_function_itself() {
    let relu = Activation::ReLU;
    compare_derivatives(relu, |z| f64::max(0.0, z), |z| z <= 0.0 || z == 1.0);
    assert_eq!(relu.derivative(0.0), 0.0);
}

#[test]
fn the_original_leaky_relu_derivative_is_nearly_the_function_itself() {
    let leaky_relu = Activation::LeakyReLU { leakiness: 0.01 };
    compare_derivatives(leaky_relu, |z| f64::max(0.01, z), |z| z <= 0.0 || z == 1.0);
    assert_eq!(leaky_relu.derivative(0.0), 0.01);
}

/// On z = −3, −2.75, …, 3 without the kink: ours is the slope of the function; the notes' code is, exactly where
/// `right` says so.
fn compare_derivatives(
    activation: Activation,
    of_the_notes: impl Fn(f64) -> f64,
    right: impl Fn(f64) -> bool,
) {
    for z in (-12..=12).filter(|&k| k != 0).map(|k| f64::from(k) / 4.0) {
        let quotient = (activation.value(z + H) - activation.value(z - H)) / (2.0 * H);
        assert!(
            (activation.derivative(z) - quotient).abs() < AGREES,
            "a'({z})"
        );
        let error = (of_the_notes(z) - quotient).abs();
        if right(z) {
            assert!(error < AGREES, "the notes' a'({z})");
        } else {
            assert!(error > 0.2, "the notes' a'({z}) is off by {error} only");
        }
    }
}

#[test]
fn dividing_by_the_batch_size_in_a_layer_divides_twice() {
    let network = dense_network(Activation::LeakyReLU { leakiness: 0.01 });
    let (quotients_w, quotients_x) = (quotients_w(&network, 0), quotients_x(&network, &x()));
    let n = N as f64;

    // The loss has divided by n: a layer must not do so again …
    let ours = pass(&network, &x(), MEAN);
    let divided_again = &ours.gradients.layers[0].dc_dw / n;
    assert!(largest_difference(&divided_again, &quotients_w) > 0.1);
    assert!(largest_difference(&ours.gradients.layers[0].dc_dw, &quotients_w) < AGREES);
    assert!(largest_difference(&ours.dc_dx, &quotients_x) < AGREES);

    // … and if it has not, so that the layer's division would be right for W, what is handed down is n times ∂C/∂X.
    let of_the_sum = pass(&network, &x(), 1.0);
    assert!(
        largest_difference(&(&of_the_sum.gradients.layers[0].dc_dw / n), &quotients_w) < AGREES
    );
    assert!(largest_difference(&of_the_sum.dc_dx, &quotients_x) > 0.1);
    assert!(largest_difference(&(of_the_sum.dc_dx / n), &quotients_x) < AGREES);
}
