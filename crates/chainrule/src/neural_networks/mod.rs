//! The network: what it looks like, its parameters, its layers with their equations, and the pass that runs rows
//! through them.
//!
//! Read in this order: [`DenseLayer`] (one layer's equations), [`OutLayer`], [`Pass`] (the chain that layers form,
//! forward and back), [`Architecture`] and [`Parameter`] (what there is to learn).
//!
//! Layers own their parameters and nothing else. A pass takes `&self` and writes into a [`Workspace`] and [`Gradients`]
//! that the caller owns, so several workers can share one network. Only optimizers change parameters.

mod affine;
mod architecture;
mod builder;
mod dense_layer;
mod encoded_layer;
mod encoded_predictor;
mod gradients;
mod init;
mod out_layer;
mod parameters;
mod pass;
mod prediction;
mod predictor;
mod simple_neural_network;
mod workspace;

pub use affine::Affine;
pub use architecture::{Architecture, HiddenLayer};
pub use builder::NetworkBuilder;
pub use dense_layer::{DenseLayer, DenseState};
pub use encoded_predictor::EncodedPredictor;
pub use gradients::{Gradients, LayerGradients};
pub use init::Init;
pub use out_layer::{OutLayer, OutState};
pub use parameters::{Parameter, Shape};
pub use pass::Pass;
pub(crate) use pass::Room;
pub use prediction::PreparedNetwork;
pub(crate) use prediction::predict_blocks;
pub use predictor::Predictor;
pub use simple_neural_network::SimpleNeuralNetwork;
pub(crate) use workspace::Way;
pub use workspace::Workspace;
