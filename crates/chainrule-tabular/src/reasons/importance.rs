//! Permutation importance: how much a model's error rises when it is not told a column.
//!
//! Among rows that the predicting networks had not seen, each row is given the value that another row has in column j,
//! and the networks predict again (Breiman 2001; Fisher, Rudin and Dominici 2019):
//!
//! ```text
//! rise of j = √(1/n Σ (f(x with j of another row) − y)²) − √(1/n Σ (f(x) − y)²)
//! ```
//!
//! It says how much *these* networks rely on the column, not what the column has to do with the target: of columns that
//! tell the same, networks need none much, because the others stand in for it.
//!
//! Proved by `the_rise_is_that_of_its_definition` and `importance_finds_the_columns_that_the_target_is_made_of`.

use serde::{Deserialize, Serialize};

use crate::metrics::mean_and_deviation;

/// How many times the values of a column are shuffled.
pub(crate) const SHUFFLES: usize = 5;

/// How much the error rises when the values of each column are shuffled, over rows that the predicting networks had not
/// seen.
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
/// let importance = regressor.importance().expect("rows were kept for validation");
/// let first = importance.ranked()[0];
/// assert_eq!(first.column, "area");
/// assert!(first.rise > importance.rmse);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Importance {
    /// How many rows were predicted in each shuffle: all that the predicting networks had not seen, or some of them,
    /// which are drawn anew for each shuffle.
    pub rows: usize,
    /// How many times each column was shuffled.
    pub shuffles: usize,
    /// The root mean square error on these rows, as they are: the mean over the shuffles.
    pub rmse: f64,
    /// Each column, in the order in which the model reads them.
    pub columns: Vec<ColumnImportance>,
}

/// How much a model needs a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnImportance {
    /// The column's name.
    pub column: String,
    /// By how much the root mean square error rises, in the target's units: the mean over the shuffles. It may be below
    /// 0 where the column does not help.
    pub rise: f64,
    /// The standard deviation of the rise from shuffle to shuffle.
    pub over_shuffles: f64,
    /// The standard deviation of the rise from fold to fold, and so from network to network; None where there is one
    /// fold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_folds: Option<f64>,
}

/// What networks say of the rows of a fold that they do not see, as sums of square errors.
#[derive(Clone, Debug)]
pub(crate) struct ShuffledFold {
    /// How many rows there are in each shuffle.
    pub rows: usize,
    /// Of the rows of each shuffle as they are.
    pub as_they_are: [f64; SHUFFLES],
    /// With each column shuffled, a sum for each shuffle.
    pub shuffled: Vec<[f64; SHUFFLES]>,
}

impl Importance {
    /// From the errors on each fold; None where there are no rows, or an error is not a finite number.
    pub(crate) fn of(names: &[&str], folds: &[ShuffledFold]) -> Option<Importance> {
        let rows: usize = folds.iter().map(|fold| fold.rows).sum();
        let root = |sum: f64, rows: usize| (sum / rows as f64).sqrt();
        // Over some of the folds, in each shuffle: the error as the rows are, and its rise with a column shuffled.
        let errors = |folds: &[ShuffledFold]| -> Vec<f64> {
            let rows = folds.iter().map(|fold| fold.rows).sum();
            let sum = |shuffle: usize| folds.iter().map(|fold| fold.as_they_are[shuffle]).sum();
            (0..SHUFFLES)
                .map(|shuffle| root(sum(shuffle), rows))
                .collect()
        };
        let rises = |folds: &[ShuffledFold], j: usize| -> Vec<f64> {
            let rows = folds.iter().map(|fold| fold.rows).sum();
            let sum = |shuffle: usize| folds.iter().map(|fold| fold.shuffled[j][shuffle]).sum();
            let errors = errors(folds).into_iter().enumerate();
            errors
                .map(|(shuffle, error)| root(sum(shuffle), rows) - error)
                .collect()
        };
        let of_column = |(j, name): (usize, &&str)| {
            let (rise, over_shuffles) = mean_and_deviation(&rises(folds, j));
            let of_fold = |fold| mean_and_deviation(&rises(std::slice::from_ref(fold), j)).0;
            let of_folds: Vec<f64> = folds.iter().map(of_fold).collect();
            ColumnImportance {
                column: (*name).to_owned(),
                rise,
                over_shuffles,
                over_folds: (folds.len() > 1).then(|| mean_and_deviation(&of_folds).1),
            }
        };
        let importance = Importance {
            rows,
            shuffles: SHUFFLES,
            rmse: mean_and_deviation(&errors(folds)).0,
            columns: names.iter().enumerate().map(of_column).collect(),
        };
        (rows > 0 && importance.is_finite()).then_some(importance)
    }

