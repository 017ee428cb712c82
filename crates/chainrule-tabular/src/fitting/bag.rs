//! The networks of one bag in training, and the rows as they see them.

use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::{Control, Dataset, Event, Outcome, TrainingError, TrainingSettings};
use ndarray::{Array1, Array2, ArrayView1, Axis};

use super::FitError;
use super::checkpoint::MemberState;
use super::member::Member;
use super::rows::{Rows, Split};
use crate::encoding::{Encoding, EncodingSettings, NetworkRows, TargetScale};
use crate::table::TypedTable;
use crate::{RegressorSettings, memory};

/// A bag in training.
#[derive(Debug)]
pub(super) struct Bag {
    pub data: BagData,
    /// One for each split of the rows.
    pub members: Vec<Member>,
}

/// What the members of a bag share.
#[derive(Debug)]
pub(super) struct BagData {
    pub settings: RegressorSettings,
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
    /// The number of the first.
    pub first: u32,
    /// How many members are trained at a time.
    pub at_a_time: usize,
    /// On how many threads each.
    pub threads: usize,
}

/// A member with all that its training needs.
pub(super) struct Task<'a> {
    /// Its number among the members of all bags.
    pub number: usize,
    member: &'a mut Member,
    data: &'a BagData,
    split: &'a Split,
    weights: Option<ArrayView1<'a, f32>>,
}

impl Bag {
    /// Prepares the members of a bag that `encoding` makes the inputs of.
    pub(super) fn new(
        table: &TypedTable,
        rows: &Rows,
        settings: &RegressorSettings,
        encoding: Encoding,
        target: TargetScale,
        place: Place,
    ) -> Result<Bag, FitError> {
        let layout = encoding.layout();
        let what = format_args!("{} as {} inputs", table.source(), layout.inputs());
        let bytes = NetworkRows::bytes(&layout, rows.count());
        memory::expect_free(what, bytes).map_err(FitError::TooLarge)?;
        let most = rows.splits.iter().map(|split| split.train.len()).max();
        let held = NetworkRows::numbers_on_the_way(&layout);
        settings.expect_room(layout.inputs(), held, most.unwrap_or(0), place.at_a_time)?;
        let y = Array1::from_iter(rows.target.iter().map(|&y| target.encode(y)));
        let data = BagData {
            x: NetworkRows::of(encoding.encode_training(table, &rows.training())?.x),
            y: y.insert_axis(Axis(1)),
            settings: settings.clone(),
            encoding,
            target,
            place,
        };
        let members = rows.splits.iter().map(|_| Member::Waiting).collect();
        Ok(Bag { data, members })
    }

    /// Whether it sees numbers and categories as the straight line does.
    pub(super) fn is_plain(&self) -> bool {
        self.data.settings.encoding == EncodingSettings::default()
    }

    /// What is left to be done.
    pub(super) fn tasks<'a>(&'a mut self, rows: &'a Rows) -> impl Iterator<Item = Task<'a>> {
        let (data, weights) = (&self.data, rows.weights.as_deref().map(ArrayView1::from));
        let members = self
            .members
            .iter_mut()
            .zip(&rows.splits)
            .zip(data.place.first..);
        members.map(move |((member, split), number)| Task {
            number: number as usize,
            member,
            data,
            split,
            weights,
        })
    }

    /// How far each member has come.
    pub(super) fn state(&self) -> Vec<MemberState> {
        self.members.iter().map(Member::state).collect()
    }

    /// Puts the members where they were.
    pub(super) fn resume(&mut self, states: Vec<MemberState>) -> Result<(), FitError> {
        for (nth, (member, state)) in self.members.iter_mut().zip(states).enumerate() {
            let untrained = || (self.data.untrained(nth), self.data.training(nth));
            *member = Member::resume(state, untrained)?;
        }
        Ok(())
    }

    /// Whether all members are at their end.
    pub(super) fn is_done(&self) -> bool {
        self.members.iter().all(|member| member.trained().is_some())
    }

    /// By how much the choice of each member's best epoch on the very rows that judge it flatters the mean square error:
    /// what it is with one epoch for all members, over what it is with an epoch for each. 1 where there is one member.
    ///
    /// One epoch, chosen over all folds, is hardly swayed by any fold's noise; on new rows the two choices are alike
    /// (docs/recipes.md has the figures).
    pub(super) fn flattery(&self, rows: &Rows) -> f64 {
        let curves: Vec<(f64, Vec<f64>)> = self
            .members
            .iter()
            .zip(&rows.splits)
            .map(|(member, split)| {
                let losses = member.history().iter();
                let losses = losses.map(|record| record.validation_loss.unwrap_or(f64::NAN));
                (split.unseen.len() as f64, losses.collect())
            })
            .collect();
        let epochs = curves
            .iter()
            .map(|(_, losses)| losses.len())
            .min()
            .unwrap_or(0);
        let least = |losses: &mut dyn Iterator<Item = f64>| losses.fold(f64::INFINITY, f64::min);
        let own: f64 = curves
            .iter()
            .map(|(n, losses)| n * least(&mut losses.iter().copied()))
            .sum();
        let common = |epoch: usize| curves.iter().map(|(n, losses)| n * losses[epoch]).sum();
        let common = least(&mut (0..epochs).map(common));
        match common / own {
            flattery if curves.len() > 1 && flattery.is_finite() => flattery.max(1.0),
            _ => 1.0,
        }
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

impl BagData {
    /// What a network says of some rows, in the target's units.
    pub(super) fn predict(&self, network: &SimpleNeuralNetwork<f32>, rows: &[u32]) -> Vec<f64> {
        let y_hat = network.predict(self.x.select(rows).inputs());
        y_hat
            .iter()
            .map(|&y_hat| self.target.decode(y_hat))
            .collect()
    }

    /// The network of the member for the split `nth`, with its initial weights.
    pub(super) fn untrained(&self, nth: usize) -> SimpleNeuralNetwork<f32> {
        let member = self.place.first + nth as u32;
        self.settings
            .untrained_network(self.encoding.inputs(), member)
    }

    /// What that member's training is told.
    fn training(&self, nth: usize) -> TrainingSettings {
        TrainingSettings {
            member: self.place.first + nth as u32,
            threads: self.place.threads,
            ..self.settings.training.clone()
        }
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
        let data = Dataset::new(self.data.x.inputs(), self.data.y.view(), self.weights);
        let nth = self.number - self.data.place.first as usize;
        let begin = || (self.data.untrained(nth), self.data.training(nth));
        self.member.run(&data, self.split, begin, on_event)
    }

    /// Keeps the best epoch of a training that has come to nothing, if it has finished one.
    pub(super) fn give_up(&mut self) -> bool {
        self.member.give_up()
    }
}
