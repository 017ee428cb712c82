//! LeakyReLU: a ReLU whose negative side keeps a small slope (A2).

use super::ActivationFunction;
use crate::real::Real;

/// `a(z) = z` for `z > 0`, else `α z`,  `a'(z) = 1` for `z > 0`, else `α`, with the leakiness `α`.     (A2)
///
/// Proved by `every_derivative_matches_central_differences` and `the_kinks_take_the_left_derivative`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeakyReLU {
    /// The slope `α` of the negative side; finite.
    pub leakiness: f64,
}

impl ActivationFunction for LeakyReLU {
    #[inline(always)]
    fn forward<R: Real>(&self, z: R) -> R {
        z * self.derivative(z) // (A2): both sides are lines through 0
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, z: R) -> R {
        // Converted before it is chosen, so that the choice is one of values and the loop around it vectorises.
        let alpha = R::from_f64(self.leakiness);
        if z > R::zero() { R::one() } else { alpha } // (A2)
    }

    fn piece(&self, z: f64) -> i8 {
        i8::from(z > 0.0)
    }

    fn name(&self) -> &'static str {
        "leaky_relu"
    }

    fn number(&self) -> &'static str {
        "A2"
    }

    fn formula(&self) -> String {
        format!("z for z > 0, else {} z", self.leakiness)
    }
}
