//! The two scalar types of the crate: `f64` for proofs, `f32` for speed.

use std::iter::Sum;

use ndarray::NdFloat;

use crate::exponential;
use crate::precompiled::Precompiled;
use crate::simd::Vectors;

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// A real number: `f32` or `f64`, and nothing else.
///
/// The arithmetic (`exp`, `ln`, `tanh`, ...) comes from the supertrait [`NdFloat`].
pub trait Real: NdFloat + Sum + Default + Vectors + Precompiled + sealed::Sealed {
    /// The type's name as it stands in messages and files: `"f32"` or `"f64"`.
    const NAME: &'static str;

    /// The nearest value of this type.
    fn from_f64(value: f64) -> Self;

    /// The same value in double precision (exact for both types).
    fn to_f64(self) -> f64;

    /// `e^x` for loops over many numbers: in single precision they run in vectors.
    fn exp_of_many(self) -> Self;
}

impl Real for f32 {
    const NAME: &'static str = "f32";

    #[inline]
    fn from_f64(value: f64) -> Self {
        value as f32
    }

    #[inline]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn exp_of_many(self) -> Self {
        exponential::exp(self)
    }
}

impl Real for f64 {
    const NAME: &'static str = "f64";

    #[inline]
    fn from_f64(value: f64) -> Self {
        value
    }

    #[inline]
    fn to_f64(self) -> f64 {
        self
    }

    #[inline(always)]
    fn exp_of_many(self) -> Self {
        self.exp()
    }
}
