//! The rows that a training reads, and how some are set aside for validation.

use ndarray::{ArrayView1, ArrayView2};

use crate::Real;
use crate::inputs::Inputs;
use crate::random::{Purpose, Random, Stream};

/// Inputs, targets and optional weights of some rows, borrowed from their owner.
#[derive(Clone, Copy, Debug)]
pub struct Dataset<'a, R> {
    x: Inputs<'a, R>,
    y: ArrayView2<'a, R>,
    weights: Option<ArrayView1<'a, R>>,
    mean_weight: f64,
    /// Those that are read; all where there is no selection.
    selection: Option<&'a [u32]>,
}

impl<'a, R: Real> Dataset<'a, R> {
    /// `x (n,i)`, a view of a matrix or a reference to encoded rows, `y (n,o)` and, if rows count differently, their
    /// weights `(n)`, which should not be negative.
    ///
    /// # Panics
    ///
    /// If the numbers of rows differ or do not fit into 32 bits.
    #[track_caller]
    pub fn new(
        x: impl Into<Inputs<'a, R>>,
        y: ArrayView2<'a, R>,
        weights: Option<ArrayView1<'a, R>>,
    ) -> Self {
        let x = x.into();
        let rows = x.rows();
        assert_eq!(rows, y.nrows(), "X has {rows} rows, y has {}", y.nrows());
        if let Some(weights) = &weights {
            assert_eq!(
                rows,
                weights.len(),
                "X has {rows} rows, the weights are {}",
                weights.len()
            );
        }
        assert!(
            u32::try_from(rows).is_ok(),
            "{rows} rows are more than 32 bits can count"
        );
        let mut data = Dataset {
            x,
            y,
            weights,
            mean_weight: 1.0,
            selection: None,
        };
        data.mean_weight = data.mean_of_weights();
        data
    }

    /// The same arrays, of which only the given rows are read, in this order.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[track_caller]
    pub fn select(mut self, rows: &'a [u32]) -> Self {
        let all = self.x.rows();
        if let Some(row) = rows.iter().find(|&&row| row as usize >= all) {
            panic!("row {row} of {all}");
        }
        self.selection = Some(rows);
        self.mean_weight = self.mean_of_weights();
        self
    }

    fn mean_of_weights(&self) -> f64 {
        match &self.weights {
            Some(weights) if self.rows() > 0 => {
                let weights = self.row_numbers().map(|row| weights[row as usize].to_f64());
                weights.sum::<f64>() / self.rows() as f64
            }
            _ => 1.0,
        }
    }

    /// Number of rows that are read, `n`.
    pub fn rows(&self) -> usize {
        self.selection.map_or(self.x.rows(), <[u32]>::len)
    }

    /// Where the rows that are read stand in the arrays.
    pub fn row_numbers(&self) -> impl ExactSizeIterator<Item = u32> + use<'a, R> {
        let selection = self.selection;
        (0..self.rows()).map(move |nth| selection.map_or(nth as u32, |rows| rows[nth]))
    }

    /// The inputs `(n,i)`, those of rows that are not read among them; so below.
    pub fn x(&self) -> Inputs<'a, R> {
        self.x
    }

    /// The targets `(n,o)`.
    pub fn y(&self) -> ArrayView2<'a, R> {
        self.y
    }

    /// The rows' weights `(n)`, if they have any.
    pub fn weights(&self) -> Option<ArrayView1<'a, R>> {
        self.weights
    }

    /// `w̄`, the mean of the rows' weights; 1 if they have none.
    pub fn mean_weight(&self) -> f64 {
        self.mean_weight
    }

    /// What a batch of `rows` rows weighs on average, `B w̄`: of all rows together, `Σ_r w_r`.     (L0)
    pub(super) fn weight_of(&self, rows: usize) -> R {
        R::from_f64(rows as f64 * self.mean_weight)
    }
}

/// How many of `rows` rows are set aside for validation: `⌊rows · fraction⌉`.
pub fn validation_rows(rows: usize, fraction: f64) -> usize {
    ((rows as f64 * fraction).round() as usize).min(rows)
}

