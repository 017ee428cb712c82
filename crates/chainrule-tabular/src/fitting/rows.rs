//! Which rows of a table are learnt from, and which of them each member of a bag does not see.

use std::borrow::Cow;

use chainrule::training::{cross_validation_folds, validation_split};

use super::FitError;
use crate::encoding::TrainingRows;
use crate::table::TypedTable;
use crate::{Composition, Roles};

/// Into how many folds the encoders cut the rows that a network learns from which stands alone.
const FOLDS_OF_ONE_MEMBER: usize = 8;

/// The rows of a table that can be learnt from, and what they say.
#[derive(Debug)]
pub(super) struct Rows {
    /// Their places in the table.
    pub places: Vec<u32>,
    /// Their target, in its own units.
    pub target: Vec<f64>,
    /// How much each counts, where that was told, in units of the one that counts most: only ratios matter, and so none
    /// is beyond single precision.
    pub weights: Option<Vec<f32>>,
    /// What the members of a bag see of them, a split for each.
    pub splits: Vec<Split>,
    /// All of them to learn from.
    pub whole: Split,
    /// The fold of each for the encoders; None for those that are kept for validation alone.
    pub folds: Vec<Option<u8>>,
    /// How many rows were left out because they have no target.
    pub without_target: usize,
    /// How many more were left out because they have no weight, or the weight 0.
    pub without_weight: usize,
}

/// Which of the rows that can be learnt from a member sees. Rows go by number, in ascending order.
#[derive(Debug)]
pub(super) struct Split {
    /// How many rows there are.
    rows: usize,
    /// Those that the member does not see, by which its best epoch is chosen.
    pub unseen: Vec<u32>,
}

/// What the members of all bags see of the rows.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    /// A split for each member of a bag that does not see one of the folds.
    pub splits: &'a [Split],
    /// All rows to learn from.
    pub whole: &'a Split,
    /// How much each row counts, where that was told.
    pub weights: Option<&'a [f32]>,
}

impl<'a> Seen<'a> {
    /// What the member `nth` of a bag sees; those that learn from all rows are the last.
    pub(super) fn by(self, nth: usize) -> &'a Split {
        self.splits.get(nth).unwrap_or(self.whole)
    }
}

impl Rows {
    /// What the members see of them.
    pub(super) fn seen(&self) -> Seen<'_> {
        Seen {
            splits: &self.splits,
            whole: &self.whole,
            weights: self.weights.as_deref(),
        }
    }

    pub(super) fn of(
        table: &TypedTable,
        roles: &Roles,
        composition: &Composition,
    ) -> Result<Rows, FitError> {
        let target = table.numbers_of(&roles.target)?;
        let weights = weights_of(table, roles)?;
        let has_target = |row: u32| !target[row as usize].is_nan();
        let counts = |row: u32| weights.as_ref().is_none_or(|w| w[row as usize] > 0.0);
        let with_target = (0..table.rows() as u32).filter(|&row| has_target(row));
        let mut places: Vec<u32> = with_target.clone().filter(|&row| counts(row)).collect();
        places.shrink_to_fit();
        let with_target = with_target.count();
        expect_accepted(table, roles, composition, &target, &places)?;
        let largest = places
            .iter()
            .filter_map(|&row| Some(weights.as_ref()?[row as usize]));
        let largest = largest.fold(0.0, f64::max);
        let share = |weights: Cow<[f64]>| {
            let shares = places
                .iter()
                .map(|&row| (weights[row as usize] / largest) as f32);
            shares.collect()
        };
        let splits = splits(table, composition, places.len())?;
        Ok(Rows {
            without_target: table.rows() - with_target,
            without_weight: with_target - places.len(),
            whole: Split::whole(places.len()),
            folds: folds(&splits, composition, places.len()),
            splits,
            target: places.iter().map(|&row| target[row as usize]).collect(),
            weights: weights.map(share),
            places,
        })
    }

    /// The rows as the encoders learn from them.
    pub(super) fn training(&self) -> TrainingRows<'_> {
        TrainingRows {
            places: &self.places,
            target: &self.target,
            folds: &self.folds,
        }
    }

    /// How many rows there are.
    pub(super) fn count(&self) -> usize {
        self.places.len()
    }

    /// The numbers of the rows from which what all members share is learnt: all, unless some are kept for validation
    /// alone.
    pub(super) fn shared(&self) -> Vec<u32> {
        match self.splits.as_slice() {
            [alone] => alone.train(),
            _ => (0..self.count() as u32).collect(),
        }
    }

    /// The places in the table of rows that are given by number.
    pub(super) fn places_of(&self, numbers: &[u32]) -> Vec<u32> {
        numbers
            .iter()
            .map(|&row| self.places[row as usize])
            .collect()
    }

    /// The targets of rows that are given by number.
    pub(super) fn targets_of(&self, numbers: &[u32]) -> Vec<f64> {
        numbers
            .iter()
            .map(|&row| self.target[row as usize])
            .collect()
    }
}

