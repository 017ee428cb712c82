//! Gradient descent, as in the notes: one step against the gradient.

use crate::Real;

/// `p ← p − η g`.     (O1)
pub(super) fn update<R: Real>(p: &mut [R], g: &[R], learning_rate: f64) {
    let eta = R::from_f64(learning_rate);
    for (p, &g) in p.iter_mut().zip(g) {
        *p -= eta * g;
    }
}
