//! Numbers to test with, the same at every run.

use ndarray::Array2;

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
