//! Momentum: a running sum of gradients moves the parameters; Nesterov's form looks one step ahead.

use super::Rule;
use crate::Real;

/// `v ← μ v + g`, `p ← p − η v`.     (O2)
///
/// Proved by `first_steps_are_those_of_the_definitions` and PyTorch's trajectory.
pub(super) struct Momentum<R> {
    eta: R,
    mu: R,
}

impl<R: Real> Momentum<R> {
    pub(super) fn new(learning_rate: f64, momentum: f64) -> Self {
        Momentum {
            eta: R::from_f64(learning_rate),
            mu: R::from_f64(momentum),
        }
    }
}

impl<R: Real> Rule<R> for Momentum<R> {
    #[inline(always)]
    fn update(&self, p: &mut [R], g: &[R], v: &mut [R], _: &mut [R]) {
        for ((p, &g), v) in p.iter_mut().zip(g).zip(v) {
            *v = self.mu * *v + g;
            *p -= self.eta * *v; // (O2)
        }
    }
}

/// `v ← μ v + g`, `p ← p − η (g + μ v)`.     (O3)
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
    fn update(&self, p: &mut [R], g: &[R], v: &mut [R], _: &mut [R]) {
        let Momentum { eta, mu } = self.0;
        for ((p, &g), v) in p.iter_mut().zip(g).zip(v) {
            *v = mu * *v + g;
            *p -= eta * (g + mu * *v); // (O3)
        }
    }
}
