//! The normal distribution `Φ(z) = ½ erfc(−z/√2)` and its density `φ(z)`, by W. J. Cody's rational approximations
//! of erf and erfc ("Rational Chebyshev Approximations for the Error Function", Mathematics of Computation 23, 1969).
//!
//! The left tail keeps its relative accuracy down to the smallest numbers: there `Φ(z) = ½ exp(−z²/2) erfcx(|z|/√2)`
//! with the scaled function `erfcx(y) = exp(y²) erfc(y)`, which has no cancellation.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use crate::real::Real;

/// Beyond this `|z|`, `exp(−z²/2)` is 0 in double precision; larger arguments would only overflow in `z²`.
const FARTHEST: f64 = 40.0;

/// `(Φ(z), φ(z))`: `Φ(z) = ∫₋∞ᶻ φ`,  `φ(z) = exp(−z²/2) / √(2π)`.
///
/// Proved by `the_normal_distribution_matches_stored_values_in_both_tails`.
#[inline]
pub(super) fn normal_distribution<R: Real>(z: R) -> (R, R) {
    let half = R::from_f64(0.5);
    let distance = z.abs().min(R::from_f64(FARTHEST));
    let bell = exp_minus_half_square(distance);
    let y = distance * R::from_f64(FRAC_1_SQRT_2);
    let distribution = if y <= R::from_f64(0.46875) {
        half + half * erf_near_zero(z * R::from_f64(FRAC_1_SQRT_2))
    } else {
        let tail = half * bell * erfcx(y);
        if z < R::zero() { tail } else { R::one() - tail }
    };
    let density = bell * R::from_f64(0.25 * FRAC_2_SQRT_PI / FRAC_1_SQRT_2); // 1/√(2π)
    (distribution, density)
}

/// `exp(−z²/2)` for `0 ≤ z ≤ 40`, with the rounding error of `z²` put back.
///
/// In the tail that error alone, `z²/2` roundings, would cost two digits. With `q`, `z` cut to sixteenths, `q²` is
/// exact and `z² = q² + (z − q)(z + q)`: its rounded sum is `square`, what the rounding dropped is `rest`.
#[inline(always)]
fn exp_minus_half_square<R: Real>(z: R) -> R {
    let sixteen = R::from_f64(16.0);
    let half = R::from_f64(0.5);
    let q = (z * sixteen).trunc() / sixteen;
    let remainder = (z - q) * (z + q);
    let square = q * q + remainder;
    let rest = (q * q - square) + remainder;
    (-half * square).exp() * (R::one() - half * rest)
}

/// `erf(x)` for `|x| ≤ 0.46875`: `x` times a rational function of `x²`.
#[inline(always)]
fn erf_near_zero<R: Real>(x: R) -> R {
    const NUMERATOR: [f64; 5] = [
        1.857_777_061_846_031_5e-1,
        3.161_123_743_870_565_5,
        1.138_641_541_510_501_6e2,
        3.774_852_376_853_02e2,
        3.209_377_589_138_469_4e3,
    ];
    const DENOMINATOR: [f64; 5] = [
        1.0,
        2.360_129_095_234_412_2e1,
        2.440_246_379_344_441_7e2,
        1.282_616_526_077_372_3e3,
        2.844_236_833_439_171e3,
    ];
    let square = x * x;
    x * (polynomial(square, NUMERATOR) / polynomial(square, DENOMINATOR))
}

/// `erfcx(y) = exp(y²) erfc(y)` for `y > 0.46875`: a rational function of `y` up to 4, of `1/y²` beyond.
#[inline(always)]
fn erfcx<R: Real>(y: R) -> R {
    const NUMERATOR: [f64; 9] = [
        2.153_115_354_744_038_3e-8,
        5.641_884_969_886_701e-1,
        8.883_149_794_388_375,
        6.611_919_063_714_163e1,
        2.986_351_381_974_001e2,
        8.819_522_212_417_69e2,
        1.712_047_612_634_070_7e3,
        2.051_078_377_826_071_6e3,
        1.230_339_354_797_997_2e3,
    ];
    const DENOMINATOR: [f64; 9] = [
        1.0,
        1.574_492_611_070_983_5e1,
        1.176_939_508_913_125e2,
        5.371_811_018_620_099e2,
        1.621_389_574_566_690_3e3,
        3.290_799_235_733_459_7e3,
        4.362_619_090_143_247e3,
        3.439_367_674_143_721_6e3,
        1.230_339_354_803_749_3e3,
    ];
    const FAR_NUMERATOR: [f64; 6] = [
        1.631_538_713_730_209_7e-2,
        3.053_266_349_612_323_6e-1,
        3.603_448_999_498_044_5e-1,
        1.257_817_261_112_292_6e-1,
        1.608_378_514_874_228e-2,
        6.587_491_615_298_378e-4,
    ];
    const FAR_DENOMINATOR: [f64; 6] = [
        1.0,
        2.568_520_192_289_822,
        1.872_952_849_923_467_3,
        5.279_051_029_514_285e-1,
        6.051_834_131_244_132e-2,
        2.335_204_976_268_691_8e-3,
    ];
    if y <= R::from_f64(4.0) {
        polynomial(y, NUMERATOR) / polynomial(y, DENOMINATOR)
    } else {
        let u = R::one() / (y * y);
        let correction = u * polynomial(u, FAR_NUMERATOR) / polynomial(u, FAR_DENOMINATOR);
        (R::from_f64(0.5 * FRAC_2_SQRT_PI) - correction) / y
    }
}

/// Horner's rule; the highest coefficient stands first.
#[inline(always)]
fn polynomial<R: Real, const N: usize>(x: R, coefficients: [f64; N]) -> R {
    coefficients
        .iter()
        .fold(R::zero(), |sum, &c| sum * x + R::from_f64(c))
}
