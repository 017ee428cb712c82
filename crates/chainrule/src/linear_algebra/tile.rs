//! Small and thin products, one register tile at a time.
//!
//! `gemm` packs its factors and plans its blocks before it multiplies: for matrices of a few thousand elements that costs more
//! than the product. Here `C` is cut into tiles of a few rows by a few vectors; each tile stays in registers while it
//! runs once along the inner dimension:
//!
//! ```text
//! for each panel of columns, for each tile of rows:   tile ← 1 bᵀ or 0;   for p:  tile ← tile + A[·,p] B[p,·];   C ← tile
//! ```
//!
//! The order of every sum is that of the inner dimension, whatever the tiling, so a row's result does not depend on its neighbours; only
//! a product of a single row takes its sums in four parts. There is no blocking for the caches: larger products belong to `gemm`.

use std::mem::MaybeUninit;

use pulp::{Simd, WithSimd};

use crate::Real;

/// A panel of `Bᵀ` rows is turned into columns in a buffer of this many elements on the stack.
const PACKED: usize = 4096;
/// Vectors in a panel: with 8 rows, 24 sums, 3 columns of `B` and one element of `A` fill 32 registers less four.
const PANEL_VECTORS: usize = 3;
/// The widest vector has this many lanes.
const MAX_LANES: usize = 16;
/// The longest inner dimension for which `Bᵀ` can be packed.
pub(super) const MAX_PACKED_DEPTH: usize = PACKED / (PANEL_VECTORS * MAX_LANES);

/// A factor: where it begins and how far its rows and columns lie apart.
#[derive(Clone, Copy)]
pub(super) struct Factor<R> {
    pub(super) start: *const R,
    pub(super) row_stride: isize,
    pub(super) column_stride: isize,
}

/// `C ← 1 biasᵀ + A B` or `C ← A B`.     `A (m,k)  B (k,n)  C (m,n)`, the columns of `C` side by side.
pub(super) struct TileProduct<R> {
    pub(super) m: usize,
    pub(super) n: usize,
    pub(super) k: usize,
    pub(super) a: Factor<R>,
    pub(super) b: Factor<R>,
    pub(super) c: *mut R,
    pub(super) c_row_stride: isize,
    pub(super) bias: Option<*const R>,
}

impl<R: Real> TileProduct<R> {
    /// Runs the product with the widest instructions that the machine has.
    ///
    /// # Safety
    ///
    /// `a`, `b` and `bias` must be valid for reading the elements that their shapes and strides span, `c` for writing its own, and `c` must
    /// overlap none of them. If the columns of `b` do not lie side by side, `k` must be at most [`MAX_PACKED_DEPTH`].
    pub(super) unsafe fn run(self) {
        debug_assert!(self.b.column_stride == 1 || self.k <= MAX_PACKED_DEPTH);
        pulp::Arch::new().dispatch(self);
    }
}

impl<R: Real> WithSimd for TileProduct<R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let lanes = R::lanes::<S>();
        let panel = PANEL_VECTORS * lanes;
        let mut packed = [const { MaybeUninit::<R>::uninit() }; PACKED];
        let mut j = 0;
        while j < self.n {
            let columns = panel.min(self.n - j);
            // SAFETY: column `j` and the `columns` that begin there exist; `run` promises that they can be read, and that a
            // packed panel (k rows of at most PANEL_VECTORS · MAX_LANES elements) fits.
            let b = unsafe {
                let start = self.b.start.offset(j as isize * self.b.column_stride);
                if self.b.column_stride == 1 {
                    Factor { start, ..self.b }
                } else {
                    pack(
                        Factor { start, ..self.b },
                        self.k,
                        columns,
                        panel,
                        &mut packed,
                    )
                }
            };
            let product = Panel {
                b,
                tail: columns - (columns - 1) / lanes * lanes,
                // SAFETY: column `j` exists in C and in the bias.
                c: unsafe { self.c.add(j) },
                // SAFETY: as above.
                bias: self.bias.map(|bias| unsafe { bias.add(j) }),
                whole: &self,
            };
            // SAFETY: the panel's columns are `columns` of C's, and `run` promises the rest.
            unsafe {
                match columns.div_ceil(lanes) {
                    1 => product.run::<S, 1>(simd),
                    2 => product.run::<S, 2>(simd),
                    _ => product.run::<S, PANEL_VECTORS>(simd),
                }
            }
            j += columns;
        }
    }
}

/// `z ← b + x Wᵀ` for one row, inside code that is compiled for `S` already.     `x (i)  Wᵀ (i,o)  b, z (o)`     (F1)
///
/// # Panics
///
/// If the lengths do not compose.
#[inline(always)]
pub(crate) fn affine_row<R: Real, S: Simd>(
    simd: S,
    x: &[R],
    w_transposed: &[R],
    b: &[R],
    z: &mut [R],
) {
    let (i, o) = (x.len(), z.len());
    assert!(
        w_transposed.len() == i * o && b.len() == o,
        "Wᵀ needs {i} · {o} elements and b {o}"
    );
    let product = TileProduct {
        m: 1,
        n: o,
        k: i,
        a: Factor {
            start: x.as_ptr(),
            row_stride: i as isize,
            column_stride: 1,
        },
        b: Factor {
            start: w_transposed.as_ptr(),
            row_stride: o as isize,
            column_stride: 1,
        },
        c: z.as_mut_ptr(),
        c_row_stride: o as isize,
        bias: Some(b.as_ptr()),
    };
    // The pointers come from live slices whose lengths were compared above, `z` is borrowed mutably, and the columns of Wᵀ lie side by
    // side: what `run` asks for.
    product.with_simd(simd);
}

