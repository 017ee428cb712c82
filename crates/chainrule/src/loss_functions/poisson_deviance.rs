//! The Poisson deviance with log link: for counts and other targets `y ≥ 0` (L5).

use super::{Link, LossFunction, TargetDomain, log_link};
use crate::real::Real;

/// With `μ = exp(ŷ)`: `ℓ(ŷ, y) = 2 (y ln(y/μ) − (y − μ))`,  `∂ℓ/∂ŷ = 2 (μ − y)`;  `0 ln 0 = 0`.    (L5)
///
/// Beyond `|ŷ| = 40` it continues along its tangent and stays finite: see `log_link`.
///
/// Proved by `every_derivative_matches_central_differences` and `deviances_vanish_where_the_mean_is_the_target`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoissonDeviance;

impl LossFunction for PoissonDeviance {
    #[inline(always)]
    fn value<R: Real>(&self, y_hat: R, y: R) -> R {
        let inside = log_link::within_bounds(y_hat);
        let y_ln_y_over_mu = if y > R::zero() {
            y * (y.ln() - inside)
        } else {
            R::zero()
        };
        let deviance = R::from_f64(2.0) * (y_ln_y_over_mu - (y - inside.exp())); // (L5)
        deviance + self.derivative(inside, y) * (y_hat - inside)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, y_hat: R, y: R) -> R {
        R::from_f64(2.0) * (log_link::mean(y_hat) - y) // (L5)
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
        TargetDomain::NotNegative
    }

    fn name(&self) -> &'static str {
        "poisson_deviance"
    }

    fn number(&self) -> &'static str {
        "L5"
    }

    fn formulas(&self) -> (String, String) {
        (
            "2 (y ln(y/μ) − (y − μ)), μ = e^ŷ".to_owned(),
            "2 (μ − y)".to_owned(),
        )
    }
}
