//! How much each bag counts, decided by its errors on rows that its members had not seen.

/// A bag counts if its root mean square error is at most so many times that of the best bag.
///
/// The mean of good models is better than each of them as long as none is much worse. Weights that follow the errors
/// more closely do worse on new rows, because they fit the noise as well (docs/recipes.md has the figures).
const WORST: f64 = 1.15;

/// The same for a bag that is not trained once more on all rows, beside others that are: those have become better.
const WORST_BESIDE_REFITS: f64 = 1.05;

/// Equal weights that sum to 1 for the bags that count, 0 for the others. `errors` are root mean square errors, None
/// for a bag that cannot be judged: it counts only where none can. `refitted` tells which bags are trained
/// once more on all rows.
pub(super) fn weights(errors: &[Option<f64>], refitted: &[bool]) -> Vec<f64> {
    let best = errors
        .iter()
        .flatten()
        .copied()
        .fold(f64::INFINITY, f64::min);
    let any_refitted = refitted.contains(&true);
    let counts = |(error, &refitted): (&Option<f64>, &bool)| match error {
        Some(error) if any_refitted && !refitted => *error <= WORST_BESIDE_REFITS * best,
        Some(error) => *error <= WORST * best,
        None => best == f64::INFINITY,
    };
    let counts: Vec<bool> = errors.iter().zip(refitted).map(counts).collect();
    let counting = counts.iter().filter(|&&counts| counts).count();
    let weight = |counts: bool| if counts { 1.0 / counting as f64 } else { 0.0 };
    counts.into_iter().map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bags_near_the_best_count_alike_and_others_do_not() {
        let alike = |errors: &[Option<f64>]| weights(errors, &vec![false; errors.len()]);
        assert_eq!(alike(&[Some(1.1), Some(1.0), Some(1.3)]), [0.5, 0.5, 0.0]);
        assert_eq!(alike(&[Some(0.0), Some(0.0)]), [0.5, 0.5]);
        assert_eq!(alike(&[None, Some(1.0)]), [0.0, 1.0]);
        assert_eq!(alike(&[None, None]), [0.5, 0.5]);
    }

    #[test]
    fn beside_bags_that_are_trained_once_more_others_must_be_nearer_to_the_best() {
        let errors = [Some(1.1), Some(1.0), Some(1.1), Some(1.04)];
        let refitted = [false, true, true, false];
        let third = 1.0 / 3.0;
        assert_eq!(weights(&errors, &refitted), [0.0, third, third, third]);
    }
}
