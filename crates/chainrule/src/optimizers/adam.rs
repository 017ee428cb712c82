//! Adam and AdamW: each parameter's step is scaled by running averages of its gradient and of the gradient's square.

use super::Rule;
use crate::Real;

/// `m ← β₁ m + (1−β₁) g`, `v ← β₂ v + (1−β₂) g²`, `p ← p (1 − η · decay) − η m̂ / (√v̂ + ε)`
/// with `m̂ = m / (1−β₁ᵗ)`, `v̂ = v / (1−β₂ᵗ)`.     (O4; with a decay O5)
///
/// Holds the constants of one step, the same for every parameter. Proved by `first_steps_are_those_of_the_definitions`
/// and PyTorch's trajectory.
pub(super) struct Adam<R> {
    beta1: R,
    beta2: R,
    one_minus_beta1: R,
    one_minus_beta2: R,
    /// `η / (1 − β₁ᵗ)`.
    step_size: R,
    /// `1 / √(1 − β₂ᵗ)`.
    root_correction: R,
    epsilon: R,
    /// `1 − η · decay`.
    shrink: R,
}

impl<R: Real> Adam<R> {
    /// Step number `t`, counted from 1. The corrections are taken in double precision: `1 − β₂ᵗ` begins at 0.001.
    pub(super) fn new(
        t: u64,
        learning_rate: f64,
        beta1: f64,
        beta2: f64,
        epsilon: f64,
        weight_decay: f64,
    ) -> Self {
        let power = |beta: f64| beta.powf(t as f64);
        Adam {
            beta1: R::from_f64(beta1),
            beta2: R::from_f64(beta2),
            one_minus_beta1: R::from_f64(1.0 - beta1),
            one_minus_beta2: R::from_f64(1.0 - beta2),
            step_size: R::from_f64(learning_rate / (1.0 - power(beta1))),
            root_correction: R::from_f64(1.0 / (1.0 - power(beta2)).sqrt()),
            epsilon: R::from_f64(epsilon),
            shrink: R::from_f64(1.0 - learning_rate * weight_decay),
        }
    }
}

impl<R: Real> Rule<R> for Adam<R> {
    #[inline(always)]
    fn update(&self, p: &mut [R], g: &[R], m: &mut [R], v: &mut [R]) {
        for (((p, &g), m), v) in p.iter_mut().zip(g).zip(m).zip(v) {
            *m = self.beta1 * *m + self.one_minus_beta1 * g;
            *v = self.beta2 * *v + self.one_minus_beta2 * g * g;
            let denominator = v.sqrt() * self.root_correction + self.epsilon;
            *p = *p * self.shrink - self.step_size * *m / denominator; // (O4, O5)
        }
    }
}
