//! Pairs of numbers that tell together, place by place, what neither of them tells alone.
//!
//! An additive model says what each column tells alone: a mean for each of 16 bins of a number and for each level of a
//! category, found by backfitting (Hastie & Tibshirani 1990, "Generalized Additive Models"). What it leaves over is
//! looked at on a grid of 16 × 16 cells for each pair of numbers, as Lou et al. (2013, "Accurate Intelligible Models
//! with Pairwise Interactions") look for interactions:
//!
//! ```text
//! r̂_i  = Σ_{k ≠ i} r_k / (n − 1 + 5)          over the n rows k of the cell of row i
//! gain = 1 − Σ_i (r_i − r̂_i)² / Σ_i r_i²
//! ```
//!
//! No row judges itself, so that cells of few rows gain nothing. What 8 × 8 cells show as well, a network finds by
//! itself, and so a pair must gain much more by 16 × 16. Longitude and latitude do wherever prices differ from place to
//! place: .07 and then .17 on houses in California, .05 and .11 in Ohio. Hour and temperature, which tell together how
//! many bicycles are lent, gain .18 and .17.

use super::piecewise_linear::PiecewiseLinear;
use super::quantiles::Ordered;

/// Bins of a number.
const BINS: usize = 16;

/// So many rows are enough to see a pair.
const MOST_ROWS: usize = 30_000;

/// With fewer rows, no pair can be seen.
const FEWEST_ROWS: usize = 1_000;

/// Rows times pairs that are looked at: a second or two.
const WORK: usize = 1 << 28;

/// Rows that say 0 in each cell, bin and level.
const PRIOR: f64 = 5.0;

/// A number of fewer different values has no place between its bins.
const FEWEST_VALUES: usize = 100;

/// A pair must gain so much more than either of its numbers alone.
const LEAST_GAIN: f64 = 0.08;

/// And so many times what it gains by cells of twice the width.
const BY_FINER_CELLS: f64 = 1.5;

/// So many pairs at most are given.
const MOST_PAIRS: usize = 2;

/// How often the additive model goes through all columns.
const SWEEPS: usize = 5;

/// The bin or the level of each row in one column.
pub(super) struct Binned {
    codes: Vec<u32>,
    count: usize,
    has_many_values: bool,
}

impl Binned {
    /// Of numbers; a gap has a bin of its own. None where they do not differ.
    pub(super) fn of_numbers(values: &[f64]) -> Option<Binned> {
        let values_in_order = Ordered::of(values.iter().copied())?;
        let bins = PiecewiseLinear::learn(&values_in_order, BINS)?;
        let gap = bins.bins() as u32;
        let code = |&x: &f64| match x.is_nan() {
            true => gap,
            false => bins.locate(x).0 as u32,
        };
        Some(Binned {
            codes: values.iter().map(code).collect(),
            count: bins.bins() + 1,
            has_many_values: values_in_order.distinct(FEWEST_VALUES - 1).is_none(),
        })
    }

    /// Of levels; all codes from `levels` on are one.
    pub(super) fn of_levels(codes: impl Iterator<Item = u32>, levels: usize) -> Binned {
        Binned {
            codes: codes.map(|code| code.min(levels as u32)).collect(),
            count: levels + 1,
            has_many_values: false,
        }
    }

    /// Whether the values fill the bins, so that a slanted edge can run between them.
    pub(super) fn has_many_values(&self) -> bool {
        self.has_many_values
    }

    /// Bins of twice the width.
    fn coarser(&self) -> Binned {
        Binned {
            codes: self.codes.iter().map(|code| code / 2).collect(),
            count: self.count / 2 + 1,
            ..*self
        }
    }

    /// Sum and number of the rows of each code.
    fn sums(&self, values: &[f64]) -> Vec<(f64, f64)> {
        let mut sums = vec![(0.0, 0.0); self.count];
        for (&code, value) in self.codes.iter().zip(values) {
            let sum = &mut sums[code as usize];
            *sum = (sum.0 + value, sum.1 + 1.0);
        }
        sums
    }

    /// The share of the sum of squares that the other rows of each row's code predict.
    fn gain(&self, left: &[f64]) -> f64 {
        let sums = self.sums(left);
        let (mut unexplained, mut all) = (0.0, 0.0);
        for (&code, r) in self.codes.iter().zip(left) {
            let (sum, rows) = sums[code as usize];
            let predicted = (sum - r) / (rows - 1.0 + PRIOR);
            unexplained += (r - predicted) * (r - predicted);
            all += r * r;
        }
        match all > 0.0 {
            true => 1.0 - unexplained / all,
            false => 0.0,
        }
    }

    /// The cells of a pair.
    fn beside(&self, other: &Binned) -> Binned {
        let cells = self.codes.iter().zip(&other.codes);
        Binned {
            codes: cells.map(|(a, b)| a * other.count as u32 + b).collect(),
            count: self.count * other.count,
            has_many_values: false,
        }
    }
}

/// Every how many of so many rows should be looked at, to see all pairs of so many numbers; None where that is too
/// much.
pub(super) fn every(rows: usize, numbers: usize) -> Option<usize> {
    let pairs = numbers * numbers.saturating_sub(1) / 2;
    let most = MOST_ROWS.min(WORK.checked_div(pairs)?);
    (most >= FEWEST_ROWS).then(|| rows.div_ceil(most).max(1))
}

