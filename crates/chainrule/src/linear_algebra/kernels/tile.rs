//! Products in register tiles, for everything that does not need blocking for the outer caches.
//!
//! `C` is cut into tiles of a few rows by a few vectors ([`super::shape`]); each tile stays in registers while it runs
//! once along the inner dimension:
//!
//! ```text
//! for each panel of columns, for each tile of rows:   tile ← 1 bᵀ, 0 or C;   for p:  tile ← tile + A[·,p] B[p,·];   C ← tile
//! ```
//!
//! `A` is read where it lies, an element at a time. The columns of `B` must lie side by side ([`super::packing`] copies
//! those that do not). The order of every sum is that of the inner dimension, whatever the tiling, so a row's result
//! does not depend on its neighbours, and a sum that starts from `C` goes on as if it had never stopped. Only a product
//! of a single row takes its sums in four parts, and, where it may be one of several that are added up, a [`GROUP`] of
//! inner indices at a time.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::factor::{Factor, GROUP, Start};
use super::shape::{MOST_VECTORS, has_many_registers, has_rows_by_six, tile_vectors};
use crate::Real;
use crate::simd::dispatch;

/// `C ← start + A B`.     `A (m,k)  B (k,n)  C (m,n)`, the columns of `C` side by side.
#[derive(Clone, Copy)]
pub(crate) struct TileProduct<R> {
    pub(crate) m: usize,
    pub(crate) n: usize,
    pub(crate) k: usize,
    pub(crate) a: Factor<R>,
    pub(crate) b: Factor<R>,
    pub(crate) c: *mut R,
    pub(crate) c_row_stride: isize,
    pub(crate) start: Start<R>,
}

impl<R: Real> TileProduct<R> {
    /// Runs the product with the widest instructions that the machine has. The columns of `B` must lie side by side.
    ///
    /// # Safety
    ///
    /// `a`, `b` and `start` must be valid for reading the elements that their shapes and strides span, `c` for writing
    /// its own (and reading them, if they are the start), and `c` must overlap none of them.
    pub(crate) unsafe fn run(&self) {
        debug_assert!(self.b.column_stride == 1 || self.k == 0);
        dispatch::<R, _>(self.n, self);
    }
}

impl<R: Real> WithSimd for &TileProduct<R> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let lanes = R::lanes::<S>();
        let mut j = 0;
        while j < self.n {
            let columns = (tile_vectors::<S>(self.m) * lanes).min(self.n - j);
            // SAFETY: column j exists in B, in C and in the bias; `run` promises the rest.
            unsafe {
                let panel = Panel {
                    b: self.b.from(0, j),
                    tail: columns - (columns - 1) / lanes * lanes,
                    c: self.c.add(j),
                    start: match self.start {
                        Start::Bias(bias) => Start::Bias(bias.add(j)),
                        other => other,
                    },
                    whole: self,
                };
                // Whether the last vector is whole is decided here: the compiler does not always find that its loops
                // need not ask.
                match (columns.div_ceil(lanes), panel.tail == lanes) {
                    (1, true) => panel.run::<S, 1, true>(simd),
                    (1, false) => panel.run::<S, 1, false>(simd),
                    (2, true) => panel.run::<S, 2, true>(simd),
                    (2, false) => panel.run::<S, 2, false>(simd),
                    (_, true) => panel.run::<S, MOST_VECTORS, true>(simd),
                    (_, false) => panel.run::<S, MOST_VECTORS, false>(simd),
                }
            }
            j += columns;
        }
    }
}

/// A few vectors of columns over all rows of `C`.
struct Panel<'a, R> {
    b: Factor<R>,
    /// How many lanes of the panel's last vector are columns; those of the others all are.
    tail: usize,
    c: *mut R,
    start: Start<R>,
    whole: &'a TileProduct<R>,
}

