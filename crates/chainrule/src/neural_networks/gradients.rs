//! The gradients of a network: `∂C/∂W` and `∂C/∂b` of every layer, in the parameters' shapes and order.

use ndarray::{Array1, Array2};

use super::affine::parameters_of;
use super::parameters::Parameter;
use super::simple_neural_network::SimpleNeuralNetwork;
use crate::Real;
use crate::linear_algebra::aligned;

/// `∂C/∂W` and `∂C/∂b` of every layer, the out layer last. A backward pass overwrites them.
#[derive(Clone, Debug, PartialEq)]
pub struct Gradients<R> {
    /// One pair per layer, the out layer last.
    pub layers: Vec<LayerGradients<R>>,
}

/// The gradients of one layer's parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerGradients<R> {
    /// `∂C/∂W`, `(o,i)`.
    pub dc_dw: Array2<R>,
    /// `∂C/∂b`, `(o)`.
    pub dc_db: Array1<R>,
}

impl<R: Real> Gradients<R> {
    /// Zero gradients in the shapes of `network`'s parameters.
    pub fn zeros_like(network: &SimpleNeuralNetwork<R>) -> Self {
        let layers = network.affine_maps().map(|affine| LayerGradients {
            dc_dw: aligned::zeros_2(affine.w.dim()),
            dc_db: aligned::zeros_1(affine.b.len()),
        });
        Gradients {
            layers: layers.collect(),
        }
    }

    /// Every gradient as a row-major slice, in the order of [`SimpleNeuralNetwork::parameters`].
    pub fn slices(&self) -> impl Iterator<Item = &[R]> {
        self.layers.iter().flat_map(LayerGradients::slices)
    }

    /// The same, to write.
    pub fn slices_mut(&mut self) -> impl Iterator<Item = &mut [R]> {
        self.layers.iter_mut().flat_map(|layer| {
            [
                layer.dc_dw.as_slice_mut().expect("row-major"),
                layer.dc_db.as_slice_mut().expect("contiguous"),
            ]
        })
    }
}

impl<R: Real> LayerGradients<R> {
    /// `∂C/∂W` then `∂C/∂b`.
    fn slices(&self) -> [&[R]; 2] {
        [
            self.dc_dw.as_slice().expect("row-major"),
            self.dc_db.as_slice().expect("contiguous"),
        ]
    }
}

impl<R: Real> SimpleNeuralNetwork<R> {
    /// Every parameter with its values and its gradient.
    pub fn parameters_with_gradients<'a>(
        &'a mut self,
        gradients: &'a Gradients<R>,
    ) -> impl Iterator<Item = (Parameter, &'a mut [R], &'a [R])> {
        let layers = self.affine_maps_mut().zip(&gradients.layers).enumerate();
        // Layer by layer: two flat lists side by side take 1 % of a small network's step.
        layers.flat_map(|(l, (affine, gradients))| {
            let [w_name, b_name] = parameters_of(l, affine.inputs(), affine.outputs());
            let ([w, b], [dc_dw, dc_db]) = (affine.slices_mut(), gradients.slices());
            [(w_name, w, dc_dw), (b_name, b, dc_db)]
        })
    }
}
