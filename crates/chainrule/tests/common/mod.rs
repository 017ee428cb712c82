//! Rows to test with: seeded, with targets that each loss accepts.

// Each test file uses its own part of these.
#![allow(dead_code)]

use chainrule::loss_functions::Loss;
use ndarray::{Array1, Array2};

/// Inputs, targets and weights.
pub struct Rows {
    pub x: Array2<f64>,
    pub y: Array2<f64>,
    pub weights: Array1<f64>,
}

/// Numbers in (−1, 1) from a linear congruential generator (Knuth's MMIX constants): the tests need no more.
pub fn numbers(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    std::iter::repeat_with(move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    })
}

/// A matrix of such numbers.
pub fn matrix(seed: u64, rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_vec(
        (rows, columns),
        numbers(seed).take(rows * columns).collect(),
    )
    .unwrap()
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
