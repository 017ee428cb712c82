//! Products with few columns, computed as their transpose: a vector then runs along the many rows and has no empty
//! lanes.

use std::mem::MaybeUninit;

use super::factor::Start;
use super::shape::most_panel_columns;
use super::tile::TileProduct;
use crate::Real;

/// At most this many columns are narrow: about the rows of one register tile.
pub(crate) const NARROW: usize = 8;
/// Elements of a panel in single precision.
const PANEL: usize = most_panel_columns::<f32>();

impl<R: Real> TileProduct<R> {
    /// [`run`](Self::run) for at most [`NARROW`] columns, an `A` whose rows lie side by side, as those of a transpose
    /// do, and no bias: `Cᵀ = Bᵀ Aᵀ` panel by panel.
    ///
    /// # Safety
    ///
    /// As for [`run`](Self::run), but that the columns of `B` may lie anywhere.
    pub(crate) unsafe fn run_transposed(&self) {
        debug_assert!(self.n <= NARROW && self.a.row_stride == 1);
        debug_assert!(!matches!(self.start, Start::Bias(_)));
        let mut transposed = [const { MaybeUninit::<R>::uninit() }; NARROW * PANEL];
        let start: *mut R = transposed.as_mut_ptr().cast();
        for i in (0..self.m).step_by(PANEL) {
            let rows = PANEL.min(self.m - i);
            // SAFETY: rows i .. i + rows of A exist; Cᵀ has n ≤ NARROW rows of at most PANEL elements. The rest is the
            // caller's promise.
            unsafe {
                let c = |r: usize| self.c.offset((i + r) as isize * self.c_row_stride);
                if let Start::C = self.start {
                    for r in 0..rows {
                        for j in 0..self.n {
                            start.add(j * PANEL + r).write(*c(r).add(j));
                        }
                    }
                }
                TileProduct {
                    m: self.n,
                    n: rows,
                    k: self.k,
                    a: self.b.transposed(),
                    b: self.a.from(i, 0).transposed(),
                    c: start,
                    c_row_stride: PANEL as isize,
                    start: self.start,
                }
                .run();
                for r in 0..rows {
                    for j in 0..self.n {
                        *c(r).add(j) = *start.add(j * PANEL + r);
                    }
                }
            }
        }
    }
}
