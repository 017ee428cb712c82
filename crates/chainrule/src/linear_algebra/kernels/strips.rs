//! Sums over rows of a wide layer, `Gᵀ X`, from a copy of `G` in strips of a register tile's rows.
//!
//! A tile walks down the columns of both factors. In wide matrices every row of the walk lies on a page of memory of
//! its own, and in the same few sets of a cache as the others. What a tile reads of a strip lies side by side instead.

use std::mem::MaybeUninit;
use std::ops::Range;

use super::factor::{Factor, ROWS_AT_A_TIME, Start};
use super::packing::{pack_strip, panel};
use super::shape::{most_panel_columns, strip_rows};
use super::tile::TileProduct;
use crate::Real;

/// Elements of `G` that are copied at a time, in single precision; in double precision there are half as many. They
/// stay in the second cache beside a panel of `X`, while the tiles run along all panels.
const BUFFER: usize = ROWS_AT_A_TIME * 64;

/// Where `X` lies.
#[derive(Clone, Copy)]
pub(crate) enum Columns {
    /// As the product's `B` says.
    InPlace,
    /// In panels of at most so many columns, one after the other, from where the product's `B` begins.
    InPanels(usize),
}

impl<R: Real> TileProduct<R> {
    /// [`run`](Self::run) for an `A = Gᵀ` and a `B = X`; no bias.     `G (k,m)`, its columns side by side
    ///
    /// # Safety
    ///
    /// As for [`run`](Self::run); `B` is valid for reading where `columns` says that it lies.
    // Not inlined: the buffer's room on the stack would be prepared by callers that never come here.
    #[inline(never)]
    pub(crate) unsafe fn run_in_strips(&self, columns: Columns) {
        debug_assert!(!matches!(self.start, Start::Bias(_)));
        let mut buffer = [const { MaybeUninit::<R>::uninit() }; BUFFER];
        let buffer: *mut R = buffer.as_mut_ptr().cast();
        let rows = strip_rows();
        let most = match columns {
            Columns::InPlace => most_panel_columns::<R>(),
            Columns::InPanels(columns) => columns,
        };
        let at_a_time = BUFFER / ROWS_AT_A_TIME * size_of::<f32>() / size_of::<R>() / rows * rows;
        for first in (0..self.m).step_by(at_a_time) {
            let outputs = at_a_time.min(self.m - first);
            // Sums over no rows are taken, too: they are zero.
            for p in (0..self.k.max(1)).step_by(ROWS_AT_A_TIME) {
                let depth = ROWS_AT_A_TIME.min(self.k - p);
                let g = self.a.transposed().from(p, first);
                for strip in strips(outputs, rows) {
                    // SAFETY: `depth` rows of G exist from p on, and the strip's columns, side by side. In front of its
                    // copy lie those of the columns before; the buffer has room for `depth` rows of `at_a_time`
                    // elements.
                    unsafe {
                        let copy = buffer.add(strip.start * depth);
                        pack_strip(g.from(0, strip.start), depth, strip.len(), copy);
                    };
                }
                for j in (0..self.n).step_by(most) {
                    let x = match columns {
                        Columns::InPlace => self.b.from(0, j),
                        Columns::InPanels(_) => panel(self.b.start, most, self.k, self.n, j).0,
                    };
                    for strip in strips(outputs, rows) {
                        let row = (first + strip.start) as isize * self.c_row_stride;
                        let product = TileProduct {
                            m: strip.len(),
                            n: most.min(self.n - j),
                            k: depth,
                            a: Factor {
                                start: buffer.wrapping_add(strip.start * depth).cast_const(),
                                row_stride: 1,
                                column_stride: strip.len() as isize,
                            },
                            b: x.from(p, 0),
                            c: self.c.wrapping_offset(row).wrapping_add(j),
                            c_row_stride: self.c_row_stride,
                            start: if p > 0 { Start::C } else { self.start },
                        };
                        // SAFETY: row p of the panel exists (or nothing is read), and `depth` rows from there on; the
                        // strip's rows of C exist, and the panel's columns in them. The rest is the caller's promise.
                        unsafe { product.run() };
                    }
                }
            }
        }
    }
}

/// Outputs in strips of so many. The last takes what is left over, too: a single row would have its sums taken in
/// parts.
fn strips(outputs: usize, rows: usize) -> impl Iterator<Item = Range<usize>> {
    let count = (outputs / rows).max(1);
    (0..count).map(move |s| {
        let end = if s + 1 < count {
            (s + 1) * rows
        } else {
            outputs
        };
        s * rows..end
    })
}