/// Splits `rows` rows at random: (training, validation), each in ascending order. The same seed gives the same split.
///
/// The validation part has [`validation_rows`] rows.
pub fn validation_split(rows: usize, fraction: f64, seed: u64) -> (Vec<u32>, Vec<u32>) {
    let count = validation_rows(rows, fraction);
    let mut order: Vec<u32> = (0..rows as u32).collect();
    Random::new(seed, Stream::new(0, Purpose::ValidationRows)).shuffle(&mut order);
    let mut training = order.split_off(count);
    order.shrink_to_fit();
    training.sort_unstable();
    order.sort_unstable();
    (training, order)
}

/// Cuts `rows` rows at random into `folds` parts, each in ascending order, whose sizes differ by 1 at most. The same
/// seed gives the same parts.
///
/// # Panics
///
/// If there are no folds.
#[track_caller]
pub fn cross_validation_folds(rows: usize, folds: usize, seed: u64) -> Vec<Vec<u32>> {
    assert!(folds > 0, "no folds");
    let mut order: Vec<u32> = (0..rows as u32).collect();
    Random::new(seed, Stream::new(0, Purpose::ValidationRows)).shuffle(&mut order);
    let fold = |k: usize| {
        let mut part = order[k * rows / folds..(k + 1) * rows / folds].to_vec();
        part.sort_unstable();
        part
    };
    (0..folds).map(fold).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, Array2};

    use super::*;

    #[test]
    fn a_selection_reads_its_rows_in_its_order() {
        let (x, y) = (Array2::<f32>::zeros((4, 1)), Array2::zeros((4, 1)));
        let weights = Array1::from(vec![1.0, 2.0, 3.0, 6.0]);
        let data = Dataset::new(x.view(), y.view(), Some(weights.view()));
        assert_eq!((data.rows(), data.mean_weight()), (4, 3.0));
        assert_eq!(data.row_numbers().collect::<Vec<_>>(), [0, 1, 2, 3]);
        let data = data.select(&[3, 1]);
        assert_eq!((data.rows(), data.mean_weight()), (2, 4.0));
        assert_eq!(data.row_numbers().collect::<Vec<_>>(), [3, 1]);
    }

    #[test]
    #[should_panic(expected = "row 4 of 4")]
    fn a_selection_of_a_row_that_is_not_there_panics() {
        let (x, y) = (Array2::<f32>::zeros((4, 1)), Array2::zeros((4, 1)));
        Dataset::new(x.view(), y.view(), None).select(&[4]);
    }

    #[test]
    fn folds_hold_every_row_once_and_differ_by_one_row_at_most() {
        let folds = cross_validation_folds(103, 4, 5);
        let sizes: Vec<usize> = folds.iter().map(Vec::len).collect();
        assert_eq!(sizes, [25, 26, 26, 26]);
        let mut all = folds.concat();
        all.sort_unstable();
        assert_eq!(all, (0..103).collect::<Vec<u32>>());
        assert!(folds.iter().all(|fold| fold.is_sorted()));
        assert_eq!(
            cross_validation_folds(103, 4, 5),
            folds,
            "same seed, same folds"
        );
        assert_ne!(cross_validation_folds(103, 4, 6), folds);
    }

    #[test]
    fn a_split_holds_every_row_once() {
        let (training, validation) = validation_split(103, 0.2, 5);
        assert_eq!(validation.len(), 21);
        let mut all = [training.clone(), validation].concat();
        all.sort_unstable();
        assert_eq!(all, (0..103).collect::<Vec<u32>>());
        assert_eq!(
            validation_split(103, 0.2, 5).0,
            training,
            "same seed, same split"
        );
        assert_ne!(validation_split(103, 0.2, 6).0, training);
    }

    #[test]
    #[should_panic(expected = "X has 3 rows, y has 2")]
    fn unequal_rows_panic_with_both_numbers() {
        let (x, y) = (
            ndarray::Array2::<f64>::zeros((3, 1)),
            ndarray::Array2::zeros((2, 1)),
        );
        Dataset::new(x.view(), y.view(), None);
    }
}
