//! The networks of one bag in training, and the rows as they see them.

use std::borrow::Cow;

use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::{Control, Dataset, Event, Outcome, TrainingError, TrainingSettings};
use ndarray::{Array1, Array2, ArrayView1, Axis};

use super::FitError;
use super::blend::Share;
use super::checkpoint::MemberState;
use super::curves::Curves;
use super::member::{Endings, Member};
use super::rows::{Rows, Seen, Split};
use crate::encoding::{Encoding, NetworkRows, TargetScale};
use crate::regressor::ROWS_AT_A_TIME;
use crate::table::TypedTable;
use crate::{Composition, RegressorSettings, memory};

/// A bag in training.
#[derive(Debug)]
pub(super) struct Bag {
    pub data: BagData,
    /// One for each split of the rows.
    pub members: Vec<Member>,
    /// Those that learn from all rows, for all epochs: they wait until it is known whether that does harm.
    pub refits: Vec<Member>,
}

/// What the members of a bag share.
#[derive(Debug)]
pub(super) struct BagData {
    pub settings: RegressorSettings,
    /// What those are told that learn from all rows.
    pub refit_settings: RegressorSettings,
    pub encoding: Encoding,
    pub target: TargetScale,
    /// All rows that can be learnt from.     (n, inputs)  (n, 1)
    x: NetworkRows,
    y: Array2<f32>,
    place: Place,
}

/// Where the members of a bag stand among those of all bags.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The number of the first that does not see one of the folds.
    pub first: u32,
    /// The number of the first that learns from all rows.
    pub first_refit: u32,
    /// How many members are trained at a time.
    pub at_a_time: usize,
    /// On how many threads each.
    pub threads: usize,
}

/// A member with all that its training needs.
pub(super) struct Task<'a> {
    member: &'a mut Member,
    /// Its number where chance is drawn.
    number: u32,
    data: &'a BagData,
    split: &'a Split,
    weights: Option<&'a [f32]>,
}

impl Bag {
    /// Prepares the members of a bag that `encoding` makes the inputs of.
    pub(super) fn new(
        table: Cow<'_, TypedTable>,
        rows: &Rows,
        composition: &Composition,
        settings: &RegressorSettings,
        encoding: Encoding,
        target: TargetScale,
        place: Place,
    ) -> Result<Bag, FitError> {
        let layout = encoding.layout();
        let what = format_args!("{} as {} inputs", table.source(), layout.inputs());
        let bytes = NetworkRows::bytes(layout, rows.count());
        memory::expect_free(what, bytes).map_err(FitError::TooLarge)?;
        let most = match composition.refits {
            0 => rows.splits.iter().map(|split| split.train_rows()).max(),
            _ => Some(rows.count()),
        };
        let held = NetworkRows::numbers_on_the_way(layout);
        settings.expect_room(layout.inputs(), held, most.unwrap_or(0), place.at_a_time)?;
        let y = Array1::from_iter(rows.target.iter().map(|&y| target.encode(y)));
        let x = NetworkRows::of(encoding.encode_training(table, &rows.training())?);
        let y = y.insert_axis(Axis(1));
        Ok(Bag {
            data: BagData::new(composition, settings, encoding, target, x, y, place),
            members: rows.splits.iter().map(|_| Member::Waiting).collect(),
            refits: (0..composition.refits).map(|_| Member::Waiting).collect(),
        })
    }

    /// The training of each member that does not see a fold.
    pub(super) fn tasks<'a>(&'a mut self, rows: &'a Rows) -> impl Iterator<Item = Task<'a>> {
        let (data, seen) = (&self.data, rows.seen());
        let members = self.members.iter_mut().enumerate();
        members.map(move |(nth, member)| data.task(member, nth, seen))
    }

    /// The training of each member that learns from all rows.
    pub(super) fn refit_tasks<'a>(&'a mut self, rows: &'a Rows) -> impl Iterator<Item = Task<'a>> {
        let (data, seen) = (&self.data, rows.seen());
        let refits = self.refits.iter_mut().zip(self.members.len()..);
        refits.map(move |(member, nth)| data.task(member, nth, seen))
    }

