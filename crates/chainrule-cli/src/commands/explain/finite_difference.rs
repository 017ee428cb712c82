//! Central differences of one row's loss, one parameter at a time, over the code that trains.     (G1)

use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::{BatchGradient, Dataset};
use ndarray::ArrayView2;

/// The step for a parameter of size 1: truncation (about h²) and rounding (about 1e-16 / h) are both near 1e-11.
const STEP: f64 = 1e-5;

/// A copy of the network whose parameters are moved, and moved back.
pub struct FiniteDifference<'a> {
    network: SimpleNeuralNetwork<f64>,
    data: Dataset<'a, f64>,
    batch: BatchGradient<f64>,
}

impl<'a> FiniteDifference<'a> {
    /// Of the loss of `network` on the row `x`, `y`, penalty included.
    pub fn new(
        network: &SimpleNeuralNetwork<f64>,
        x: ArrayView2<'a, f64>,
        y: ArrayView2<'a, f64>,
        l2_penalty: f64,
    ) -> Self {
        let batch = BatchGradient::new(network, 1, l2_penalty);
        FiniteDifference {
            network: network.clone(),
            data: Dataset::new(x, y, None),
            batch,
        }
    }

    /// `∂C/∂W` of layer `l` at `[row, column]`.
    pub fn of_weight(&mut self, l: usize, row: usize, column: usize) -> f64 {
        let width = self
            .network
            .affine_maps()
            .nth(l)
            .map_or(0, |affine| affine.inputs());
        self.quotient(2 * l, row * width + column)
    }

    /// `∂C/∂b` of layer `l` at `[index]`.
    pub fn of_bias(&mut self, l: usize, index: usize) -> f64 {
        self.quotient(2 * l + 1, index)
    }

    /// `(C(p+h) − C(p−h)) / 2h` for entry `index` of the parameters' slice number `slice`: `W` and `b` of each layer in turn.
    fn quotient(&mut self, slice: usize, index: usize) -> f64 {
        let p = self
            .network
            .parameters()
            .nth(slice)
            .map_or(0.0, |parameters| parameters[index]);
        let h = STEP * p.abs().max(1.0);
        let quotient =
            (self.loss_with(slice, index, p + h) - self.loss_with(slice, index, p - h)) / (2.0 * h);
        self.set(slice, index, p);
        quotient
    }

    fn loss_with(&mut self, slice: usize, index: usize, value: f64) -> f64 {
        self.set(slice, index, value);
        self.batch.loss(&self.network, &self.data, &[0])
    }

    fn set(&mut self, slice: usize, index: usize, value: f64) {
        if let Some(parameters) = self.network.parameters_mut().nth(slice) {
            parameters[index] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use chainrule::activation_functions::Activation;
    use ndarray::array;

    use super::*;

    #[test]
    fn differences_agree_with_the_gradients_of_the_code_that_trains() {
        let network = SimpleNeuralNetwork::<f64>::builder(3)
            .dense(4, Activation::Tanh)
            .dense(2, Activation::Gelu)
            .out(1)
            .build(1);
        let (x, y) = (array![[0.3, -1.2, 0.8]], array![[0.7]]);
        let mut batch = BatchGradient::new(&network, 1, 0.1);
        batch.loss_and_gradients(&network, &Dataset::new(x.view(), y.view(), None), &[0]);
        let mut difference = FiniteDifference::new(&network, x.view(), y.view(), 0.1);
        for (l, gradients) in batch.gradients().layers.iter().enumerate() {
            for ((row, column), &gradient) in gradients.dc_dw.indexed_iter() {
                assert!(
                    (gradient - difference.of_weight(l, row, column)).abs() < 1e-9,
                    "W of layer {l}"
                );
            }
            for (index, &gradient) in gradients.dc_db.indexed_iter() {
                assert!(
                    (gradient - difference.of_bias(l, index)).abs() < 1e-9,
                    "b of layer {l}"
                );
            }
        }
    }
}
