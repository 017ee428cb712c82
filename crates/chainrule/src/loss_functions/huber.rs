//! Huber's loss: square near the target, straight beyond `δ`, so that outliers pull with a bounded force (L3).

use super::{Link, LossFunction, TargetDomain, sign};
use crate::real::Real;

/// With `e = ŷ − y`: `ℓ = ½ e²` for `|e| ≤ δ`, else `δ (|e| − ½ δ)`;  `∂ℓ/∂ŷ = e`, else `δ sign(e)`.   (L3)
///
/// Proved by `every_derivative_matches_central_differences` and `huber_is_smooth_where_its_pieces_meet`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber {
    /// The `δ > 0` where the parabola goes over into its tangents.
    pub delta: f64,
}

impl LossFunction for Huber {
    #[inline(always)]
    fn value<R: Real>(&self, y_hat: R, y: R) -> R {
        let (half, delta) = (R::from_f64(0.5), R::from_f64(self.delta));
        let e = (y_hat - y).abs();
        if e <= delta {
            half * e * e
        } else {
            delta * (e - half * delta)
        } // (L3)
    }

    #[inline(always)]
    fn derivative<R: Real>(&self, y_hat: R, y: R) -> R {
        let delta = R::from_f64(self.delta);
        let e = y_hat - y;
        if e.abs() <= delta { e } else { delta * sign(e) } // (L3)
    }

    fn piece(&self, y_hat: f64, y: f64) -> i8 {
        let e = y_hat - y;
        i8::from(e > self.delta) - i8::from(e < -self.delta)
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
        "huber"
    }

    fn number(&self) -> &'static str {
        "L3"
    }

    fn formulas(&self) -> (String, String) {
        let delta = self.delta;
        (
            format!("½ e² for |e| ≤ {delta}, else {delta} (|e| − ½ {delta}), e = ŷ − y"),
            format!("e, held between −{delta} and {delta}"),
        )
    }
}
