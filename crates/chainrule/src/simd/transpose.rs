//! Four by four elements, turned about.

//!
//! The compiler makes sixteen loads and stores of the plain loop, so the shuffles are spelt out where most processors
//! are.

#[cfg(target_arch = "aarch64")]
use neon as shuffles;
#[cfg(not(any(target_arch = "aarch64", target_arch = "x86_64")))]
pub(super) use plain::{block as block_of_f32, block as block_of_f64};
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
pub(super) use shuffles::block_of_f32;
#[cfg(target_arch = "x86_64")]
use sse as shuffles;

/// Two by two.
///
/// # Safety
///
/// As [`super::Vectors::transpose_block`].
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
#[inline(always)]
pub(super) unsafe fn block_of_f64(
    from: *const f64,
    from_stride: isize,
    to: *mut f64,
    to_stride: usize,
) {
    for c in [0, 2] {
        for r in [0, 2] {
            // SAFETY: the caller's promise, for columns c and c + 1 and rows r and r + 1.
            unsafe {
                let column = from.offset(c * from_stride + r);
                let row = to.offset(r * to_stride as isize + c);
                shuffles::two_by_two(
                    [column, column.offset(from_stride)],
                    [row, row.add(to_stride)],
                );
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod sse {
    use std::arch::x86_64::*;

    /// # Safety
    ///
    /// As [`super::super::Vectors::transpose_block`]. The instructions belong to every x86-64 processor.
    #[inline(always)]
    pub(in super::super) unsafe fn block_of_f32(
        from: *const f32,
        from_stride: isize,
        to: *mut f32,
        to_stride: usize,
    ) {
        // SAFETY: the caller's promise, for columns and rows 0 to 3.
        unsafe {
            let column = |c: isize| _mm_loadu_ps(from.offset(c * from_stride));
            let (a, b, c, d) = (column(0), column(1), column(2), column(3));
            let (ab_low, ab_high) = (_mm_unpacklo_ps(a, b), _mm_unpackhi_ps(a, b));
            let (cd_low, cd_high) = (_mm_unpacklo_ps(c, d), _mm_unpackhi_ps(c, d));
            _mm_storeu_ps(to, _mm_movelh_ps(ab_low, cd_low));
            _mm_storeu_ps(to.add(to_stride), _mm_movehl_ps(cd_low, ab_low));
            _mm_storeu_ps(to.add(2 * to_stride), _mm_movelh_ps(ab_high, cd_high));
            _mm_storeu_ps(to.add(3 * to_stride), _mm_movehl_ps(cd_high, ab_high));
        }
    }

    /// # Safety
    ///
    /// Both columns must be valid for reading two elements, both rows for writing them. The instructions belong to
    /// every x86-64 processor.
    #[inline(always)]
    pub(super) unsafe fn two_by_two(columns: [*const f64; 2], rows: [*mut f64; 2]) {
        // SAFETY: the caller's promise.
        unsafe {
            let [a, b] = [_mm_loadu_pd(columns[0]), _mm_loadu_pd(columns[1])];
            _mm_storeu_pd(rows[0], _mm_unpacklo_pd(a, b));
            _mm_storeu_pd(rows[1], _mm_unpackhi_pd(a, b));
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod neon {
    use std::arch::aarch64::*;

    /// # Safety
    ///
    /// As [`super::super::Vectors::transpose_block`]. The instructions belong to every processor of this kind.
    #[inline(always)]
    pub(in super::super) unsafe fn block_of_f32(
        from: *const f32,
        from_stride: isize,
        to: *mut f32,
        to_stride: usize,
    ) {
        // SAFETY: the caller's promise, for columns and rows 0 to 3.
        unsafe {
            let column = |c: isize| vld1q_f32(from.offset(c * from_stride));
            let (a, b, c, d) = (column(0), column(1), column(2), column(3));
            // Of each pair of columns the even rows, then the odd ones; two halves of those make a row.
            let pairs = |x, y| {
                (
                    vreinterpretq_f64_f32(vtrn1q_f32(x, y)),
                    vreinterpretq_f64_f32(vtrn2q_f32(x, y)),
                )
            };
            let ((ab_even, ab_odd), (cd_even, cd_odd)) = (pairs(a, b), pairs(c, d));
            let store =
                |r: usize, row| vst1q_f32(to.add(r * to_stride), vreinterpretq_f32_f64(row));
            store(0, vtrn1q_f64(ab_even, cd_even));
            store(1, vtrn1q_f64(ab_odd, cd_odd));
            store(2, vtrn2q_f64(ab_even, cd_even));
            store(3, vtrn2q_f64(ab_odd, cd_odd));
        }
    }

    /// # Safety
    ///
    /// Both columns must be valid for reading two elements, both rows for writing them. The instructions belong to
    /// every processor of this kind.
    #[inline(always)]
    pub(super) unsafe fn two_by_two(columns: [*const f64; 2], rows: [*mut f64; 2]) {
        // SAFETY: the caller's promise.
        unsafe {
            let [a, b] = [vld1q_f64(columns[0]), vld1q_f64(columns[1])];
            vst1q_f64(rows[0], vtrn1q_f64(a, b));
            vst1q_f64(rows[1], vtrn2q_f64(a, b));
        }
    }
}

/// One element after the other.
#[cfg(not(any(target_arch = "aarch64", target_arch = "x86_64")))]
mod plain {
    /// # Safety
    ///
    /// As [`super::super::Vectors::transpose_block`].
    #[inline(always)]
    pub(in super::super) unsafe fn block<R: Copy>(
        from: *const R,
        from_stride: isize,
        to: *mut R,
        to_stride: usize,
    ) {
        for c in 0..super::super::BLOCK {
            for r in 0..super::super::BLOCK {
                // SAFETY: the caller's promise.
                unsafe {
                    *to.add(r * to_stride + c) = *from.offset(c as isize * from_stride).add(r)
                };
            }
        }
    }
}
