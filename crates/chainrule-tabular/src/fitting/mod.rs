//! A training session: the encoded rows of one table and the networks that learn from them.
//!
//! Everything but the networks' state follows from the table and the composition. So a [`Checkpoint`] holds that state,
//! the composition, and enough of the table's identity to refuse another one.

mod alone;
mod bag;
mod baselines;
mod blend;
mod checkpoint;
mod curves;
mod deadline;
mod elsewhere;
mod error;
mod member;
mod record;
mod report;
mod rows;
mod shuffled;
mod side_by_side;
mod unseen;
mod uses;

use std::borrow::Cow;
use std::sync::OnceLock;

use chainrule::loss_functions::Loss;
use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::{Control, EpochRecord, Event, Outcome, TrainingError};

pub use alone::Alone;
use bag::{Bag, Place};
pub use baselines::Baselines;
use baselines::Simpler;
use blend::{Refits, Share};
pub(crate) use checkpoint::MemberState;
pub use checkpoint::{Checkpoint, TableIdentity};
pub use deadline::Deadline;
pub use elsewhere::Workload;
pub(crate) use elsewhere::{Returned, Sent, SentBag};
pub use error::FitError;
pub(crate) use member::Endings;
use member::Member;
pub use record::{Course, PredictedRows};
pub use report::{FoldErrors, Report};
use rows::Rows;
pub use unseen::Unseen;
use uses::Uses;

use crate::encoding::{Encoding, EncodingSettings, TargetScale};
use crate::kept_rows::KeptRows;
use crate::numbers::exact;
use crate::reasons::background;
use crate::regressor::{self, BagCard, Card};
use crate::shown::quoted;
use crate::table::{Kind, TablePlan, TypedTable};
use crate::{Composition, Regressor, RegressorSettings, Roles};

/// How many rows a model keeps to prove itself with.
const REPLAY_ROWS: usize = 5;

/// What the training of one member tells while it runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MemberEvent<'a> {
    /// Which member, counted from 0 over all bags.
    pub member: usize,
    /// All that is to be done, as far as is known.
    pub of: Whole,
    /// What it tells.
    pub event: Event<'a>,
}

/// All that a training has to do, as far as is known: whether networks are trained on all rows is decided when those
/// are at their end that do not see one of the folds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole {
    /// How many networks are trained.
    pub members: usize,
    /// For how many epochs all of them together.
    pub epochs: usize,
}

/// A regressor in training.
///
/// ```
/// # use chainrule::training::{Control, Event, Outcome};
/// # use chainrule_tabular::{Fitting, MemberEvent, RegressorSettings};
/// # use chainrule_tabular::table::{ReadOptions, TypedTable};
/// let csv: String = (0..40).map(|i| format!("{},{}\n", 0.5 * i as f64, i + 1)).collect();
/// let csv = std::io::Cursor::new(format!("x,y\n{csv}"));
/// let (table, _) = TypedTable::from_reader(csv, "line.csv", &ReadOptions::default())?;
/// let settings = RegressorSettings { hidden: vec![8], ..RegressorSettings::default() };
///
/// let mut fitting = Fitting::new(&table, "y", settings)?;
/// let until_tenth_step = &mut |told: MemberEvent| match told.event {
///     Event::Step { step: 10, .. } => Control::Stop,
///     _ => Control::Continue,
/// };
/// assert_eq!(fitting.run(until_tenth_step)?, Outcome::Interrupted);
///
/// let mut resumed = Fitting::resume(&table, fitting.checkpoint())?;
/// assert_eq!(resumed.run(&mut |_| Control::Continue)?, Outcome::Finished);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Fitting {
    identity: TableIdentity,
    roles: Roles,
    /// What was noticed before the training.
    warnings: Vec<String>,
    composition: Composition,
    plan: TablePlan,
    replay_rows: KeptRows,
    /// Rows that the model keeps to compare others with.
    background: Option<KeptRows>,
    rows: Rows,
    bags: Vec<Bag>,
    /// Which bags have networks that learn from all rows; not yet decided at first.
    refits: Vec<Refits>,
    /// What the networks of each bag say of the rows that they do not see, once it was asked for.
    unseen: OnceLock<Vec<Vec<f64>>>,
    /// Simpler models, once they were asked for.
    simpler: OnceLock<Simpler>,
}

