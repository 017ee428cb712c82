//! The mean square error: its minimizer is the conditional mean (L1).

use super::LossFunction;
use crate::real::Real;

/// `ℓ(ŷ, y) = (ŷ − y)²`,  `∂ℓ/∂ŷ = 2 (ŷ − y)`.                                                  (L1)
///
/// Proved by `every_derivative_matches_central_differences`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanSquareError;

impl LossFunction for MeanSquareError {
    #[inline(always)]
    fn value<R: Real>(&self, y_hat: R, y: R) -> R {
        let e = y_hat - y;
        e * e // (L1)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, y_hat: R, y: R) -> R {
        R::from_f64(2.0) * (y_hat - y) // (L1)
    }
}
