//! What the losses out of fold say, epoch by epoch, of a bag whose members are at their end.

use super::member::{Endings, Member};
use super::rows::Split;

/// By how much the loss may be above its least in the last epoch for the full length to do no harm. Losses are those of
/// standardised targets: always predicting the mean costs 1.
const HARMLESS: f64 = 0.01;

/// By which factor the root mean square error may rise when networks of the last epoch stand beside those of the best.
const HARMLESS_BESIDE: f64 = 1.01;

/// The losses of each member on the fold that it does not see.
pub(super) struct Curves {
    /// How many rows the fold has, and the loss after each epoch.
    folds: Vec<(f64, Vec<f64>)>,
    /// How each member that came so far predicts the fold by its best epoch, and together with its last.
    endings: Vec<Option<Endings>>,
}

impl Curves {
    pub(super) fn of(members: &[Member], splits: &[Split]) -> Curves {
        let curve = |(member, split): (&Member, &Split)| {
            let losses = member.history().iter();
            let losses = losses.map(|record| record.validation_loss.unwrap_or(f64::NAN));
            (split.unseen.len() as f64, losses.collect())
        };
        Curves {
            folds: members.iter().zip(splits).map(curve).collect(),
            endings: members
                .iter()
                .map(|member| member.trained()?.endings)
                .collect(),
        }
    }

    /// By how much the choice of each member's best epoch on the very rows that judge it flatters the mean square
    /// error: what it is with one epoch for all members, over what it is with an epoch for each. 1 where there is one
    /// member.
    ///
    /// One epoch, chosen over all folds, is hardly swayed by any fold's noise; on new rows the two choices are alike
    /// (docs/recipes.md has the figures).
    pub(super) fn flattery(&self) -> f64 {
        let own: f64 = self
            .folds
            .iter()
            .map(|(n, losses)| n * least(losses.iter().copied()))
            .sum();
        match least(self.joint().into_iter()) / own {
            flattery if self.folds.len() > 1 && flattery.is_finite() => flattery.max(1.0),
            _ => 1.0,
        }
    }

    /// Whether networks of these settings may be trained for all epochs without a look at unseen rows: the loss out of
    /// fold hardly rises before the end.
    pub(super) fn full_length_is_harmless(&self) -> bool {
        let joint = self.joint();
        let rows: f64 = self.folds.iter().map(|(n, _)| n).sum();
        let whole = self
            .folds
            .iter()
            .all(|(_, losses)| losses.len() == joint.len());
        let rise = joint
            .last()
            .map(|last| (last - least(joint.iter().copied())) / rows);
        whole && rise.is_some_and(|rise| rise <= HARMLESS)
    }

    /// Whether networks of the full length may stand beside those of the best epochs: the mean of both is hardly worse
    /// out of fold, though networks of the full length alone may be. Where noise is fitted in different ways by both,
    /// the mean is the better of the two, and on all rows better still.
    pub(super) fn full_length_is_harmless_beside(&self) -> bool {
        let sum = |part: fn(&Endings) -> f64| {
            let parts = self.endings.iter();
            parts.map(|endings| endings.as_ref().map(part)).sum()
        };
        let (best, both): (Option<f64>, Option<f64>) = (
            sum(|endings| endings.best),
            sum(|endings| endings.best_and_last),
        );
        let rise = best.zip(both).map(|(best, both)| (both / best).sqrt());
        rise.is_some_and(|rise| rise <= HARMLESS_BESIDE)
    }

    /// The sum of the rows' losses after each epoch that all members have finished.
    fn joint(&self) -> Vec<f64> {
        let epochs = self.folds.iter().map(|(_, losses)| losses.len()).min();
        let sum = |epoch: usize| self.folds.iter().map(|(n, losses)| n * losses[epoch]).sum();
        (0..epochs.unwrap_or(0)).map(sum).collect()
    }
}

fn least(losses: impl Iterator<Item = f64>) -> f64 {
    losses.fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curves(folds: &[(f64, &[f64])]) -> Curves {
        Curves {
            folds: folds
                .iter()
                .map(|(n, losses)| (*n, losses.to_vec()))
                .collect(),
            endings: vec![None; folds.len()],
        }
    }

    #[test]
    fn an_epoch_for_each_member_flatters_and_one_for_all_does_not() {
        // One epoch for all: the second, 1 · 0.4 + 3 · 0.4; one for each: 1 · 0.3 + 3 · 0.4.
        let two = curves(&[(1.0, &[0.3, 0.4, 0.9]), (3.0, &[0.8, 0.4, 0.5])]);
        assert!((two.flattery() - 1.6 / 1.5).abs() < 1e-12);
        assert_eq!(curves(&[(1.0, &[0.3, 0.4])]).flattery(), 1.0);
        assert_eq!(curves(&[]).flattery(), 1.0);
    }

    #[test]
    fn the_full_length_is_harmless_where_the_loss_does_not_rise() {
        let harmless = |first: &[f64], second: &[f64]| {
            curves(&[(1.0, first), (3.0, second)]).full_length_is_harmless()
        };
        assert!(harmless(&[0.9, 0.2, 0.1], &[0.9, 0.2, 0.105]));
        assert!(harmless(&[0.9, 0.2, 0.22], &[0.9, 0.2, 0.203]));
        assert!(!harmless(&[0.9, 0.2, 0.21], &[0.9, 0.2, 0.23]));
        assert!(
            !harmless(&[0.9, 0.2, 0.1], &[0.9, 0.2]),
            "a member that ended early"
        );
        assert!(!curves(&[]).full_length_is_harmless());
    }

    #[test]
    fn the_full_length_stands_beside_where_the_mean_of_both_is_hardly_worse() {
        let beside = |endings: &[Option<(f64, f64)>]| {
            let endings = endings.iter().map(|ending| {
                ending.map(|(best, best_and_last)| Endings {
                    best,
                    best_and_last,
                })
            });
            Curves {
                folds: vec![],
                endings: endings.collect(),
            }
            .full_length_is_harmless_beside()
        };
        assert!(beside(&[Some((1.0, 0.9)), Some((1.0, 1.1))]));
        assert!(beside(&[Some((1.0, 1.02))]));
        assert!(!beside(&[Some((1.0, 1.03))]));
        assert!(
            !beside(&[Some((1.0, 0.9)), None]),
            "a member that ended early"
        );
        assert!(!beside(&[]));
    }
}
