//! The identity: a layer without a bend (A3).

use super::ActivationFunction;
use crate::real::Real;

/// `a(z) = z`,  `a'(z) = 1`.                                                                   (A3)
///
/// Proved by `every_derivative_matches_central_differences`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Identity;

impl ActivationFunction for Identity {
    #[inline(always)]
    fn forward<R: Real>(&self, z: R) -> R {
        z // (A3)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, _z: R) -> R {
        R::one() // (A3)
    }

    fn piece(&self, _z: f64) -> i8 {
        0
    }

    fn name(&self) -> &'static str {
        "identity"
    }

    fn number(&self) -> &'static str {
        "A3"
    }

    fn formula(&self) -> String {
        "z".to_owned()
    }
}