/// Copies `columns` columns of `B`, whose rows do not lie side by side, into rows of `stride` elements.
///
/// # Safety
///
/// `b` must be valid for `k` rows of `columns` columns; `k · stride` must be at most [`PACKED`].
// Not inlined: with AVX-512 the compiler would make these loops of gathers, which take longer than the loads they stand for.
#[inline(never)]
unsafe fn pack<R: Copy>(
    b: Factor<R>,
    k: usize,
    columns: usize,
    stride: usize,
    packed: &mut [MaybeUninit<R>; PACKED],
) -> Factor<R> {
    for j in 0..columns {
        for p in 0..k {
            // SAFETY: element (p, j) of B exists.
            let value = unsafe {
                *b.start
                    .offset(p as isize * b.row_stride + j as isize * b.column_stride)
            };
            // SAFETY: p < k and j < columns ≤ stride, so the index is below k · stride ≤ PACKED.
            unsafe { packed.get_unchecked_mut(p * stride + j).write(value) };
        }
    }
    Factor {
        start: packed.as_ptr().cast(),
        row_stride: stride as isize,
        column_stride: 1,
    }
}

/// A few vectors of columns over all rows of `C`.
struct Panel<'a, R> {
    b: Factor<R>,
    /// How many lanes of the panel's last vector are columns; those of the others all are.
    tail: usize,
    c: *mut R,
    bias: Option<*const R>,
    whole: &'a TileProduct<R>,
}

