//! Vectors of numbers: one name for those of both scalar types, so that a kernel is written once, and the choice of
//! instructions.
//!
//! `pulp` picks the widest instructions at run time; its methods are named per type (`splat_f32s`, `splat_f64s`). This
//! file maps them to one trait and adds loads and stores of part of a vector.

use std::sync::OnceLock;

use pulp::{Arch, Simd, WithSimd};

/// Bytes of the widest vector.
pub(crate) const MAX_VECTOR_BYTES: usize = 64;

/// Rows and columns of the blocks that [`Vectors::transpose_block`] takes.
pub(crate) const BLOCK: usize = 4;

/// The instructions that vector code runs with, chosen once.
#[inline]
pub(crate) fn arch() -> Arch {
    static CHOSEN: OnceLock<Arch> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let widest = Arch::new();
        match std::env::var("CHAINRULE_INSTRUCTIONS").as_deref() {
            Ok("none") => Arch::Scalar,
            #[cfg(target_arch = "x86_64")]
            Ok("avx2") => pulp::x86::V3::try_new().map_or(widest, Arch::V3),
            _ => widest,
        }
    })
}

/// The vector instructions that this process works with: `"AVX-512"`, `"AVX2"`, or the name that `pulp` gives to those
/// of another processor; `"none"` where it knows none.
///
/// They are the widest that the machine has. The environment variable `CHAINRULE_INSTRUCTIONS` asks for narrower ones,
/// `avx2` or `none`, so that their code can be tried and timed on one machine. Results differ between them by rounding.
pub fn instruction_set() -> &'static str {
    struct Name;
    impl WithSimd for Name {
        type Output = &'static str;

        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> &'static str {
            match std::any::type_name::<S>().rsplit("::").next() {
                Some("V4") => "AVX-512",
                Some("V3") => "AVX2",
                Some("Scalar") | None => "none",
                Some(other) => other,
            }
        }
    }
    arch().dispatch(Name)
}

/// Runs an element-wise loop compiled for the widest instructions that the machine has.
#[inline(always)]
pub(crate) fn vectorized<T>(work: impl FnOnce() -> T) -> T {
    arch().dispatch(work)
}

/// Runs a kernel whose vectors hold `elements` numbers, with the widest instructions that the machine has.
///
/// Where half a vector holds just so many, half vectors are twice as fast: whole ones would be half empty, and masked.
#[inline(always)]
#[cfg_attr(not(target_arch = "x86_64"), expect(unused_variables))]
pub(crate) fn dispatch<R, K: WithSimd>(elements: usize, kernel: K) -> K::Output {
    let arch = arch();
    #[cfg(target_arch = "x86_64")]
    if let Arch::V4(v4) = arch
        && elements == MAX_VECTOR_BYTES / 2 / size_of::<R>()
    {
        return Simd::vectorize(*v4, kernel);
    }
    arch.dispatch(kernel)
}

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

    /// Writes four columns of four elements, `from_stride` apart, as four rows, `to_stride` apart.
    ///
    /// # Safety
    ///
    /// All sixteen elements of `from` must be valid for reading, those of `to` for writing.
    unsafe fn transpose_block(
        from: *const Self,
        from_stride: isize,
        to: *mut Self,
        to_stride: usize,
    );

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

/// Reads `count` elements, zeros behind them.
///
/// # Safety
///
/// They must be valid for reading; `count` is at most the number of lanes.
#[inline(always)]
pub(crate) unsafe fn load<R: Vectors, S: Simd>(
    simd: S,
    count: usize,
    from: *const R,
) -> R::Vector<S> {
    // SAFETY: the caller's promise.
    unsafe {
        if count == R::lanes::<S>() {
            R::load::<S>(from)
        } else {
            R::load_first(simd, count, from)
        }
    }
}

