//! Vectors of numbers: one name for those of both scalar types, so that a kernel is written once, and the choice of
//! instructions.
//!
//! `pulp` picks the widest instructions at run time; its methods are named per type (`splat_f32s`, `splat_f64s`). This
//! file maps them to one trait and adds loads and stores of part of a vector; where a processor needs its own
//! instructions for those, it has a file beside this one.

#[cfg(target_arch = "aarch64")]
mod neon;
mod transpose;
#[cfg(target_arch = "wasm32")]
mod wasm;

use std::sync::OnceLock;

#[cfg(target_arch = "aarch64")]
use neon as first_lanes;
use pulp::{Arch, Simd, WithSimd};
#[cfg(target_arch = "wasm32")]
use wasm as first_lanes;

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
#[cfg_attr(
    not(target_arch = "x86_64"),
    expect(unused_variables, clippy::extra_unused_type_parameters)
)]
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

/// A vector of `pulp`'s as kernels hold it.
#[cfg(not(target_arch = "aarch64"))]
type Held<V> = V;

/// The same: an array, which the compiler keeps in one register. To it `pulp`'s two doubles are a pair of numbers, and
/// in a loop it would keep each of them in a register of its own.
#[cfg(target_arch = "aarch64")]
type Held<V> = [V; 1];

#[inline(always)]
fn hold<V>(vector: V) -> Held<V> {
    #[cfg(target_arch = "aarch64")]
    let vector = [vector];
    vector
}

#[inline(always)]
fn held<V>(vector: Held<V>) -> V {
    #[cfg(target_arch = "aarch64")]
    let [vector] = vector;
    vector
}

/// Writes the implementation for one scalar type: the two differ in nothing but the names of `pulp`'s and the
/// processor's functions.
macro_rules! vectors {
    ($scalar:ty, $vector:ident, $splat:ident, $add:ident, $sum:ident, $fma:ident, $mask:ident, $mask_load:ident, $mask_store:ident,
     $neon_fma:ident, $avx512_mask:ty, $avx512_load:ident, $avx512_store:ident, $transpose_block:path) => {
        impl Vectors for $scalar {
            type Vector<S: Simd> = Held<S::$vector>;

            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S> {
                hold(simd.$splat(value))
            }

            #[inline(always)]
            fn fused_multiply_add<S: Simd>(
                simd: S,
                a: Self::Vector<S>,
                b: Self::Vector<S>,
                c: Self::Vector<S>,
            ) -> Self::Vector<S> {
                #[cfg(target_arch = "aarch64")]
                if size_of::<S::$vector>() == neon::BYTES {
                    // SAFETY: NEON belongs to every processor of this kind; all types are 16 bytes of lanes.
                    return unsafe {
                        use std::mem::transmute_copy;
                        let sum = std::arch::aarch64::$neon_fma(
                            transmute_copy(&c),
                            transmute_copy(&a),
                            transmute_copy(&b),
                        );
                        transmute_copy(&sum)
                    };
                }
                hold(simd.$fma(held(a), held(b), held(c)))
            }

            #[inline(always)]
            fn add_vectors<S: Simd>(
                simd: S,
                a: Self::Vector<S>,
                b: Self::Vector<S>,
            ) -> Self::Vector<S> {
                hold(simd.$add(held(a), held(b)))
            }

            #[inline(always)]
            fn sum_lanes<S: Simd>(simd: S, a: Self::Vector<S>) -> Self {
                simd.$sum(held(a))
            }

            #[inline(always)]
            unsafe fn load_first<S: Simd>(
                simd: S,
                count: usize,
                from: *const Self,
            ) -> Self::Vector<S> {
                #[cfg(target_arch = "x86_64")]
                if size_of::<S::$vector>() == AVX512_BYTES {
                    let mask = ((1u32 << count) - 1) as $avx512_mask;
                    // SAFETY: only pulp's AVX-512 token has vectors of this size, so the machine has the instructions;
                    // both types are 64 bytes of lanes; the caller promises the lanes of the mask.
                    return unsafe {
                        std::mem::transmute_copy(&std::arch::x86_64::$avx512_load(mask, from))
                    };
                }
                #[cfg(any(target_arch = "aarch64", target_arch = "wasm32"))]
                if size_of::<S::$vector>() == first_lanes::BYTES {
                    // SAFETY: both types are 16 bytes of lanes; the rest is the caller's promise.
                    return unsafe { std::mem::transmute_copy(&first_lanes::load(count, from)) };
                }
                // SAFETY: the caller's promise.
                unsafe { hold(simd.$mask_load(simd.$mask(0, count as _), from)) }
            }

            #[inline(always)]
            unsafe fn store_first<S: Simd>(
                simd: S,
                count: usize,
                to: *mut Self,
                value: Self::Vector<S>,
            ) {
                #[cfg(target_arch = "x86_64")]
                if size_of::<S::$vector>() == AVX512_BYTES {
                    let mask = ((1u32 << count) - 1) as $avx512_mask;
                    // SAFETY: as in `load_first`.
                    return unsafe {
                        std::arch::x86_64::$avx512_store(to, mask, std::mem::transmute_copy(&value))
                    };
                }
                #[cfg(any(target_arch = "aarch64", target_arch = "wasm32"))]
                if size_of::<S::$vector>() == first_lanes::BYTES {
                    // SAFETY: as in `load_first`.
                    return unsafe {
                        first_lanes::store(count, to, std::mem::transmute_copy(&value))
                    };
                }
                // SAFETY: the caller's promise.
                unsafe { simd.$mask_store(simd.$mask(0, count as _), to, held(value)) }
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
    vfmaq_f32,
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
    vfmaq_f64,
    u8,
    _mm512_maskz_loadu_pd,
    _mm512_mask_storeu_pd,
    transpose::block_of_f64
);