impl Fitting {
    /// Prepares to predict one column from all others, by one network or by [bags](Composition) of them.
    ///
    /// What is learnt before training, such as medians, is learnt from the rows that some network learns from. Rows
    /// without a target are [left out](Self::without_target); columns that tell nothing in the training rows are left
    /// out with a [warning](Self::warnings).
    ///
    /// A table that is given away is used up while its rows are encoded, which takes less memory.
    pub fn new<'a>(
        table: impl Into<Cow<'a, TypedTable>>,
        roles: impl Into<Roles>,
        composition: impl Into<Composition>,
    ) -> Result<Fitting, FitError> {
        let whole = table.into();
        let table = &*whole;
        let (roles, composition) = (roles.into(), composition.into());
        composition.validate()?;
        let rows = Rows::of(table, &roles, &composition)?;
        let inputs = inputs(table, &roles)?;
        let learnt_from = rows.shared();
        expect_varying(table, &roles, &rows, &learnt_from)?;
        let places = rows.places_of(&learnt_from);
        let encoding = |settings: &_| Encoding::learn(table, &rows.training(), &inputs, settings);
        let read = encoding(&EncodingSettings {
            level_means: composition.level_means(),
            ..EncodingSettings::default()
        })?;
        let warnings = useless(table, &inputs, &read, places.len());
        if read.columns().is_empty() {
            return Err(FitError::ConstantInputs {
                table: table.source().to_owned(),
                target: roles.target,
            });
        }
        let prepared = {
            let targets = rows.targets_of(&learnt_from);
            let prepare = |settings: &RegressorSettings| -> Result<_, FitError> {
                let name = roles.target.clone();
                let target = TargetScale::learn(name, &targets, settings.loss, settings.target);
                let target = match composition.folds {
                    0 => target,
                    _ => target.bounded(&targets),
                };
                Ok((encoding(&settings.encoding)?, target))
            };
            let prepared = composition.bags.iter().map(prepare);
            prepared.collect::<Result<Vec<_>, _>>()?
        };
        let names = || read.columns().iter().map(|column| column.name());
        let seed = composition.bags[0].training.seed;
        let compared: Vec<&str> = names().collect();
        let background = background(table, &compared, &places, seed);
        let replay_rows = KeptRows::of(table, names(), &evenly_chosen(&places));
        let plan = Card::plan_of(&table.plan(roles.missing.clone()), names(), &roles.target);
        let identity = TableIdentity::of(table);
        // The most memory is needed from here on.
        drop((learnt_from, places));
        let whole = match whole {
            Cow::Owned(table) => Cow::Owned(table.with_only(&inputs)),
            lent => lent,
        };
        let threads = composition.threads();
        let (at_a_time, threads) = match composition.members() {
            1 => (1, threads),
            all => (threads.min(all), 1),
        };
        let mut table = Uses::new(whole, composition.bags.len());
        let mut bags = Vec::with_capacity(composition.bags.len());
        for ((settings, (encoding, target)), nth) in composition.bags.iter().zip(prepared).zip(0..)
        {
            let place = Place {
                at_a_time,
                threads,
                ..Place::of(&composition, nth)
            };
            bags.push(Bag::new(
                table.take(),
                &rows,
                &composition,
                settings,
                encoding,
                target,
                place,
            )?);
        }
        Ok(Fitting {
            background,
            identity,
            replay_rows,
            plan,
            warnings,
            composition,
            roles,
            refits: vec![Refits::None; bags.len()],
            bags,
            rows,
            unseen: OnceLock::new(),
            simpler: OnceLock::new(),
        })
    }

    /// Goes on from a checkpoint, on the table that it was made from: the result has the same bits as if the training
    /// had never been interrupted.
    pub fn resume<'a>(
        table: impl Into<Cow<'a, TypedTable>>,
        checkpoint: Checkpoint,
    ) -> Result<Fitting, FitError> {
        let table = table.into();
        checkpoint.identity.check_shape(&table)?;
        checkpoint.identity.check_values(&table)?;
        let mut fitting = Fitting::new(table, checkpoint.roles, checkpoint.composition)?;
        for (bag, members) in fitting.bags.iter_mut().zip(checkpoint.members) {
            bag.resume(members)?;
        }
        Ok(fitting)
    }

    /// Whether this is the table of the training, for whoever reads it again.
    pub fn is_of(&self, table: &TypedTable) -> bool {
        self.identity == TableIdentity::of(table)
    }

    /// What the user should know before the training though nothing stops: one sentence each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// How many rows are learnt from, and how many are kept for validation alone. Every row of a composition of folds
    /// is learnt from by some members, and unseen by others.
    pub fn rows(&self) -> (usize, usize) {
        match self.rows.splits.as_slice() {
            [alone] => (alone.train_rows(), alone.unseen.len()),
            _ => (self.rows.count(), 0),
        }
    }

    /// How many rows were left out because they have no target.
    pub fn without_target(&self) -> usize {
        self.rows.without_target
    }

    /// How many more rows were left out because they have no weight, or the weight 0.
    pub fn without_weight(&self) -> usize {
        self.rows.without_weight
    }

    /// A sentence for each reason for which rows were left out.
    pub fn left_out(&self) -> Vec<String> {
        let reasons = [
            (self.without_target(), "no target"),
            (self.without_weight(), "no weight"),
        ];
        let reasons = reasons.into_iter().filter(|(rows, _)| *rows > 0);
        reasons
            .map(|(rows, why)| match rows {
                1 => format!("1 row has {why} and is left out"),
                rows => format!("{rows} rows have {why} and are left out"),
            })
            .collect()
    }

    /// How the inputs of the first bag are encoded.
    pub fn encoding(&self) -> &Encoding {
        &self.bags[0].data.encoding
    }

    /// What a loss of 1 is as a root mean square error in the target's units, for the networks of each bag; None where
    /// their loss is no mean of squares of the target as it is.
    pub fn units(&self) -> Vec<Option<f64>> {
        let unit = |bag: &Bag| {
            let settings = &bag.data.settings;
            let squares = settings.loss == Loss::MeanSquareError;
            (squares && settings.target.is_none()).then(|| bag.data.target.scale().scale())
        };
        self.bags.iter().map(unit).collect()
    }

    /// What is trained.
    pub fn composition(&self) -> &Composition {
        &self.composition
    }

    /// What the networks of the first bag are told.
    pub fn settings(&self) -> &RegressorSettings {
        &self.composition.bags[0]
    }

    /// All that is to be done, as far as is known.
    pub fn whole(&self) -> Whole {
        let of_a_bag = |(bag, &refits): (&Bag, &Refits)| {
            let refits = match refits {
                Refits::None => 0,
                _ => bag.refits.len(),
            };
            let (members, data) = (bag.members.len(), &bag.data);
            let epochs = members * data.settings.training.epochs
                + refits * data.refit_settings.training.epochs;
            (members + refits, epochs)
        };
        let bags = self.bags.iter().zip(&self.refits).map(of_a_bag);
        let (members, epochs) = bags.fold((0, 0), |sum, bag| (sum.0 + bag.0, sum.1 + bag.1));
        Whole { members, epochs }
    }

    /// How many networks are at their end.
    pub fn done(&self) -> usize {
        let members = self.bags.iter().flat_map(Bag::all_members);
        members.filter(|member| member.trained().is_some()).count()
    }

    /// How many epochs are finished.
    pub fn finished_epochs(&self) -> usize {
        let members = self.bags.iter().flat_map(Bag::all_members);
        members.map(|member| member.history().len()).sum()
    }

    /// Number of weights and biases that a checkpoint keeps: those of the networks that have begun, and of one at
    /// least.
    pub fn parameter_count(&self) -> usize {
        let of_bag = |(b, bag): (usize, &Bag)| {
            let inputs = bag.data.encoding.inputs();
            let of_one = bag.data.settings.architecture(inputs).parameter_count();
            let begun = bag.all_members().filter(|member| member.has_begun());
            begun.count().max(usize::from(b == 0)) * of_one
        };
        self.bags.iter().enumerate().map(of_bag).sum()
    }

    /// One record per finished epoch of the first network.
    pub fn history(&self) -> &[EpochRecord] {
        self.bags[0].members[0].history()
    }

    /// Trains until the last epoch, early stopping, or a [`Control::Stop`] from `on_event`; after that it can be run
    /// again.
    ///
    /// A network that stands alone has all threads; those of bags are trained side by side, each on one. The bits are
    /// the same for any number of threads. When all members are at their end that do not see one of the folds, bags
    /// that count and that the full length does no harm to get networks that learn from all rows.
    pub fn run(
        &mut self,
        on_event: &mut (dyn FnMut(MemberEvent) -> Control + Send),
    ) -> Result<Outcome, TrainingError> {
        let of = self.whole();
        self.unseen.take();
        let bags = self.bags.iter_mut();
        let mut tasks: Vec<_> = bags.flat_map(|bag| bag.tasks(&self.rows)).collect();
        if let [alone] = tasks.as_mut_slice() {
            let member = 0;
            return alone.run(&mut |event| on_event(MemberEvent { member, of, event }));
        }
        let (first, threads) = (tasks.len(), self.composition.threads());
        let outcome = side_by_side::run(tasks, 0, of, threads, on_event)?;
        if outcome == Outcome::Interrupted || self.composition.refits == 0 {
            return Ok(outcome);
        }
        self.decide_refits();
        let of = self.whole();
        let bags = self.bags.iter_mut().zip(&self.refits);
        let refitted = bags.filter(|(_, refits)| **refits != Refits::None);
        let tasks = refitted.flat_map(|(bag, _)| bag.refit_tasks(&self.rows));
        side_by_side::run(tasks.collect(), first, of, threads, on_event)
    }

    /// Which bags get networks that learn from all rows: those of full length that count and that it does no harm.
    ///
    /// Small tables are short of rows: networks on all of them, for longer, are the better ones where the full length
    /// is harmless. Larger ones are not, and there more networks are better than fewer.
    fn decide_refits(&mut self) {
        let epochs = |bag: &Bag| bag.data.settings.training.epochs;
        let longest = self.bags.iter().map(epochs).max();
        self.refits.fill(Refits::None);
        let shares = self.judge().shares;
        let longer = self.composition.refit_length > 1;
        let decide = |(bag, share): (&Bag, Share)| {
            if share.whole() == 0.0 || Some(epochs(bag)) != longest {
                return Refits::None;
            }
            let curves = bag.curves(&self.rows);
            match curves.full_length_is_harmless() {
                true if longer => Refits::Instead,
                true => Refits::Beside,
                false if curves.full_length_is_harmless_beside() => Refits::Beside,
                false => Refits::None,
            }
        };
        self.refits = self.bags.iter().zip(shares).map(decide).collect();
    }

    /// Ends the training before its time: where a bag is whole, others that are not are given up; else every network
    /// that has finished an epoch is taken at the best one so far.
    ///
    /// Whether there is anything to make a model of.
    pub fn end_early(&mut self) -> bool {
        if !self.bags.iter().any(Bag::is_done) {
            self.unseen.take();
            let members = self.bags.iter_mut().flat_map(|bag| &mut bag.members);
            members.for_each(|member| {
                member.give_up();
            });
        }
        self.done() > 0
    }

    /// Where the training stands, to go on from later.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            identity: self.identity.clone(),
            roles: self.roles.clone(),
            rows: self.rows(),
            inputs: self
                .bags
                .iter()
                .map(|bag| bag.data.encoding.inputs())
                .collect(),
            composition: self.composition.clone(),
            members: self.bags.iter().map(Bag::state).collect(),
        }
    }

    /// The model as it stands: of the networks at their end; of all as they are where none is.
    ///
    /// Bags of which some networks are missing count only where none is whole.
    pub fn regressor(&self) -> Regressor {
        let judged = self.judge();
        let any_done = self.done() > 0;
        let mut bags = Vec::new();
        for (bag, &share) in self.bags.iter().zip(&judged.shares) {
            for (members, settings, weight) in bag.predicting(share) {
                let members = members.iter().enumerate();
                let members = members.filter(|(_, member)| !any_done || member.trained().is_some());
                let (networks, histories) = members
                    .map(|(nth, member)| network_of(bag, nth, member))
                    .unzip();
                let card = BagCard {
                    encoding: bag.data.encoding.clone(),
                    target: bag.data.target.clone(),
                    settings: settings.clone(),
                    weight,
                    histories,
                };
                bags.push(regressor::Bag::new(card, networks));
            }
        }
        Regressor::new(
            self.plan.clone(),
            bags,
            self.errors_of(&judged).filter(|_| any_done),
            self.intervals_of(&judged).filter(|_| any_done),
            self.replay_rows.clone(),
        )
        .with_reasons(
            self.importance_of(&judged).filter(|_| any_done),
            self.background.clone(),
        )
    }

    /// The model, and the end of the session.
    pub fn into_regressor(self) -> Regressor {
        self.regressor()
    }
}

