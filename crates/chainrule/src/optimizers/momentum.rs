//! Momentum: a running sum of gradients moves the parameters; Nesterov's form looks one step ahead.

use crate::Real;

/// `v ← μ v + g`, `p ← p − η v`.     (O2)
pub(super) fn update<R: Real>(
    p: &mut [R],
    g: &[R],
    v: &mut [R],
    learning_rate: f64,
    momentum: f64,
) {
    let (eta, mu) = (R::from_f64(learning_rate), R::from_f64(momentum));
    for ((p, &g), v) in p.iter_mut().zip(g).zip(v) {
        *v = mu * *v + g;
        *p -= eta * *v;
    }
}

/// `v ← μ v + g`, `p ← p − η (g + μ v)`.     (O3)
pub(super) fn update_nesterov<R: Real>(
    p: &mut [R],
    g: &[R],
    v: &mut [R],
    learning_rate: f64,
    momentum: f64,
) {
    let (eta, mu) = (R::from_f64(learning_rate), R::from_f64(momentum));
    for ((p, &g), v) in p.iter_mut().zip(g).zip(v) {
        *v = mu * *v + g;
        *p -= eta * (g + mu * *v);
    }
}
