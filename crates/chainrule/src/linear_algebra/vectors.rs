//! One name for the vectors of both scalar types, so that a kernel is written once.
//!
//! `pulp` picks the widest instructions at run time; its methods are named per type (`splat_f32s`, `splat_f64s`). This file maps them to
//! one trait and adds loads and stores of part of a vector.

use pulp::Simd;

/// A scalar whose vectors a kernel can work with.
pub trait Vectors: Copy {
    /// A vector of the instruction set `S`.
    type Vector<S: Simd>: Copy;

    /// `value` in every lane.
    fn splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S>;

    /// `a b + c`, fused where the instruction set can.
    fn fused_multiply_add<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;

    /// `a + b`.
    fn add_vectors<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;

    /// The sum of all lanes.
    fn sum_lanes<S: Simd>(simd: S, a: Self::Vector<S>) -> Self;

    /// Reads the first `count` lanes, zero elsewhere.
    ///
    /// # Safety
    ///
    /// `from` must be valid for reading `count` elements.
    unsafe fn load_first<S: Simd>(simd: S, count: usize, from: *const Self) -> Self::Vector<S>;

    /// Writes the first `count` lanes.
    ///
    /// # Safety
    ///
    /// `to` must be valid for writing `count` elements.
    unsafe fn store_first<S: Simd>(simd: S, count: usize, to: *mut Self, value: Self::Vector<S>);

    /// Number of lanes.
    #[inline(always)]
    fn lanes<S: Simd>() -> usize {
        size_of::<Self::Vector<S>>() / size_of::<Self>()
    }

    /// Reads a whole vector.
    ///
    /// # Safety
    ///
    /// `from` must be valid for reading all lanes.
    #[inline(always)]
    unsafe fn load<S: Simd>(from: *const Self) -> Self::Vector<S> {
        // SAFETY: the caller's promise; a vector is nothing but its lanes, and any bits are a vector.
        unsafe { from.cast::<Self::Vector<S>>().read_unaligned() }
    }

    /// Writes a whole vector.
    ///
    /// # Safety
    ///
    /// `to` must be valid for writing all lanes.
    #[inline(always)]
    unsafe fn store<S: Simd>(to: *mut Self, value: Self::Vector<S>) {
        // SAFETY: the caller's promise; a vector is nothing but its lanes.
        unsafe { to.cast::<Self::Vector<S>>().write_unaligned(value) }
    }
}

/// Writes the implementation for one scalar type: the two differ in nothing but the names of `pulp`'s and the processor's functions.
macro_rules! vectors {
    ($scalar:ty, $vector:ident, $splat:ident, $add:ident, $sum:ident, $fma:ident, $mask:ident, $mask_load:ident, $mask_store:ident,
     $avx512_mask:ty, $avx512_load:ident, $avx512_store:ident) => {
        impl Vectors for $scalar {
            type Vector<S: Simd> = S::$vector;

            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: Self) -> S::$vector {
                simd.$splat(value)
            }

            #[inline(always)]
            fn fused_multiply_add<S: Simd>(
                simd: S,
                a: S::$vector,
                b: S::$vector,
                c: S::$vector,
            ) -> S::$vector {
                simd.$fma(a, b, c)
            }

            #[inline(always)]
            fn add_vectors<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$add(a, b)
            }

            #[inline(always)]
            fn sum_lanes<S: Simd>(simd: S, a: S::$vector) -> Self {
                simd.$sum(a)
            }

            #[inline(always)]
            unsafe fn load_first<S: Simd>(simd: S, count: usize, from: *const Self) -> S::$vector {
                #[cfg(target_arch = "x86_64")]
                if size_of::<S::$vector>() == AVX512_BYTES {
                    let mask = ((1u32 << count) - 1) as $avx512_mask;
                    // SAFETY: only pulp's AVX-512 token has vectors of this size, so the machine has the instructions;
                    // both types are 64 bytes of lanes; the caller promises the lanes of the mask.
                    return unsafe {
                        std::mem::transmute_copy(&std::arch::x86_64::$avx512_load(mask, from))
                    };
                }
                // SAFETY: the caller's promise.
                unsafe { simd.$mask_load(simd.$mask(0, count as _), from) }
            }

            #[inline(always)]
            unsafe fn store_first<S: Simd>(
                simd: S,
                count: usize,
                to: *mut Self,
                value: S::$vector,
            ) {
                #[cfg(target_arch = "x86_64")]
                if size_of::<S::$vector>() == AVX512_BYTES {
                    let mask = ((1u32 << count) - 1) as $avx512_mask;
                    // SAFETY: as in `load_first`.
                    return unsafe {
                        std::arch::x86_64::$avx512_store(to, mask, std::mem::transmute_copy(&value))
                    };
                }
                // SAFETY: the caller's promise.
                unsafe { simd.$mask_store(simd.$mask(0, count as _), to, value) }
            }
        }
    };
}

/// pulp (0.22) calls a function for each masked AVX-512 load or store; the processor has an instruction.
#[cfg(target_arch = "x86_64")]
const AVX512_BYTES: usize = 64;

vectors!(
    f32,
    f32s,
    splat_f32s,
    add_f32s,
    reduce_sum_f32s,
    mul_add_e_f32s,
    mask_between_m32s,
    mask_load_ptr_f32s,
    mask_store_ptr_f32s,
    u16,
    _mm512_maskz_loadu_ps,
    _mm512_mask_storeu_ps
);
vectors!(
    f64,
    f64s,
    splat_f64s,
    add_f64s,
    reduce_sum_f64s,
    mul_add_e_f64s,
    mask_between_m64s,
    mask_load_ptr_f64s,
    mask_store_ptr_f64s,
    u8,
    _mm512_maskz_loadu_pd,
    _mm512_mask_storeu_pd
);
