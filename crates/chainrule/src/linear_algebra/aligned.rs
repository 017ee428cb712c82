//! Arrays that begin where a cache line begins, so that no vector of theirs lies across two lines.
//!
//! An allocator aligns to 16 bytes, and a vector of 64 that straddles lines costs twice: an update of Adam's takes
//! three times as long. Only speed depends on it. A copy by `clone` may begin elsewhere.

use std::iter::repeat_n;

use ndarray::{Array1, Array2, ArrayView, ArrayView1, ArrayView2, Dimension, s};

use crate::Real;
use crate::simd::MAX_VECTOR_BYTES;

/// `length` zeros.
pub(crate) fn zeros_1<R: Real>(length: usize) -> Array1<R> {
    let room = Array1::<R>::zeros(length + most_skipped::<R>());
    let first = skipped(room.as_ptr());
    room.slice_move(s![first..first + length])
}

/// Zeros in row-major order.
pub(crate) fn zeros_2<R: Real>((rows, columns): (usize, usize)) -> Array2<R> {
    matrix(zeros_1(rows * columns), (rows, columns))
}

/// A copy.
pub(crate) fn copy_1<R: Clone>(of: ArrayView1<R>) -> Array1<R> {
    copy(of)
}

/// A copy in row-major order.
pub(crate) fn copy_2<R: Clone>(of: ArrayView2<R>) -> Array2<R> {
    let shape = of.dim();
    matrix(copy(of), shape)
}

fn copy<R: Clone, D: Dimension>(of: ArrayView<R, D>) -> Array1<R> {
    let mut room = Vec::with_capacity(of.len() + most_skipped::<R>());
    // Something has to stand in front; of an empty array there is nothing to copy either.
    let before = of
        .first()
        .map(|value| repeat_n(value, skipped(room.as_ptr())));
    room.extend(before.into_iter().flatten().cloned());
    match of.as_slice() {
        Some(values) => room.extend_from_slice(values),
        None => room.extend(of.iter().cloned()),
    }
    let first = room.len() - of.len();
    Array1::from_vec(room).slice_move(s![first..])
}

fn matrix<R>(elements: Array1<R>, shape: (usize, usize)) -> Array2<R> {
    elements
        .into_shape_with_order(shape)
        .expect("as many elements, side by side")
}

/// Elements from `start` to the beginning of a line.
fn skipped<R>(start: *const R) -> usize {
    // Alignment need not be told, by the function's contract; then any place will do.
    start
        .align_offset(MAX_VECTOR_BYTES)
        .min(most_skipped::<R>())
}

fn most_skipped<R>() -> usize {
    MAX_VECTOR_BYTES / size_of::<R>() - 1
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn assert_aligned<R: Real>() {
        for length in [1, 7, 16, 1000] {
            let vector = zeros_1::<R>(length);
            assert_eq!(vector.as_ptr().addr() % MAX_VECTOR_BYTES, 0);
            assert_eq!(vector.as_slice().map(<[R]>::len), Some(length));
            let matrix = zeros_2::<R>((length, 3));
            assert_eq!(matrix.as_ptr().addr() % MAX_VECTOR_BYTES, 0);
            assert_eq!(matrix.as_slice().map(<[R]>::len), Some(3 * length));
            let copy = copy_2(matrix.view());
            assert_eq!(copy.as_ptr().addr() % MAX_VECTOR_BYTES, 0);
            assert_eq!(copy, matrix);
        }
    }

    #[test]
    fn arrays_begin_with_a_cache_line_and_are_one_slice() {
        assert_aligned::<f32>();
        assert_aligned::<f64>();
        assert_eq!(zeros_2::<f64>((0, 3)).dim(), (0, 3));
        assert_eq!(copy_2(zeros_2::<f64>((0, 3)).view()).dim(), (0, 3));
    }

    #[test]
    fn copies_are_row_major_whatever_they_copy() {
        let wide = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let copy = copy_2(wide.t());
        assert_eq!(copy, wide.t());
        assert!(copy.is_standard_layout());
        assert_eq!(copy_1(wide.column(1)), array![2.0, 4.0, 6.0]);
    }
}
