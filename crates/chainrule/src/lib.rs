//! Regression neural networks from nothing but linear algebra: hand-derived equations over matrix products.
//!
//! A network is a chain of [`neural_networks::DenseLayer`]s and one [`neural_networks::OutLayer`]. Its gradients are not recorded
//! by a tape: every layer states its forward and backward equations beside each other, with the numbers they carry in
//! `docs/backpropagation.md`, and [`gradient_check()`](gradient_check::gradient_check) compares them with central differences over the very code that trains.
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
//! Rows are samples. `X (n,i)`, `W (o,i)`, `b (o)`, `Z = X Wᵀ + b (n,o)`, `A = a(Z) (n,o)`. The loss `C` is the mean over rows and
//! outputs; `1/n` stands in the loss alone. Everything is generic over [`Real`]: `f64` for proofs, `f32` for speed.

pub mod activation_functions;
pub mod gradient_check;
pub mod linear_algebra;
pub mod loss_functions;
pub mod neural_networks;
pub mod optimizers;
mod parallel;
mod random;
mod real;
mod simd;
mod text_form;
pub mod training;

pub use parallel::{MOST_THREADS, ThreadsError, processors, with_threads};
pub use real::Real;
