//! The pinball loss: its minimizer is the conditional quantile of level `τ` (L4).

use super::{Link, LossFunction, TargetDomain};
use crate::real::Real;

/// `ℓ(ŷ, y) = max(τ (y − ŷ), (τ − 1) (y − ŷ))`,  `∂ℓ/∂ŷ = −τ` below the target, `1 − τ` above, `0` on it.  (L4)
///
/// Proved by `every_derivative_matches_central_differences` and `pinball_is_least_at_the_quantile`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pinball {
    /// The level `0 < τ < 1` of the quantile.
    pub tau: f64,
}

impl LossFunction for Pinball {
    #[inline(always)]
    fn value<R: Real>(&self, y_hat: R, y: R) -> R {
        self.derivative(y_hat, y) * (y_hat - y) // (L4): both sides are lines through 0
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, y_hat: R, y: R) -> R {
        let tau = R::from_f64(self.tau);
        if y_hat < y {
            -tau // (L4)
        } else if y_hat > y {
            R::one() - tau // (L4)
        } else {
            R::zero()
        }
    }

    fn piece(&self, y_hat: f64, y: f64) -> i8 {
        i8::from(y_hat > y)
    }

    fn link(&self) -> Link {
        Link::Identity
    }

    fn is_robust(&self) -> bool {
        true
    }

    fn domain(&self) -> TargetDomain {
        TargetDomain::Finite
    }

    fn name(&self) -> &'static str {
        "pinball"
    }

    fn number(&self) -> &'static str {
        "L4"
    }

    fn formulas(&self) -> (String, String) {
        let tau = self.tau;
        (
            format!("max({tau} (y − ŷ), ({tau} − 1) (y − ŷ))"),
            format!("1 − {tau} for ŷ > y, −{tau} for ŷ < y"),
        )
    }
}
