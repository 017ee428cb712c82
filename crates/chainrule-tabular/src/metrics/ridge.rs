//! Ridge regression: the straight line that a network has to beat, held back a little so that many inputs do no harm.
//!
//! ```text
//! minimise  Σ_r (y_r − ȳ − Σ_j c_j z_rj)² + λ Σ_j c_j²,     z standardised
//! ```
//!
//! Solved by its normal equations, `(ZᵀZ + λ I) c = Zᵀ(y − ȳ)`, in double precision. With λ > 0 there is always one
//! solution.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

/// λ, in units of one standardised row.
const PENALTY: f64 = 1.0;

/// More multiplications than this are not worth a comparison.
const MOST_WORK: f64 = 2e10;

/// Rows that are taken together, so that the sums are matrix products.
const BLOCK: usize = 512;

/// A plane over the inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Ridge {
    mean: Array1<f64>,
    /// What one unit more of each input adds.
    slope: Array1<f64>,
    /// The height over `mean`.
    intercept: f64,
}

impl Ridge {
    /// The plane with the least sum of squared errors and penalty; None where it would take too long.     y (n)
    ///
    /// `x` gives some rows of the inputs, `(rows, i)`: they are asked for three times, so that they need not all be
    /// there at once.
    ///
    /// # Panics
    /// If there are no rows, or `x` gives another number of them than it was asked for.
    #[track_caller]
    pub fn fit(y: ArrayView1<f32>, x: impl Fn(Range<usize>) -> Array2<f32>) -> Option<Ridge> {
        let n = y.len();
        assert!(n > 0, "no rows");
        let i = x(0..1).ncols();
        let products = i as f64 * i as f64 * (n as f64 + i as f64 / 3.0);
        if products > MOST_WORK {
            return None;
        }
        let blocks = || {
            (0..n).step_by(BLOCK).map(|start| {
                let rows = start..n.min(start + BLOCK);
                let block = x(rows.clone());
                assert_eq!(block.nrows(), rows.len(), "rows of x");
                block
            })
        };
        let mut mean = Array1::<f64>::zeros(i);
        for x in blocks() {
            mean += &x.mapv(f64::from).sum_axis(Axis(0));
        }
        mean /= n as f64;
        let mut deviation = Array1::<f64>::zeros(i);
        for x in blocks() {
            let above = x.mapv(f64::from) - &mean;
            deviation += &(&above * &above).sum_axis(Axis(0));
        }
        deviation.mapv_inplace(|squares| match (squares / n as f64).sqrt() {
            deviation if deviation > 0.0 => deviation,
            _ => 1.0,
        });
        let intercept = y.iter().map(|&y| f64::from(y)).sum::<f64>() / n as f64;

        let mut gram = Array2::from_diag(&Array1::from_elem(i, PENALTY));
        let mut moment = Array1::<f64>::zeros(i);
        for (x, y) in blocks().zip(y.axis_chunks_iter(Axis(0), BLOCK)) {
            let z = (x.mapv(f64::from) - &mean) / &deviation;
            moment += &z.t().dot(&y.mapv(|y| f64::from(y) - intercept));
            gram += &z.t().dot(&z);
        }
        let slope = solve(gram, moment) / &deviation;
        Some(Ridge {
            mean,
            slope,
            intercept,
        })
    }

    /// The plane's height at each row.     x (n,i) → ŷ (n)
    pub fn predict(&self, x: ArrayView2<f32>) -> Array1<f32> {
        let height = |x: ArrayView1<f32>| {
            let terms = x.iter().zip(&self.mean).zip(&self.slope);
            let above: f64 = terms
                .map(|((&x, mean), slope)| (f64::from(x) - mean) * slope)
                .sum();
            (self.intercept + above) as f32
        };
        x.axis_iter(Axis(0)).map(height).collect()
    }
}

/// `A⁻¹ b` for a symmetric positive definite `A`, by its Cholesky factor `A = L Lᵀ`, which overwrites the lower half of
/// `A`.
fn solve(mut a: Array2<f64>, mut b: Array1<f64>) -> Array1<f64> {
    let i = b.len();
    /// `Σ_{l<j} a_kl a_jl`
    fn before(a: &Array2<f64>, k: usize, j: usize) -> f64 {
        let [row_k, row_j] = [k, j].map(|row| a.row(row).split_at(Axis(0), j).0);
        row_k.dot(&row_j)
    }
    for j in 0..i {
        let pivot = (a[[j, j]] - before(&a, j, j)).sqrt();
        a[[j, j]] = pivot;
        for k in j + 1..i {
            a[[k, j]] = (a[[k, j]] - before(&a, k, j)) / pivot;
        }
    }
    for j in 0..i {
        let known: f64 = (0..j).map(|l| a[[j, l]] * b[l]).sum();
        b[j] = (b[j] - known) / a[[j, j]];
    }
    for j in (0..i).rev() {
        let known: f64 = (j + 1..i).map(|l| a[[l, j]] * b[l]).sum();
        b[j] = (b[j] - known) / a[[j, j]];
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Slice, array};

    fn fit(x: &Array2<f32>, y: &Array1<f32>) -> Option<Ridge> {
        Ridge::fit(y.view(), |rows| {
            x.slice_axis(Axis(0), Slice::from(rows)).to_owned()
        })
    }

    #[test]
    fn one_input_is_held_back_as_computed_by_hand() {
        // z = −1, 1 and y − ȳ = −2, 2: c = 4/(2 + 1).
        let ridge = fit(&array![[3.0], [5.0]], &array![0.0, 4.0]).unwrap();
        let predicted = ridge.predict(array![[3.0], [4.0], [5.0]].view());
        assert!(
            (predicted - array![2.0 - 4.0 / 3.0, 2.0, 2.0 + 4.0 / 3.0])
                .iter()
                .all(|e| e.abs() < 1e-6)
        );
    }

    #[test]
    fn many_rows_give_nearly_the_plane_that_they_lie_on() {
        let x = Array2::from_shape_fn((2000, 3), |(r, j)| ((r * (2 * j + 3)) % 101) as f32);
        let y = x.map_axis(Axis(1), |x| 4.0 + 2.0 * x[0] - 0.5 * x[1] + 0.01 * x[2]);
        let errors = fit(&x, &y).unwrap().predict(x.view()) - &y;
        assert!(errors.iter().all(|e| e.abs() < 0.2), "{errors}"); // the penalty is 1 of 2000 rows
    }

    #[test]
    fn constant_repeated_and_too_many_inputs_do_no_harm() {
        let x = Array2::from_shape_fn((4, 9), |(r, j)| [1.0, r as f32, r as f32][j % 3]);
        let y = array![0.0, 1.0, 2.0, 3.0];
        let predicted = fit(&x, &y).unwrap().predict(x.view());
        assert!((predicted - y).iter().all(|e| e.abs() < 0.1));
        let wide = Array2::zeros((2, 5000));
        assert_eq!(fit(&wide, &array![0.0, 1.0]), None);
    }
}