impl<R: Real> Panel<'_, R> {
    /// # Safety
    ///
    /// As [`TileProduct::run`], with `V` vectors of columns at `b`, `c` and `bias`.
    #[inline(always)]
    unsafe fn run<S: Simd, const V: usize>(&self, simd: S) {
        let m = self.whole.m;
        let mut i = 0;
        // SAFETY: every tile lies inside the m rows; the rest is the caller's promise.
        unsafe {
            // A single row has too few sums to keep the multipliers busy: each is taken in four parts.
            if m == 1 {
                return self.tile::<S, 1, V, 4>(simd, 0);
            }
            // Sixteen vector registers hold a tile of four rows, thirty-two one of eight.
            if S::REGISTER_COUNT >= 32 {
                while i + 8 <= m {
                    self.tile::<S, 8, V, 1>(simd, i);
                    i += 8;
                }
            }
            while i + 4 <= m {
                self.tile::<S, 4, V, 1>(simd, i);
                i += 4;
            }
            while i < m {
                self.tile::<S, 1, V, 1>(simd, i);
                i += 1;
            }
        }
    }

    /// Rows `i .. i + ROWS` of the panel, each sum in `PARTS` parts that take the inner indices in turn.
    ///
    /// # Safety
    ///
    /// As [`run`](Self::run), and the rows must exist.
    #[inline(always)]
    unsafe fn tile<S: Simd, const ROWS: usize, const V: usize, const PARTS: usize>(
        &self,
        simd: S,
        i: usize,
    ) {
        let lanes = R::lanes::<S>();
        let k = self.whole.k;
        let a = self.whole.a;
        // One pointer a row and one offset for all of them. Opaque to the compiler, which would otherwise rebuild each pointer from
        // the one before in the inner loop: a chain of additions longer than the multiplications take.
        let mut rows = [a.start; ROWS];
        for (r, row) in rows.iter_mut().enumerate() {
            // SAFETY: rows i .. i + ROWS of A exist.
            *row = std::hint::black_box(unsafe { row.offset((i + r) as isize * a.row_stride) });
        }

        // Plain loops, no closures: code inside a closure would be compiled without the instruction set.
        let zero = [R::splat(simd, R::zero()); V];
        let mut first = zero;
        if let Some(bias) = self.bias {
            for (v, first) in first.iter_mut().enumerate() {
                // SAFETY: vector v covers columns of the panel, for which the caller promises a bias.
                *first = unsafe { self.load::<S, V>(simd, v, bias.add(v * lanes)) };
            }
        }
        let mut parts = [[zero; ROWS]; PARTS];
        parts[0] = [first; ROWS];
        let mut p = 0;
        while p + PARTS <= k {
            for (part, sums) in parts.iter_mut().enumerate() {
                // SAFETY: p + part < k.
                unsafe { self.multiply_add(simd, p + part, &rows, sums) };
            }
            p += PARTS;
        }
        while p < k {
            // SAFETY: p < k.
            unsafe { self.multiply_add(simd, p, &rows, &mut parts[0]) };
            p += 1;
        }
        let (sums, others) = parts.split_first_mut().expect("at least one part");
        for other in others {
            for r in 0..ROWS {
                for v in 0..V {
                    sums[r][v] = R::add_vectors(simd, sums[r][v], other[r][v]);
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            for (v, &sum) in sums.iter().enumerate() {
                // SAFETY: row i + r of C exists, and vector v covers columns of the panel in it.
                unsafe {
                    let row = self.c.offset((i + r) as isize * self.whole.c_row_stride);
                    if v + 1 < V || self.tail == lanes {
                        R::store::<S>(row.add(v * lanes), sum);
                    } else {
                        R::store_first(simd, self.tail, row.add(v * lanes), sum);
                    }
                }
            }
        }
    }

    /// `sums ← sums + A[rows, p] B[p, panel]`.
    ///
    /// # Safety
    ///
    /// As [`run`](Self::run); `rows` must point to rows of `A`, and `p` must be below `k`.
    #[inline(always)]
    unsafe fn multiply_add<S: Simd, const ROWS: usize, const V: usize>(
        &self,
        simd: S,
        p: usize,
        rows: &[*const R; ROWS],
        sums: &mut [[R::Vector<S>; V]; ROWS],
    ) {
        let mut b = [R::splat(simd, R::zero()); V];
        // SAFETY: row p of B exists, and so do the panel's columns in it.
        let row = unsafe { self.b.start.offset(p as isize * self.b.row_stride) };
        for (v, b) in b.iter_mut().enumerate() {
            // SAFETY: as above; vector v covers columns of the panel.
            *b = unsafe { self.load::<S, V>(simd, v, row.add(v * R::lanes::<S>())) };
        }
        for (sums, row) in sums.iter_mut().zip(rows) {
            // SAFETY: column p of A exists.
            let a = unsafe { *row.offset(p as isize * self.whole.a.column_stride) };
            let a = R::splat(simd, a);
            for v in 0..V {
                sums[v] = R::fused_multiply_add(simd, a, b[v], sums[v]);
            }
        }
    }

    /// Vector `v` of `V`, from where its first column lies.
    ///
    /// # Safety
    ///
    /// The vector's columns must be valid for reading.
    #[inline(always)]
    unsafe fn load<S: Simd, const V: usize>(
        &self,
        simd: S,
        v: usize,
        from: *const R,
    ) -> R::Vector<S> {
        // SAFETY: the caller's promise; only the last vector may have fewer columns than lanes.
        unsafe {
            if v + 1 < V || self.tail == R::lanes::<S>() {
                R::load::<S>(from)
            } else {
                R::load_first(simd, self.tail, from)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::super::naive;
    use super::*;
    use crate::random::Random;

    /// A product of every instruction set at hand, for awkward shapes, with and without bias and packing.
    fn assert_matches_the_definition<R: Real, S: Simd>(simd: S) {
        let random = &mut Random::new(9, 0);
        for (m, n, k) in [
            (1, 1, 1),
            (9, 10, 32),
            (5, 16, 7),
            (13, 33, 4),
            (8, 48, 3),
            (17, 97, 11),
            (3, 5, 0),
        ] {
            for transposed in [false, true] {
                let mut draw = |rows, columns| {
                    Array2::from_shape_simple_fn((rows, columns), || R::from_f64(random.normal()))
                };
                let (a, b, bias) = (draw(m, k), draw(k, n), draw(1, n));
                let stored = if transposed {
                    b.t().as_standard_layout().into_owned()
                } else {
                    b.clone()
                };
                let (row_stride, column_stride) = if transposed {
                    (1, k as isize)
                } else {
                    (n as isize, 1)
                };
                let mut c = Array2::from_elem((m, n), R::nan());
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
                        start: stored.as_ptr(),
                        row_stride,
                        column_stride,
                    },
                    c: c.as_mut_ptr(),
                    c_row_stride: n as isize,
                    bias: Some(bias.as_ptr()),
                };
                simd.vectorize(product);
                let mut expected = Array2::zeros((m, n));
                naive::product_nn(a.view(), b.view(), expected.view_mut());
                expected += &bias.row(0);
                let bound = R::from_f64(64.0) * R::epsilon() * R::from_f64(k as f64 + 1.0);
                for (&found, &expected) in c.iter().zip(&expected) {
                    assert!(
                        (found - expected).abs() <= bound,
                        "({m},{n},{k}): {found} is not {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn every_instruction_set_matches_the_definition() {
        assert_matches_the_definition::<f32, _>(pulp::Scalar);
        assert_matches_the_definition::<f64, _>(pulp::Scalar);
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(simd) = pulp::x86::V3::try_new() {
                assert_matches_the_definition::<f32, _>(simd);
                assert_matches_the_definition::<f64, _>(simd);
            }
            if let Some(simd) = pulp::x86::V4::try_new() {
                assert_matches_the_definition::<f32, _>(simd);
                assert_matches_the_definition::<f64, _>(simd);
            }
        }
    }
}
