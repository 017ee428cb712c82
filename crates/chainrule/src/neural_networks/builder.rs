//! Building a network layer by layer.

use std::marker::PhantomData;

use super::affine::Affine;
use super::{DenseLayer, Init, OutLayer, SimpleNeuralNetwork};
use crate::Real;
use crate::activation_functions::Activation;
use crate::loss_functions::Loss;
use crate::random::{INIT, Random};

/// A network to be: widths, activations, loss and how its weights are drawn. From [`SimpleNeuralNetwork::builder`].
#[derive(Clone, Debug)]
#[must_use = "nothing is built before `build`"]
pub struct NetworkBuilder<R> {
    inputs: usize,
    hidden: Vec<(usize, Activation)>,
    outputs: usize,
    loss: Loss,
    init: Init,
    precision: PhantomData<R>,
}

impl<R: Real> NetworkBuilder<R> {
    pub(super) fn new(inputs: usize) -> Self {
        NetworkBuilder {
            inputs,
            hidden: Vec::new(),
            outputs: 1,
            loss: Loss::MeanSquareError,
            init: Init::He,
            precision: PhantomData,
        }
    }

    /// Adds a hidden layer of `neurons` neurons above the last one.
    pub fn dense(mut self, neurons: usize, activation: Activation) -> Self {
        self.hidden.push((neurons, activation));
        self
    }

    /// Sets the number of outputs (1 unless told).
    pub fn out(mut self, outputs: usize) -> Self {
        self.outputs = outputs;
        self
    }

    /// Sets the loss (mean square error unless told).
    pub fn loss(mut self, loss: Loss) -> Self {
        self.loss = loss;
        self
    }

    /// Sets the distribution of the initial weights ([`Init::He`] unless told).
    pub fn init(mut self, init: Init) -> Self {
        self.init = init;
        self
    }

    /// Draws the weights. The same seed gives the same network on every machine.
    pub fn build(self, seed: u64) -> SimpleNeuralNetwork<R> {
        let random = &mut Random::new(seed, INIT);
        let mut inputs = self.inputs;
        let mut hidden = Vec::with_capacity(self.hidden.len());
        for (neurons, activation) in self.hidden {
            hidden.push(DenseLayer {
                affine: Affine::random(inputs, neurons, self.init, random),
                activation,
            });
            inputs = neurons;
        }
        let out = OutLayer {
            affine: Affine::random(inputs, self.outputs, self.init, random),
        };
        SimpleNeuralNetwork::from_layers(hidden, out, self.loss)
    }
}