    /// All members, those that learn from all rows last.
    pub(super) fn all_members(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().chain(&self.refits)
    }

    /// Those that the model is made of, what they were told, and how much they count, if each part of the bag has this
    /// share: those that learn from all rows only where all of them are at their end, and else the others for them.
    pub(super) fn predicting(&self, share: Share) -> Vec<(&[Member], &RegressorSettings, f64)> {
        let done = self.refits.iter().all(|member| member.trained().is_some());
        let share = match done && !self.refits.is_empty() {
            true => share,
            false => Share {
                members: share.whole(),
                refits: 0.0,
            },
        };
        let members = (&*self.members, &self.data.settings, share.members);
        let refits = (&*self.refits, &self.data.refit_settings, share.refits);
        let mut parts = vec![members, refits];
        parts.retain(|(_, _, weight)| *weight > 0.0);
        parts
    }

    /// How far each member has come.
    pub(super) fn state(&self) -> Vec<MemberState> {
        self.all_members().map(Member::state).collect()
    }

    /// Puts the members where they were.
    pub(super) fn resume(&mut self, states: Vec<MemberState>) -> Result<(), FitError> {
        let splits = self.members.len();
        let members = self.members.iter_mut().chain(&mut self.refits);
        for (nth, (member, state)) in members.zip(states).enumerate() {
            let begin = || self.data.begin(self.data.number(nth, splits));
            *member = Member::resume(state, begin)?;
        }
        Ok(())
    }

    /// Whether all members are at their end.
    pub(super) fn is_done(&self) -> bool {
        self.members.iter().all(|member| member.trained().is_some())
    }

    /// What the losses out of fold say.
    pub(super) fn curves(&self, rows: &Rows) -> Curves {
        Curves::of(&self.members, &rows.splits)
    }

    /// Predictions of rows by a member that did not see them, in the target's units, by row number; NaN where there is
    /// none. A row that every split sees has none, nor has one whose member is not at its end.
    pub(super) fn unseen(&self, rows: &Rows) -> Vec<f64> {
        let mut predictions = vec![f64::NAN; rows.count()];
        for (member, split) in self.members.iter().zip(&rows.splits) {
            if let Some(trained) = member.trained() {
                let predicted = self.data.predict(&trained.network, &split.unseen);
                for (&row, y_hat) in split.unseen.iter().zip(predicted) {
                    predictions[row as usize] = y_hat;
                }
            }
        }
        predictions
    }
}

impl Place {
    /// Of the bag `nth`, whose members are trained one at a time on one thread each.
    pub(super) fn of(composition: &Composition, nth: usize) -> Place {
        let count = |members: usize| u32::try_from(members).expect("bags and folds are limited");
        let number = composition.bags[nth].training.member;
        let folds = composition.folds.max(1);
        Place {
            first: number + count(nth * folds),
            first_refit: number + count(composition.members() + nth * composition.refits),
            at_a_time: 1,
            threads: 1,
        }
    }
}

impl BagData {
    /// Of rows that are encoded already.     `x (n, inputs)`  `y (n, 1)`
    pub(super) fn new(
        composition: &Composition,
        settings: &RegressorSettings,
        encoding: Encoding,
        target: TargetScale,
        x: NetworkRows,
        y: Array2<f32>,
        place: Place,
    ) -> BagData {
        BagData {
            settings: settings.clone(),
            refit_settings: composition.of_refits(settings),
            encoding,
            target,
            x,
            y,
            place,
        }
    }

