//! Members trained elsewhere: what travels to a worker, what comes back, and which members are still to be trained.
//!
//! A worker is given the rows as the networks read them, and gives back a member at its end. It needs no table. Who
//! places the members, and what happens to those that get lost, is not known here.

use std::borrow::Cow;

use chainrule::training::{Control, Event, Outcome, TrainingError};
use ndarray::Array2;

use super::bag::{Bag, BagData, Place};
use super::blend::Refits;
use super::checkpoint::MemberState;
use super::member::Member;
use super::rows::{Seen, Split, fewest};
use super::{FitError, Fitting};
use crate::Composition;
use crate::encoding::{Encoding, NetworkRows, TargetScale};
use crate::model_file::{self, Problem};

/// All that a worker needs to train any of the members.
///
/// ```
/// # use chainrule::training::Control;
/// # use chainrule_tabular::table::{ReadOptions, TypedTable};
/// # use chainrule_tabular::{Fitting, Recipe, RegressorSettings, Workload, model_file};
/// # let csv: String = (0..40).map(|i| format!("{},{}\n", 0.5 * i as f64, i + 1)).collect();
/// # let csv = std::io::Cursor::new(format!("x,y\n{csv}"));
/// # let (table, _) = TypedTable::from_reader(csv, "line.csv", &ReadOptions::default())?;
/// let mut fitting = Fitting::new(&table, "y", RegressorSettings::default())?;
/// let sent: Vec<u8> = fitting.workload()?;
/// while let Some(&number) = fitting.open_members().first() {
///     // On another machine:
///     let worker = Workload::from_bytes(&sent)?;
///     let returned = worker.train(number, &mut |_| Control::Continue)?.expect("it was not stopped");
///     // Back on this one:
///     fitting.take_member(number, &returned)?;
/// }
/// let elsewhere = model_file::model_to_bytes(&fitting.regressor())?;
///
/// let mut here = Fitting::new(&table, "y", RegressorSettings::default())?;
/// here.run(&mut |_| Control::Continue)?;
/// assert_eq!(elsewhere, model_file::model_to_bytes(&here.regressor())?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Workload {
    fingerprint: u32,
    bags: Vec<BagData>,
    splits: Vec<Split>,
    whole: Split,
    weights: Option<Vec<f32>>,
    members_of_a_bag: usize,
}

/// What of a training travels to a worker.
pub(crate) struct Sent<'a> {
    /// Which training it is.
    pub fingerprint: u32,
    pub composition: Cow<'a, Composition>,
    /// How much each row counts, where that was told.
    pub weights: Option<Cow<'a, [f32]>>,
    pub bags: Vec<SentBag<'a>>,
}

/// What of a bag travels to a worker.
pub(crate) struct SentBag<'a> {
    pub encoding: Cow<'a, Encoding>,
    pub target: Cow<'a, TargetScale>,
    /// The rows as its networks see them.     (n, inputs)
    pub x: Cow<'a, NetworkRows>,
    /// What they should answer.     (n, 1)
    pub y: Cow<'a, Array2<f32>>,
}

/// A member that comes back from a worker.
pub(crate) struct Returned {
    /// Which training it belongs to.
    pub fingerprint: u32,
    /// Its number there.
    pub number: usize,
    pub state: MemberState,
}

impl Fitting {
    /// The bytes that [`Workload::from_bytes`] takes: the encoded rows of every bag, and what its members are told.
    ///
    /// # Errors
    ///
    /// If there are more bags than a file can hold.
    pub fn workload(&self) -> Result<Vec<u8>, Problem> {
        model_file::workload_to_bytes(&Sent {
            fingerprint: self.fingerprint(),
            composition: Cow::Borrowed(&self.composition),
            weights: self.rows.weights.as_deref().map(Cow::Borrowed),
            bags: self.bags.iter().map(SentBag::of).collect(),
        })
    }

    /// The numbers of the members that can be trained now and are not at their end; none when nothing is left to be
    /// done.
    ///
    /// First those that do not see one of the folds. When all of them are at their end it is decided, as
    /// [`run`](Self::run) does, which bags get networks that learn from all rows; these come then.
    pub fn open_members(&mut self) -> Vec<usize> {
        let folds = self.composition.folds.max(1);
        let open = self.open(&|_, nth| nth < folds);
        if !open.is_empty() || self.composition.refits == 0 {
            return open;
        }
        self.decide_refits();
        self.open(&|bag, nth| nth >= folds && self.refits[bag] != Refits::None)
    }

    /// The numbers of the members that are not at their end, of those whose bag and place in it are wanted.
    fn open(&self, wanted: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
        let of_a_bag = self.composition.members_of_a_bag();
        let members = self.bags.iter().flat_map(Bag::all_members).enumerate();
        let open = members.filter(|(number, member)| {
            member.trained().is_none() && wanted(number / of_a_bag, number % of_a_bag)
        });
        open.map(|(number, _)| number).collect()
    }

