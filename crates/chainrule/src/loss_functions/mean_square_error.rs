//! The mean square error: its minimizer is the conditional mean (L1).

use super::{Link, LossFunction, TargetDomain};
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

    fn piece(&self, _y_hat: f64, _y: f64) -> i8 {
        0
    }

    fn link(&self) -> Link {
        Link::Identity
    }

    fn is_robust(&self) -> bool {
        false
    }

    fn domain(&self) -> TargetDomain {
        TargetDomain::Finite
    }

    fn name(&self) -> &'static str {
        "mean_square_error"
    }

    fn number(&self) -> &'static str {
        "L1"
    }

    fn formulas(&self) -> (String, String) {
        ("(ŷ − y)²".to_owned(), "2 (ŷ − y)".to_owned())
    }
}
