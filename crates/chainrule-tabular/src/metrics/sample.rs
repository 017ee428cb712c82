//! The mean and the spread of a few values, such as the errors of folds.

/// The mean of a sample, and its standard deviation: 0 where there is one value.
pub(crate) fn mean_and_deviation(sample: &[f64]) -> (f64, f64) {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let squares = sample.iter().map(|x| (x - mean) * (x - mean));
    (mean, (squares.sum::<f64>() / (n - 1.0).max(1.0)).sqrt())
}
