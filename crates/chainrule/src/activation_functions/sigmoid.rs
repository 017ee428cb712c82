//! The logistic sigmoid (A5), also the building block of SiLU and softplus.

use super::ActivationFunction;
use crate::real::Real;

/// `a(z) = σ(z) = 1 / (1 + exp(−z))`,  `a'(z) = σ(z) σ(−z)`.                                     (A5)
///
/// Proved by `every_derivative_matches_central_differences` and `smooth_functions_match_stored_values`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sigmoid;

impl ActivationFunction for Sigmoid {
    #[inline(always)]
    fn forward<R: Real>(&self, z: R) -> R {
        sigmoids(z).0 // (A5)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, z: R) -> R {
        let (sigma, sigma_minus) = sigmoids(z);
        sigma * sigma_minus // (A5)
    }

    fn piece(&self, _z: f64) -> i8 {
        0
    }

    fn name(&self) -> &'static str {
        "sigmoid"
    }

    fn number(&self) -> &'static str {
        "A5"
    }

    fn formula(&self) -> String {
        "1 / (1 + e^−z)".to_owned()
    }
}

/// `(σ(z), σ(−z))` from one exponential that never overflows: `u = exp(−|z|)`, the larger is `1 / (1 + u)`, the
/// smaller `u / (1 + u)`. Taking the smaller as `1 − σ` would lose its digits.
#[inline(always)]
pub(super) fn sigmoids<R: Real>(z: R) -> (R, R) {
    let u = (-z.abs()).exp_of_many();
    let larger = R::one() / (R::one() + u);
    let smaller = u * larger;
    if z < R::zero() {
        (smaller, larger)
    } else {
        (larger, smaller)
    }
}
