//! The piecewise-linear encoding: a number by how far it has come through each of `T` bins.
//!
//! ```text
//! component t = (x − b_{t−1}) / (b_t − b_{t−1}), kept within [0, 1]        t = 1 … T
//! ```
//!
//! After Gorishniy et al. (2022), "On Embeddings for Numerical Features". The edges `b_0 < … < b_T` are quantiles, so
//! that each bin holds about as many training rows. A layer above it sees a broken line with a slope of its own in each
//! bin.
//!
//! In that paper the first and the last component go on outside of the edges. Here they stay at 0 and 1: what was never
//! seen is no reason for a large input. The [robust scale](super::RobustScale), which stands beside this encoding,
//! still tells how far outside a value lies.

use serde::{Deserialize, Serialize};

use super::quantiles::Ordered;

/// The edges of the bins, learnt from the training rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PiecewiseLinear {
    edges: Vec<f64>,
}

impl PiecewiseLinear {
    /// At most `bins` bins between quantiles. Where there are no more than `bins` + 1 different values, each of them is
    /// an edge; where all are equal there is no bin.
    pub(super) fn learn(values: &Ordered, bins: usize) -> Option<PiecewiseLinear> {
        let edges = values.distinct(bins + 1).unwrap_or_else(|| {
            let quantile = |t: usize| values.quantile(t as f64 / bins as f64);
            let mut edges: Vec<f64> = (0..=bins).map(quantile).collect();
            edges.dedup();
            edges
        });
        (bins > 0 && edges.len() > 1).then_some(PiecewiseLinear { edges })
    }

    /// How many bins there are.
    pub fn bins(&self) -> usize {
        self.edges.len() - 1
    }

    /// The edges from left to right, one more than there are bins.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// The bin that `x` lies in, counted from 0, and the share of it that lies below `x`.
    ///
    /// All components before the bin are 1, that of the bin is the share, and all behind it are 0. What lies outside of
    /// the edges is taken as the nearest edge; a missing value (NaN) is `(0, 0)`: all components are 0.
    pub fn locate(&self, x: f64) -> (usize, f32) {
        if x.is_nan() {
            return (0, 0.0);
        }
        let bin = self.edges[1..self.bins()].partition_point(|&edge| edge <= x);
        let share = share_below(x, self.edges[bin], self.edges[bin + 1]);
        (bin, share.clamp(0.0, 1.0) as f32)
    }

    /// Whether the edges are such as [`learn`](Self::learn) gives; a file could say anything.
    pub(super) fn is_sound(&self) -> bool {
        self.edges.len() > 1
            && self.edges.iter().all(|edge| edge.is_finite())
            && self.edges.is_sorted_by(|a, b| a < b)
    }
}

/// `(x − low) / (high − low)`, also where a difference is beyond what a number can be.
fn share_below(x: f64, low: f64, high: f64) -> f64 {
    let width = high - low;
    if width.is_finite() {
        (x - low) / width
    } else {
        (x / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(values: &[f64], bins: usize) -> Option<PiecewiseLinear> {
        PiecewiseLinear::learn(&Ordered::of(values.iter().copied()).unwrap(), bins)
    }

    fn components(encoding: &PiecewiseLinear, x: f64) -> Vec<f32> {
        let (bin, share) = encoding.locate(x);
        let mut components = vec![0.0; encoding.bins()];
        components[..bin].fill(1.0);
        components[bin] = share;
        components
    }

    #[test]
    fn components_are_those_computed_by_hand() {
        // 0, 1, …, 100 in four bins: edges 0, 25, 50, 75, 100.
        let values: Vec<f64> = (0..101).map(f64::from).collect();
        let encoding = learnt(&values, 4).unwrap();
        assert_eq!(encoding.edges(), [0.0, 25.0, 50.0, 75.0, 100.0]);
        for (x, expected, located) in [
            (30.0, [1.0, 0.2, 0.0, 0.0], (1, 0.2)),
            (50.0, [1.0, 1.0, 0.0, 0.0], (2, 0.0)),
            (0.0, [0.0; 4], (0, 0.0)),
            (100.0, [1.0; 4], (3, 1.0)),
            (-1e300, [0.0; 4], (0, 0.0)),
            (1e300, [1.0; 4], (3, 1.0)),
            (f64::NAN, [0.0; 4], (0, 0.0)),
        ] {
            assert_eq!(components(&encoding, x), expected, "{x}");
            assert_eq!(encoding.locate(x), located, "{x}");
        }
    }

    #[test]
    fn few_values_give_few_bins_and_one_value_none() {
        let encoding = learnt(&[1.0, 2.0, 4.0, 2.0, 1.0, 1.0], 16).unwrap();
        assert_eq!(encoding.edges(), [1.0, 2.0, 4.0]);
        assert_eq!(learnt(&[0.1; 9], 16), None);
        assert_eq!(learnt(&[1.0, 2.0], 0), None);
        // More values than bins, but nearly all are 0: the quantiles that are equal are one edge.
        let mut mostly_zero = vec![0.0; 90];
        mostly_zero.extend((1..=10).map(f64::from));
        let encoding = learnt(&mostly_zero, 4).unwrap();
        assert_eq!(encoding.edges(), [0.0, 10.0]);
    }

    #[test]
    fn the_extremes_of_numbers_have_finite_components() {
        for values in [
            [f64::MIN, 0.0, f64::MAX],
            [5e-324, 1e-323, 1.5e-323],
            [-1e300, 1e-300, 1e300],
        ] {
            for bins in [1, 2] {
                let encoding = learnt(&values, bins).unwrap();
                assert!(encoding.is_sound());
                for x in values
                    .into_iter()
                    .chain([f64::MIN, -1.0, 0.0, 1.0, f64::MAX])
                {
                    let components = components(&encoding, x);
                    assert!(
                        components.iter().all(|c| (0.0..=1.0).contains(c)),
                        "{values:?} {x}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_encoding_rises_with_the_value() {
        let values: Vec<f64> = (0..500).map(|i| f64::from(i * i % 997)).collect();
        let encoding = learnt(&values, 16).unwrap();
        let sums: Vec<f32> = (-10..1100)
            .map(|x| components(&encoding, f64::from(x)).iter().sum())
            .collect();
        assert!(sums.is_sorted());
    }
}