    /// The columns, those that the model needs most first.
    pub fn ranked(&self) -> Vec<&ColumnImportance> {
        let mut columns: Vec<&ColumnImportance> = self.columns.iter().collect();
        // Equal ones stay in the order in which the model reads them.
        columns.sort_by(|a, b| b.rise.total_cmp(&a.rise));
        columns
    }

    /// Whether it speaks of these columns and can be computed with; a file could say anything.
    pub(crate) fn is_sound<'a>(&self, mut names: impl Iterator<Item = &'a str>) -> bool {
        let mut columns = self.columns.iter();
        self.is_finite()
            && columns.all(|column| names.next() == Some(column.column.as_str()))
            && names.next().is_none()
    }

    fn is_finite(&self) -> bool {
        let of_columns = self.columns.iter().flat_map(|column| {
            let spreads = [column.over_shuffles, column.over_folds.unwrap_or(0.0)];
            spreads.into_iter().chain([column.rise])
        });
        of_columns.chain([self.rmse]).all(f64::is_finite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rise_is_that_of_its_definition() {
        let fold = |rows: usize, as_they_are: f64, shuffled: [f64; SHUFFLES]| ShuffledFold {
            rows,
            as_they_are: [as_they_are; SHUFFLES],
            shuffled: vec![shuffled, [as_they_are; SHUFFLES]],
        };
        // Both folds together: √(4/4) = 1 as they are; √(16/4) = 2 three times and √(36/4) = 3 twice.
        let folds = [
            fold(1, 1.0, [4.0, 4.0, 4.0, 9.0, 9.0]),
            fold(3, 3.0, [12.0, 12.0, 12.0, 27.0, 27.0]),
        ];
        let importance = Importance::of(&["a", "b"], &folds).unwrap();
        assert_eq!((importance.rows, importance.rmse), (4, 1.0));
        let [a, b] = importance.columns.as_slice() else {
            panic!("two columns")
        };
        assert!((a.rise - 1.4).abs() < 1e-12);
        // 1, 1, 1, 2, 2: squares of deviations 3 · 0.16 + 2 · 0.36, over 4.
        assert!((a.over_shuffles - 0.3f64.sqrt()).abs() < 1e-12);
        assert_eq!(a.over_folds, Some(0.0), "both rise by 1.4");
        assert_eq!((b.rise, b.over_shuffles), (0.0, 0.0));
        assert_eq!(importance.ranked()[0], a);

        let alone = Importance::of(&["a", "b"], &folds[..1]).unwrap();
        assert_eq!(alone.columns[0].over_folds, None);
        assert_eq!(Importance::of(&["a", "b"], &[]), None);
        let endless = fold(1, 1.0, [f64::INFINITY; SHUFFLES]);
        assert_eq!(Importance::of(&["a", "b"], &[endless]), None);
    }

    #[test]
    fn importance_of_other_columns_is_not_believed() {
        let fold = ShuffledFold {
            rows: 2,
            as_they_are: [1.0; SHUFFLES],
            shuffled: vec![[2.0; SHUFFLES]; 2],
        };
        let importance = Importance::of(&["a", "b"], &[fold]).unwrap();
        let is_sound = |names: &[&str]| importance.is_sound(names.iter().copied());
        assert!(is_sound(&["a", "b"]));
        for names in [&["a"][..], &["b", "a"], &["a", "b", "c"]] {
            assert!(!is_sound(names));
        }
        let mut endless = importance.clone();
        endless.columns[0].over_folds = Some(f64::NAN);
        assert!(!endless.is_sound(["a", "b"].into_iter()));
    }
}
