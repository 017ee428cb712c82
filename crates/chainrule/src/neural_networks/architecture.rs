//! What a network looks like, without its weights: the one description that builders, settings, model files and other
//! languages share.

use super::Init;
use super::affine::parameters_of;
use super::parameters::Parameter;
use crate::activation_functions::Activation;
use crate::loss_functions::Loss;

/// Widths, activations, the loss, and how the weights are drawn.
///
/// ```
/// use chainrule::activation_functions::Activation;
/// use chainrule::loss_functions::Loss;
/// use chainrule::neural_networks::{Architecture, HiddenLayer, Init, SimpleNeuralNetwork};
///
/// let architecture = Architecture {
///     inputs: 10,
///     hidden: vec![
///         HiddenLayer { neurons: 16, activation: Activation::ReLU },
///         HiddenLayer { neurons: 8, activation: Activation::Tanh },
///     ],
///     outputs: 2,
///     loss: Loss::MeanSquareError,
///     init: Init::He,
/// };
/// let names: Vec<String> = architecture.parameters().map(|p| format!("{p} {}", p.shape)).collect();
/// assert_eq!(names[..3], ["W of layer 0 (16, 10)", "b of layer 0 (16)", "W of layer 1 (8, 16)"]);
///
/// let network: SimpleNeuralNetwork<f32> = architecture.build(42);
/// assert_eq!(network.architecture(), architecture);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Architecture {
    /// Number of inputs.
    pub inputs: usize,
    /// The hidden layers, from the inputs to the out layer; none gives a linear model.
    pub hidden: Vec<HiddenLayer>,
    /// Number of outputs.
    pub outputs: usize,
    /// What the training makes small; its link turns raw outputs into predictions.
    pub loss: Loss,
    /// How the initial weights are drawn.
    #[cfg_attr(feature = "serde", serde(default))]
    pub init: Init,
}

/// A hidden layer of an [`Architecture`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HiddenLayer {
    /// Number of neurons.
    pub neurons: usize,
    /// Their activation function.
    pub activation: Activation,
}

impl Architecture {
    /// Inputs and outputs of each layer's affine map, the out layer last.
    pub(super) fn affine_shapes(&self) -> impl Iterator<Item = (usize, usize)> {
        let below = [self.inputs]
            .into_iter()
            .chain(self.hidden.iter().map(|layer| layer.neurons));
        let outputs = self.hidden.iter().map(|layer| layer.neurons);
        below.zip(outputs.chain([self.outputs]))
    }

    /// Every parameter of such a network, in the order in which they are visited.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter> {
        self.affine_shapes()
            .enumerate()
            .flat_map(|(layer, (inputs, outputs))| parameters_of(layer, inputs, outputs))
    }

    /// Number of weights and biases.
    pub fn parameter_count(&self) -> usize {
        self.parameters().map(|p| p.shape.elements()).sum()
    }
}
