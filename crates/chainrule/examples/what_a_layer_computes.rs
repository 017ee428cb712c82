//! Reads the weights of every layer and computes a prediction from them with plain `ndarray`: Z = X Wᵀ + b, A = a(Z).
//!
//! `cargo run --release -p chainrule --example what_a_layer_computes`

use chainrule::activation_functions::Activation;
use chainrule::neural_networks::SimpleNeuralNetwork;
use ndarray::{Array2, array};

/// The program. It is public because the tests run it, too.
pub fn main() {
    let network = SimpleNeuralNetwork::<f64>::builder(2)
        .dense(4, Activation::LeakyReLU { leakiness: 0.01 })
        .dense(3, Activation::Tanh)
        .out(1)
        .build(2);
    println!("{}\n", network.describe());
    let x = array![[1.0, -0.5], [0.25, 2.0], [-1.5, 0.75]];

    // (n,i): n rows, i inputs of the layer.
    let mut a = x.clone();
    for (l, layer) in network.hidden().iter().enumerate() {
        let (w, b) = (&layer.affine.w, &layer.affine.b);
        let z = a.dot(&w.t()) + b; // F1
        a = activate(layer.activation, &z); // F2
        println!("layer {l}: Z (n,o) =\n{z:.3}\nA (n,o) =\n{a:.3}\n");
    }
    let out = &network.out().affine;
    let y_hat = a.dot(&out.w.t()) + &out.b; // F3; the mean square error has no link
    println!("Ŷ (n,o) =\n{y_hat:.3}");

    let difference = (&y_hat - &network.predict(x.view())).mapv(f64::abs);
    assert!(difference.iter().all(|&d| d < 1e-12));
}

/// a(z), element by element.
fn activate(activation: Activation, z: &Array2<f64>) -> Array2<f64> {
    match activation {
        Activation::LeakyReLU { leakiness } => z.mapv(|z| if z > 0.0 { z } else { leakiness * z }),
        Activation::Tanh => z.mapv(f64::tanh),
        other => unreachable!("this network has no {other}"),
    }
}
