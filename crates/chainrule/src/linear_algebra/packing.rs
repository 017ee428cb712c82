//! Register tiles for a `B` whose columns do not lie side by side: pieces of it are copied to the stack, where they do.

use std::mem::MaybeUninit;

use super::tile::{Factor, MAX_VECTOR_BYTES, PANEL_VECTORS, Start, TileProduct};
use super::vectors::BLOCK;
use crate::Real;

/// Elements of a cache line in single precision, a multiple of the blocks that are transposed at a time.
const LINE: usize = 16;

impl<R: Real> TileProduct<R> {
    /// [`run`](Self::run) for any `B`: pieces of it are copied to `BUFFER` elements on the stack, panel by panel.
    ///
    /// # Safety
    ///
    /// As for [`run`](Self::run).
    pub(super) unsafe fn run_packed<const BUFFER: usize>(self) {
        let panel = PANEL_VECTORS * MAX_VECTOR_BYTES / size_of::<R>();
        let mut packed = [const { MaybeUninit::<R>::uninit() }; BUFFER];
        for p in (0..self.k).step_by(BUFFER / panel) {
            let depth = (BUFFER / panel).min(self.k - p);
            for j in (0..self.n).step_by(panel) {
                let columns = panel.min(self.n - j);
                // SAFETY: row p, column j and the `depth` rows and `columns` columns that begin there exist in their matrices; the packed
                // piece takes `depth` rows of `panel` elements, at most BUFFER. The rest is the caller's promise.
                unsafe {
                    let piece = Factor {
                        start: self.b.at(p, j),
                        ..self.b
                    };
                    let b = pack(piece, depth, columns, panel, &mut packed);
                    let a = Factor {
                        start: self.a.at(0, p),
                        ..self.a
                    };
                    let start = match self.start {
                        _ if p > 0 => Start::C,
                        Start::Bias(bias) => Start::Bias(bias.add(j)),
                        other => other,
                    };
                    TileProduct {
                        n: columns,
                        k: depth,
                        a,
                        b,
                        c: self.c.add(j),
                        start,
                        ..self
                    }
                    .run();
                }
            }
        }
    }
}

/// Copies `k` rows of `columns` columns of `B` into rows of `stride` elements.
///
/// # Safety
///
/// `b` must be valid for `k` rows of `columns` columns; `k · stride` must be at most `BUFFER`, `columns` at most `stride`.
// Not inlined: compiled for AVX-512 its plain loop would become gathers, which take longer than the loads they stand for.
#[inline(never)]
unsafe fn pack<R: Real, const BUFFER: usize>(
    b: Factor<R>,
    k: usize,
    columns: usize,
    stride: usize,
    packed: &mut [MaybeUninit<R>; BUFFER],
) -> Factor<R> {
    let start: *mut R = packed.as_mut_ptr().cast();
    if b.row_stride == 1 && k >= BLOCK && columns >= BLOCK {
        // A cache line of each column at a time, so that what is read and what is written stays in the first cache meanwhile. The
        // last blocks reach back over their neighbours rather than beyond the edge.
        for line in (0..k).step_by(LINE) {
            for j in (0..columns).step_by(BLOCK) {
                let j = j.min(columns - BLOCK);
                for p in (line..k.min(line + LINE)).step_by(BLOCK) {
                    let p = p.min(k - BLOCK);
                    // SAFETY: rows p .. p + 4 of columns j .. j + 4 exist, the rows side by side; in the buffer, (p, j) has the index
                    // p · stride + j, which is below k · stride ≤ BUFFER since columns ≤ stride.
                    unsafe {
                        let block = start.add(p * stride + j);
                        R::transpose_block(b.at(p, j), b.column_stride, block, stride);
                    }
                }
            }
        }
    } else {
        for j in 0..columns {
            for p in 0..k {
                // SAFETY: element (p, j) of B exists; for the buffer see above.
                unsafe { start.add(p * stride + j).write(*b.at(p, j)) };
            }
        }
    }
    Factor {
        start,
        row_stride: stride as isize,
        column_stride: 1,
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::super::naive;
    use super::*;
    use crate::random::Random;

    #[test]
    fn a_buffer_smaller_than_the_factor_gives_the_same_product() {
        let random = &mut Random::new(10, 0);
        let (m, n, k) = (11, 61, 37);
        let mut draw =
            |rows, columns| Array2::from_shape_simple_fn((rows, columns), || random.normal());
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
        unsafe { product.run_packed::<120>() };
        let mut expected = Array2::zeros((m, n));
        naive::product_nt(a.view(), w.view(), expected.view_mut());
        expected += &bias.row(0);
        assert!(c.iter().zip(&expected).all(|(c, e)| (c - e).abs() < 1e-12));
    }
}
