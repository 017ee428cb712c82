//! The mean absolute error: its minimizer is the conditional median (L2).

use super::{Link, LossFunction, TargetDomain, sign};
use crate::real::Real;

/// `ℓ(ŷ, y) = |ŷ − y|`,  `∂ℓ/∂ŷ = sign(ŷ − y)` with `sign(0) = 0`.                               (L2)
///
/// Proved by `every_derivative_matches_central_differences` and `a_perfect_prediction_has_no_gradient`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanAbsoluteError;

impl LossFunction for MeanAbsoluteError {
    #[inline(always)]
    fn value<R: Real>(&self, y_hat: R, y: R) -> R {
        (y_hat - y).abs() // (L2)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, y_hat: R, y: R) -> R {
        sign(y_hat - y) // (L2)
    }

    fn piece(&self, y_hat: f64, y: f64) -> i8 {
        i8::from(y_hat > y)
    }

    fn link(&self) -> Link {
        Link::Identity
    }

    fn is_robust(&self) -> bool {
        true
    }

    fn domain(&self) -> TargetDomain {
        TargetDomain::Finite
    }

    fn name(&self) -> &'static str {
        "mean_absolute_error"
    }

    fn number(&self) -> &'static str {
        "L2"
    }

    fn formulas(&self) -> (String, String) {
        ("|ŷ − y|".to_owned(), "sign(ŷ − y)".to_owned())
    }
}
