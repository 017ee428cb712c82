//! The exponential function in single precision, without a branch and without a call: a loop over it runs in whole
//! vectors.
//!
//! ```text
//! e^x = 2ⁿ e^r        n = ⌊x / ln 2⌉,  r = x − n ln 2,  |r| ≤ ½ ln 2
//! e^r = 1 + r + r² p(r)
//! ```
//!
//! The coefficients of `p` are those of `expf` in S. L. Moshier's Cephes library, which fit `e^r` on that interval. The
//! system's `exp` takes one number at a time; with it, a step of a network of SiLUs took two to three times as long.

/// Below, `e^x` is 0; above the other, it is infinite. Both lie a little beyond.
const LEAST: f32 = -104.0;
const GREATEST: f32 = 89.0;

/// `1.5 · 2²³`: a number that is added to it is rounded to an integer, which then stands in its lowest bits.
const ROUNDING: f32 = 12_582_912.0;

/// `ln 2` in two parts: the first has so few digits that its products with `n` are exact.
const LN_2: [f32; 2] = [355.0 / 512.0, -2.121_944_4e-4];

/// Of `p`, the highest first.
const COEFFICIENTS: [f32; 6] = [
    1.987_569_1e-4,
    1.398_199_9e-3,
    8.333_452e-3,
    4.166_579_6e-2,
    1.666_666_6e-1,
    0.5,
];

/// `e^x`, off by at most two units in the last place; NaN of NaN.
///
/// Proved by `the_exponential_is_that_of_double_precision`.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    // Comparisons rather than `clamp`: a NaN is neither less nor greater, and stays.
    let x = if x < LEAST { LEAST } else { x };
    let x = if x > GREATEST { GREATEST } else { x };
    let rounded = x * std::f32::consts::LOG2_E + ROUNDING;
    let n = rounded - ROUNDING;
    let r = (x - n * LN_2[0]) - n * LN_2[1];
    let p = COEFFICIENTS.into_iter().fold(0.0, |sum, c| sum * r + c);
    let e_r = 1.0 + (r + r * r * p);
    // 2ⁿ in two factors: at both ends n lies outside of the exponents of normal numbers.
    let n = (rounded.to_bits() as i32).wrapping_sub(ROUNDING.to_bits() as i32);
    let (half, rest) = (n >> 1, n - (n >> 1));
    e_r * power_of_two(half) * power_of_two(rest)
}

/// `2ⁿ` of an exponent of normal numbers.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) as u32) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_is_that_of_double_precision() {
        // Every 997th of all numbers of either sign up to 110, small ones among them.
        for bits in (0..110.0_f32.to_bits()).step_by(997) {
            for x in [f32::from_bits(bits), -f32::from_bits(bits)] {
                let (found, exact) = (exp(x), f64::from(x).exp());
                let nearest = exact as f32;
                if !nearest.is_normal() {
                    // The steps between the smallest numbers are even.
                    let step = f64::from(f32::from_bits(1));
                    let is_near = (f64::from(found) - exact).abs() <= 2.0 * step;
                    assert!(is_near || found == nearest, "{x}: {found} {nearest}");
                    continue;
                }
                let error = (f64::from(found) / exact - 1.0).abs();
                assert!(error <= 2.0 * f64::from(f32::EPSILON), "{x}: {error:e}");
            }
        }
        assert_eq!([exp(0.0), exp(-0.0)], [1.0, 1.0]);
        assert_eq!(
            [exp(f32::NEG_INFINITY), exp(f32::INFINITY)],
            [0.0, f32::INFINITY]
        );
        assert!(exp(f32::NAN).is_nan() && exp(-f32::NAN).is_nan());
    }
}
