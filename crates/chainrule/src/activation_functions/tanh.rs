//! The hyperbolic tangent (A4).

use super::ActivationFunction;
use crate::real::Real;

/// `a(z) = tanh z`,  `a'(z) = 1 − tanh² z = 4u / (1 + u)²` with `u = exp(−2|z|)`.                (A4)
///
/// The second form has no cancellation: it keeps all its digits where `tanh² z` is almost 1.
///
/// Proved by `every_derivative_matches_central_differences` and `smooth_functions_match_stored_values`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tanh;

impl ActivationFunction for Tanh {
    #[inline(always)]
    fn forward<R: Real>(&self, z: R) -> R {
        z.tanh() // (A4)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, z: R) -> R {
        let u = (R::from_f64(-2.0) * z.abs()).exp_of_many();
        let d = R::one() + u;
        R::from_f64(4.0) * u / (d * d) // (A4)
    }

    fn piece(&self, _z: f64) -> i8 {
        0
    }

    fn name(&self) -> &'static str {
        "tanh"
    }

    fn number(&self) -> &'static str {
        "A4"
    }

    fn formula(&self) -> String {
        "tanh z".to_owned()
    }
}
