//! What a training leaves to be shown: predictions of rows that the networks had not seen, and each network's way.

use chainrule::training::EpochRecord;

use super::Fitting;
use super::member::Member;
use crate::RegressorSettings;

/// Rows of a table that have a target: what was measured there, and what was predicted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PredictedRows {
    /// Their places in the table, from 0 on.
    pub places: Vec<u32>,
    /// What was measured.
    pub actual: Vec<f64>,
    /// What was predicted.
    pub predicted: Vec<f64>,
}

/// How the networks of a bag were trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Course<'a> {
    /// What they were told.
    pub settings: &'a RegressorSettings,
    /// How much the bag counts in the model.
    pub weight: f64,
    /// The epochs of each network.
    pub histories: Vec<&'a [EpochRecord]>,
}

impl Fitting {
    /// The rows that some networks had not seen, and what those predicted; none where no rows were kept.
    pub fn unseen_rows(&self) -> PredictedRows {
        let judged = self.judge();
        let mut rows = PredictedRows::default();
        let all = self.rows.places.iter().zip(&self.rows.target);
        for ((&place, &actual), predicted) in all.zip(judged.predictions) {
            if !predicted.is_nan() {
                rows.places.push(place);
                rows.actual.push(actual);
                rows.predicted.push(predicted);
            }
        }
        rows
    }

    /// How the networks of each bag were trained that do not see one of the folds. Their validation losses are those of
    /// the rows that they do not see.
    pub fn courses(&self) -> Vec<Course<'_>> {
        let shares = self.judge().shares;
        let bags = self.bags.iter().zip(shares);
        bags.map(|(bag, share)| Course {
            settings: &bag.data.settings,
            weight: share.whole(),
            histories: bag.members.iter().map(Member::history).collect(),
        })
        .collect()
    }
}
