//! Gradient clipping by the norm of the whole gradient.

use crate::Real;
use crate::linear_algebra::sum_of_squares;

/// `‖g‖` over all gradients together, summed in double precision, so that it does not overflow where the gradients do
/// not.
pub fn norm<'g, R: Real>(gradients: impl Iterator<Item = &'g [R]>) -> f64 {
    gradients.map(sum_of_squares).sum::<f64>().sqrt()
}

/// `g ← g · min(1, c / ‖g‖)`, with the [`norm`] of the same gradients (Pascanu et al. 2013).     (S4)
pub fn clip_norm<'g, R: Real>(gradients: impl Iterator<Item = &'g mut [R]>, norm: f64, limit: f64) {
    if norm > limit {
        let factor = R::from_f64(limit / norm);
        gradients.flatten().for_each(|g| *g *= factor); // (S4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping_keeps_the_direction_and_bounds_the_norm() {
        let clipped = |limit| {
            let (mut dc_dw, mut dc_db) = ([3.0_f64], [-4.0]);
            let before = norm([&dc_dw[..], &dc_db].into_iter());
            assert_eq!(before, 5.0);
            clip_norm([&mut dc_dw[..], &mut dc_db].into_iter(), before, limit);
            [dc_dw[0], dc_db[0]]
        };
        assert_eq!(clipped(5.0), [3.0, -4.0], "a gradient at the limit stays");
        let [w, b] = clipped(1.0);
        assert!((w - 0.6).abs() < 1e-15 && (b + 0.8).abs() < 1e-15);
    }
}
