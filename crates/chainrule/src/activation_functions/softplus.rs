//! Softplus, the smooth ReLU (A9).

use super::{ActivationFunction, sigmoid::sigmoids};
use crate::real::Real;

/// `a(z) = ln(1 + exp z) = max(z, 0) + ln(1 + exp(−|z|))`,  `a'(z) = σ(z)`.                      (A9)
///
/// The second form never overflows and keeps the digits of the left tail.
///
/// Proved by `every_derivative_matches_central_differences` and `smooth_functions_match_stored_values`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Softplus;

impl ActivationFunction for Softplus {
    #[inline(always)]
    fn forward<R: Real>(&self, z: R) -> R {
        z.max(R::zero()) + (-z.abs()).exp().ln_1p() // (A9)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, z: R) -> R {
        sigmoids(z).0 // (A9)
    }

    fn piece(&self, _z: f64) -> i8 {
        0
    }

    fn name(&self) -> &'static str {
        "softplus"
    }

    fn number(&self) -> &'static str {
        "A9"
    }

    fn formula(&self) -> String {
        "ln(1 + e^z)".to_owned()
    }
}
