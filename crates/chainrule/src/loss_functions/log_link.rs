//! The log link `μ = exp(ŷ)` of the two deviances, kept finite.
//!
//! `inside` is `ŷ`, or the nearer of ±40 where `ŷ` lies beyond: `exp(±40)` (2.4e17 and 4.2e-18) and their squares are
//! finite, normal numbers even in `f32`. Predictions are `exp(inside)`. A deviance beyond the bounds continues along
//! its tangent, `ℓ(ŷ) = ℓ(inside) + ℓ'(inside) (ŷ − inside)`: convex, finite, and with a continuous slope, whose own
//! slope jumps at ±40. For a target between `exp(−40)` and `exp(40)` the gradient out there leads back. For others,
//! such as a count of 0, the best `ŷ` is not inside, and the tangent falls below 0.

use crate::real::Real;

const BOUND: f64 = 40.0;

/// The nearest number within ±40; a NaN stays one.
#[inline(always)]
pub(super) fn within_bounds<R: Real>(y_hat: R) -> R {
    let bound = R::from_f64(BOUND);
    if y_hat > bound {
        bound
    } else if y_hat < -bound {
        -bound
    } else {
        y_hat
    }
}

/// `μ = exp(inside)`.
#[inline(always)]
pub(super) fn mean<R: Real>(y_hat: R) -> R {
    within_bounds(y_hat).exp()
}

/// Which smooth piece of a deviance `ŷ` lies on: the deviance itself or one of its tangents.
pub(super) fn piece(y_hat: f64) -> i8 {
    i8::from(y_hat > BOUND) - i8::from(y_hat < -BOUND)
}
