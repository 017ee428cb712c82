//! Mish: `z` weighted by the tanh of its softplus (A8).

use super::ActivationFunction;
use crate::real::Real;

/// `a(z) = z t(z)`,  `a'(z) = t(z) + z t'(z)`,  `t(z) = tanh(ln(1 + eᶻ))`.                       (A8)
///
/// With `e = eᶻ` and `n = (1 + e)² − 1 = e (e + 2)`, one exponential is enough:
/// `t = n / (n + 2)`,  `t' = 4 e (1 + e) / (n + 2)²`.
///
/// Proved by `every_derivative_matches_central_differences` and `smooth_functions_match_stored_values`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mish;

/// Beyond this `z`, `a(z) = z` and `a'(z) = 1` to double precision (`1 − t < 1e-17`), and `(n + 2)²` is still
/// finite in `f32` (`5.5e34`).
const LINEAR_FROM: f64 = 20.0;

impl ActivationFunction for Mish {
    #[inline(always)]
    fn forward<R: Real>(&self, z: R) -> R {
        let e = z.min(R::from_f64(LINEAR_FROM)).exp();
        let n = e * (e + R::from_f64(2.0));
        z * (n / (n + R::from_f64(2.0))) // (A8)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, z: R) -> R {
        let e = z.min(R::from_f64(LINEAR_FROM)).exp();
        let n = e * (e + R::from_f64(2.0));
        let d = n + R::from_f64(2.0);
        let t_prime = R::from_f64(4.0) * e * (R::one() + e) / (d * d);
        if z > R::from_f64(LINEAR_FROM) {
            R::one()
        } else {
            n / d + z * t_prime
        } // (A8)
    }
}
