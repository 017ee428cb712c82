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

/// How often intervals hold rows: all of them, and the third with the lowest predictions, the middle one and the
/// highest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct CoverageByThirds {
    /// Of all rows.
    pub all: Coverage,
    /// Of the thirds, from the lowest predictions to the highest.
    pub thirds: [Coverage; 3],
}

impl CoverageByThirds {
    /// Of rows in the order of their predictions: measured values, each with the bounds of its interval. A row without
    /// bounds, which are NaN then, does not count.
    pub fn in_order(rows: &[(f64, (f64, f64))]) -> Self {
        let mut found = Self::default();
        for (place, &(y, bounds)) in rows.iter().enumerate() {
            if bounds.0.is_nan() || bounds.1.is_nan() {
                continue;
            }
            found.all.add(y, bounds);
            found.thirds[3 * place / rows.len()].add(y, bounds);
        }
        found
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

    #[test]
    fn thirds_are_those_of_the_order() {
        let (hit, miss) = ((1.0, (0.0, 2.0)), (3.0, (0.0, 2.0)));
        let none = (1.0, (f64::NAN, f64::NAN));
        let found = CoverageByThirds::in_order(&[hit, hit, miss, none, miss, miss, hit]);
        let counts = |coverage: &Coverage| (coverage.within, coverage.rows);
        assert_eq!(counts(&found.all), (3, 6));
        // Places 0 to 2, 3 and 4, 5 and 6.
        assert_eq!(
            found.thirds.each_ref().map(counts),
            [(2, 3), (0, 1), (1, 2)]
        );
        assert_eq!(CoverageByThirds::in_order(&[]), CoverageByThirds::default());
    }
}
