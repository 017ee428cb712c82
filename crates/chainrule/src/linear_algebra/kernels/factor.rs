//! What a kernel is given: where a factor lies, and what a product starts from.

use ndarray::ArrayView2;

/// Rows that belong together: sums over rows that are taken in parts, which run beside each other, take the rows of a
/// group at a time.
pub(crate) const GROUP: usize = 32;

/// Rows that a sum over rows takes at a time: what its tiles read again and again stays in the second cache.
pub(crate) const ROWS_AT_A_TIME: usize = 512;

/// A factor: where it begins and how far its rows and columns lie apart.
#[derive(Clone, Copy)]
pub(crate) struct Factor<R> {
    pub(crate) start: *const R,
    pub(crate) row_stride: isize,
    pub(crate) column_stride: isize,
}

/// What `C` holds before the first multiplication.
#[derive(Clone, Copy)]
pub(crate) enum Start<R> {
    Zero,
    /// A row that is added to every row of the product; this is where it begins.
    Bias(*const R),
    /// What it already holds.
    C,
}

impl<R> Factor<R> {
    /// The transpose.
    pub(crate) fn transposed(self) -> Self {
        Factor {
            start: self.start,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }

    /// The same without the rows above `row` and the columns left of `column`.
    #[inline(always)]
    pub(crate) fn from(&self, row: usize, column: usize) -> Self {
        let offset = row as isize * self.row_stride + column as isize * self.column_stride;
        Factor {
            start: self.start.wrapping_offset(offset),
            ..*self
        }
    }

    /// The address of element `(row, column)`.
    ///
    /// # Safety
    ///
    /// The element must exist.
    #[inline(always)]
    pub(crate) unsafe fn at(&self, row: usize, column: usize) -> *const R {
        // SAFETY: the caller's promise.
        unsafe {
            self.start
                .offset(row as isize * self.row_stride + column as isize * self.column_stride)
        }
    }
}

/// A view's memory as a factor.
pub(crate) fn view_factor<R>(view: &ArrayView2<R>) -> Factor<R> {
    Factor {
        start: view.as_ptr(),
        row_stride: view.strides()[0],
        // A single column lies beside itself, whatever its stride says.
        column_stride: if view.ncols() == 1 {
            1
        } else {
            view.strides()[1]
        },
    }
}
