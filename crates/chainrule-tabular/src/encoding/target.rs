//! The target as the network sees it, and predictions back in the target's units.

use std::fmt;

use chainrule::loss_functions::{Link, Loss};
use serde::{Deserialize, Serialize};

use super::Standardize;
use super::quantiles::Ordered;
use crate::numbers::first_digit_of;

/// How many deviations from the middle a target can lie; farther ones are taken to lie there. Squares of such numbers,
/// and sums of these, stay finite in single precision. Only rows that the scale was not learnt from, or that it was not
/// swayed by, can lie so far.
const FARTHEST: f32 = 1e9;

/// The distance of the quartiles of a normal distribution whose deviation is 1.
const QUARTILES_OF_NORMAL: f64 = 1.348_979_500_392_163_4;
/// What is done to a target before it is scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetTransform {
    /// Nothing.
    #[default]
    None,
    /// `ln y`, for targets above 0 whose errors grow with them. Its mean is the geometric one, below the mean of `y`.
    Log,
}

impl fmt::Display for TargetTransform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TargetTransform::None => "as it is",
            TargetTransform::Log => "as its logarithm",
        })
    }
}

impl TargetTransform {
    pub(crate) fn is_none(&self) -> bool {
        *self == TargetTransform::None
    }

    /// Whether it can be done to every one of these values.
    pub fn accepts(self, values: &[f64]) -> bool {
        match self {
            TargetTransform::None => true,
            TargetTransform::Log => values.iter().all(|&y| y > 0.0),
        }
    }

    /// Whether it [accepts](Self::accepts) every value and takes a long tail of large ones away: they are skewed by
    /// more than 1, and less so afterwards. Skewness is the mean cube of standardised values, 0 for symmetric ones and
    /// 2 for an exponential distribution.
    pub fn suits(self, values: &[f64]) -> bool {
        const SKEWED: f64 = 1.0;
        let before = skewness(values.iter().copied());
        let after = || skewness(values.iter().map(|&y| self.apply(y)));
        self.accepts(values) && before > SKEWED && after().abs() < before
    }

    fn apply(self, y: f64) -> f64 {
        match self {
            TargetTransform::None => y,
            TargetTransform::Log => y.ln(),
        }
    }

    fn undo(self, y: f64) -> f64 {
        match self {
            TargetTransform::None => y,
            TargetTransform::Log => y.exp(),
        }
    }
}

/// How one target is scaled, learnt from the training rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetScale {
    name: String,
    #[serde(default, skip_serializing_if = "TargetTransform::is_none")]
    transform: TargetTransform,
    scale: Standardize,
    /// Between which values a prediction is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bounds: Option<(f64, f64)>,
}

/// Bounded predictions lie at most this share of the training rows' range beyond it.
const MARGIN: f64 = 0.1;

impl TargetScale {
    /// Learns mean and standard deviation of the transformed values. Two kinds of losses want something else:
    ///
    /// - Losses with a log link predict a positive mean: for them the target is divided by its mean and not shifted, so
    ///   that 0 stays 0 and the logarithm of a typical value is near 0.
    /// - Losses that grow with the error and not with its square are chosen because of outliers, which would sway mean
    ///   and deviation: for them the median stands for the mean, and the distance of the quartiles, in units of what it
    ///   is for normally distributed values, for the deviation.
    ///
    /// # Panics
    /// If there are no values.
    #[track_caller]
    pub fn learn(
        name: String,
        values: &[f64],
        loss: Loss,
        transform: TargetTransform,
    ) -> TargetScale {
        let values = || values.iter().map(|&y| transform.apply(y));
        let learnt = Standardize::learn(values());
        let scale = match (loss.link(), loss.is_robust()) {
            (Link::Log, _) => Standardize::new(0.0, learnt.mean()),
            (Link::Identity, true) => of_the_middle(values()).unwrap_or(learnt),
            (Link::Identity, false) => learnt,
        };
        TargetScale {
            transform,
            ..TargetScale::given(name, scale)
        }
    }

    /// The same, with predictions that are kept near the range of the given values: a tenth of its width beyond it, and
    /// on their side of 0 if they all lie on one.
    pub fn bounded(self, values: &[f64]) -> TargetScale {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let margin = MARGIN * high - MARGIN * low;
        let (mut least, mut most) = (low - margin, high + margin);
        if low >= 0.0 {
            least = least.max(0.0);
        }
        if high <= 0.0 {
            most = most.min(0.0);
        }
        TargetScale {
            bounds: Some((least, most)),
            ..self
        }
    }

    /// A target that is handed on as it is.
    pub fn identity(name: String) -> TargetScale {
        TargetScale::given(name, Standardize::new(0.0, 1.0))
    }

    /// A target with this scale.
    pub fn given(name: String, scale: Standardize) -> TargetScale {
        TargetScale {
            name,
            transform: TargetTransform::None,
            scale,
            bounds: None,
        }
    }

    /// The column that is predicted.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The shift and the scale.
    pub fn scale(&self) -> Standardize {
        self.scale
    }