/// The network of a member as it stands, and its epochs.
fn network_of(
    bag: &Bag,
    nth: usize,
    member: &Member,
) -> (SimpleNeuralNetwork<f32>, Vec<EpochRecord>) {
    let network = member.network().cloned();
    (
        network.unwrap_or_else(|| bag.data.untrained(nth)),
        member.history().to_vec(),
    )
}

/// All columns but target and weight, as far as they can be used.
fn inputs(table: &TypedTable, roles: &Roles) -> Result<Vec<String>, FitError> {
    let columns = || table.columns().iter();
    let beside = || columns().filter(|column| roles.leave(column.name()));
    let used = beside().filter(|column| column.kind() != Kind::LeftOut);
    let inputs: Vec<String> = used.map(|column| column.name().to_owned()).collect();
    if !inputs.is_empty() {
        return Ok(inputs);
    }
    let (table_name, target) = (table.source().to_owned(), roles.target.clone());
    Err(match beside().count() {
        0 => FitError::NoInputs {
            table: table_name,
            target,
        },
        columns => FitError::NoUsableInputs {
            table: table_name,
            target,
            columns,
        },
    })
}

/// Refuses a target that is the same in all rows to train on.
fn expect_varying(
    table: &TypedTable,
    roles: &Roles,
    rows: &Rows,
    learnt_from: &[u32],
) -> Result<(), FitError> {
    let value = rows.target[learnt_from[0] as usize];
    if learnt_from
        .iter()
        .any(|&row| rows.target[row as usize] != value)
    {
        return Ok(());
    }
    let among = match rows.target.iter().all(|&y| y == value) {
        true => String::new(),
        false => format!(" in the {} rows to train on", learnt_from.len()),
    };
    Err(FitError::ConstantTarget {
        table: table.source().to_owned(),
        target: roles.target.clone(),
        constant: format!("is constant ({}){among}", exact(value)),
    })
}

/// A sentence for each input that the encoding does without, because it tells nothing in the training rows.
fn useless(table: &TypedTable, inputs: &[String], encoding: &Encoding, rows: usize) -> Vec<String> {
    let mut used = encoding
        .columns()
        .iter()
        .map(|column| column.name())
        .peekable();
    let mut warnings = Vec::new();
    for name in inputs {
        if used.next_if_eq(&name.as_str()).is_none() {
            warnings.push(format!(
                "{}: column {} tells nothing apart in the {} rows to train on: it cannot help and is ignored",
                table.source(),
                quoted(name),
                rows
            ));
        }
    }
    warnings
}

/// A few rows from the first to the last.
fn evenly_chosen(rows: &[u32]) -> Vec<u32> {
    let n = rows.len();
    let count = n.min(REPLAY_ROWS);
    (0..count)
        .map(|k| rows[k * (n - 1) / (count - 1).max(1)])
        .collect()
}
