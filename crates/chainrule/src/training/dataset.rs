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
}

impl<'a, R: Real> Dataset<'a, R> {
    /// `x (n,i)`, a view of a matrix or a reference to encoded rows, `y (n,o)` and, if rows count differently, their weights `(n)`, which should not be negative.
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
        let mean_weight = match weights {
            Some(weights) if rows > 0 => {
                weights.iter().map(|&w| Real::to_f64(w)).sum::<f64>() / rows as f64
            }
            _ => 1.0,
        };
        Dataset {
            x,
            y,
            weights,
            mean_weight,
        }
    }

    /// Number of rows, `n`.
    pub fn rows(&self) -> usize {
        self.x.rows()
    }

    /// The inputs `(n,i)`.
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
    training.sort_unstable();
    order.sort_unstable();
    (training, order)
}

#[cfg(test)]
mod tests {
    use super::*;

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
