//! The log link `μ = exp(ŷ)` of the two deviances, kept finite.
//!
//! Any `ŷ` outside ±40 is treated as the nearer bound: `e^±40` (2.4e17 and 4.2e-18) and their squares are finite, normal
//! numbers even in `f32`. A deviance outside the bounds continues along its tangent,
//! `ℓ(ŷ) = ℓ(b) + ℓ'(b) (ŷ − b)` with `b = ±40`: still convex, smooth, finite, and with a gradient that leads back.

use crate::real::Real;

const BOUND: f64 = 40.0;

/// The nearest number within ±40; a NaN stays one.
#[inline(always)]
pub(super) fn bounded<R: Real>(y_hat: R) -> R {
    let bound = R::from_f64(BOUND);
    if y_hat > bound {
        bound
    } else if y_hat < -bound {
        -bound
    } else {
        y_hat
    }
}

/// `μ = exp(ŷ)`, within the bounds.
#[inline(always)]
pub(super) fn mean<R: Real>(y_hat: R) -> R {
    bounded(y_hat).exp()
}