/// How much each row of the table counts, if a column tells.
fn weights_of<'a>(
    table: &'a TypedTable,
    roles: &Roles,
) -> Result<Option<Cow<'a, [f64]>>, FitError> {
    let Some(column) = &roles.weight else {
        return Ok(None);
    };
    let weights = table.numbers_of(column)?;
    match weights.iter().position(|&w| w < 0.0) {
        None => Ok(Some(weights)),
        Some(row) => Err(FitError::NegativeWeight {
            table: table.source().to_owned(),
            line: table.line(row),
            column: column.clone(),
            value: weights[row],
        }),
    }
}

/// Refuses a target that a loss is not defined for, or that has no logarithm where that is learnt.
fn expect_accepted(
    table: &TypedTable,
    roles: &Roles,
    composition: &Composition,
    target: &[f64],
    places: &[u32],
) -> Result<(), FitError> {
    let first_refused = |accepts: &dyn Fn(f64) -> bool| {
        let row = places.iter().find(|&&row| !accepts(target[row as usize]));
        row.map(|&row| (table.line(row as usize), target[row as usize]))
    };
    for settings in &composition.bags {
        if let Some((line, value)) = first_refused(&|y| settings.loss.accepts_target(y)) {
            return Err(FitError::TargetNotAccepted {
                table: table.source().to_owned(),
                line,
                target: roles.target.clone(),
                value,
                loss: settings.loss,
            });
        }
        if let Some((line, value)) = first_refused(&|y| settings.target.accepts(&[y])) {
            return Err(FitError::NoLogarithm {
                table: table.source().to_owned(),
                line,
                target: roles.target.clone(),
                value,
            });
        }
    }
    Ok(())
}

/// How many rows so many folds need: a fold may not be empty, and without it there must be two rows to learn from.
pub(super) fn fewest(folds: usize) -> usize {
    folds.max(3)
}

impl Split {
    /// All of so many rows to learn from.
    pub(super) fn whole(rows: usize) -> Split {
        Split {
            rows,
            unseen: Vec::new(),
        }
    }

    /// Of so many rows, a split for each member of a bag.
    pub(super) fn all_of(composition: &Composition, rows: usize) -> Vec<Split> {
        let first = &composition.bags[0];
        let seed = first.training.seed;
        let unseen = match composition.folds {
            0 => vec![validation_split(rows, first.validation_fraction, seed).1],
            folds => cross_validation_folds(rows, folds, seed),
        };
        let without = |unseen| Split { rows, unseen };
        unseen.into_iter().map(without).collect()
    }

    /// How many rows the member learns from.
    pub(super) fn train_rows(&self) -> usize {
        self.rows - self.unseen.len()
    }

    /// The rows that the member learns from. They are found anew each time: of all members together they are several
    /// times as many as the table has.
    pub(super) fn train(&self) -> Vec<u32> {
        let mut train = Vec::with_capacity(self.train_rows());
        let mut unseen = self.unseen.iter().copied().peekable();
        train.extend((0..self.rows as u32).filter(|row| unseen.next_if_eq(row).is_none()));
        train
    }
}

/// What each member of a bag sees of so many rows.
fn splits(
    table: &TypedTable,
    composition: &Composition,
    rows: usize,
) -> Result<Vec<Split>, FitError> {
    let first = &composition.bags[0];
    if composition.folds > 0 {
        if rows < fewest(composition.folds) {
            return Err(FitError::TooFewForFolds {
                table: table.source().to_owned(),
                rows,
                folds: composition.folds,
            });
        }
        return Ok(Split::all_of(composition, rows));
    }
    let fraction = first.validation_fraction;
    let splits = Split::all_of(composition, rows);
    let (train, validation) = (splits[0].train_rows(), splits[0].unseen.len());
    if train < 2 || (fraction > 0.0 && validation == 0) {
        return Err(FitError::TooFewRows {
            table: table.source().to_owned(),
            rows,
            train,
            validation,
            fraction,
        });
    }
    Ok(splits)
}

/// The fold of each row: that of the member which does not see it, or one of a few of its own where there is one
/// member.
fn folds(splits: &[Split], composition: &Composition, rows: usize) -> Vec<Option<u8>> {
    let mut folds = vec![None; rows];
    match splits {
        [alone] => {
            let train = alone.train();
            let count = train.len();
            let seed = composition.bags[0].training.seed;
            let parts = cross_validation_folds(count, FOLDS_OF_ONE_MEMBER.min(count), seed);
            for (part, fold) in parts.iter().zip(0..) {
                let rows = part.iter().map(|&nth| train[nth as usize]);
                rows.for_each(|row| folds[row as usize] = Some(fold));
            }
        }
        splits => {
            for (split, fold) in splits.iter().zip(0..) {
                let unseen = split.unseen.iter();
                unseen.for_each(|&row| folds[row as usize] = Some(fold));
            }
        }
    }
    folds
}