    /// Takes a member that [`Workload::train`] has trained. In which order they come makes no difference.
    ///
    /// # Errors
    ///
    /// If the bytes are damaged, or those of another member or another training.
    pub fn take_member(&mut self, number: usize, bytes: &[u8]) -> Result<(), FitError> {
        let refused = |reason: String| FitError::NotTheMember { number, reason };
        let returned = model_file::member_from_bytes(bytes)
            .map_err(|problem| refused(format!("it {problem}")))?;
        if returned.fingerprint != self.fingerprint() {
            return Err(refused("it is of another training".to_owned()));
        }
        if returned.number != number {
            return Err(refused(format!("it is network {}", returned.number)));
        }
        let of_a_bag = self.composition.members_of_a_bag();
        let (folds, nth) = (self.rows.splits.len(), number % of_a_bag);
        let Some(bag) = self.bags.get_mut(number / of_a_bag) else {
            return Err(refused("there is no such network".to_owned()));
        };
        let settings = match nth < folds {
            true => &bag.data.settings,
            false => &bag.data.refit_settings,
        };
        let split = self.rows.seen().by(nth);
        let seen = (split.train_rows(), split.unseen.len());
        returned
            .state
            .expect_sound(settings, bag.data.encoding.inputs(), seen)
            .map_err(|reason| refused(reason.to_owned()))?;
        let begin = || bag.data.begin(bag.data.number(nth, folds));
        let member = Member::resume(returned.state, begin)?;
        let mut members = bag.members.iter_mut().chain(&mut bag.refits);
        *members.nth(nth).expect("a member for each number") = member;
        self.unseen.take();
        Ok(())
    }

    /// What tells this training from others: a checksum of its table's identity and of all that it was told.
    fn fingerprint(&self) -> u32 {
        let told = (&self.identity, &self.roles, &self.composition);
        crc32fast::hash(&serde_json::to_vec(&told).expect("JSON has words for all of it"))
    }
}

impl<'a> SentBag<'a> {
    fn of(bag: &'a Bag) -> Self {
        SentBag {
            encoding: Cow::Borrowed(&bag.data.encoding),
            target: Cow::Borrowed(&bag.data.target),
            x: Cow::Borrowed(bag.data.x()),
            y: Cow::Borrowed(bag.data.y()),
        }
    }
}

