//! What is asked of views before a kernel sees their pointers, and views of a matrix's first rows.

use ndarray::{Array2, ArrayBase, ArrayView2, ArrayViewMut2, Axis, Ix2, RawData};

/// Panics if the shapes of `C ← A B` do not compose.     `A (m,k)  B (k,n)  C (m,n)`
#[inline(always)]
#[track_caller]
pub(super) fn check_shapes(name: &str, a: (usize, usize), b: (usize, usize), c: (usize, usize)) {
    assert!(
        a.1 == b.0 && c == (a.0, b.1),
        "C ← {name}: the factors have shapes {a:?} and {b:?} (after transposition), C has {c:?}",
    );
}

/// Whether the columns of a matrix lie side by side.
pub(super) fn beside<S: RawData>(view: &ArrayBase<S, Ix2>) -> bool {
    view.ncols() == 1 || view.strides()[1] == 1
}

/// The first `n` rows.
///
/// Split, not sliced: a slice is written to memory by a call and read back in other pieces, which takes 4 % of a small
/// network's step.
pub(crate) fn first_rows<R>(matrix: &Array2<R>, n: usize) -> ArrayView2<'_, R> {
    matrix.view().split_at(Axis(0), n).0
}

/// The same, to write.
pub(crate) fn first_rows_mut<R>(matrix: &mut Array2<R>, n: usize) -> ArrayViewMut2<'_, R> {
    matrix.view_mut().split_at(Axis(0), n).0
}
