//! Ordinary least squares: the baseline that a network has to beat to be worth its name.
//!
//! By Householder reflections with column pivoting on standardised columns, so that units do not matter and columns
//! which are sums of others, or constant, do no harm: they get the coefficient 0.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use crate::encoding::mean_and_deviation;

/// The plane `ŷ = intercept + x · coefficients`.
#[derive(Clone, Debug, PartialEq)]
pub struct LeastSquares {
    /// What is predicted where every input is 0.
    pub intercept: f64,
    /// What one unit more of each input adds.
    pub coefficients: Array1<f64>,
}

impl LeastSquares {
    /// The plane's height at each row of `x`.     x (n,i) → ŷ (n)
    pub fn predict(&self, x: ArrayView2<f64>) -> Array1<f64> {
        x.dot(&self.coefficients) + self.intercept
    }
}

/// A column is a combination of others when less than this share of its length is left beside them.
const NEGLIGIBLE: f64 = 1e-10;

/// The plane with the least sum of squared errors.     x (n,i)  y (n)
///
/// # Panics
///
/// If `x` and `y` differ in their number of rows, or have none.
#[track_caller]
pub fn least_squares(x: ArrayView2<f64>, y: ArrayView1<f64>) -> LeastSquares {
    let (n, i) = x.dim();
    assert_eq!(n, y.len(), "x has {n} rows, y has {}", y.len());
    assert!(n > 0, "no rows");
    let scaling: Vec<(f64, f64)> = x
        .columns()
        .into_iter()
        .map(|x| mean_and_deviation(x.iter().copied()))
        .collect();
    let y_mean = y.mean().expect("there are rows");

    // A is x standardised, and is turned into R; b is y centred, and is turned into Qᵀ b.
    let mut a = Array2::from_shape_fn((n, i), |(r, j)| (x[[r, j]] - scaling[j].0) / scaling[j].1);
    let mut b = y.map(|y| y - y_mean);
    let mut order: Vec<usize> = (0..i).collect();
    let mut rank = 0;
    while rank < n.min(i) {
        let k = rank;
        let length = |j: usize| {
            a.column(j)
                .split_at(Axis(0), k)
                .1
                .map(|v| v * v)
                .sum()
                .sqrt()
        };
        let longest = (k..i)
            .max_by(|&j, &l| length(j).total_cmp(&length(l)))
            .expect("k is below i");
        let norm = length(longest);
        if norm <= NEGLIGIBLE * (n as f64).sqrt() {
            break; // a standardised column has the length √n
        }
        order.swap(k, longest);
        for r in 0..n {
            a.swap((r, k), (r, longest));
        }
        // H = I − 2 v vᵀ / vᵀv takes column k to (α, 0, ..., 0); the sign of α avoids cancellation.
        let alpha = -norm.copysign(a[[k, k]]);
        let mut v = a.column(k).split_at(Axis(0), k).1.to_owned();
        v[0] -= alpha;
        let half_square = v.dot(&v) / 2.0;
        for column in a.columns_mut().into_iter().skip(k) {
            let (_, mut column) = column.split_at(Axis(0), k);
            let share = v.dot(&column) / half_square;
            column.scaled_add(-share, &v);
        }
        let (_, mut tail) = b.view_mut().split_at(Axis(0), k);
        let share = v.dot(&tail) / half_square;
        tail.scaled_add(-share, &v);
        rank += 1;
    }

    let mut coefficients = Array1::zeros(i);
    for k in (0..rank).rev() {
        // R's row k: R_kk c_k + Σ_{l>k} R_kl c_l = b_k
        let known: f64 = (k + 1..rank)
            .map(|l| a[[k, l]] * coefficients[order[l]])
            .sum();
        coefficients[order[k]] = (b[k] - known) / a[[k, k]];
    }
    for (c, (_, deviation)) in coefficients.iter_mut().zip(&scaling) {
        *c /= deviation;
    }
    let at_mean: f64 = scaling
        .iter()
        .zip(&coefficients)
        .map(|((mean, _), c)| mean * c)
        .sum();
    LeastSquares {
        intercept: y_mean - at_mean,
        coefficients,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn near(found: &LeastSquares, intercept: f64, coefficients: &[f64]) {
        let pairs = found.coefficients.iter().zip(coefficients);
        for (found, &expected) in pairs.chain([(&found.intercept, &intercept)]) {
            // A few dozen roundings on numbers of order 1: 1e-12 is a hundred times what they give.
            assert!(
                (found - expected).abs() <= 1e-12 * expected.abs().max(1.0),
                "{found} is not {expected}"
            );
        }
    }

    #[test]
    fn least_squares_finds_the_line_computed_by_hand() {
        // x̄ = 2.5, ȳ = 7; Σ (x−x̄)(y−ȳ) = 7, Σ (x−x̄)² = 5: slope 1.4, intercept 7 − 1.4 · 2.5.
        let (x, y) = (
            array![[1.0], [2.0], [3.0], [4.0]],
            array![6.0, 5.0, 7.0, 10.0],
        );
        near(&least_squares(x.view(), y.view()), 3.5, &[1.4]);
    }

    #[test]
    fn least_squares_recovers_a_plane_whatever_the_units() {
        let x = Array2::from_shape_fn((20, 3), |(r, j)| {
            let (r, j) = (r as f64, j as i32);
            (r * (j + 1) as f64 * 0.7).sin() * 10_f64.powi(3 * j) + 10_f64.powi(3 * j)
        });
        let y = x.map_axis(Axis(1), |x| 4.0 + 2.0 * x[0] - 0.5 * x[1] + 0.001 * x[2]);
        let found = least_squares(x.view(), y.view());
        near(&found, 4.0, &[2.0, -0.5, 0.001]);
        let worst = (found.predict(x.view()) - y).map(|e| e.abs());
        assert!(worst.iter().all(|&e| e < 1e-9), "{worst}");
    }

    #[test]
    fn least_squares_residuals_are_orthogonal_to_every_column() {
        let x = Array2::from_shape_fn((30, 4), |(r, j)| ((r * (2 * j + 3)) % 11) as f64);
        let y = Array1::from_shape_fn(30, |r| ((r * r) % 17) as f64);
        let residual = &y - least_squares(x.view(), y.view()).predict(x.view());
        for column in x.columns() {
            // Each of 30 products is below 11 · 17 and rounded to 1e-16 of it.
            assert!(residual.dot(&column).abs() < 1e-10);
        }
        assert!(residual.sum().abs() < 1e-10);
    }

    #[test]
    fn constant_and_repeated_columns_do_no_harm() {
        let x = array![
            [1.0, 5.0, 2.0],
            [2.0, 5.0, 4.0],
            [3.0, 5.0, 6.0],
            [4.0, 5.0, 8.0]
        ];
        let y = array![6.0, 5.0, 7.0, 10.0];
        let found = least_squares(x.view(), y.view());
        assert!(found.coefficients.iter().all(|c| c.is_finite()));
        assert_eq!(found.coefficients[1], 0.0);
        let first = x.view().split_at(Axis(1), 1).0;
        let line = least_squares(first, y.view());
        let difference = found.predict(x.view()) - line.predict(first);
        assert!(difference.iter().all(|d| d.abs() < 1e-12));
    }

    #[test]
    fn more_columns_than_rows_are_fitted_exactly() {
        let x = array![[1.0, 0.0, 2.0, 7.0], [0.0, 1.0, 5.0, 1.0]];
        let y = array![3.0, -1.0];
        let error = least_squares(x.view(), y.view()).predict(x.view()) - y;
        assert!(error.iter().all(|e| e.abs() < 1e-12), "{error}");
    }
}
