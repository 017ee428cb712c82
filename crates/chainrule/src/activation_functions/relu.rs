//! ReLU, the rectified linear unit (A1).

use super::ActivationFunction;
use crate::real::Real;

/// `a(z) = max(z, 0)`,  `a'(z) = 1` for `z > 0`, else `0`; so `a'(0) = 0`.                        (A1)
///
/// A NaN passes through, so that a diverging run shows in its loss.
///
/// Proved by `every_derivative_matches_central_differences` and `the_kinks_take_the_left_derivative`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReLU;

impl ActivationFunction for ReLU {
    #[inline(always)]
    fn forward<R: Real>(&self, z: R) -> R {
        if z < R::zero() { R::zero() } else { z } // (A1)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, z: R) -> R {
        if z > R::zero() { R::one() } else { R::zero() } // (A1)
    }

    fn piece(&self, z: f64) -> i8 {
        i8::from(z > 0.0)
    }

    fn name(&self) -> &'static str {
        "relu"
    }

    fn number(&self) -> &'static str {
        "A1"
    }

    fn formula(&self) -> String {
        "max(0, z)".to_owned()
    }
}
