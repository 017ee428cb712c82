//! Copies of a factor in the layout that register tiles run along: panels whose columns lie side by side, one after the
//! other. A `B` that is used once is copied piece by piece to the stack.

use std::mem::MaybeUninit;

use ndarray::{ArrayView2, Axis};

use super::factor::{Factor, Start, view_factor};
use super::shape::{most_panel_columns, panel_columns};
use super::tile::TileProduct;
use crate::Real;
use crate::parallel::{SHARED_PIECE, join};
use crate::simd::BLOCK;

/// Elements of a cache line in single precision, a multiple of the blocks that are transposed at a time.
const LINE: usize = 16;
/// Rows of a panel that are copied at a time: they fit into the first cache and leave room for `A`.
const DEPTH: usize = 128;
/// Elements of so many rows of a panel in single precision; in double precision there are half as many.
const BUFFER: usize = DEPTH * most_panel_columns::<f32>();

impl<R: Real> TileProduct<R> {
    /// [`run`](Self::run) for any `B`: pieces of it are copied to the stack, panel by panel.
    ///
    /// # Safety
    ///
    /// As for [`run`](Self::run), but that the columns of `B` may lie anywhere.
    // Not inlined: the buffer's room on the stack would be prepared by callers that never come here.
    #[inline(never)]
    pub(crate) unsafe fn run_packed(&self) {
        let panel = panel_columns::<R>();
        let mut packed = [const { MaybeUninit::<R>::uninit() }; BUFFER];
        let packed: *mut R = packed.as_mut_ptr().cast();
        for p in (0..self.k).step_by(DEPTH) {
            let depth = DEPTH.min(self.k - p);
            for j in (0..self.n).step_by(panel) {
                let columns = panel.min(self.n - j);
                // SAFETY: row p, column j and the `depth` rows and `columns` columns that begin there exist in their
                // matrices; the packed piece takes `depth` rows of `panel` elements, at most BUFFER. The rest is the
                // caller's promise.
                unsafe {
                    pack(self.b.from(p, j), depth, columns, panel, packed);
                    let b = Factor {
                        start: packed.cast_const(),
                        row_stride: panel as isize,
                        column_stride: 1,
                    };
                    let start = match self.start {
                        _ if p > 0 => Start::C,
                        Start::Bias(bias) => Start::Bias(bias.add(j)),
                        other => other,
                    };
                    TileProduct {
                        n: columns,
                        k: depth,
                        a: self.a.from(0, p),
                        b,
                        c: self.c.add(j),
                        start,
                        ..*self
                    }
                    .run();
                }
            }
        }
    }
}

/// The panel that begins with column `j` of a `B (k,n)` whose panels of at most `columns` columns begin at `panels`,
/// and the number of its columns.
#[inline(always)]
pub(crate) fn panel<R>(
    panels: *const R,
    columns: usize,
    k: usize,
    n: usize,
    j: usize,
) -> (Factor<R>, usize) {
    let columns = columns.min(n - j);
    let panel = Factor {
        // In front of this panel lie j columns of k elements each.
        start: panels.wrapping_add(k * j),
        row_stride: columns as isize,
        column_stride: 1,
    };
    (panel, columns)
}

/// Copies `Wᵀ` into panels of at most `columns` columns, one after the other, each row-major; on a pool's threads, they
/// share those of a large one.     `W (o,i)`
pub(crate) fn pack_panels<R: Real>(w: ArrayView2<R>, columns: usize, panels: &mut [R]) {
    let (outputs, inputs) = w.dim();
    if outputs <= columns {
        return pack_panel(w, panels); // small layers have no time for the divisions below
    }
    if w.len() > SHARED_PIECE {
        let middle = (outputs / 2).next_multiple_of(columns);
        let (upper, lower) = w.split_at(Axis(0), middle);
        let (left, right) = panels.split_at_mut(inputs * middle);
        return join(
            || pack_panels(upper, columns, left),
            || pack_panels(lower, columns, right),
        );
    }
    let panels = panels.chunks_mut((inputs * columns).max(1));
    for (w, panel) in w.axis_chunks_iter(Axis(0), columns).zip(panels) {
        pack_panel(w, panel);
    }
}

/// Copies all of `Wᵀ` into one panel.     `W (o,i)`
fn pack_panel<R: Real>(w: ArrayView2<R>, panel: &mut [R]) {
    let (columns, inputs) = w.dim();
    assert_eq!(panel.len(), inputs * columns);
    // SAFETY: `Wᵀ` has `inputs` rows of `columns` columns, and so has the panel.
    unsafe {
        pack(
            view_factor(&w).transposed(),
            inputs,
            columns,
            columns,
            panel.as_mut_ptr(),
        )
    };
}

