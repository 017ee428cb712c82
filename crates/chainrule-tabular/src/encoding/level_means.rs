//! The mean of the target over the rows of a level: for categories of many levels with a row or two each, such as
//! ticket numbers or postcodes, which [one-hot](super::OneHot) would have to put together.
//!
//! ```text
//! of a new row        m = the mean of the target over the training rows of its level, ln(1 + n) of their number n
//! of a training row   the same over the rows of other folds alone
//! ```
//!
//! A training row must not see its own target, or the network would learn to copy it: hence the folds (target encoding
//! with cross-fitting; Micci-Barreca, 2001; Pargent et al., 2022). They are the folds of the members that learn from
//! these inputs. Where no row of the level is left, the mean is a gap, and encoded as a [number](super::Number)'s. The
//! mean is not drawn towards that of all rows: the number of rows stands beside it, and what it is worth is learnt.

use chainrule::inputs::{EncodedRow, InputColumn};
use serde::{Deserialize, Serialize};

use super::{EncodingSettings, Number, TrainingRows};

/// Means are told where at least this share of the training rows has a level without an input of its own,
const FEWEST_RARE: f64 = 0.1;

/// and at least this share has a level that some row of another fold has as well.
const FEWEST_SHARED: f64 = 0.1;

/// At most as many levels, the most frequent ones, are kept.
const MOST_LEVELS: usize = 100_000;

/// The rows of each level, and how they become inputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelMeans {
    /// In the order of their bytes.
    levels: Vec<String>,
    /// Of each level.
    rows: Vec<LevelRows>,
    mean: Number,
    /// None where all levels have as many rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<Number>,
}

/// Some training rows with the same level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LevelRows {
    /// How many there are.
    pub count: u32,
    /// The mean of their targets; 0 where there are none.
    pub mean: f64,
}

/// What is learnt from one training row.
#[derive(Clone, Copy, Debug)]
pub(super) struct LearntRow {
    /// The place of its level; beyond all places where it has none.
    pub level: usize,
    pub fold: u8,
    pub target: f64,
}

/// For each level and fold the number of rows and the sum of their targets.
pub(super) struct Sums {
    /// Sorted by level and fold.
    of_folds: Vec<(usize, u8, u32, f64)>,
    of_levels: Vec<(u32, f64)>,
}

impl LearntRow {
    /// The rows of a column of categories that are learnt from.
    pub(super) fn of(codes: &[u32], training: &TrainingRows) -> impl Iterator<Item = LearntRow> {
        let rows = training.places.iter().zip(training.target);
        let rows = rows.zip(training.folds);
        rows.filter_map(|((&place, &target), &fold)| {
            Some(LearntRow {
                level: codes[place as usize] as usize,
                fold: fold?,
                target,
            })
        })
    }
}

impl LevelRows {
    /// No row at all.
    pub(super) const NONE: LevelRows = LevelRows {
        count: 0,
        mean: 0.0,
    };

    fn of(count: u32, sum: f64) -> LevelRows {
        match count {
            0 => LevelRows::NONE,
            count => LevelRows {
                count,
                mean: sum / f64::from(count),
            },
        }
    }

    /// The mean; NaN where there is none.
    fn mean_or_gap(&self) -> f64 {
        match self.count {
            0 => f64::NAN,
            _ => self.mean,
        }
    }

    fn log_count(&self) -> f64 {
        f64::from(self.count).ln_1p()
    }
}

