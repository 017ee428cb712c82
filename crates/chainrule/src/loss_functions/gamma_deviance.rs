//! The Gamma deviance with log link: for targets `y > 0` whose spread grows with their mean (L6).

use super::{Link, LossFunction, TargetDomain, log_link};
use crate::real::Real;

/// With `μ = exp(ŷ)`: `ℓ(ŷ, y) = 2 (−ln(y/μ) + (y − μ)/μ)`,  `∂ℓ/∂ŷ = 2 (1 − y/μ)`.               (L6)
///
/// Beyond `|ŷ| = 40` it continues along its tangent and stays finite: see `log_link`.
///
/// Proved by `every_derivative_matches_central_differences` and `deviances_vanish_where_the_mean_is_the_target`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaDeviance;

impl LossFunction for GammaDeviance {
    #[inline(always)]
    fn value<R: Real>(&self, y_hat: R, y: R) -> R {
        let inside = log_link::within_bounds(y_hat);
        // A positive target can become 0 on its way to f32; its logarithm must stay finite.
        let ln_y = y.max(R::min_positive_value()).ln();
        let deviance = R::from_f64(2.0) * ((inside - ln_y) + (y * (-inside).exp() - R::one())); // (L6)
        deviance + self.derivative(inside, y) * (y_hat - inside)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, y_hat: R, y: R) -> R {
        R::from_f64(2.0) * (R::one() - y / log_link::mean(y_hat)) // (L6)
    }

    fn piece(&self, y_hat: f64, _y: f64) -> i8 {
        log_link::piece(y_hat)
    }

    fn link(&self) -> Link {
        Link::Log
    }

    fn is_robust(&self) -> bool {
        false
    }

    fn domain(&self) -> TargetDomain {
        TargetDomain::Positive
    }

    fn name(&self) -> &'static str {
        "gamma_deviance"
    }

    fn number(&self) -> &'static str {
        "L6"
    }

    fn formulas(&self) -> (String, String) {
        (
            "2 (−ln(y/μ) + (y − μ)/μ), μ = e^ŷ".to_owned(),
            "2 (1 − y/μ)".to_owned(),
        )
    }
}
