//! How much each bag counts, decided by its errors on rows that its members had not seen.

/// A bag counts if its root mean square error is at most so many times that of the best bag.
///
/// The mean of good models is better than each of them as long as none is much worse. Weights that follow the errors
/// more closely do worse on new rows, because they fit the noise as well (docs/recipes.md has the figures).
const WORST: f64 = 1.15;

/// Equal weights that sum to 1 for the bags that count, 0 for the others. `errors` are root mean square errors, None
/// for a bag of which members are missing: it counts only where all are such.
pub(super) fn weights(errors: &[Option<f64>]) -> Vec<f64> {
    let best = errors
        .iter()
        .flatten()
        .copied()
        .fold(f64::INFINITY, f64::min);
    let counts = |error: &Option<f64>| match error {
        Some(error) => *error <= WORST * best,
        None => best == f64::INFINITY,
    };
    let counting = errors.iter().filter(|error| counts(error)).count();
    let weight = |error| match counts(error) {
        true => 1.0 / counting as f64,
        false => 0.0,
    };
    errors.iter().map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bags_near_the_best_count_alike_and_others_do_not() {
        assert_eq!(weights(&[Some(1.1), Some(1.0), Some(1.3)]), [0.5, 0.5, 0.0]);
        assert_eq!(weights(&[Some(0.0), Some(0.0)]), [0.5, 0.5]);
        assert_eq!(weights(&[None, Some(1.0)]), [0.0, 1.0]);
        assert_eq!(weights(&[None, None]), [0.5, 0.5]);
    }
}
