//! A feed-forward network: hidden layers, an out layer, a loss.
//!
//! It owns the parameters and nothing else. A [`Pass`](super::Pass) runs rows through it; [`crate::training`] trains
//! it.

use std::fmt::Write;

use super::affine::{Affine, parameters_of};
use super::architecture::{Architecture, HiddenLayer};
use super::parameters::Parameter;
use super::{DenseLayer, Init, OutLayer};
use crate::Real;
use crate::loss_functions::Loss;

/// A chain of [`DenseLayer`]s that ends in an [`OutLayer`], with the loss it is trained for.
///
/// ```
/// use chainrule::activation_functions::Activation;
/// use chainrule::neural_networks::SimpleNeuralNetwork;
///
/// let network = SimpleNeuralNetwork::<f32>::builder(10)
///     .dense(16, Activation::ReLU)
///     .dense(8, Activation::ReLU)
///     .out(1)
///     .build(42);
/// assert_eq!(network.parameter_count(), (10 * 16 + 16) + (16 * 8 + 8) + (8 + 1));
/// println!("{}", network.describe());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SimpleNeuralNetwork<R> {
    hidden: Vec<DenseLayer<R>>,
    out: OutLayer<R>,
    loss: Loss,
}

impl<R: Real> SimpleNeuralNetwork<R> {
    /// A network of ready layers.
    ///
    /// # Panics
    ///
    /// If a layer does not take what the layer below gives.
    #[track_caller]
    pub fn from_layers(hidden: Vec<DenseLayer<R>>, out: OutLayer<R>, loss: Loss) -> Self {
        let network = SimpleNeuralNetwork { hidden, out, loss };
        let maps: Vec<_> = network.affine_maps().collect();
        for (l, pair) in maps.windows(2).enumerate() {
            assert_eq!(
                pair[0].outputs(),
                pair[1].inputs(),
                "layer {} has W {:?}, layer {} has W {:?}: they do not compose",
                l,
                pair[0].w.dim(),
                l + 1,
                pair[1].w.dim(),
            );
        }
        network
    }

    /// Number of inputs.
    pub fn inputs(&self) -> usize {
        self.affine_maps().next().map_or(0, Affine::inputs)
    }

    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.out.affine.outputs()
    }

    /// The loss that the network is trained for; its link turns raw outputs into predictions.
    pub fn loss(&self) -> Loss {
        self.loss
    }

    /// The hidden layers, in order.
    pub fn hidden(&self) -> &[DenseLayer<R>] {
        &self.hidden
    }

    /// The out layer.
    pub fn out(&self) -> &OutLayer<R> {
        &self.out
    }

    /// What the network looks like. How its weights were drawn is not kept: `init` is the default.
    pub fn architecture(&self) -> Architecture {
        let hidden = self.hidden.iter().map(|layer| HiddenLayer {
            neurons: layer.affine.outputs(),
            activation: layer.activation,
        });
        Architecture {
            inputs: self.inputs(),
            hidden: hidden.collect(),
            outputs: self.outputs(),
            loss: self.loss,
            init: Init::default(),
        }
    }

    /// Number of weights and biases.
    pub fn parameter_count(&self) -> usize {
        self.affine_maps().map(Affine::parameter_count).sum()
    }

    /// Every layer's `W` and `b`, the out layer last.
    pub fn affine_maps(&self) -> impl Iterator<Item = &Affine<R>> {
        self.hidden
            .iter()
            .map(|layer| &layer.affine)
            .chain([&self.out.affine])
    }

    /// The same, to write.
    pub fn affine_maps_mut(&mut self) -> impl Iterator<Item = &mut Affine<R>> {
        self.hidden
            .iter_mut()
            .map(|layer| &mut layer.affine)
            .chain([&mut self.out.affine])
    }

    /// Every parameter as row-major slices: `W` then `b`, layer by layer, the out layer last.
    pub fn parameters(&self) -> impl Iterator<Item = &[R]> {
        self.affine_maps().flat_map(Affine::slices)
    }

    /// The same, to write.
    pub fn parameters_mut(&mut self) -> impl Iterator<Item = &mut [R]> {
        self.affine_maps_mut().flat_map(Affine::slices_mut)
    }

    /// All of them in one vector, in the same order.
    pub fn flat_parameters(&self) -> Vec<R> {
        let mut flat = Vec::with_capacity(self.parameter_count());
        self.parameters()
            .for_each(|parameters| flat.extend_from_slice(parameters));
        flat
    }

    /// Overwrites all of them from one vector, in the same order.
    ///
    /// # Panics
    ///
    /// If there are not as many values as parameters.
    #[track_caller]
    pub fn set_flat_parameters(&mut self, mut flat: &[R]) {
        let (values, count) = (flat.len(), self.parameter_count());
        assert_eq!(values, count, "values for the parameters");
        for parameters in self.parameters_mut() {
            let (head, tail) = flat.split_at(parameters.len());
            parameters.copy_from_slice(head);
            flat = tail;
        }
    }

    /// Every parameter with its values, in the same order.
    pub fn named_parameters(&self) -> impl Iterator<Item = (Parameter, &[R])> {
        self.affine_maps().enumerate().flat_map(|(l, affine)| {
            let names = parameters_of(l, affine.inputs(), affine.outputs());
            names.into_iter().zip(affine.slices())
        })
    }

    /// The same, to write.
    pub fn named_parameters_mut(&mut self) -> impl Iterator<Item = (Parameter, &mut [R])> {
        self.affine_maps_mut().enumerate().flat_map(|(l, affine)| {
            let names = parameters_of(l, affine.inputs(), affine.outputs());
            names.into_iter().zip(affine.slices_mut())
        })
    }

    /// The same network in another precision.
    pub fn cast<S: Real>(&self) -> SimpleNeuralNetwork<S> {
        let hidden = self.hidden.iter().map(|l| DenseLayer {
            affine: l.affine.cast(),
            activation: l.activation,
        });
        SimpleNeuralNetwork {
            hidden: hidden.collect(),
            out: OutLayer {
                affine: self.out.affine.cast(),
            },
            loss: self.loss,
        }
    }

    /// A table of the layers: kind, shape of `W`, activation, number of parameters.
    pub fn describe(&self) -> String {
        let mut table = format!(
            "{:<7} {:<7} {:>12}  {:<18} {:>12}\n",
            "layer", "kind", "W (o,i)", "activation", "parameters"
        );
        let activations = self.hidden.iter().map(|layer| layer.activation.to_string());
        let kinds = activations
            .map(|a| ("dense", a))
            .chain([("output", "-".to_string())]);
        for (l, (affine, (kind, activation))) in self.affine_maps().zip(kinds).enumerate() {
            let shape = format!("({}, {})", affine.outputs(), affine.inputs());
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "{l:<7} {kind:<7} {shape:>12}  {activation:<18} {:>12}",
                affine.parameter_count()
            );
        }
        let _ = write!(
            table,
            "{} inputs, {} outputs, loss {}, {} parameters",
            self.inputs(),
            self.outputs(),
            self.loss,
            self.parameter_count()
        );
        table
    }
}
