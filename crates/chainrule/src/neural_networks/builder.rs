//! From an [`Architecture`] to a network: drawing its parameters, or taking them from elsewhere.

use std::marker::PhantomData;

use ndarray::{Array1, Array2};

use super::affine::{Affine, parameters_of};
use super::architecture::{Architecture, HiddenLayer};
use super::parameters::Parameter;
use super::simple_neural_network::SimpleNeuralNetwork;
use super::{DenseLayer, Init, OutLayer};
use crate::Real;
use crate::activation_functions::Activation;
use crate::loss_functions::Loss;
use crate::random::{Purpose, Random, Stream};

impl Architecture {
    /// Draws the weights of such a network. The same seed gives the same network on every machine.
    pub fn build<R: Real>(&self, seed: u64) -> SimpleNeuralNetwork<R> {
        self.build_member(seed, 0)
    }

    /// The same for one of several networks that share a seed: each member has numbers of its own, and
    /// [`build`](Self::build) those of member 0.
    pub fn build_member<R: Real>(&self, seed: u64, member: u32) -> SimpleNeuralNetwork<R> {
        let random = &mut Random::new(seed, Stream::new(member, Purpose::InitialWeights));
        let mut maps = self
            .affine_shapes()
            .map(|(inputs, outputs)| Affine::random(inputs, outputs, self.init, random));
        self.assemble(&mut maps)
    }

    /// A network of ready parameters: `values` gives each of them, row-major, or says why there is none.
    ///
    /// # Errors
    ///
    /// The first that `values` returns.
    ///
    /// # Panics
    ///
    /// If it gives another number of values than the parameter's shape has.
    pub fn with_parameters<R: Real, E>(
        &self,
        mut values: impl FnMut(&Parameter) -> Result<Vec<R>, E>,
    ) -> Result<SimpleNeuralNetwork<R>, E> {
        let mut maps = Vec::with_capacity(self.hidden.len() + 1);
        for (layer, (inputs, outputs)) in self.affine_shapes().enumerate() {
            let [w, b] = parameters_of(layer, inputs, outputs);
            let w = Array2::from_shape_vec((outputs, inputs), values(&w)?)
                .expect("as many values as the shape of W has");
            maps.push(Affine::new(w, Array1::from(values(&b)?)));
        }
        Ok(self.assemble(&mut maps.into_iter()))
    }

    fn assemble<R: Real>(
        &self,
        maps: &mut dyn Iterator<Item = Affine<R>>,
    ) -> SimpleNeuralNetwork<R> {
        let mut next = || maps.next().expect("one map for each layer");
        let hidden = self.hidden.iter().map(|layer| DenseLayer {
            affine: next(),
            activation: layer.activation,
        });
        let hidden = hidden.collect();
        SimpleNeuralNetwork::from_layers(hidden, OutLayer { affine: next() }, self.loss)
    }
}

/// An [`Architecture`] in the making, layer by layer. From [`SimpleNeuralNetwork::builder`].
#[derive(Clone, Debug)]
#[must_use = "nothing is built before `build`"]
pub struct NetworkBuilder<R> {
    architecture: Architecture,
    precision: PhantomData<R>,
}

impl<R: Real> SimpleNeuralNetwork<R> {
    /// Begins a network of `inputs` inputs, to be built layer by layer.
    pub fn builder(inputs: usize) -> NetworkBuilder<R> {
        NetworkBuilder {
            architecture: Architecture {
                inputs,
                hidden: Vec::new(),
                outputs: 1,
                loss: Loss::MeanSquareError,
                init: Init::He,
            },
            precision: PhantomData,
        }
    }

    /// A network from its list of widths, inputs first, outputs last, with one activation for every hidden layer.
    ///
    /// # Panics
    ///
    /// If there are fewer than two widths.
    #[track_caller]
    pub fn from_widths(
        widths: &[usize],
        activation: Activation,
        loss: Loss,
        init: Init,
        seed: u64,
    ) -> Self {
        let [inputs, hidden @ .., outputs] = widths else {
            panic!(
                "a network needs at least its numbers of inputs and outputs, found the widths {widths:?}"
            )
        };
        let builder = hidden
            .iter()
            .fold(Self::builder(*inputs), |builder, &neurons| {
                builder.dense(neurons, activation)
            });
        builder.out(*outputs).loss(loss).init(init).build(seed)
    }
}

impl<R: Real> NetworkBuilder<R> {
    /// Adds a hidden layer of `neurons` neurons above the last one.
    pub fn dense(mut self, neurons: usize, activation: Activation) -> Self {
        let layer = HiddenLayer {
            neurons,
            activation,
        };
        self.architecture.hidden.push(layer);
        self
    }

    /// Sets the number of outputs (1 unless told).
    pub fn out(mut self, outputs: usize) -> Self {
        self.architecture.outputs = outputs;
        self
    }

    /// Sets the loss (mean square error unless told).
    pub fn loss(mut self, loss: Loss) -> Self {
        self.architecture.loss = loss;
        self
    }

    /// Sets the distribution of the initial weights ([`Init::He`] unless told).
    pub fn init(mut self, init: Init) -> Self {
        self.architecture.init = init;
        self
    }

    /// Draws the weights. The same seed gives the same network on every machine.
    pub fn build(self, seed: u64) -> SimpleNeuralNetwork<R> {
        self.architecture.build(seed)
    }
}
