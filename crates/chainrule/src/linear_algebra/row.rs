//! The affine map of a single row, whose weights are read once: laid out so that they stream by.

use ndarray::{ArrayView2, Axis};
use pulp::{Simd, WithSimd};

use super::tile::{Factor, MAX_VECTOR_BYTES, PANEL_VECTORS, Start, TileProduct};
use crate::Real;

/// `W` and `b` of an affine map, laid out for single rows.
#[derive(Clone, Debug)]
pub(crate) struct RowWeights<R> {
    /// `Wᵀ (i,o)` in panels of a register tile's columns, one after the other, each row-major.
    panels: Vec<R>,
    b: Vec<R>,
}

impl<R: Real> RowWeights<R> {
    /// Columns of a panel.
    const PANEL: usize = PANEL_VECTORS * MAX_VECTOR_BYTES / size_of::<R>();

    /// The weights of `W (o,i)` and `b (o)`.
    pub(crate) fn new(w: ArrayView2<R>, b: &[R]) -> Self {
        assert_eq!(w.nrows(), b.len(), "one bias for each row of W");
        let mut panels = Vec::with_capacity(w.len());
        for panel in w.axis_chunks_iter(Axis(0), Self::PANEL) {
            panels.extend(panel.t().iter());
        }
        RowWeights {
            panels,
            b: b.to_vec(),
        }
    }

    /// Number of outputs, `o`.
    pub(crate) fn outputs(&self) -> usize {
        self.b.len()
    }

    /// `z ← b + x Wᵀ`, inside code that is compiled for `S` already.     `x (i)  z (o)`     (F1)
    ///
    /// # Panics
    ///
    /// If the lengths do not compose.
    #[inline(always)]
    pub(crate) fn affine<S: Simd>(&self, simd: S, x: &[R], z: &mut [R]) {
        let (i, o) = (x.len(), z.len());
        assert!(
            self.b.len() == o && self.panels.len() == i * o,
            "{o} outputs of {i} inputs for {} biases and {} weights",
            self.b.len(),
            self.panels.len()
        );
        let mut j = 0;
        while j < o {
            let columns = Self::PANEL.min(o - j);
            // SAFETY: columns j .. j + columns of b and z exist; the panels before this one hold i · j elements, and it i · columns.
            let product = unsafe {
                TileProduct {
                    m: 1,
                    n: columns,
                    k: i,
                    a: Factor {
                        start: x.as_ptr(),
                        row_stride: i as isize,
                        column_stride: 1,
                    },
                    b: Factor {
                        start: self.panels.as_ptr().add(i * j),
                        row_stride: columns as isize,
                        column_stride: 1,
                    },
                    c: z.as_mut_ptr().add(j),
                    c_row_stride: o as isize,
                    start: Start::Bias(self.b.as_ptr().add(j)),
                }
            };
            // All pointers come from live slices whose lengths were compared, `z` is borrowed mutably, and a panel's columns lie side by
            // side: what `TileProduct::run` asks for.
            product.with_simd(simd);
            j += columns;
        }
    }
}