/// Writes `count` elements.
///
/// # Safety
///
/// They must be valid for writing; `count` is at most the number of lanes.
#[inline(always)]
pub(crate) unsafe fn store<R: Vectors, S: Simd>(
    simd: S,
    count: usize,
    to: *mut R,
    value: R::Vector<S>,
) {
    // SAFETY: the caller's promise.
    unsafe {
        if count == R::lanes::<S>() {
            R::store::<S>(to, value);
        } else {
            R::store_first(simd, count, to, value);
        }
    }
}

/// Writes the implementation for one scalar type: the two differ in nothing but the names of `pulp`'s and the
/// processor's functions.
macro_rules! vectors {
    ($scalar:ty, $vector:ident, $splat:ident, $add:ident, $sum:ident, $fma:ident, $mask:ident, $mask_load:ident, $mask_store:ident,
     $avx512_mask:ty, $avx512_load:ident, $avx512_store:ident, $transpose_block:path) => {
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
                #[cfg(target_arch = "wasm32")]
                if size_of::<S::$vector>() == first_lanes::BYTES {
                    // SAFETY: both types are 16 bytes of lanes; the rest is the caller's promise.
                    return unsafe { std::mem::transmute_copy(&first_lanes::load(count, from)) };
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
                #[cfg(target_arch = "wasm32")]
                if size_of::<S::$vector>() == first_lanes::BYTES {
                    // SAFETY: as in `load_first`.
                    return unsafe {
                        first_lanes::store(count, to, std::mem::transmute_copy(&value))
                    };
                }
                // SAFETY: the caller's promise.
                unsafe { simd.$mask_store(simd.$mask(0, count as _), to, value) }
            }

            #[inline(always)]
            unsafe fn transpose_block(
                from: *const Self,
                from_stride: isize,
                to: *mut Self,
                to_stride: usize,
            ) {
                // SAFETY: the caller's promise.
                unsafe { $transpose_block(from, from_stride, to, to_stride) }
            }
        }
    };
}

/// The first lanes of a vector of WebAssembly, in one or two instructions: pulp asks for each lane.
#[cfg(target_arch = "wasm32")]
mod first_lanes {
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
}

/// Four by four elements: the compiler makes sixteen loads and stores of the plain loop, so the shuffles are spelt out.
#[cfg(target_arch = "x86_64")]
mod transpose {
    use std::arch::x86_64::*;

    /// # Safety
    ///
    /// As [`super::Vectors::transpose_block`]. The instructions belong to every x86-64 processor.
    #[inline(always)]
    pub(super) unsafe fn block_of_f32(
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
    /// As [`super::Vectors::transpose_block`]. The instructions belong to every x86-64 processor.
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
                    let (a, b) = (
                        _mm_loadu_pd(column),
                        _mm_loadu_pd(column.offset(from_stride)),
                    );
                    let row = to.offset(r * to_stride as isize + c);
                    _mm_storeu_pd(row, _mm_unpacklo_pd(a, b));
                    _mm_storeu_pd(row.add(to_stride), _mm_unpackhi_pd(a, b));
                }
            }
        }
    }
}

/// Four by four elements, one by one.
#[cfg(not(target_arch = "x86_64"))]
mod transpose {
    pub(super) use self::{block as block_of_f32, block as block_of_f64};

    /// # Safety
    ///
    /// As [`super::Vectors::transpose_block`].
    #[inline(always)]
    pub(super) unsafe fn block<R: Copy>(
        from: *const R,
        from_stride: isize,
        to: *mut R,
        to_stride: usize,
    ) {
        for c in 0..super::BLOCK {
            for r in 0..super::BLOCK {
                // SAFETY: the caller's promise.
                unsafe {
                    *to.add(r * to_stride + c) = *from.offset(c as isize * from_stride).add(r)
                };
            }
        }
    }
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
    _mm512_mask_storeu_ps,
    transpose::block_of_f32
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
    _mm512_mask_storeu_pd,
    transpose::block_of_f64
);