impl<R: Real> Panel<'_, R> {
    /// # Safety
    ///
    /// As [`TileProduct::run`], with `V` vectors of columns at `b`, `c` and `bias`.
    #[inline(always)]
    unsafe fn run<S: Simd, const V: usize, const WHOLE: bool>(&self, simd: S) {
        let (m, k) = (self.whole.m, self.whole.k);
        // SAFETY: every tile lies inside the m rows and k inner indices; the rest is the caller's promise.
        unsafe {
            if m == 1 {
                // A single row has too few sums to keep the multipliers busy: each is taken in four parts.
                let step = if let Start::Bias(_) = self.start {
                    k
                } else {
                    GROUP
                };
                let (mut p, mut start) = (0, self.start);
                loop {
                    let end = k.min(p + step);
                    self.tile::<S, 1, V, WHOLE, 4>(simd, 0, p..end, start);
                    if end == k {
                        return;
                    }
                    (p, start) = (end, Start::C);
                }
            }
            // `const`, so that no code is made for the tiles that an instruction set does not have.
            if const { V == MOST_VECTORS && !has_many_registers::<S>() } {
                unreachable!("only a single row has tiles so wide");
            }
            let mut i = 0;
            if const { has_many_registers::<S>() || V == 1 } {
                while i + 8 <= m {
                    self.tile::<S, 8, V, WHOLE, 1>(simd, i, 0..k, self.start);
                    i += 8;
                }
            } else if const { has_rows_by_six::<S>() } {
                // Eight or nine last rows are better taken by fours.
                while i + 6 <= m && !(8..=9).contains(&(m - i)) {
                    self.tile::<S, 6, V, WHOLE, 1>(simd, i, 0..k, self.start);
                    i += 6;
                }
            }
            while i + 4 <= m {
                self.tile::<S, 4, V, WHOLE, 1>(simd, i, 0..k, self.start);
                i += 4;
            }
            // Two rows share what they read of `B`, and have twice the sums that keep the multipliers busy.
            if i + 2 <= m {
                self.tile::<S, 2, V, WHOLE, 1>(simd, i, 0..k, self.start);
                i += 2;
            }
            if i < m {
                self.tile::<S, 1, V, WHOLE, 1>(simd, i, 0..k, self.start);
            }
        }
    }

    /// Rows `i .. i + ROWS` of the panel, over some of the inner indices, each sum in `PARTS` parts that take them in
    /// turn.
    ///
    /// # Safety
    ///
    /// As [`run`](Self::run), and the rows and inner indices must exist; `start` is what this part of the product
    /// starts from.
    #[inline(always)]
    unsafe fn tile<
        S: Simd,
        const ROWS: usize,
        const V: usize,
        const WHOLE: bool,
        const PARTS: usize,
    >(
        &self,
        simd: S,
        i: usize,
        inner: Range<usize>,
        start: Start<R>,
    ) {
        let lanes = R::lanes::<S>();
        let a = self.whole.a;
        // SAFETY: row i of A exists.
        let mut rows = [unsafe { a.at(i, 0) }; ROWS];
        for r in 1..ROWS {
            // SAFETY: so do the rows up to i + ROWS.
            rows[r] = unsafe { rows[r - 1].offset(a.row_stride) };
        }
        // One pointer a row and one offset for all of them. Opaque to the compiler, which would otherwise rebuild each
        // pointer from the one before in the inner loop: a chain of additions longer than the multiplications take. A
        // single row makes no chain.
        if ROWS > 1 {
            for row in &mut rows {
                *row = opaque(*row);
            }
        }

        // Plain loops, no closures: code inside a closure would be compiled without the instruction set.
        let zero = [R::splat(simd, R::zero()); V];
        let mut parts = [[zero; ROWS]; PARTS];
        let c_stride = self.whole.c_row_stride;
        let c = self.c.wrapping_offset(i as isize * c_stride);
        match start {
            Start::Zero => {}
            Start::Bias(bias) => {
                for sums in &mut parts[0] {
                    for (v, sum) in sums.iter_mut().enumerate() {
                        // SAFETY: vector v covers columns of the panel, and the caller promises their bias.
                        *sum = unsafe { self.load::<S, V, WHOLE>(simd, v, bias.add(v * lanes)) };
                    }
                }
            }
            Start::C => {
                let mut row = c;
                for sums in &mut parts[0] {
                    for (v, sum) in sums.iter_mut().enumerate() {
                        // SAFETY: this row of C exists, and vector v covers columns of the panel in it.
                        *sum = unsafe { self.load::<S, V, WHOLE>(simd, v, row.add(v * lanes)) };
                    }
                    row = row.wrapping_offset(c_stride);
                }
            }
        }
        let mut p = inner.start;
        while p + PARTS <= inner.end {
            for (part, sums) in parts.iter_mut().enumerate() {
                // SAFETY: p + part lies below the end of the inner indices.
                unsafe { self.multiply_add::<S, ROWS, V, WHOLE>(simd, p + part, &rows, sums) };
            }
            p += PARTS;
        }
        while p < inner.end {
            // SAFETY: so does p.
            unsafe { self.multiply_add::<S, ROWS, V, WHOLE>(simd, p, &rows, &mut parts[0]) };
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
        let mut row = c;
        for sums in sums.iter() {
            for (v, &sum) in sums.iter().enumerate() {
                // SAFETY: this row of C exists, and vector v covers columns of the panel in it.
                unsafe {
                    if v + 1 < V || WHOLE {
                        R::store::<S>(row.add(v * lanes), sum);
                    } else {
                        R::store_first(simd, self.tail, row.add(v * lanes), sum);
                    }
                }
            }
            row = row.wrapping_offset(c_stride);
        }
    }

    /// `sums ← sums + A[rows, p] B[p, panel]`.
    ///
    /// # Safety
    ///
    /// As [`run`](Self::run); `rows` must point to rows of `A`, and `p` must be below `k`.
    #[inline(always)]
    unsafe fn multiply_add<S: Simd, const ROWS: usize, const V: usize, const WHOLE: bool>(
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
            *b = unsafe { self.load::<S, V, WHOLE>(simd, v, row.add(v * R::lanes::<S>())) };
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
    /// Spelt out, as the store is: by the common functions of [`crate::simd`] a small training step takes 6 % more AVX2
    /// instructions.
    ///
    /// # Safety
    ///
    /// The vector's columns must be valid for reading.
    #[inline(always)]
    unsafe fn load<S: Simd, const V: usize, const WHOLE: bool>(
        &self,
        simd: S,
        v: usize,
        from: *const R,
    ) -> R::Vector<S> {
        // SAFETY: the caller's promise; only the last vector may have fewer columns than lanes.
        unsafe {
            if v + 1 < V || WHOLE {
                R::load::<S>(from)
            } else {
                R::load_first(simd, self.tail, from)
            }
        }
    }
}

/// The same pointer; the compiler does not know that.
#[inline(always)]
fn opaque<R>(pointer: *const R) -> *const R {
    // `black_box` sends it through memory, which takes 1.5 % of a small network's step. A browser compiles the
    // addresses once more, and would have them from memory.
    #[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)))]
    {
        #![expect(
            clippy::pointers_in_nomem_asm_block,
            reason = "nothing is read or written by way of it"
        )]
        let mut pointer = pointer;
        // SAFETY: no instruction at all, and the register is left as it is.
        unsafe {
            std::arch::asm!("// {0}", inout(reg) pointer, options(pure, nomem, nostack, preserves_flags))
        };
        pointer
    }
    #[cfg(target_arch = "wasm32")]
    return pointer;
    #[cfg(not(any(
        target_arch = "wasm32",
        all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri))
    )))]
    std::hint::black_box(pointer)
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::linear_algebra::naive;
    use crate::linear_algebra::tests::{Check, matrix, with_every_instruction_set};
    use crate::random::Random;

    /// A product for awkward shapes, from each start.
    struct Tiles;

    impl Check for Tiles {
        fn run<R: Real, S: Simd>(simd: S) {
            let random = &mut Random::seeded(9);
            let shapes = [
                (1, 1, 1),
                (9, 10, 32),
                (5, 16, 7),
                (1, 40, 19),
                (13, 33, 4),
                (8, 48, 3),
                (17, 97, 11),
                (3, 5, 0),
            ];
            for (m, n, k) in shapes {
                let mut draw = |rows, columns| matrix(random, rows, columns);
                let (a, b, bias, before) = (draw(m, k), draw(k, n), draw(1, n), draw(m, n));
                for start in [Start::Zero, Start::Bias(bias.as_ptr()), Start::C] {
                    let mut c = if matches!(start, Start::C) {
                        before.clone()
                    } else {
                        Array2::from_elem((m, n), R::nan())
                    };
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
                            start: b.as_ptr(),
                            row_stride: n as isize,
                            column_stride: 1,
                        },
                        c: c.as_mut_ptr(),
                        c_row_stride: n as isize,
                        start,
                    };
                    simd.vectorize(&product);
                    let mut expected = Array2::zeros((m, n));
                    naive::product_nn(a.view(), b.view(), expected.view_mut());
                    match start {
                        Start::Zero => {}
                        Start::Bias(_) => expected += &bias.row(0),
                        Start::C => expected += &before,
                    }
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
    }

    #[test]
    fn every_instruction_set_matches_the_definition() {
        with_every_instruction_set::<Tiles>();
    }
}
