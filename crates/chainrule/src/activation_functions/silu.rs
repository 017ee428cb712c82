//! SiLU, the sigmoid-weighted linear unit, also called swish (A7).

use super::{ActivationFunction, sigmoid::sigmoids};
use crate::real::Real;

/// `a(z) = z σ(z)`,  `a'(z) = σ(z) (1 + z σ(−z))`.                                               (A7)
///
/// Proved by `every_derivative_matches_central_differences` and `smooth_functions_match_stored_values`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiLU;

impl ActivationFunction for SiLU {
    #[inline(always)]
    fn forward<R: Real>(&self, z: R) -> R {
        z * sigmoids(z).0 // (A7)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, z: R) -> R {
        let (sigma, sigma_minus) = sigmoids(z);
        sigma * (R::one() + z * sigma_minus) // (A7)
    }

    fn piece(&self, _z: f64) -> i8 {
        0
    }

    fn name(&self) -> &'static str {
        "silu"
    }

    fn number(&self) -> &'static str {
        "A7"
    }

    fn formula(&self) -> String {
        "z / (1 + e^−z)".to_owned()
    }
}