    /// Between which values a prediction is kept, if it is.
    pub fn bounds(&self) -> Option<(f64, f64)> {
        self.bounds
    }

    /// A value as the network should answer it.
    pub fn encode(&self, y: f64) -> f32 {
        let z = self.scale.apply(self.transform.apply(y));
        z.clamp(-FARTHEST, FARTHEST)
    }

    /// The network's answer in the target's units.
    pub fn decode(&self, y_hat: f32) -> f64 {
        let y_hat = self.transform.undo(self.scale.undo(y_hat));
        match self.bounds {
            Some((least, most)) => y_hat.clamp(least, most), // NaN stays NaN
            None => y_hat,
        }
    }

    /// A prediction with the digits that it deserves: down to a ten-thousandth of the target's deviation; six
    /// significant ones where the target is not shifted.
    pub fn text(&self, y_hat: f64) -> String {
        /// Digits behind the first.
        const DIGITS: i32 = 4;
        const WITHOUT_POWER: std::ops::Range<i32> = -7..16;
        let last = match self.scale.mean() {
            _ if !self.transform.is_none() => first_digit_of(y_hat).saturating_sub(DIGITS + 1),
            0.0 => first_digit_of(y_hat).saturating_sub(DIGITS + 1),
            _ => first_digit_of(self.scale.scale()) - DIGITS,
        };
        let first = first_digit_of(y_hat).max(last);
        let text = if y_hat == 0.0 {
            "0".to_owned()
        } else if WITHOUT_POWER.contains(&first) {
            fixed(y_hat, usize::try_from(-last).unwrap_or(0).min(20))
        } else {
            format!("{y_hat:.*e}", usize::try_from(first - last).unwrap_or(0))
        };
        match text.strip_prefix('-') {
            Some(zero) if zero.bytes().all(|byte| matches!(byte, b'0' | b'.')) => zero.to_owned(),
            _ => text,
        }
    }

    /// Whether every value can be computed with; a file could say anything.
    pub fn is_sound(&self) -> bool {
        let ordered =
            |(least, most): (f64, f64)| least.is_finite() && most.is_finite() && least <= most;
        self.scale.is_sound() && self.bounds.is_none_or(ordered)
    }
}

