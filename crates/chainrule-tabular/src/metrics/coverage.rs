//! How often intervals hold what was measured, and how wide they are.

use serde::Serialize;

/// Intervals compared with measured values one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Coverage {
    /// How many rows were compared.
    pub rows: usize,
    /// How many of them lie within their interval, bounds included.
    pub within: usize,
    /// The mean of the intervals' widths, in the target's units; 0 if there were none.
    pub mean_width: f64,
}

impl Coverage {
    /// Takes in a measured value and the bounds of its interval.
    pub fn add(&mut self, y: f64, (lower, upper): (f64, f64)) {
        self.rows += 1;
        self.within += usize::from(lower <= y && y <= upper);
        self.mean_width += (upper - lower - self.mean_width) / self.rows as f64;
    }

    /// The share of the rows that lie within; None if there were none.
    pub fn share(&self) -> Option<f64> {
        (self.rows > 0).then(|| self.within as f64 / self.rows as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_counts_bounds_as_within() {
        let mut coverage = Coverage::default();
        assert_eq!(coverage.share(), None);
        for (y, bounds) in [
            (1.0, (1.0, 2.0)),
            (5.0, (1.0, 4.0)),
            (4.0, (1.0, 4.0)),
            (0.0, (1.0, 2.0)),
        ] {
            coverage.add(y, bounds);
        }
        assert_eq!((coverage.rows, coverage.within), (4, 2));
        assert_eq!(coverage.share(), Some(0.5));
        assert_eq!(coverage.mean_width, 2.0);
    }
}
