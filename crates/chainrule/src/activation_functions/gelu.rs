//! GELU, the Gaussian error linear unit, in its exact form (A6).

use super::{ActivationFunction, erf::normal_distribution};
use crate::real::Real;

/// `a(z) = z Φ(z)`,  `a'(z) = Φ(z) + z φ(z)`, with the standard normal distribution `Φ` and density `φ`.  (A6)
///
/// Proved by `every_derivative_matches_central_differences` and `smooth_functions_match_stored_values`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gelu;

impl ActivationFunction for Gelu {
    #[inline(always)]
    fn forward<R: Real>(&self, z: R) -> R {
        z * normal_distribution(z).0 // (A6)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, z: R) -> R {
        let (distribution, density) = normal_distribution(z);
        distribution + z * density // (A6)
    }

    fn piece(&self, _z: f64) -> i8 {
        0
    }

    fn name(&self) -> &'static str {
        "gelu"
    }

    fn number(&self) -> &'static str {
        "A6"
    }

    fn formula(&self) -> String {
        "z/2 (1 + erf(z/√2))".to_owned()
    }
}
