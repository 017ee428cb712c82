//! What stands between the raw output `ŷ` of a network and its prediction.

use super::log_link;
use crate::real::Real;

/// The function that turns predictions into raw outputs; its inverse turns them back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// `ŷ` is the prediction.
    Identity,
    /// `ŷ` is the logarithm of the prediction, `μ = exp(ŷ)`: predictions are positive.
    Log,
}

impl Link {
    /// From the raw `ŷ` to the prediction; the exponential takes arguments within ±40.
    pub fn inverse<R: Real>(self, raw: R) -> R {
        match self {
            Link::Identity => raw,
            Link::Log => log_link::mean(raw),
        }
    }
}
