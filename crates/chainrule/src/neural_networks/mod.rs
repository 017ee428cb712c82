//! The network: dense layers, an out layer, and the chain that they form.
//!
//! Layers own their parameters and nothing else. A pass takes `&self` and writes into a [`Workspace`] and [`Gradients`] that the
//! caller owns, so several workers can share one network. Only optimizers change parameters.

mod affine;
mod builder;
mod dense_layer;
mod init;
mod out_layer;
mod packed_network;
mod predictor;
mod simple_neural_network;
mod workspace;

pub(crate) use affine::Factors;
pub use affine::{Affine, LayerGradients};
pub use builder::NetworkBuilder;
pub use dense_layer::{DenseLayer, DenseState};
pub use init::Init;
pub use out_layer::{OutLayer, OutState};
pub(crate) use packed_network::PackedNetwork;
pub use predictor::Predictor;
pub use simple_neural_network::SimpleNeuralNetwork;
pub(crate) use workspace::first_rows;
pub use workspace::{Gradients, Workspace};
