//! Gradient clipping by the norm of the whole gradient.

use crate::Real;
use crate::linear_algebra::sum_of_squares;
use crate::neural_networks::Gradients;

/// `g ← g · min(1, c / ‖g‖)` over all parameters together (Pascanu et al. 2013). Returns `‖g‖` before clipping.     (S4)
///
/// The norm is summed in double precision, so it does not overflow where the gradients do not.
pub fn clip_norm<R: Real>(gradients: &mut Gradients<R>, limit: f64) -> f64 {
    let squares: f64 = gradients.slices().map(sum_of_squares).sum();
    let norm = squares.sqrt();
    if norm > limit {
        let factor = R::from_f64(limit / norm);
        gradients.slices_mut().flatten().for_each(|g| *g *= factor); // (S4)
    }
    norm
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neural_networks::SimpleNeuralNetwork;

    #[test]
    fn clipping_keeps_the_direction_and_bounds_the_norm() {
        let network = SimpleNeuralNetwork::<f64>::builder(1).out(1).build(0);
        let mut gradients: Gradients<f64> = Gradients::zeros_like(&network);
        gradients.layers[0].dc_dw[[0, 0]] = 3.0;
        gradients.layers[0].dc_db[0] = -4.0;

        let mut small = gradients.clone();
        assert_eq!(clip_norm(&mut small, 5.0), 5.0);
        assert_eq!(small, gradients, "a gradient at the limit stays");

        assert_eq!(clip_norm(&mut gradients, 1.0), 5.0);
        assert!((gradients.layers[0].dc_dw[[0, 0]] - 0.6).abs() < 1e-15);
        assert!((gradients.layers[0].dc_db[0] + 0.8).abs() < 1e-15);
    }
}