impl Sums {
    pub(super) fn of(rows: &[LearntRow], levels: usize) -> Sums {
        let mut sorted: Vec<&LearntRow> = rows.iter().filter(|row| row.level < levels).collect();
        sorted.sort_by_key(|row| (row.level, row.fold)); // stable: sums have the same bits however it is sorted
        let mut of_folds: Vec<(usize, u8, u32, f64)> = Vec::new();
        let mut of_levels = vec![(0, 0.0); levels];
        for row in sorted {
            match of_folds.last_mut() {
                Some((level, fold, count, sum)) if (*level, *fold) == (row.level, row.fold) => {
                    *count += 1;
                    *sum += row.target;
                }
                _ => of_folds.push((row.level, row.fold, 1, row.target)),
            }
        }
        for &(level, _, count, sum) in &of_folds {
            of_levels[level].0 += count;
            of_levels[level].1 += sum;
        }
        Sums {
            of_folds,
            of_levels,
        }
    }

    /// The rows of this level that are in other folds than the given one; all where none is given.
    pub(super) fn others(&self, level: usize, fold: Option<u8>) -> LevelRows {
        let Some(&(count, sum)) = self.of_levels.get(level) else {
            return LevelRows::NONE;
        };
        let key = |entry: &(usize, u8, u32, f64)| (entry.0, entry.1);
        let own =
            fold.and_then(|fold| self.of_folds.binary_search_by_key(&(level, fold), key).ok());
        let (own_count, own_sum) = own.map_or((0, 0.0), |place| {
            let (_, _, count, sum) = self.of_folds[place];
            (count, sum)
        });
        LevelRows::of(count - own_count, sum - own_sum)
    }
}

impl LevelMeans {
    /// Learns from the training rows, of which `usual` have a level with an input of its own. None where most have, or
    /// where hardly any level occurs in several folds.
    pub(super) fn learn(
        counts: &[(&str, usize)],
        rows: &[LearntRow],
        usual: usize,
        settings: &EncodingSettings,
    ) -> Option<LevelMeans> {
        let with_level = counts.iter().map(|(_, count)| count).sum::<usize>();
        let at_least = |share: f64, count: usize| count as f64 >= share * rows.len() as f64;
        if !at_least(FEWEST_RARE, with_level - usual) {
            return None;
        }
        let sums = Sums::of(rows, counts.len());
        let others: Vec<LevelRows> = rows
            .iter()
            .map(|row| sums.others(row.level, Some(row.fold)))
            .collect();
        let shared = others.iter().filter(|others| others.count > 0).count();
        if !at_least(FEWEST_SHARED, shared) {
            return None;
        }
        let without_bins = EncodingSettings::default();
        let mut places: Vec<usize> = (0..counts.len()).filter(|&k| counts[k].1 > 0).collect();
        places.sort_by(|&a, &b| {
            counts[b]
                .1
                .cmp(&counts[a].1)
                .then(counts[a].0.cmp(counts[b].0))
        });
        places.truncate(MOST_LEVELS);
        places.sort_by_key(|&k| counts[k].0);
        Some(LevelMeans {
            levels: places.iter().map(|&k| counts[k].0.to_owned()).collect(),
            rows: places.iter().map(|&k| sums.others(k, None)).collect(),
            mean: Number::learn(others.iter().map(LevelRows::mean_or_gap), settings)?,
            count: Number::learn(others.iter().map(LevelRows::log_count), &without_bins),
        })
    }

    /// The levels, in the order of their bytes, each with its rows.
    pub fn levels(&self) -> impl Iterator<Item = (&str, LevelRows)> {
        let levels = self.levels.iter().map(String::as_str);
        levels.zip(self.rows.iter().copied())
    }

    /// The training rows of a level.
    pub fn rows_of(&self, level: &str) -> LevelRows {
        match self
            .levels
            .binary_search_by(|known| known.as_str().cmp(level))
        {
            Ok(place) => self.rows[place],
            Err(_) => LevelRows::NONE,
        }
    }

    pub(super) fn inputs(&self) -> usize {
        self.mean.inputs() + self.count.as_ref().map_or(0, Number::inputs)
    }

    /// Names the inputs of the column `name`.
    pub(super) fn push_names(&self, name: &str, names: &mut Vec<String>) {
        self.mean
            .push_names(&format!("{name}, mean of its rows"), names);
        if let Some(count) = &self.count {
            count.push_names(&format!("{name}, number of its rows"), names);
        }
    }

