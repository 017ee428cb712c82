//! Mish: `z` weighted by the tanh of its softplus (A8).

use super::ActivationFunction;
use crate::real::Real;

/// `a(z) = z f(z)`,  `a'(z) = f(z) + z f'(z)`,  `f(z) = tanh(ln(1 + exp z))`.                     (A8)
///
/// With `u = exp z` and `q = (1 + u)² − 1 = u (u + 2)`, one exponential is enough:
/// `f = q / (q + 2)`,  `f' = 4 u (1 + u) / (q + 2)²`.
///
/// Proved by `every_derivative_matches_central_differences` and `smooth_functions_match_stored_values`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mish;

/// Beyond this `z`, `a(z) = z` and `a'(z) = 1` to double precision (`1 − f < 1e-17`), and `(q + 2)²` is still
/// finite in `f32` (`5.5e34`).
const LINEAR_FROM: f64 = 20.0;

impl ActivationFunction for Mish {
    #[inline(always)]
    fn forward<R: Real>(&self, z: R) -> R {
        let u = z.min(R::from_f64(LINEAR_FROM)).exp_of_many();
        let q = u * (u + R::from_f64(2.0));
        z * (q / (q + R::from_f64(2.0))) // (A8)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, z: R) -> R {
        let u = z.min(R::from_f64(LINEAR_FROM)).exp_of_many();
        let q = u * (u + R::from_f64(2.0));
        let d = q + R::from_f64(2.0);
        let f_prime = R::from_f64(4.0) * u * (R::one() + u) / (d * d);
        if z > R::from_f64(LINEAR_FROM) {
            R::one()
        } else {
            q / d + z * f_prime
        } // (A8)
    }

    fn piece(&self, _z: f64) -> i8 {
        0
    }

    fn name(&self) -> &'static str {
        "mish"
    }

    fn number(&self) -> &'static str {
        "A8"
    }

    fn formula(&self) -> String {
        "z tanh(ln(1 + e^z))".to_owned()
    }
}
