//! How much each bag counts, decided by its errors on rows that its members had not seen.

/// A bag counts if its root mean square error is at most so many times that of the best bag.
///
/// The mean of good models is better than each of them as long as none is much worse. Weights that follow the errors
/// more closely do worse on new rows, because they fit the noise as well (docs/recipes.md has the figures).
const WORST: f64 = 1.15;

/// The same for a bag without networks on all rows where those stand for the members of other bags: these have become
/// better.
const WORST_BESIDE_REFITS: f64 = 1.05;

/// What is known of a bag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// Its root mean square error on rows that its members had not seen; None if it cannot be judged.
    pub error: Option<f64>,
    pub refits: Refits,
    /// Whether it learns the target as it is, and not something made of it.
    pub plain: bool,
}

/// What networks that learn from all rows are to a bag.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Refits {
    /// It has none.
    #[default]
    None,
    /// They stand beside its members.
    Beside,
    /// They stand for its members.
    Instead,
}

/// How much the two parts of a bag count in the model.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Share {
    /// The mean of its members that do not see one of the folds.
    pub members: f64,
    /// The mean of those that learn from all rows.
    pub refits: f64,
}

impl Share {
    /// How much the bag counts.
    pub(super) fn whole(self) -> f64 {
        self.members + self.refits
    }
}

/// The shares of all bags, which sum to 1. All bags that count count alike. Networks on all rows that stand beside the
/// members of their bags, and nowhere for them, count as much as all members together.
///
/// A bag that cannot be judged counts only where none can; one that is not plain only if it is the best: its errors are
/// of another kind, and where they are no smaller they are no gain.
pub(super) fn shares(bags: &[Candidate]) -> Vec<Share> {
    let errors = bags.iter().filter_map(|bag| bag.error);
    let best = errors.fold(f64::INFINITY, f64::min);
    let any_instead = bags.iter().any(|bag| bag.refits == Refits::Instead);
    let counts = |bag: &Candidate| match (bag.error, bag.refits) {
        (Some(error), _) if !bag.plain => error <= best,
        (Some(error), Refits::None) if any_instead => error <= WORST_BESIDE_REFITS * best,
        (Some(error), _) => error <= WORST * best,
        (None, _) => best == f64::INFINITY,
    };
    let counts: Vec<bool> = bags.iter().map(counts).collect();
    let counting = counts.iter().zip(bags).filter(|(counts, _)| **counts);
    let all = counting.clone().count() as f64;
    let beside = counting.filter(|(_, bag)| bag.refits == Refits::Beside);
    let beside = beside.count() as f64;
    let share = |(&counts, bag): (&bool, &Candidate)| {
        let (members, refits) = match bag.refits {
            _ if !counts => (0.0, 0.0),
            Refits::Instead => (0.0, 1.0 / all),
            Refits::Beside if any_instead => (0.5 / all, 0.5 / all),
            Refits::Beside => (0.5 / all, 0.5 / beside),
            Refits::None if any_instead || beside == 0.0 => (1.0 / all, 0.0),
            Refits::None => (0.5 / all, 0.0),
        };
        Share { members, refits }
    };
    counts.iter().zip(bags).map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(error: Option<f64>, refits: Refits) -> Candidate {
        Candidate {
            error,
            refits,
            plain: true,
        }
    }

    #[test]
    fn bags_near_the_best_count_alike_and_others_do_not() {
        let alike = |errors: &[Option<f64>]| -> Vec<f64> {
            let bags = errors.iter().map(|&error| candidate(error, Refits::None));
            let shares = shares(&bags.collect::<Vec<_>>());
            shares.into_iter().map(Share::whole).collect()
        };
        assert_eq!(alike(&[Some(1.1), Some(1.0), Some(1.3)]), [0.5, 0.5, 0.0]);
        assert_eq!(alike(&[Some(0.0), Some(0.0)]), [0.5, 0.5]);
        assert_eq!(alike(&[None, Some(1.0)]), [0.0, 1.0]);
        assert_eq!(alike(&[None, None]), [0.5, 0.5]);
    }

    #[test]
    fn a_bag_of_another_target_counts_only_as_the_best() {
        let whole = |other: f64| -> Vec<f64> {
            let mut bags = [1.1, 1.0, other].map(|error| candidate(Some(error), Refits::None));
            bags[2].plain = false;
            shares(&bags).into_iter().map(Share::whole).collect()
        };
        assert_eq!(whole(1.01), [0.5, 0.5, 0.0]);
        let third = 1.0 / 3.0;
        assert_eq!(whole(0.99), [third, third, third]);
        assert_eq!(whole(0.9), [0.0, 0.5, 0.5]);
    }

    #[test]
    fn networks_on_all_rows_count_as_much_as_all_bags_unless_they_stand_for_members() {
        use Refits::{Beside, Instead, None};
        let shares = |refits: [Refits; 4]| {
            let errors = [1.1, 1.0, 1.1, 1.04].map(Some).into_iter();
            let bags = errors.zip(refits);
            let bags = bags.map(|(error, refits)| candidate(error, refits));
            shares(&bags.collect::<Vec<_>>())
        };
        let share = |members, refits| Share { members, refits };
        let (without, with) = (share(0.125, 0.0), share(0.125, 0.25));
        assert_eq!(
            shares([None, Beside, None, Beside]),
            [without, with, without, with]
        );
        // Where they do, a bag without them must be nearer to the best.
        let (third, sixth) = (1.0 / 3.0, 0.5 / 3.0);
        assert_eq!(
            shares([None, Instead, Beside, None]),
            [
                share(0.0, 0.0),
                share(0.0, third),
                share(sixth, sixth),
                share(third, 0.0)
            ]
        );
    }
}