    /// Appends the columns that a level's rows are encoded as.
    pub(super) fn push_columns(&self, columns: &mut Vec<InputColumn>) {
        self.mean.push_columns(columns);
        if let Some(count) = &self.count {
            count.push_columns(columns);
        }
    }

    /// Writes a row by the others of its level.
    pub(super) fn write(&self, others: LevelRows, row: &mut EncodedRow<f32>) {
        self.mean.write(others.mean_or_gap(), row);
        if let Some(encoder) = &self.count {
            encoder.write(others.log_count(), row);
        }
    }

    pub(super) fn describe(&self) -> String {
        format!("means of {} levels", self.levels.len())
    }

    pub(super) fn is_sound(&self) -> bool {
        self.levels.len() == self.rows.len()
            && self.levels.is_sorted_by(|a, b| a < b)
            && self
                .rows
                .iter()
                .all(|rows| rows.count > 0 && rows.mean.is_finite())
            && self.mean.is_sound()
            && self.count.as_ref().is_none_or(Number::is_sound)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::written;
    use super::*;

    /// Levels a (three rows), b (two) and c (one), each row in a fold of its own but for two of a.
    const ROWS: [LearntRow; 6] = [
        row(0, 0, 1.0),
        row(1, 1, 10.0),
        row(0, 0, 2.0),
        row(0, 2, 6.0),
        row(2, 1, 50.0),
        row(1, 0, 20.0),
    ];

    const COUNTS: [(&str, usize); 3] = [("a", 3), ("b", 2), ("c", 1)];

    const fn row(level: usize, fold: u8, target: f64) -> LearntRow {
        LearntRow {
            level,
            fold,
            target,
        }
    }

    #[test]
    fn a_training_row_is_told_by_rows_of_other_folds_alone() {
        let sums = Sums::of(&ROWS, 3);
        let others: Vec<(u32, f64)> = ROWS
            .iter()
            .map(|row| sums.others(row.level, Some(row.fold)))
            .map(|others| (others.count, others.mean))
            .collect();
        let expected = [(1, 6.0), (1, 20.0), (1, 6.0), (2, 1.5), (0, 0.0), (1, 10.0)];
        assert_eq!(others, expected);
        assert_eq!(sums.others(3, Some(0)), LevelRows::NONE);
    }

    #[test]
    fn a_new_row_is_told_by_all_rows_of_its_level() {
        let means = LevelMeans::learn(&COUNTS, &ROWS, 0, &EncodingSettings::default()).unwrap();
        assert!(means.is_sound());
        let of = |level| (means.rows_of(level).count, means.rows_of(level).mean);
        assert_eq!(of("a"), (3, 3.0));
        assert_eq!(of("b"), (2, 15.0));
        assert_eq!(of("c"), (1, 50.0));
        assert_eq!(of("d"), (0, 0.0));
        let mut names = Vec::new();
        means.push_names("k", &mut names);
        let expected = [
            "k, mean of its rows",
            "k, mean of its rows missing",
            "k, number of its rows",
        ];
        assert_eq!(names, expected);
        let (inputs, ()) = written(
            |columns| means.push_columns(columns),
            |row| means.write(means.rows_of("d"), row),
        );
        assert_eq!(inputs[..2], [0.0, 1.0]);
    }

    #[test]
    fn where_most_levels_are_usual_or_none_comes_twice_there_are_no_means() {
        let settings = EncodingSettings::default();
        assert_eq!(LevelMeans::learn(&COUNTS, &ROWS, 6, &settings), None);
        let alone = [row(0, 0, 1.0), row(1, 1, 2.0), row(2, 2, 3.0)];
        let counts = [("a", 1), ("b", 1), ("c", 1)];
        assert_eq!(LevelMeans::learn(&counts, &alone, 0, &settings), None);
    }
}
