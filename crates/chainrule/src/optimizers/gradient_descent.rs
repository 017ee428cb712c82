//! Gradient descent, as in the notes: one step against the gradient.

use super::Rule;
use crate::Real;

/// `p ← p − η g`.     (O1)
///
/// Proved by `first_steps_are_those_of_the_definitions` and PyTorch's trajectory.
pub(super) struct GradientDescent<R> {
    eta: R,
}

impl<R: Real> GradientDescent<R> {
    pub(super) fn new(learning_rate: f64) -> Self {
        GradientDescent {
            eta: R::from_f64(learning_rate),
        }
    }
}

impl<R: Real> Rule<R> for GradientDescent<R> {
    #[inline(always)]
    fn update(&self, p: &mut [R], g: &[R], _: &mut [R], _: &mut [R]) {
        for (p, &g) in p.iter_mut().zip(g) {
            *p -= self.eta * g; // (O1)
        }
    }
}