/// The pairs of `numbers`, by their places among them, that gain enough; the one that gains most first.
pub(super) fn pairs(numbers: &[Binned], others: &[Binned], target: &[f64]) -> Vec<[usize; 2]> {
    let columns: Vec<&Binned> = numbers.iter().chain(others).collect();
    let left = left_by_additive_model(&columns, target);
    let alone: Vec<f64> = numbers.iter().map(|column| column.gain(&left)).collect();
    let coarse: Vec<Binned> = numbers.iter().map(Binned::coarser).collect();
    let mut found = Vec::new();
    for (i, a) in numbers.iter().enumerate() {
        for (j, b) in numbers.iter().enumerate().skip(i + 1) {
            let gain = a.beside(b).gain(&left);
            if gain - alone[i].max(alone[j]).max(0.0) < LEAST_GAIN {
                continue;
            }
            let by_coarse = coarse[i].beside(&coarse[j]).gain(&left);
            if gain >= BY_FINER_CELLS * by_coarse {
                found.push((gain, [i, j]));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(MOST_PAIRS);
    found.into_iter().map(|(_, pair)| pair).collect()
}

/// What remains of the target without what each column tells alone.
fn left_by_additive_model(columns: &[&Binned], target: &[f64]) -> Vec<f64> {
    let mean = target.iter().sum::<f64>() / target.len() as f64;
    let mut left: Vec<f64> = target.iter().map(|y| y - mean).collect();
    let mut told: Vec<Vec<f64>> = columns.iter().map(|c| vec![0.0; c.count]).collect();
    for _ in 0..SWEEPS {
        for (column, told) in columns.iter().zip(&mut told) {
            let rows = column.codes.iter().zip(&mut left);
            rows.for_each(|(&code, left)| *left += told[code as usize]);
            let sums = column.sums(&left).into_iter();
            *told = sums.map(|(sum, rows)| sum / (rows + PRIOR)).collect();
            let rows = column.codes.iter().zip(&mut left);
            rows.for_each(|(&code, left)| *left -= told[code as usize]);
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number from 0 to 1 that looks like chance (SplitMix64).
    fn chance(seed: usize) -> f64 {
        let mut z = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as f64 / u64::MAX as f64
    }

    /// Three numbers of 4,000 rows that fill a cube.
    fn numbers() -> [Vec<f64>; 3] {
        [1, 2, 3].map(|k| (0..4000).map(|r| chance(10_000 * k + r)).collect())
    }

    fn found(target: impl Fn(f64, f64, f64) -> f64) -> Vec<[usize; 2]> {
        let numbers = numbers();
        let rows = (0..4000).map(|r| target(numbers[0][r], numbers[1][r], numbers[2][r]));
        let target: Vec<f64> = rows.collect();
        let binned = numbers.map(|values| Binned::of_numbers(&values).unwrap());
        pairs(&binned, &[], &target)
    }

    #[test]
    fn a_pair_that_tells_together_is_found() {
        let waves = |a: f64, b: f64| (25.0 * a).sin() * (25.0 * b).cos();
        assert_eq!(found(|a, b, c| waves(b, c) + a), [[1, 2]]);
        assert_eq!(
            found(|a, b, c| waves(a, c) + 0.7 * waves(a, b)),
            [[0, 2], [0, 1]]
        );
    }

    #[test]
    fn what_each_number_tells_alone_is_no_pair() {
        assert!(found(|a, b, c| (20.0 * a).sin() + b * b - (5.0 * c).exp()).is_empty());
        assert!(found(|_, _, _| 4.0).is_empty());
    }

    #[test]
    fn what_coarse_cells_show_as_well_is_no_pair() {
        assert!(found(|a, b, _| a * b).is_empty());
        assert!(found(|a, b, _| (5.0 * a).sin() * (5.0 * b).cos()).is_empty());
    }

    #[test]
    fn few_values_are_known_from_many() {
        let of = |values: f64| {
            let numbers: Vec<f64> = (0..500).map(|r| f64::from(r) % values).collect();
            Binned::of_numbers(&numbers).unwrap().has_many_values()
        };
        assert_eq!(
            [24.0, 99.0, 100.0, 400.0].map(of),
            [false, false, true, true]
        );
    }

    #[test]
    fn noise_is_no_pair() {
        let noise = std::cell::Cell::new(0);
        let target = |_, _, _| {
            noise.set(noise.get() + 1);
            chance(noise.get())
        };
        assert!(found(target).is_empty());
    }

    #[test]
    fn what_levels_tell_is_no_pair() {
        let numbers = numbers();
        let level = |r: usize| (16.0 * numbers[0][r]) as u32 * 16 + (16.0 * numbers[1][r]) as u32;
        let y = |r: usize| f64::from(level(r) * 101 % 256) + 256.0 * chance(r);
        let target: Vec<f64> = (0..4000).map(y).collect();
        let others = [Binned::of_levels((0..4000).map(level), 256)];
        let binned = || {
            numbers
                .each_ref()
                .map(|values| Binned::of_numbers(values).unwrap())
        };
        assert_eq!(pairs(&binned(), &[], &target), [[0, 1]]);
        assert!(pairs(&binned(), &others, &target).is_empty());
    }

    #[test]
    fn many_numbers_are_looked_at_on_fewer_rows_and_too_many_not_at_all() {
        assert_eq!(every(16_000, 8), Some(1));
        assert_eq!(every(90_000, 8), Some(3));
        assert_eq!(every(90_000, 400), Some(27));
        assert_eq!(every(90_000, 5_000), None);
        assert_eq!(every(90_000, 1), None);
    }
}