    /// The training of the member `nth` of the bag, those that learn from all rows last.
    pub(super) fn task<'a>(
        &'a self,
        member: &'a mut Member,
        nth: usize,
        seen: Seen<'a>,
    ) -> Task<'a> {
        Task {
            member,
            number: self.number(nth, seen.splits.len()),
            data: self,
            split: seen.by(nth),
            weights: seen.weights,
        }
    }

    /// The number of the member `nth` of the bag where chance is drawn, if so many do not see a fold.
    pub(super) fn number(&self, nth: usize, members: usize) -> u32 {
        let (first, behind) = match nth < members {
            true => (self.place.first, nth),
            false => (self.place.first_refit, nth - members),
        };
        first + behind as u32
    }

    /// What a network says of some rows, in the target's units.
    pub(super) fn predict(&self, network: &SimpleNeuralNetwork<f32>, rows: &[u32]) -> Vec<f64> {
        let some = rows.chunks(ROWS_AT_A_TIME);
        some.flat_map(|rows| self.decoded(&network.predict(self.x.select(rows).inputs())))
            .collect()
    }

    /// Outputs of its networks in the target's units.
    pub(super) fn decoded(&self, y_hat: &Array2<f32>) -> Vec<f64> {
        let decoded = y_hat.iter().map(|&y_hat| self.target.decode(y_hat));
        decoded.collect()
    }

    /// How some rows are predicted by a member at its best epoch, and by that together with its last epoch.
    fn endings(
        &self,
        best: &SimpleNeuralNetwork<f32>,
        last: &SimpleNeuralNetwork<f32>,
        rows: &[u32],
    ) -> Option<Endings> {
        let (mut of_best, mut of_both) = (0.0, 0.0);
        for rows in rows.chunks(ROWS_AT_A_TIME) {
            let x = self.x.select(rows);
            let [best, last] = [best, last].map(|network| network.predict(x.inputs()));
            for ((&row, &best), &last) in rows.iter().zip(&best).zip(&last) {
                let y = f64::from(self.y[(row as usize, 0)]);
                let (best, last) = (f64::from(best) - y, f64::from(last) - y);
                of_best += best * best;
                of_both += (0.5 * (best + last)).powi(2);
            }
        }
        let endings = Endings {
            best: of_best,
            best_and_last: of_both,
        };
        (of_best.is_finite() && of_both.is_finite()).then_some(endings)
    }

    /// The network of the member for the split `nth`, with its initial weights.
    pub(super) fn untrained(&self, nth: usize) -> SimpleNeuralNetwork<f32> {
        self.begin(self.place.first + nth as u32).0
    }

    /// The network of the member with this number, with its initial weights, and what its training is told.
    pub(super) fn begin(&self, number: u32) -> (SimpleNeuralNetwork<f32>, TrainingSettings) {
        let settings = match number < self.place.first_refit {
            true => &self.settings,
            false => &self.refit_settings,
        };
        let network = settings.untrained_network(self.encoding.inputs(), number);
        let training = TrainingSettings {
            member: number,
            threads: self.place.threads,
            ..settings.training.clone()
        };
        (network, training)
    }

    /// The number of the first member.
    pub(super) fn first(&self) -> u32 {
        self.place.first
    }

    /// What its networks should answer.     (n, 1)
    pub(super) fn y(&self) -> &Array2<f32> {
        &self.y
    }

    /// The rows as its networks see them.
    pub(super) fn x(&self) -> &NetworkRows {
        &self.x
    }
}

impl Task<'_> {
    /// Whether nothing is left to be done.
    pub(super) fn is_done(&self) -> bool {
        self.member.trained().is_some()
    }

    /// Trains the member until its end or a [`Control::Stop`].
    pub(super) fn run(
        &mut self,
        on_event: &mut (dyn FnMut(Event) -> Control + Send),
    ) -> Result<Outcome, TrainingError> {
        let (train, unseen) = (self.split.train(), &self.split.unseen);
        let weights = self.weights.map(ArrayView1::from);
        let data = Dataset::new(self.data.x.inputs(), self.data.y.view(), weights);
        let train = data.select(&train);
        let validation = (!unseen.is_empty()).then(|| data.select(unseen));
        let begin = || self.data.begin(self.number);
        let compare = |best: &_, last: &_| self.data.endings(best, last, unseen);
        self.member
            .run(&train, validation.as_ref(), begin, compare, on_event)
    }

    /// Keeps the best epoch of a training that has come to nothing, if it has finished one.
    pub(super) fn give_up(&mut self) -> bool {
        self.member.give_up()
    }
}
