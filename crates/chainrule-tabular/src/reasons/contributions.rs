//! Why a row is predicted as it is: what each of its columns adds to the mean prediction.
//!
//! The model keeps B rows that it learnt from, the background. Let v(S) be what is predicted on average if the columns
//! in S have the row's values, and all others those of a background row:
//!
//! ```text
//! v(S) = 1/B Σ_b f(the row on S, background row b elsewhere)        v(∅) = base, v(all) = f(row)
//! ```
//!
//! What column j adds is its Shapley value in v: `v(S ∪ {j}) − v(S)`, on average over all orders in which the columns
//! can be set one after the other, where S are those set before j (Štrumbelj and Kononenko 2014; interventional values,
//! as Janzing, Minorics and Blöbaum 2020 call them). The average is taken over random orders (Castro, Gómez and Tejada
//! 2009), each together with its reverse, which leaves no error where columns interact in pairs alone. In each order
//! the steps telescope: the values add up to `f(row) − base`, whatever the orders are.
//!
//! Proved by `contributions_are_the_shapley_values_by_their_definition`,
//! `contributions_add_up_to_the_prediction` and `contributions_of_a_straight_line_are_exact`.

use serde::Serialize;

use super::chance::{Draw, random_order};
use super::mixer::Mixer;
use crate::table::TypedTable;
use crate::{Regressor, TableError};

/// Pairs of orders for each background row: two, so that the error is told by their difference.
const PAIRS: usize = 2;

/// Why a row is predicted as it is.
///
/// ```
/// # use chainrule::training::Control;
/// # use chainrule_tabular::{Fitting, RegressorSettings};
/// # use chainrule_tabular::table::{ReadOptions, TypedTable};
/// # let row = |i: usize| format!("{},{},{}\n", i * 7 % 40, i * 11 % 13, i * 7 % 40 * 3);
/// # let csv = format!("area,code,price\n{}", (0..200).map(row).collect::<String>());
/// # let csv = std::io::Cursor::new(csv);
/// # let (table, _) = TypedTable::from_reader(csv, "houses.csv", &ReadOptions::default())?;
/// # let mut fitting = Fitting::new(&table, "price", RegressorSettings::default())?;
/// # fitting.run(&mut |_| Control::Continue)?;
/// # let regressor = fitting.into_regressor();
/// let reasons = regressor.contributions(&table, 0)?.expect("the model keeps rows");
/// let sum: f64 = reasons.columns.iter().map(|column| column.value).sum();
/// assert!((reasons.base + sum - reasons.prediction).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contributions {
    /// The mean prediction of the rows that the model keeps.
    pub base: f64,
    /// How many rows these are.
    pub background: usize,
    /// How many orders were tried for each of them.
    pub orders: usize,
    /// The prediction of the row: base and what the columns add.
    pub prediction: f64,
    /// What each column adds, in the order in which the model reads them.
    pub columns: Vec<Contribution>,
}

/// What one column adds to the mean prediction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contribution {
    /// The column.
    pub column: String,
    /// What it adds, in the target's units.
    pub value: f64,
    /// The standard error of the value, because not all orders were tried.
    pub error: f64,
}

impl Regressor {
    /// What each column adds to the prediction of a row of a table that was read by the model's [plan](Self::plan).
    ///
    /// None if the model keeps no rows to compare with, as one that was trained elsewhere or on very many columns, or
    /// if a prediction is not a finite number.
    ///
    /// # Errors
    /// If the table lacks a column of the model, or has it as another kind.
    ///
    /// # Panics
    /// If there is no such row.
    #[track_caller]
    pub fn contributions(
        &self,
        table: &TypedTable,
        row: usize,
    ) -> Result<Option<Contributions>, TableError> {
        assert!(row < table.rows(), "row {row} of {}", table.rows());
        let Some(background) = self.background() else {
            return Ok(None);
        };
        let (names, rows) = (self.columns(), background.rows());
        let columns = names.len();
        let turns = turns(columns, rows * PAIRS);
        // The ways from a background row to the row, one behind the other: a step for each column that is set.
        let steps = columns + 1;
        let from = |j: usize, r: usize| {
            let (way, step) = (r / steps, r % steps);
            let is_set = (turns[way][j] as usize) < step;
            if is_set { rows } else { way / (2 * PAIRS) }
        };
        let one = table.select(&[row as u32]);
        let mixer = Mixer::of(self, &[&background, &one])?;
        let predicted = mixer.predict(turns.len() * steps, from);
        if !predicted.iter().all(|y_hat| y_hat.is_finite()) {
            return Ok(None);
        }
        let ways: Vec<&[f64]> = predicted.chunks_exact(steps).collect();
        let contribution = |(j, name): (usize, &str)| {
            let added = ways.iter().zip(&turns).map(|(way, turns)| {
                let turn = turns[j] as usize;
                way[turn + 1] - way[turn]
            });
            let (value, error) = mean_and_error(&added.collect::<Vec<f64>>());
            Contribution {
                column: name.to_owned(),
                value,
                error,
            }
        };
        Ok(Some(Contributions {
            base: ways.iter().map(|way| way[0] / ways.len() as f64).sum(),
            background: rows,
            orders: 2 * PAIRS,
            prediction: ways[0][columns],
            columns: names.into_iter().enumerate().map(contribution).collect(),
        }))
    }
}

/// For pairs of orders of the columns, the second of a pair the reverse of the first: when each column's turn is.
fn turns(columns: usize, pairs: usize) -> Vec<Vec<u32>> {
    let pair = |nth: usize| {
        // A random order of turns is as good as the turns of a random order.
        let turns = random_order(columns, 0, Draw::Turns { nth });
        let reverse = turns.iter().map(|turn| columns as u32 - 1 - turn).collect();
        [turns, reverse]
    };
    (0..pairs).flat_map(pair).collect()
}

/// The mean of what a column adds on each way, and its standard error, from the differences between the pairs of ways
/// of each background row. The rows themselves are no sample here, they are all there are.
fn mean_and_error(added: &[f64]) -> (f64, f64) {
    let n = added.len() as f64;
    let mean = added.iter().map(|added| added / n).sum::<f64>();
    let of_rows = added.chunks_exact(2 * PAIRS);
    let rows = of_rows.len() as f64;
    let square_error = |of_row: &[f64]| {
        let of_pairs = of_row.chunks_exact(2).map(|pair| 0.5 * (pair[0] + pair[1]));
        let mean = of_pairs.clone().sum::<f64>() / PAIRS as f64;
        let squares = of_pairs.map(|value| (value - mean).powi(2)).sum::<f64>();
        squares / ((PAIRS - 1) * PAIRS) as f64
    };
    let square_errors = of_rows.map(square_error).sum::<f64>();
    (mean, square_errors.sqrt() / rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_of_orders_is_one_and_its_reverse() {
        let turns = turns(5, 3);
        assert_eq!(turns.len(), 6);
        for pair in turns.chunks_exact(2) {
            let mut sorted = pair[0].clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3, 4]);
            assert!(pair[0].iter().zip(&pair[1]).all(|(a, b)| a + b == 4));
        }
        assert_ne!(turns[0], turns[2]);
    }

    #[test]
    fn the_error_is_that_of_the_mean_over_pairs_within_each_row() {
        // Pairs of the first row: 1 and 3, a variance of 2 and of its mean 1; of the second: 5 and 5, none.
        let added = [0.0, 2.0, 4.0, 2.0, 5.0, 5.0, 4.0, 6.0];
        assert_eq!(mean_and_error(&added), (3.5, 0.5));
    }
}
