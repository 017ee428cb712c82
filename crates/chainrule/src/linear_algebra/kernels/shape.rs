//! The shapes of register tiles, for each instruction set.
//!
//! | instructions | a vector | registers | whole tiles: rows × vectors | a single row |
//! |---|---|---|---|---|
//! | AVX-512 | 64 bytes | 32 | 8 × 3 | four sums × 3 |
//! | NEON | 16 bytes | 32 | 8 × 3 | the same |
//! | AVX2 | 32 bytes | 16 | 6 × 2 | the same |
//! | WebAssembly | 16 bytes | 16 | 4 × 2 | the same |
//! | none | a number | 16 | 6 × 2 | the same |
//!
//! A tile's sums, the vectors of `B` beside them and one element of `A` stay in registers: 24 + 3 + 1 of 32, or
//! 12 + 2 + 1 of 16. Eight sums at least keep two units busy whose multiply-adds take four cycles. A tile of 4 × 3
//! would need all 16 registers: it is as fast, where the compiler manages with them, and takes half as long again where
//! it keeps one sum in memory. WebAssembly multiplies and adds in two instructions, with a product between them, and a
//! browser keeps a register for itself: with tiles of 6 × 2 a small network's step took an eighth longer.

use std::marker::PhantomData;

use pulp::{Simd, WithSimd};

use crate::Real;
use crate::simd::{MAX_VECTOR_BYTES, arch};

/// The most vectors that lie beside each other in a tile.
pub(super) const MOST_VECTORS: usize = 3;

/// The most columns of a panel, whatever the instructions.
pub(crate) const fn most_panel_columns<R>() -> usize {
    MOST_VECTORS * MAX_VECTOR_BYTES / size_of::<R>()
}

/// Vectors of a whole tile of `rows` rows.
pub(super) const fn tile_vectors<S: Simd>(rows: usize) -> usize {
    if rows == 1 || has_many_registers::<S>() {
        MOST_VECTORS
    } else {
        2
    }
}

/// Whether whole tiles are 8 × 3.
///
/// `pulp` gives WebAssembly 32 registers; the processors under most browsers have 16.
pub(super) const fn has_many_registers<S: Simd>() -> bool {
    S::REGISTER_COUNT >= 32 && cfg!(not(target_arch = "wasm32"))
}

/// Whether whole tiles are 6 × 2.
pub(super) const fn has_rows_by_six<S: Simd>() -> bool {
    !has_many_registers::<S>() && cfg!(not(target_arch = "wasm32"))
}

/// Columns of the panels that a factor is copied in for the [instructions in use](arch): those of a whole tile, which
/// then finds them one after the other, or of several that take a cache line together.
pub(crate) fn panel_columns<R: Real>() -> usize {
    struct PanelColumns<R>(PhantomData<R>);
    impl<R: Real> WithSimd for PanelColumns<R> {
        type Output = usize;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            panel_columns_for::<R, S>()
        }
    }
    arch().dispatch(PanelColumns::<R>(PhantomData))
}

/// [`panel_columns`] for the instruction set `S`.
#[inline(always)]
pub(crate) fn panel_columns_for<R: Real, S: Simd>() -> usize {
    let of_a_tile = tile_vectors::<S>(8) * R::lanes::<S>();
    let of_a_line = MAX_VECTOR_BYTES / size_of::<R>();
    of_a_tile * of_a_line.div_ceil(of_a_tile)
}

/// Rows of the strips that a factor is copied in for the [instructions in use](arch): one tile's of 8, or two tiles' of
/// 6.
pub(crate) fn strip_rows() -> usize {
    struct StripRows;
    impl WithSimd for StripRows {
        type Output = usize;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            if has_many_registers::<S>() { 8 } else { 12 }
        }
    }
    arch().dispatch(StripRows)
}
