//! Predictions of rows that the networks had not seen, with the values of one column shuffled among them.
//!
//! A column is what the table has: all inputs that were made of it move together.

use chainrule::neural_networks::PreparedNetwork;
use rayon::prelude::*;

use super::Fitting;
use super::bag::Bag;
use super::rows::Split;
use super::unseen::Judged;
use crate::encoding::NetworkRows;
use crate::reasons::{Draw, Importance, SHUFFLES, ShuffledFold, random_order};

/// At most so many rows are predicted with each column shuffled: the rise of an error is then off by chance by a few
/// hundredths of the error itself.
const MOST_ROWS: usize = 2000;

/// Of fewer rows chance makes most of it.
const FEWEST_ROWS: usize = 30;

/// A pass over a row in training, forward, backward and with its share of an update, takes as long as about so many
/// predictions; and of a training's time predictions with shuffled columns may take this part.
const PREDICTIONS_OF_A_PASS: f64 = 4.0;
const PART_OF_THE_TRAINING: f64 = 0.02;

/// So many predictions of a network take no time that a person notices.
const UNNOTICED: f64 = 20_000.0;

/// What is predicted of one fold, and by whom.
struct Fold<'a> {
    /// For each shuffle its rows, in an order of chance: each has the column's value of the next, the last of the
    /// first.
    shuffles: Vec<Vec<u32>>,
    /// A network for each bag that counts, and how much.
    networks: Vec<(&'a Bag, PreparedNetwork<f32>, f64)>,
}

impl Fitting {
    /// How much the model needs each column, if there are enough rows that the predicting networks had not seen.
    pub(super) fn importance_of(&self, judged: &Judged) -> Option<Importance> {
        let columns = self.encoding().columns();
        let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
        let bags = judged.shares.iter().filter(|share| share.whole() > 0.0);
        let of_a_row = (names.len() * SHUFFLES * bags.count()) as f64;
        let time = PART_OF_THE_TRAINING * PREDICTIONS_OF_A_PASS * self.passes();
        let rows = (time.max(UNNOTICED) / of_a_row) as usize;
        if rows < FEWEST_ROWS.min(self.rows.count()) {
            return None;
        }
        let folds: Vec<Fold> = self.folds_of(rows.min(MOST_ROWS), judged).collect();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.composition.threads());
        // Each fold is summed up by itself, and so it makes no difference who does it.
        let shuffled = match pool.build() {
            Ok(pool) => pool.install(|| folds.par_iter().map(|fold| self.shuffled(fold)).collect()),
            // A system that starts no more threads leaves the work to those that there are.
            Err(_) => folds
                .iter()
                .map(|fold| self.shuffled(fold))
                .collect::<Vec<_>>(),
        };
        Importance::of(&names, &shuffled)
    }

    /// How many times rows were taken through the networks that do not see one of the folds, in their training.
    fn passes(&self) -> f64 {
        let splits = || self.rows.splits.iter();
        let members = self
            .bags
            .iter()
            .flat_map(|bag| bag.members.iter().zip(splits()));
        let passes = members.map(|(member, split)| member.history().len() * split.train_rows());
        passes.sum::<usize>() as f64
    }

    /// Rows of each fold, about as many of all folds together as are wanted: others for each shuffle, where there are
    /// more.
    fn folds_of<'a>(&'a self, wanted: usize, judged: &'a Judged) -> impl Iterator<Item = Fold<'a>> {
        let splits = &self.rows.splits;
        let all: usize = splits.iter().map(|split| split.unseen.len()).sum();
        let seed = self.settings().training.seed;
        let fold_of = move |(fold, split): (usize, &'a Split)| {
            let unseen = &split.unseen;
            // A row alone has nobody to change with.
            let kept = (unseen.len() * wanted.min(all)).div_ceil(all.max(1)).max(2);
            let rows = |shuffle| {
                let order = random_order(unseen.len(), seed, Draw::Shuffle { fold, shuffle });
                let kept = order.into_iter().take(kept);
                kept.map(|place| unseen[place as usize]).collect()
            };
            let bags = self.bags.iter().zip(&judged.shares);
            let bags = bags.filter(|(_, share)| share.whole() > 0.0);
            let networks = bags.filter_map(|(bag, share)| {
                let network = bag.members[fold].trained()?.network.clone();
                Some((bag, bag.data.encoding.prepare(network), share.whole()))
            });
            Fold {
                shuffles: (0..SHUFFLES).map(rows).collect(),
                networks: networks.collect(),
            }
        };
        let folds = splits.iter().enumerate().map(fold_of);
        folds.filter(|fold| fold.shuffles[0].len() > 1 && !fold.networks.is_empty())
    }

    /// The errors on the rows of a fold, as they are and with each column shuffled.
    fn shuffled(&self, fold: &Fold) -> ShuffledFold {
        let n = fold.shuffles[0].len();
        let columns = self.encoding().columns().len();
        let next: Vec<u32> = (1..n as u32).chain([0]).collect();
        let own: Vec<u32> = (0..n as u32).collect();
        let total: f64 = fold.networks.iter().map(|(_, _, weight)| weight).sum();
        let mut found = ShuffledFold {
            rows: n,
            as_they_are: [0.0; SHUFFLES],
            shuffled: vec![[0.0; SHUFFLES]; columns],
        };
        for (shuffle, rows) in fold.shuffles.iter().enumerate() {
            let mut as_they_are = vec![0.0; n];
            let mut shuffled = vec![vec![0.0; n]; columns];
            for (bag, network, weight) in &fold.networks {
                let share = weight / total;
                let add = |sums: &mut [f64], x: &NetworkRows| {
                    let predicted = bag.data.decoded(&network.predict(x.inputs()));
                    let sums = sums.iter_mut().zip(predicted);
                    sums.for_each(|(sum, y_hat)| *sum += share * y_hat);
                };
                let x = bag.data.x().select(rows);
                add(&mut as_they_are, &x);
                let (mut changed, encoding) = (x.clone(), &bag.data.encoding);
                for (span, sums) in encoding.spans().iter().zip(&mut shuffled) {
                    changed.copy_column(span, &x, &next);
                    changed.fill_oblique(encoding);
                    add(sums, &changed);
                    changed.copy_column(span, &x, &own);
                }
            }
            let actual = self.rows.targets_of(rows);
            let square_errors = |predicted: &[f64]| -> f64 {
                let errors = predicted.iter().zip(&actual).map(|(y_hat, y)| y_hat - y);
                errors.map(|error| error * error).sum()
            };
            found.as_they_are[shuffle] = square_errors(&as_they_are);
            for (sums, predicted) in found.shuffled.iter_mut().zip(&shuffled) {
                sums[shuffle] = square_errors(predicted);
            }
        }
        found
    }
}
