//! The rows that a model keeps to compare others with.

use super::chance::{Draw, random_order};
use crate::kept_rows::KeptRows;
use crate::limits::{BACKGROUND_CELLS, FEWEST_BACKGROUND_ROWS, MOST_KEPT_ROWS};
use crate::table::TypedTable;

/// Some of the given rows of the columns of these names, drawn by chance and in an order of chance; None where the
/// columns are so many that the rows would be too few to compare with.
pub(crate) fn background(
    table: &TypedTable,
    names: &[&str],
    rows: &[u32],
    seed: u64,
) -> Option<KeptRows> {
    let most = (BACKGROUND_CELLS / (names.len() + 1)).min(MOST_KEPT_ROWS);
    if most < FEWEST_BACKGROUND_ROWS {
        return None;
    }
    let order = random_order(rows.len(), seed, Draw::Background);
    let chosen = order.into_iter().take(most);
    let chosen: Vec<u32> = chosen.map(|place| rows[place as usize]).collect();
    Some(KeptRows::of(table, names.iter().copied(), &chosen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regressor::numbers;
    use ndarray::Array2;

    fn kept(columns: usize, rows: usize) -> Option<usize> {
        let names: Vec<String> = (0..columns).map(|j| format!("x{j}")).collect();
        let table = numbers(&names, Array2::zeros((rows, columns)).view());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let rows: Vec<u32> = (0..rows as u32).collect();
        let kept = background(&table, &names, &rows, 1)?;
        let plan = table.plan(Vec::new());
        kept.table(plan.columns.iter()).map(|table| table.rows())
    }

    #[test]
    fn a_hundred_rows_are_kept_fewer_of_many_columns_and_none_of_very_many() {
        assert_eq!(kept(3, 500), Some(100));
        assert_eq!(kept(3, 7), Some(7));
        assert_eq!(kept(299, 120), Some(50));
        assert_eq!(kept(749, 120), Some(20));
        assert_eq!(kept(750, 120), None);
    }
}
