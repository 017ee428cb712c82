//! The first lanes of a vector of WebAssembly, in one or two instructions: pulp asks for each lane.

use std::arch::wasm32::*;

/// Bytes of a vector.
pub(super) const BYTES: usize = 16;

/// Reads the first `count` of the lanes that a vector of `R` has, zero elsewhere.
///
/// # Safety
///
/// `from` must be valid for reading `count` elements.
#[inline(always)]
pub(super) unsafe fn load<R>(count: usize, from: *const R) -> v128 {
    let words = from.cast::<u32>();
    // SAFETY: the caller's promise, for elements of four or of eight bytes.
    unsafe {
        match count * size_of::<R>() {
            0 => u32x4_splat(0),
            4 => v128_load32_zero(words),
            8 => v128_load64_zero(words.cast()),
            12 => v128_load32_lane::<2>(v128_load64_zero(words.cast()), words.add(2)),
            _ => v128_load(words.cast()),
        }
    }
}

/// Writes the first `count` of the lanes that a vector of `R` has.
///
/// # Safety
///
/// `to` must be valid for writing `count` elements.
#[inline(always)]
pub(super) unsafe fn store<R>(count: usize, to: *mut R, value: v128) {
    let words = to.cast::<u32>();
    // SAFETY: as in `load`.
    unsafe {
        match count * size_of::<R>() {
            0 => {}
            4 => v128_store32_lane::<0>(value, words),
            8 => v128_store64_lane::<0>(value, words.cast()),
            12 => {
                v128_store64_lane::<0>(value, words.cast());
                v128_store32_lane::<2>(value, words.add(2));
            }
            _ => v128_store(words.cast(), value),
        }
    }
}
