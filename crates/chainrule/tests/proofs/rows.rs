//! Rows to test with: seeded, with targets that each loss accepts.

use chainrule::loss_functions::Loss;
use ndarray::{Array1, Array2};

use crate::numbers::{matrix, numbers};

/// Inputs, targets and weights.
pub struct Rows {
    pub x: Array2<f64>,
    pub y: Array2<f64>,
    pub weights: Array1<f64>,
}

/// `count` rows of `inputs` inputs and `outputs` targets that depend on them.
pub fn rows_for(loss: Loss, count: usize, inputs: usize, outputs: usize) -> Rows {
    let x = matrix(count as u64, count, inputs) * 2.0;
    let noise = matrix(7 + count as u64, count, outputs);
    let mut y = Array2::from_shape_fn((count, outputs), |(r, k)| {
        x[[r, k % inputs]] - 0.5 * x[[r, (k + 1) % inputs]] + 0.3 * noise[[r, k]]
    });
    if !loss.accepts_target(-1.0) {
        y.mapv_inplace(f64::exp);
    }
    let weights = numbers(3).take(count).map(|w| 1.1 + w).collect();
    Rows { x, y, weights }
}
