//! The robust scale with a smooth clip: a number by its distance from the median, in units of the quartiles' distance.
//!
//! ```text
//! z = (x − median) / (q₇₅ − q₂₅)        c(z) = z / √(1 + (z/3)²)
//! ```
//!
//! After Holzmüller et al. (2024), "Better by Default". Outliers move neither median nor quartiles, and no value comes
//! out beyond ±3: one wrong entry cannot drown the others. Near the median `c(z) ≈ z`, and order is kept.

use serde::{Deserialize, Serialize};

use super::quantiles::Ordered;

/// A centre and a unit, learnt from the training rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RobustScale {
    center: f64,
    scale: f64,
}

impl RobustScale {
    /// Learns median and quartiles. Where the quartiles are equal, as in a column that is mostly 0, the unit is half
    /// the distance from the least to the greatest value; where all values are equal there is nothing to scale.
    pub(super) fn learn(values: &Ordered) -> Option<RobustScale> {
        let (low, high) = (values.low(), values.high());
        if low == high {
            return None;
        }
        let quartiles = values.quantile(0.75) - values.quantile(0.25);
        let scale = if quartiles > 0.0 {
            quartiles
        } else {
            high / 2.0 - low / 2.0
        };
        Some(RobustScale {
            center: values.quantile(0.5),
            // Between the ends of what a number can be, the difference may be infinite or vanish.
            scale: scale.clamp(f64::MIN_POSITIVE, f64::MAX),
        })
    }

    /// The median, which becomes 0.
    pub fn center(&self) -> f64 {
        self.center
    }

    /// What is 1 before the clip.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// `c((x − median) / (q₇₅ − q₂₅))`, between −3 and 3 for every finite `x`.
    pub fn apply(&self, x: f64) -> f32 {
        smooth_clip((x - self.center) / self.scale) as f32
    }

    /// Whether the numbers are such as [`learn`](Self::learn) gives; a file could say anything.
    pub(super) fn is_sound(&self) -> bool {
        self.center.is_finite() && self.scale.is_finite() && self.scale > 0.0
    }
}

/// How far from 0 a value can come out.
const BOUND: f64 = 3.0;

/// `z / √(1 + (z/3)²)`, also where the square or `z` itself is infinite.
fn smooth_clip(z: f64) -> f64 {
    let t = z / BOUND;
    if t.abs() < 1e9 {
        z / (1.0 + t * t).sqrt()
    } else {
        BOUND.copysign(z) // the same to the last bit, because 1 + t² = t² there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(values: &[f64]) -> RobustScale {
        RobustScale::learn(&Ordered::of(values.iter().copied()).unwrap()).unwrap()
    }

    #[test]
    fn values_are_those_computed_by_hand() {
        // Quartiles 10, 20, 30: z of 50 is 30/20 = 1.5, and 1.5/√(1 + 0.25) = 1.341640786….
        let scale = learnt(&[0.0, 10.0, 20.0, 30.0, 40.0]);
        assert_eq!((scale.center(), scale.scale()), (20.0, 20.0));
        assert_eq!(scale.apply(20.0), 0.0);
        assert_eq!(scale.apply(50.0), 1.341_640_8);
        assert_eq!(scale.apply(-10.0), -1.341_640_8);
        // Equal quartiles: half of 8 − 0.
        let mostly_zero = learnt(&[0.0, 0.0, 0.0, 0.0, 0.0, 8.0]);
        assert_eq!((mostly_zero.center(), mostly_zero.scale()), (0.0, 4.0));
    }

    #[test]
    fn a_constant_column_has_no_scale() {
        assert_eq!(RobustScale::learn(&Ordered::of([0.1; 5]).unwrap()), None);
    }

    #[test]
    fn one_outlier_moves_the_others_by_little() {
        let clean: Vec<f64> = (0..101).map(f64::from).collect();
        let mut spoilt = clean.clone();
        spoilt[100] = 1e12;
        let (clean, spoilt) = (learnt(&clean), learnt(&spoilt));
        assert_eq!(clean.apply(30.0), spoilt.apply(30.0));
        assert!(spoilt.apply(1e12) <= 3.0);
    }

    #[test]
    fn every_magnitude_comes_out_finite_and_in_order() {
        for unit in [
            5e-324,
            1e-310,
            1e-300,
            1e-3,
            1.0,
            1e100,
            1e300,
            f64::MAX / 4.0,
        ] {
            let scale = learnt(&[-unit, 0.0, unit, 2.0 * unit, 4.0 * unit]);
            assert!(scale.is_sound(), "{unit:e}");
            let points = [
                f64::MIN,
                -4.0 * unit,
                0.0,
                unit,
                3.0 * unit,
                4.0 * unit,
                f64::MAX,
            ];
            let images = points.map(|x| scale.apply(x));
            assert!(
                images.iter().all(|z| z.is_finite() && z.abs() <= 3.0),
                "{unit:e}: {images:?}"
            );
            assert!(images.is_sorted(), "{unit:e}: {images:?}");
        }
        let widest = learnt(&[f64::MIN, f64::MIN, f64::MAX, f64::MAX]);
        assert!(widest.apply(f64::MIN) < widest.apply(0.0));
        assert!(widest.apply(0.0) < widest.apply(f64::MAX));
    }
}
