//! Momentum: a running sum of gradients moves the parameters; Nesterov's form looks one step ahead.

use super::Rule;
use crate::Real;

/// `d ← β d + g`, `p ← p − η d`.     (O2)
///
/// Proved by `first_steps_are_those_of_the_definitions` and PyTorch's trajectory.
pub(super) struct Momentum<R> {
    eta: R,
    beta: R,
}

impl<R: Real> Momentum<R> {
    pub(super) fn new(learning_rate: f64, momentum: f64) -> Self {
        Momentum {
            eta: R::from_f64(learning_rate),
            beta: R::from_f64(momentum),
        }
    }
}

impl<R: Real> Rule<R> for Momentum<R> {
    #[inline(always)]
    fn update(&self, p: &mut [R], g: &[R], d: &mut [R], _: &mut [R]) {
        for ((p, &g), d) in p.iter_mut().zip(g).zip(d) {
            *d = self.beta * *d + g;
            *p -= self.eta * *d; // (O2)
        }
    }
}

/// `d ← β d + g`, `p ← p − η (g + β d)`.     (O3)
///
/// Proved by `first_steps_are_those_of_the_definitions` and PyTorch's trajectory.
pub(super) struct Nesterov<R>(Momentum<R>);

impl<R: Real> Nesterov<R> {
    pub(super) fn new(learning_rate: f64, momentum: f64) -> Self {
        Nesterov(Momentum::new(learning_rate, momentum))
    }
}

impl<R: Real> Rule<R> for Nesterov<R> {
    #[inline(always)]
    fn update(&self, p: &mut [R], g: &[R], d: &mut [R], _: &mut [R]) {
        let Momentum { eta, beta } = self.0;
        for ((p, &g), d) in p.iter_mut().zip(g).zip(d) {
            *d = beta * *d + g;
            *p -= eta * (g + beta * *d); // (O3)
        }
    }
}
