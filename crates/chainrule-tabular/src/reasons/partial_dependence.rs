//! Partial dependence: how predictions move with one column.
//!
//! For a value v of column j, each of B rows that the model keeps is given v in that column and predicted (Friedman
//! 2001):
//!
//! ```text
//! mean(v) = 1/B Σ_b f(row b with j = v)
//! ```
//!
//! The rows may go different ways. Each row's own curve is shifted so that its mean over the values is that of the mean
//! curve; what remains is in which way it bends otherwise, and the tenth and the ninetieth percentile are told
//! (after Goldstein, Kapelner, Bleich and Pitkin 2015, who shift the curves to a common beginning). Where they lie on
//! the mean curve, the column works in all rows alike.
//!
//! Proved by `the_dependence_of_a_straight_line_is_its_slope` and `rows_that_go_different_ways_spread_the_curves`.

use serde::Serialize;

use super::mixer::Mixer;
use crate::table::{Column, TypedTable, Values};
use crate::{Regressor, TableError};

/// The most rows that are predicted with each value. More change the mean by less than rows differ.
const MOST_ROWS: usize = 50;

/// The most values of a number or a point in time, evenly chosen among those of the rows.
const MOST_POINTS: usize = 20;

/// The most texts, the most frequent ones.
const MOST_LEVELS: usize = 10;

/// The most columns whose dependence is found without being asked for by name.
const MOST_COLUMNS: usize = 6;

/// How predictions move with one column.
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
/// let dependence = regressor.partial_dependence("area")?.expect("the model keeps rows");
/// let (first, last) = (dependence.points.first().unwrap(), dependence.points.last().unwrap());
/// assert!(first.mean < last.mean); // larger houses are dearer
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartialDependence {
    /// The column.
    pub column: String,
    /// How many rows were predicted with each value.
    pub rows: usize,
    /// The values, numbers and points in time in ascending order, texts by how often they occur.
    pub points: Vec<DependencePoint>,
}

/// What is predicted where a column has one value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DependencePoint {
    /// The value as people write it; None for a gap.
    pub value: Option<String>,
    /// A number as it is, a point in time in seconds since the beginning of 1970; None for a text or a gap.
    pub at: Option<f64>,
    /// The mean prediction.
    pub mean: f64,
    /// The tenth and the ninetieth percentile of the rows' own curves, shifted to the level of the mean curve.
    pub spread: (f64, f64),
}

impl Regressor {
    /// How predictions move with the columns that the model needs most, at most six; with its first columns where it
    /// does not know which these are.
    pub fn main_dependence(&self) -> Vec<PartialDependence> {
        let ranked = self.importance().map(|importance| {
            let ranked = importance.ranked().into_iter();
            ranked.map(|column| column.column.as_str()).collect()
        });
        let columns: Vec<&str> = ranked.unwrap_or_else(|| self.columns());
        let Some(background) = self.background() else {
            return Vec::new();
        };
        let columns = columns.into_iter().take(MOST_COLUMNS);
        let found = Mixer::of(self, &[&background]).and_then(|mixer| {
            let found = columns.map(|column| self.dependence_on(column, &background, &mixer));
            found.collect::<Result<Vec<_>, TableError>>()
        });
        let found = found.expect("the background has the model's columns");
        found.into_iter().flatten().collect()
    }

    /// How predictions move with a column that the model reads.
    ///
    /// None if the model keeps no rows to find it on, as one that was trained elsewhere or on very many columns, or if
    /// a prediction is not a finite number.
    ///
    /// # Errors
    /// If the model does not read such a column.
    pub fn partial_dependence(
        &self,
        column: &str,
    ) -> Result<Option<PartialDependence>, TableError> {
        let Some(background) = self.background() else {
            return Ok(None);
        };
        let mixer = Mixer::of(self, &[&background])?;
        self.dependence_on(column, &background, &mixer)
    }

    /// The same over a background that `mixer` holds.
    fn dependence_on(
        &self,
        column: &str,
        background: &TypedTable,
        mixer: &Mixer,
    ) -> Result<Option<PartialDependence>, TableError> {
        let values = background.find(column)?;
        let chosen = chosen(values);
        let (rows, points) = (background.rows().min(MOST_ROWS), chosen.len());
        // Row after row, each with all values.
        let is_moved: Vec<bool> = self.columns().iter().map(|name| *name == column).collect();
        let from = |j: usize, r: usize| match is_moved[j] {
            true => chosen[r % points] as usize,
            false => r / points,
        };
        let predicted = mixer.predict(rows * points, from);
        if !predicted.iter().all(|y_hat| y_hat.is_finite()) {
            return Ok(None);
        }
        let curves: Vec<&[f64]> = predicted.chunks_exact(points).collect();
        let points = chosen.iter().enumerate().map(|(k, &row)| {
            let (mean, spread) = at_point(&curves, k);
            DependencePoint {
                value: values.text(row as usize),
                at: place(values, row as usize),
                mean,
                spread,
            }
        });
        Ok(Some(PartialDependence {
            column: column.to_owned(),
            rows,
            points: points.collect(),
        }))
    }
}

/// Rows that hold the values of interest of a column, one for each.
fn chosen(column: &Column) -> Vec<u32> {
    let mut rows: Vec<u32> = (0..column.rows() as u32).collect();
    if column.rows() > 0 && (0..column.rows()).any(|row| place(column, row).is_some()) {
        let at = |row: u32| place(column, row as usize);
        rows.retain(|&row| at(row).is_some());
        rows.sort_by(|&a, &b| at(a).unwrap_or(0.0).total_cmp(&at(b).unwrap_or(0.0)));
        let n = rows.len();
        let points = n.min(MOST_POINTS);
        let mut chosen: Vec<u32> = (0..points)
            .map(|k| rows[k * (n - 1) / (points - 1).max(1)])
            .collect();
        chosen.dedup_by(|a, b| at(*a) == at(*b));
        return chosen;
    }
    // Texts and gaps: the first row of each, with how many there are.
    let mut levels: Vec<(Option<String>, u32, usize)> = Vec::new();
    for row in rows {
        let text = column.text(row as usize);
        match levels.iter_mut().find(|level| level.0 == text) {
            Some(level) => level.2 += 1,
            None => levels.push((text, row, 1)),
        }
    }
    levels.sort_by_key(|level| std::cmp::Reverse(level.2));
    levels
        .into_iter()
        .take(MOST_LEVELS)
        .map(|level| level.1)
        .collect()
}

/// Where a number or a point in time stands.
fn place(column: &Column, row: usize) -> Option<f64> {
    if column.is_missing(row) {
        return None;
    }
    match column.values() {
        Values::Number(values) => Some(values[row]),
        Values::Time(times) => Some(times[row] as f64 / 1e6),
        _ => None,
    }
}

/// The mean of the curves at a point, and the tenth and ninetieth percentile of the shifted ones.
fn at_point(curves: &[&[f64]], k: usize) -> (f64, (f64, f64)) {
    let n = curves.len() as f64;
    let mean = curves.iter().map(|curve| curve[k] / n).sum::<f64>();
    let level = |curve: &[f64]| curve.iter().sum::<f64>() / curve.len() as f64;
    let of_all = curves.iter().map(|curve| level(curve) / n).sum::<f64>();
    let shifted = curves.iter().map(|curve| curve[k] - level(curve) + of_all);
    let mut shifted: Vec<f64> = shifted.collect();
    shifted.sort_by(f64::total_cmp);
    let rank = |share: f64| ((share * n).ceil() as usize).clamp(1, shifted.len()) - 1;
    (mean, (shifted[rank(0.1)], shifted[rank(0.9)]))
}
