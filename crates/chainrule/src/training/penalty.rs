//! The penalty on large weights, `(λ/2) Σ W²`, and its gradient.     (L7)

use crate::Real;
use crate::linear_algebra::sum_of_squares;
use crate::neural_networks::{Gradients, SimpleNeuralNetwork};
use crate::simd::vectorized;

/// `(λ/2) Σ W²` over the parameters that decay.     (L7)
///
/// Proved by `every_combination_matches_central_differences`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Penalty<R> {
    lambda: R,
}

impl<R: Real> Penalty<R> {
    pub(super) fn new(lambda: f64) -> Self {
        Penalty {
            lambda: R::from_f64(lambda),
        }
    }

    /// `(λ/2) Σ W²`.     (L7)
    pub(super) fn value(self, network: &SimpleNeuralNetwork<R>) -> R {
        if self.lambda == R::zero() {
            return R::zero();
        }
        let decaying = network.named_parameters().filter(|(p, _)| p.decays);
        let squares: f64 = decaying.map(|(_, w)| sum_of_squares(w)).sum();
        self.lambda / R::from_f64(2.0) * R::from_f64(squares) // (L7)
    }

    /// `∂C/∂W ← ∂C/∂W + λ W`.     (L7)
    pub(super) fn add_gradient(
        self,
        network: &SimpleNeuralNetwork<R>,
        gradients: &mut Gradients<R>,
    ) {
        if self.lambda == R::zero() {
            return;
        }
        for ((parameter, w), dc_dw) in network.named_parameters().zip(gradients.slices_mut()) {
            if parameter.decays {
                vectorized(|| {
                    for (dc_dw, &w) in dc_dw.iter_mut().zip(w) {
                        *dc_dw += self.lambda * w; // (L7)
                    }
                });
            }
        }
    }
}
