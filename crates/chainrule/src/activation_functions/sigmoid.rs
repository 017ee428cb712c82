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
}

/// `(σ(z), σ(−z))` from one exponential that never overflows: `e = exp(−|z|)`, the larger is `1 / (1 + e)`, the
/// smaller `e / (1 + e)`. Taking the smaller as `1 − σ` would lose its digits.
#[inline(always)]
pub(super) fn sigmoids<R: Real>(z: R) -> (R, R) {
    let e = (-z.abs()).exp();
    let larger = R::one() / (R::one() + e);
    let smaller = e * larger;
    if z < R::zero() {
        (smaller, larger)
    } else {
        (larger, smaller)
    }
}