impl Workload {
    /// What [`Fitting::workload`] has made the bytes of.
    ///
    /// # Errors
    ///
    /// If the bytes are damaged or something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Workload, Problem> {
        let sent = model_file::workload_from_bytes(bytes)?;
        let composition = sent.composition.into_owned();
        let rows = sent.bags.first().map_or(0, |bag| bag.y.nrows());
        let is_sound = sent.bags.len() == composition.bags.len()
            && rows >= fewest(composition.folds)
            && sent.weights.as_ref().is_none_or(|w| w.len() == rows)
            && sent.bags.iter().all(|bag| {
                (bag.x.inputs().rows(), bag.y.dim()) == (rows, (rows, 1))
                    && bag.x.inputs().inputs() == bag.encoding.inputs()
            });
        if !is_sound {
            let reason = "its rows are not those of its composition";
            return Err(Problem::Damaged(reason.to_owned()));
        }
        let bags = sent.bags.into_iter().zip(&composition.bags).enumerate();
        let bags = bags.map(|(nth, (bag, settings))| {
            BagData::new(
                &composition,
                settings,
                bag.encoding.into_owned(),
                bag.target.into_owned(),
                bag.x.into_owned(),
                bag.y.into_owned(),
                Place::of(&composition, nth),
            )
        });
        Ok(Workload {
            fingerprint: sent.fingerprint,
            bags: bags.collect(),
            splits: Split::all_of(&composition, rows),
            whole: Split::whole(rows),
            weights: sent.weights.map(Cow::into_owned),
            members_of_a_bag: composition.members_of_a_bag(),
        })
    }

    /// How many members there are at most; their numbers are less.
    pub fn members(&self) -> usize {
        self.bags.len() * self.members_of_a_bag
    }

    /// Trains a member on the calling thread: the bytes that [`Fitting::take_member`] takes; None if the listener said
    /// stop. A training that diverges ends as it would in [`Fitting::run`].
    ///
    /// # Panics
    ///
    /// If there is no such member.
    #[track_caller]
    pub fn train(
        &self,
        number: usize,
        on_event: &mut (dyn FnMut(Event) -> Control + Send),
    ) -> Result<Option<Vec<u8>>, TrainingError> {
        assert!(number < self.members(), "member {number}");
        let bag = &self.bags[number / self.members_of_a_bag];
        let seen = Seen {
            splits: &self.splits,
            whole: &self.whole,
            weights: self.weights.as_deref(),
        };
        let mut member = Member::Waiting;
        let mut task = bag.task(&mut member, number % self.members_of_a_bag, seen);
        match task.run(on_event) {
            Ok(Outcome::Interrupted) => return Ok(None),
            Ok(_) => {}
            Err(error) => {
                let stands_alone = self.members() == 1;
                if stands_alone || !task.give_up() {
                    return Err(error);
                }
            }
        }
        let returned = model_file::member_to_bytes(&Returned {
            fingerprint: self.fingerprint,
            number,
            state: member.state(),
        });
        Ok(Some(returned.expect("one tensor and its document")))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::RegressorSettings;
    use crate::encoding::EncodingSettings;
    use crate::model_file::model_to_bytes;
    use crate::table::{ReadOptions, TypedTable};

    fn table(rows: i32) -> TypedTable {
        let row = |i: i32| {
            let (a, b) = (i * 7 % 23, ["u", "v"][i as usize % 2]);
            format!("{a},{b},{}\n", f64::from(a * a) / 9.0 + f64::from(i % 2))
        };
        let csv = format!("a,b,t\n{}", (0..rows).map(row).collect::<String>());
        let read =
            TypedTable::from_reader(Cursor::new(csv), "t.csv", &ReadOptions::default()).unwrap();
        read.0
    }

    /// Two bags of three folds: one reads a matrix, one bins and levels that are looked up.
    fn composition() -> Composition {
        let mut settings = RegressorSettings {
            hidden: vec![6],
            ..RegressorSettings::default()
        };
        settings.training.epochs = 12;
        settings.training.early_stopping = None;
        let looked_up = RegressorSettings {
            encoding: EncodingSettings {
                bins: 16,
                ..settings.encoding
            },
            ..settings.clone()
        };
        Composition {
            folds: 3,
            refits: 2,
            refit_length: 2,
            bags: vec![settings, looked_up],
        }
        .with_threads(1)
    }

    fn fitting() -> Fitting {
        Fitting::new(table(60), "t", composition()).unwrap()
    }

    fn train(worker: &Workload, number: usize) -> Vec<u8> {
        let trained = worker.train(number, &mut |_| Control::Continue);
        trained.unwrap().expect("nobody stops it")
    }

    fn refusal(taken: Result<(), FitError>) -> String {
        taken.unwrap_err().to_string()
    }

    #[test]
    fn members_trained_elsewhere_make_the_same_model_in_whatever_order_they_come() {
        let mut here = fitting();
        here.run(&mut |_| Control::Continue).unwrap();
        let expected = model_to_bytes(&here.regressor()).unwrap();
        let forms: Vec<bool> = here.bags.iter().map(is_looked_up).collect();
        assert_eq!(forms, [false, true]);
        assert!(here.refits.iter().any(|refits| *refits != Refits::None));
        for backwards in [false, true] {
            let mut fitting = fitting();
            let worker = Workload::from_bytes(&fitting.workload().unwrap()).unwrap();
            let mut stages = 0;
            loop {
                let mut open = fitting.open_members();
                if open.is_empty() {
                    break;
                }
                if backwards {
                    open.reverse();
                }
                for number in open {
                    fitting
                        .take_member(number, &train(&worker, number))
                        .unwrap();
                }
                stages += 1;
            }
            assert_eq!(stages, 2);
            assert_eq!(fitting.whole(), here.whole());
            assert_eq!(model_to_bytes(&fitting.regressor()).unwrap(), expected);
        }
    }

    fn is_looked_up(bag: &Bag) -> bool {
        matches!(bag.data.x(), NetworkRows::Encoded(_))
    }

    #[test]
    fn a_member_that_was_lost_stays_open() {
        let mut fitting = fitting();
        let worker = Workload::from_bytes(&fitting.workload().unwrap()).unwrap();
        assert_eq!(fitting.open_members(), [0, 1, 2, 5, 6, 7]);
        fitting.take_member(6, &train(&worker, 6)).unwrap();
        assert_eq!(fitting.open_members(), [0, 1, 2, 5, 7]);
        let stopped = worker.train(0, &mut |_| Control::Stop).unwrap();
        assert_eq!(stopped, None);
    }

    #[test]
    fn bytes_that_are_not_the_members_are_refused() {
        let mut fitting = fitting();
        let sent = fitting.workload().unwrap();
        let worker = Workload::from_bytes(&sent).unwrap();
        let right = train(&worker, 1);
        assert_eq!(
            refusal(fitting.take_member(2, &right)),
            "what came back of network 2 cannot be used: it is network 1"
        );
        let mut damaged = right.clone();
        *damaged.last_mut().unwrap() ^= 1;
        let told = refusal(fitting.take_member(1, &damaged));
        assert!(told.contains("does not match its checksum"), "{told}");
        let told = refusal(fitting.take_member(1, &sent));
        assert!(told.contains("part of a training"), "{told}");
        let mut other = Fitting::new(table(61), "t", composition()).unwrap();
        assert_eq!(
            refusal(other.take_member(1, &right)),
            "what came back of network 1 cannot be used: it is of another training"
        );
        assert_eq!(fitting.done(), 0);
    }

    #[test]
    fn a_workload_that_was_changed_is_refused() {
        let fitting = fitting();
        let sent = fitting.workload().unwrap();
        for place in [9, sent.len() / 2, sent.len() - 1] {
            let mut damaged = sent.clone();
            damaged[place] ^= 1;
            Workload::from_bytes(&damaged).unwrap_err();
        }
        Workload::from_bytes(&sent[..sent.len() - 4]).unwrap_err();
        Workload::from_bytes(&model_to_bytes(&fitting.regressor()).unwrap()).unwrap_err();
    }
}
