//! The first lanes of a vector of NEON, in a few instructions: pulp asks for each lane.

use std::arch::aarch64::*;

/// Bytes of a vector.
pub(super) const BYTES: usize = 16;

/// Reads the first `count` of the lanes that a vector of `R` has, zero elsewhere.
///
/// # Safety
///
/// `from` must be valid for reading `count` elements.
#[inline(always)]
pub(super) unsafe fn load<R>(count: usize, from: *const R) -> uint32x4_t {
    let words = from.cast::<u32>();
    // SAFETY: the caller's promise, for elements of four or of eight bytes.
    unsafe {
        let none = vdup_n_u32(0);
        match count * size_of::<R>() {
            0 => vcombine_u32(none, none),
            4 => vcombine_u32(vld1_lane_u32::<0>(words, none), none),
            8 => vcombine_u32(vld1_u32(words), none),
            12 => vcombine_u32(vld1_u32(words), vld1_lane_u32::<0>(words.add(2), none)),
            _ => vld1q_u32(words),
        }
    }
}

/// Writes the first `count` of the lanes that a vector of `R` has.
///
/// # Safety
///
/// `to` must be valid for writing `count` elements.
#[inline(always)]
pub(super) unsafe fn store<R>(count: usize, to: *mut R, value: uint32x4_t) {
    let words = to.cast::<u32>();
    // SAFETY: as in `load`.
    unsafe {
        match count * size_of::<R>() {
            0 => {}
            4 => vst1q_lane_u32::<0>(words, value),
            8 => vst1_u32(words, vget_low_u32(value)),
            12 => {
                vst1_u32(words, vget_low_u32(value));
                vst1q_lane_u32::<2>(words.add(2), value);
            }
            _ => vst1q_u32(words, value),
        }
    }
}