/// Copies `k` rows of `columns` columns of `B` into rows of `stride` elements.
///
/// # Safety
///
/// `b` must be valid for reading `k` rows of `columns` columns, `to`, which lies apart from it, for writing `k` rows of
/// `stride` elements (the last may end with its columns); `columns` is at most `stride`.
// Not inlined: compiled for AVX-512 its plain loop would become gathers, which take longer than the loads they stand
// for.
#[inline(never)]
pub(crate) unsafe fn pack<R: Real>(
    b: Factor<R>,
    k: usize,
    columns: usize,
    stride: usize,
    to: *mut R,
) {
    if b.row_stride == 1 && k >= BLOCK && columns >= BLOCK {
        // A cache line of each column at a time, so that what is read and what is written stays in the first cache
        // meanwhile. The last blocks reach back over their neighbours rather than beyond the edge.
        for line in (0..k).step_by(LINE) {
            for j in (0..columns).step_by(BLOCK) {
                let j = j.min(columns - BLOCK);
                for p in (line..k.min(line + LINE)).step_by(BLOCK) {
                    let p = p.min(k - BLOCK);
                    // SAFETY: rows p .. p + 4 of columns j .. j + 4 exist, the rows side by side; where they are
                    // written to, (p, j) has the index p · stride + j.
                    unsafe {
                        let block = to.add(p * stride + j);
                        R::transpose_block(b.at(p, j), b.column_stride, block, stride);
                    }
                }
            }
        }
    } else if b.column_stride == 1 {
        for p in 0..k {
            // SAFETY: row p of B exists, its columns side by side; for what is written see above.
            unsafe {
                to.add(p * stride)
                    .copy_from_nonoverlapping(b.at(p, 0), columns)
            };
        }
    } else {
        for j in 0..columns {
            for p in 0..k {
                // SAFETY: element (p, j) of B exists; for what is written see above.
                unsafe { to.add(p * stride + j).write(*b.at(p, j)) };
            }
        }
    }
}

/// Copies `k` rows of `columns` columns of `B`, which lie side by side, one after the other.
///
/// # Safety
///
/// `b` must be valid for reading `k` rows of `columns` columns, and `to`, which lies apart from it, for writing as many
/// elements.
pub(crate) unsafe fn pack_strip<R: Real>(b: Factor<R>, k: usize, columns: usize, to: *mut R) {
    /// With a length that the compiler knows, a row is a few loads and stores.
    ///
    /// # Safety
    ///
    /// As for [`pack_strip`] of `N` columns.
    unsafe fn rows<R: Real, const N: usize>(b: Factor<R>, k: usize, to: *mut R) {
        for p in 0..k {
            // SAFETY: row p exists, its columns side by side.
            unsafe {
                let row = b.at(p, 0).cast::<[R; N]>().read();
                to.add(p * N).cast::<[R; N]>().write(row);
            }
        }
    }
    debug_assert!(k == 0 || b.column_stride == 1);
    // SAFETY: the caller's promise.
    unsafe {
        match columns {
            8 => rows::<R, 8>(b, k, to),
            12 => rows::<R, 12>(b, k, to),
            _ => pack(b, k, columns, columns, to),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::linear_algebra::naive;
    use crate::linear_algebra::tests::matrix;
    use crate::random::Random;

    #[test]
    fn a_factor_in_several_pieces_gives_the_same_product() {
        let random = &mut Random::seeded(10);
        let (m, n, k) = (11, 61, 300);
        let mut draw = |rows, columns| matrix(random, rows, columns);
        let (a, w, bias) = (draw(m, k), draw(n, k), draw(1, n));
        let mut c = Array2::from_elem((m, n), f64::NAN);
        let product = TileProduct {
            m,
            n,
            k,
            a: Factor {
                start: a.as_ptr(),
                row_stride: k as isize,
                column_stride: 1,
            },
            b: Factor {
                start: w.as_ptr(),
                row_stride: 1,
                column_stride: k as isize,
            },
            c: c.as_mut_ptr(),
            c_row_stride: n as isize,
            start: Start::Bias(bias.as_ptr()),
        };
        // SAFETY: all pointers are those of live matrices of these shapes, and C is its own.
        unsafe { product.run_packed() };
        let mut expected = Array2::zeros((m, n));
        naive::product_nt(a.view(), w.view(), expected.view_mut());
        expected += &bias.row(0);
        assert!(c.iter().zip(&expected).all(|(c, e)| (c - e).abs() < 1e-12));
    }
}
