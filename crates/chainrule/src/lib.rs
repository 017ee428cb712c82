//! Regression neural networks from nothing but linear algebra: hand-derived equations over matrix products.
//!
//! A network is a chain of [`neural_networks::DenseLayer`]s and one [`neural_networks::OutLayer`]. Its gradients are
//! not recorded by a tape: every layer states its forward and backward equations beside each other, and
//! [`gradient_check()`](gradient_check::gradient_check) compares them with central differences over the very code that
//! trains.
//!
//! # Where to start reading
//!
//! To use it: the program below, then those in the folder `examples`, which are there to be copied. To understand it,
//! in this order:
//!
//! 1. [`neural_networks::DenseLayer`]: the equations of one layer, forward (F1, F2) and backward (B1 to B4), one line
//!    each;
//! 2. [`activation_functions`] and [`loss_functions`]: each function beside its derivative;
//! 3. [`neural_networks::Pass`]: the chain that the layers form, forward and back;
//! 4. [`training::BatchGradient`]: from the rows of a batch to its loss and gradients;
//! 5. [`optimizers`]: what a step makes of the gradients, and [`training::Trainer`], the loop around it;
//! 6. [`mod@gradient_check`]: how all of this is proved;
//! 7. [`linear_algebra`] last: how the products become fast, without a letter of the equations above being changed.
//!
//! The numbers in parentheses are those of the [derivation](../../../docs/backpropagation.md), which begins with one
//! neuron and one row (`docs/backpropagation.md` in the repository; the link works in documentation that was built
//! there).
//!
//! # A first program
//!
//! ```
//! use chainrule::activation_functions::Activation;
//! use chainrule::loss_functions::Loss;
//! use chainrule::neural_networks::SimpleNeuralNetwork;
//! use chainrule::training::{Control, Dataset, Trainer, TrainingSettings};
//! use ndarray::Array2;
//!
//! // y = x₀ − 2 x₁ on a small grid.
//! let x = Array2::from_shape_fn((64, 2), |(r, j)| if j == 0 { (r % 8) as f64 / 4.0 - 1.0 } else { (r / 8) as f64 / 4.0 - 1.0 });
//! let y = Array2::from_shape_fn((64, 1), |(r, _)| x[[r, 0]] - 2.0 * x[[r, 1]]);
//!
//! let network = SimpleNeuralNetwork::builder(2)
//!     .dense(16, Activation::LeakyReLU { leakiness: 0.01 })
//!     .out(1)
//!     .loss(Loss::MeanSquareError)
//!     .build(0);
//! let settings = TrainingSettings { epochs: 200, batch_size: Some(16), learning_rate: 0.01, ..TrainingSettings::default() };
//! let mut trainer = Trainer::new(network, settings);
//! trainer.fit(&Dataset::new(x.view(), y.view(), None), None, &mut |_| Control::Continue)?;
//!
//! let prediction = trainer.network().predict(x.view());
//! let worst = (&prediction - &y).mapv(f64::abs).fold(0.0_f64, |m, &e| m.max(e));
//! assert!(worst < 0.1);
//! # Ok::<(), chainrule::training::TrainingError>(())
//! ```
//!
//! # Conventions
//!
//! Rows are samples. `X (n,i)`, `W (o,i)`, `b (o)`, `Z = X Wᵀ + b (n,o)`, `A = a(Z) (n,o)`. The loss `C` is the mean
//! over rows and outputs; `1/n` stands in the loss alone. Everything is generic over [`Real`]: `f64` for proofs, `f32`
//! for speed.

pub mod activation_functions;
mod exponential;
pub mod gradient_check;
pub mod inputs;
pub mod linear_algebra;
pub mod loss_functions;
pub mod neural_networks;
pub mod optimizers;
mod parallel;
mod precompiled;
mod random;
mod real;
mod simd;
mod text_form;
pub mod training;

pub use parallel::{MOST_THREADS, ThreadsError, processors, with_threads};
pub use real::Real;
pub use simd::instruction_set;
