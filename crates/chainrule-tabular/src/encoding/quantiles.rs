//! The values of a column from the least to the greatest, and the quantiles between them.

/// Finite numbers in ascending order, at least one.
#[derive(Clone, Debug)]
pub(super) struct Ordered(Vec<f64>);

impl Ordered {
    /// The values without the missing ones (NaN); None if none is left.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Option<Ordered> {
        let mut values: Vec<f64> = values.into_iter().filter(|x| !x.is_nan()).collect();
        values.sort_unstable_by(f64::total_cmp);
        (!values.is_empty()).then_some(Ordered(values))
    }

    pub(super) fn low(&self) -> f64 {
        self.0[0]
    }

    pub(super) fn high(&self) -> f64 {
        self.0[self.0.len() - 1]
    }

    /// The value below which this share of the values lies, on the straight line between its two neighbours.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let last = self.0.len() - 1;
        let place = (share * last as f64).clamp(0.0, last as f64);
        let (below, above) = (
            self.0[place.floor() as usize],
            self.0[place.ceil() as usize],
        );
        let part = place.fract();
        // Not below + part · (above − below): the difference of two large numbers may be infinite.
        (below * (1.0 - part) + above * part).clamp(below, above)
    }

    /// The different values from the least to the greatest; None if there are more than `most`.
    pub(super) fn distinct(&self, most: usize) -> Option<Vec<f64>> {
        let mut distinct: Vec<f64> = Vec::new();
        for &value in &self.0 {
            if distinct.last() != Some(&value) {
                if distinct.len() == most {
                    return None;
                }
                distinct.push(value);
            }
        }
        Some(distinct)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_on_the_line_between_their_neighbours() {
        let ordered = Ordered::of([10.0, f64::NAN, 0.0, 40.0, 20.0, 30.0]).unwrap();
        for (share, quantile) in [
            (0.0, 0.0),
            (0.25, 10.0),
            (0.375, 15.0),
            (0.5, 20.0),
            (1.0, 40.0),
        ] {
            assert_eq!(ordered.quantile(share), quantile);
        }
        let large = Ordered::of([f64::MAX, f64::MIN]).unwrap();
        assert_eq!(large.quantile(0.5), 0.0);
        assert!(Ordered::of([f64::NAN]).is_none());
    }

    #[test]
    fn distinct_values_are_listed_as_long_as_they_are_few() {
        let ordered = Ordered::of([3.0, 1.0, -0.0, 3.0, 0.0]).unwrap();
        assert_eq!(ordered.distinct(3), Some(vec![0.0, 1.0, 3.0]));
        assert_eq!(ordered.distinct(2), None);
    }
}