/// The number with so many decimal places.
///
/// The standard library rounds all digits that a double has, however many; where a whole number holds those that are
/// wanted, its digits are found many times faster.
fn fixed(y: f64, places: usize) -> String {
    const POWERS: [f64; 10] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
    /// Up to here the product below is off by less than a thousandth of its last place.
    const MOST: f64 = 1e12;
    let scaled = POWERS
        .get(places)
        .map(|power| (y.abs() * power).round_ties_even());
    let Some(scaled) = scaled.filter(|&scaled| scaled < MOST) else {
        return format!("{y:.places$}");
    };
    let mut rest = scaled as u64;
    let mut digits = [b'0'; 24];
    let mut begin = digits.len();
    for place in 0.. {
        if place == places && places > 0 {
            begin -= 1;
            digits[begin] = b'.';
        }
        if place > places && rest == 0 {
            break;
        }
        begin -= 1;
        digits[begin] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    if y.is_sign_negative() {
        begin -= 1;
        digits[begin] = b'-';
    }
    String::from_utf8_lossy(&digits[begin..]).into_owned()
}

/// The mean cube of the standardised values; 0 where there are none.
fn skewness(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = values.clone().count();
    if count == 0 {
        return 0.0;
    }
    let scale = Standardize::learn(values.clone());
    let cubes = values.map(|y| f64::from(scale.apply(y)).powi(3));
    cubes.sum::<f64>() / count as f64
}

/// Median and quartiles as mean and deviation; None where the quartiles are equal.
fn of_the_middle(values: impl Iterator<Item = f64>) -> Option<Standardize> {
    let ordered = Ordered::of(values)?;
    let deviation = (ordered.quantile(0.75) - ordered.quantile(0.25)) / QUARTILES_OF_NORMAL;
    let scale = Standardize::new(ordered.quantile(0.5), deviation);
    scale.is_sound().then_some(scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithm_suits_what_is_positive_with_a_long_tail() {
        let powers: Vec<f64> = (0..20).map(|i| 1.5f64.powi(i)).collect();
        let even: Vec<f64> = (1..20).map(f64::from).collect();
        let suits = |values: &[f64]| TargetTransform::Log.suits(values);
        assert!(suits(&powers));
        assert!(!suits(&even), "no tail");
        assert!(!suits(&[&powers[..], &[0.0]].concat()), "no logarithm");
        assert!(!suits(&[]) && !suits(&[3.0, 3.0]));
        assert!(!TargetTransform::None.suits(&powers), "nothing changes");
    }

    fn learnt(values: &[f64], loss: Loss, transform: TargetTransform) -> TargetScale {
        TargetScale::learn("y".to_owned(), values, loss, transform)
    }

    #[test]
    fn the_logarithm_of_a_target_comes_back() {
        let target = learnt(
            &[1.0, 10.0, 100.0],
            Loss::MeanSquareError,
            TargetTransform::Log,
        );
        assert!(target.encode(10.0).abs() < 1e-6);
        for y in [1.0, 10.0, 250.0] {
            assert!((target.decode(target.encode(y)) / y - 1.0).abs() < 1e-5);
        }
        assert!(TargetTransform::Log.accepts(&[0.5, 2.0]));
        assert!(!TargetTransform::Log.accepts(&[0.0, 2.0]));
        assert_eq!(target.text(1234.5678), "1234.57");
    }

    #[test]
    fn bounded_predictions_stay_near_the_range_and_on_their_side_of_zero() {
        let bounded = |values: &[f64]| {
            let target = learnt(values, Loss::MeanSquareError, TargetTransform::None);
            let target = target.bounded(values);
            [-1e6, 1e6].map(|y| target.decode(target.encode(y)))
        };
        assert_eq!(bounded(&[100.0, 150.0, 200.0]), [90.0, 210.0]);
        assert_eq!(bounded(&[1.0, 100.0, 201.0]), [0.0, 221.0]);
        assert_eq!(bounded(&[-10.0, -1.0, 0.0]), [-11.0, 0.0]);
        assert_eq!(bounded(&[-10.0, 0.0, 10.0]), [-12.0, 12.0]);
    }

    #[test]
    fn a_target_is_standardised_and_comes_back() {
        let target = learnt(
            &[2.0, 4.0, 6.0, 8.0],
            Loss::MeanSquareError,
            TargetTransform::None,
        );
        assert_eq!(target.encode(5.0), 0.0);
        assert_eq!(target.decode(0.0), 5.0);
        assert_eq!(target.encode(8.0), (3.0 / 5.0_f64.sqrt()) as f32);
    }

    #[test]
    fn predictions_have_the_digits_that_the_targets_deviation_deserves() {
        let with = |mean, scale| TargetScale::given("y".to_owned(), Standardize::new(mean, scale));
        for (target, y_hat, text) in [
            (with(150.0, 75.4), 168.515_829_389, "168.516"),
            (with(250_000.0, 80_000.0), 310_512.345, "310512"),
            (with(1e6, 2.0), 1_000_001.234_567, "1000001.2346"),
            (with(1.0, 1e-3), -0.000_000_01, "0.0000000"),
            (with(3e300, 1e300), 2.345_678_9e300, "2.3457e300"),
            (with(3e-300, 1e-300), 2.345_678_9e-300, "2.3457e-300"),
            (with(0.0, 50.0), 0.012_345_678_9, "0.0123457"),
            (with(0.0, 50.0), 1_234_567.8, "1234568"),
            (with(0.0, 50.0), 0.0, "0"),
        ] {
            assert_eq!(target.text(y_hat), text, "{y_hat}");
        }
    }

    #[test]
    fn an_outlier_does_not_sway_the_scale_of_a_loss_that_is_chosen_because_of_it() {
        let mut values: Vec<f64> = (0..101).map(f64::from).collect();
        let robust = [
            Loss::MeanAbsoluteError,
            Loss::Huber { delta: 1.0 },
            Loss::Pinball { tau: 0.9 },
        ];
        for loss in robust {
            let scale = |values: &[f64]| learnt(values, loss, TargetTransform::None).scale();
            values[100] = 100.0;
            let clean = scale(&values);
            assert_eq!(
                (clean.mean(), clean.scale()),
                (50.0, 50.0 / QUARTILES_OF_NORMAL)
            );
            values[100] = 1e12;
            assert_eq!(scale(&values), clean);
            // Equal quartiles have no distance.
            assert_eq!(
                scale(&[0.0, 0.0, 0.0, 0.0, 5.0]),
                Standardize::new(1.0, 2.0)
            );
        }
    }

    #[test]
    fn a_target_that_lies_beyond_single_precision_is_far_and_finite() {
        let target = TargetScale::given("y".to_owned(), Standardize::new(0.0, 1.0));
        assert_eq!(
            [3e174, -1e300].map(|y| target.encode(y)),
            [FARTHEST, -FARTHEST]
        );
    }

    #[test]
    fn fixed_places_are_those_of_the_standard_library() {
        let numbers = [
            0.1,
            1.0,
            9.995,
            12.345_678,
            99.999_96,
            123_456.789,
            7e11,
            0.000_049,
            3.0e14,
        ];
        for (y, places) in numbers
            .into_iter()
            .flat_map(|y| (0..12).map(move |places| (y, places)))
        {
            assert_eq!(fixed(y, places), format!("{y:.places$}"), "{y} {places}");
            assert_eq!(
                fixed(-y, places),
                format!("{:.places$}", -y),
                "-{y} {places}"
            );
        }
    }

    #[test]
    fn a_log_link_keeps_zero_at_zero() {
        for loss in [Loss::PoissonDeviance, Loss::GammaDeviance] {
            let target = learnt(&[0.0, 2.0, 4.0], loss, TargetTransform::None);
            assert_eq!([0.0, 2.0, 4.0].map(|y| target.encode(y)), [0.0, 1.0, 2.0]);
        }
    }
}
