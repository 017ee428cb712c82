//! Which rows are test rows: the rules that NumPy and scikit-learn follow, with the same random numbers.
//!
//! Others' figures on the standard splits can be compared only if the rows are the very same.

use rand_mt::Mt;
use serde::{Deserialize, Serialize};

/// A rule, and how often it is followed.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Splits {
    /// The first of the standard splits of the UCI tables (Hernández-Lobato and Adams 2015, Gal and Ghahramani 2016):
    /// the last tenth of each of as many permutations, one after the other from seed 1.
    NinetyTen(usize),
    /// `train_test_split(test_size=0.2, random_state=i)` with i from 0.
    EightyTwenty(usize),
    /// `RepeatedKFold(n_splits, n_repeats, random_state=0)`.
    RepeatedFolds(usize, usize),
}

impl Splits {
    /// The test rows of each split in ascending order, among so many rows.
    pub fn test_rows(self, rows: usize) -> Vec<Vec<usize>> {
        let mut splits: Vec<Vec<usize>> = match self {
            Splits::NinetyTen(count) => {
                let mut random = Mt::new(1);
                let train = (rows as f64 * 9.0 / 10.0).round_ties_even() as usize;
                let last = |_| permutation(rows, &mut random).split_off(train);
                (0..count).map(last).collect()
            }
            Splits::EightyTwenty(count) => {
                let test = (0.2 * rows as f64).ceil() as usize;
                let first = |state| permutation(rows, &mut Mt::new(state))[..test].to_vec();
                (0..count as u32).map(first).collect()
            }
            Splits::RepeatedFolds(folds, repeats) => {
                let mut random = Mt::new(0);
                let repeat = |_| cut(&permutation(rows, &mut random), folds);
                (0..repeats).flat_map(repeat).collect()
            }
        };
        splits.iter_mut().for_each(|test| test.sort_unstable());
        splits
    }

    /// The rule in words.
    pub fn shown(self) -> String {
        match self {
            Splits::NinetyTen(count) => format!("90/10, the first {count} standard ones"),
            Splits::EightyTwenty(count) => format!("80/20, {count}"),
            Splits::RepeatedFolds(folds, repeats) => format!("{folds} folds, {repeats} times"),
        }
    }
}

/// Cuts into pieces whose sizes differ by at most one, the larger ones first.
fn cut(rows: &[usize], pieces: usize) -> Vec<Vec<usize>> {
    let (size, larger) = (rows.len() / pieces, rows.len() % pieces);
    let mut rest = rows;
    let piece = |i| {
        let (piece, others) = rest.split_at(size + usize::from(i < larger));
        rest = others;
        piece.to_vec()
    };
    (0..pieces).map(piece).collect()
}

/// `RandomState.permutation`: Fisher and Yates from the last place to the second.
fn permutation(rows: usize, random: &mut Mt) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..rows).collect();
    for last in (1..rows.len()).rev() {
        rows.swap(last, up_to(last, random));
    }
    rows
}

/// A number from 0 to `most` inclusive: as many bits as `most` has, drawn until they make no larger number.
fn up_to(most: usize, random: &mut Mt) -> usize {
    let mask = (most + 1).next_power_of_two() - 1;
    loop {
        let drawn = random.next_u32() as usize & mask;
        if drawn <= most {
            return drawn;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected rows are those of NumPy 2.4.6 and scikit-learn 1.9.1:
    ///
    /// ```python
    /// np.random.seed(1)
    /// for _ in range(2): print(sorted(np.random.choice(range(23), 23, replace=False)[round(23 * 9 / 10):]))
    /// for i in range(2): print(sorted(train_test_split(np.arange(23), test_size=0.2, random_state=i)[1]))
    /// for _, test in RepeatedKFold(n_splits=5, n_repeats=2, random_state=0).split(np.zeros(12)): print(test)
    /// ```
    #[test]
    fn the_rows_are_those_of_numpy_and_scikit_learn() {
        assert_eq!(
            Splits::NinetyTen(2).test_rows(23),
            [vec![5, 11], vec![14, 18]]
        );
        assert_eq!(
            Splits::EightyTwenty(2).test_rows(23),
            [vec![10, 11, 14, 20, 21], vec![3, 13, 17, 19, 20]]
        );
        assert_eq!(
            Splits::RepeatedFolds(5, 2).test_rows(12),
            [
                vec![4, 6, 11],
                vec![2, 8, 10],
                vec![1, 7],
                vec![3, 9],
                vec![0, 5],
                vec![2, 3, 5],
                vec![0, 4, 9],
                vec![7, 11],
                vec![1, 6],
                vec![8, 10]
            ]
        );
    }

    #[test]
    fn concrete_has_its_standard_splits() {
        let splits = Splits::NinetyTen(5).test_rows(1030);
        let sums = splits.iter().map(|test| test.iter().sum::<usize>());
        // The first row and the sum of all, as in the published lists.
        let found: Vec<_> = splits.iter().map(|test| test[0]).zip(sums).collect();
        assert!(splits.iter().all(|test| test.len() == 103));
        assert_eq!(
            found,
            [(7, 51937), (25, 53225), (14, 54488), (2, 53173), (1, 50781)]
        );
    }

    #[test]
    fn every_row_is_a_test_row_once_in_each_repeat() {
        let splits = Splits::RepeatedFolds(10, 2).test_rows(57);
        for repeat in splits.chunks(10) {
            let mut all = repeat.concat();
            all.sort_unstable();
            assert_eq!(all, (0..57).collect::<Vec<_>>());
        }
        assert_ne!(splits[..10], splits[10..]);
    }
}
