//! The target as the network sees it, and predictions back in the target's units.

use chainrule::loss_functions::{Link, Loss};
use serde::{Deserialize, Serialize};

use super::Standardize;
use super::quantiles::Ordered;

/// How many deviations from the middle a target can lie; farther ones are taken to lie there. Squares of such numbers, and
/// sums of these, stay finite in single precision. Only rows that the scale was not learnt from, or that it was not swayed
/// by, can lie so far.
const FARTHEST: f32 = 1e9;

/// The distance of the quartiles of a normal distribution whose deviation is 1.
const QUARTILES_OF_NORMAL: f64 = 1.348_979_500_392_163_4;

/// How one target is scaled, learnt from the training rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetScale {
    name: String,
    scale: Standardize,
}

impl TargetScale {
    /// Learns mean and standard deviation. Two kinds of losses want something else:
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
    pub fn learn(name: String, values: &[f64], loss: Loss) -> TargetScale {
        let learnt = Standardize::learn(values.iter().copied());
        let scale = match (loss.link(), loss) {
            (Link::Log, _) => Standardize::new(0.0, learnt.mean()),
            (Link::Identity, Loss::MeanSquareError) => learnt,
            (Link::Identity, _) => of_the_middle(values).unwrap_or(learnt),
        };
        TargetScale { name, scale }
    }

    /// A target that is handed on as it is.
    pub fn identity(name: String) -> TargetScale {
        TargetScale::given(name, Standardize::new(0.0, 1.0))
    }

    /// A target with this scale.
    pub fn given(name: String, scale: Standardize) -> TargetScale {
        TargetScale { name, scale }
    }

    /// The column that is predicted.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The shift and the scale.
    pub fn scale(&self) -> Standardize {
        self.scale
    }

    /// A value as the network should answer it.
    pub fn encode(&self, y: f64) -> f32 {
        self.scale.apply(y).clamp(-FARTHEST, FARTHEST)
    }

    /// The network's answer in the target's units.
    pub fn decode(&self, y_hat: f32) -> f64 {
        self.scale.undo(y_hat)
    }

    /// A prediction with the digits that it deserves: down to a ten-thousandth of the target's deviation; six
    /// significant ones where the target is not shifted.
    pub fn text(&self, y_hat: f64) -> String {
        /// Digits behind the first.
        const DIGITS: i32 = 4;
        const WITHOUT_POWER: std::ops::Range<i32> = -7..16;
        let first_digit_of = |value: f64| value.abs().log10().floor() as i32;
        let last = match self.scale.mean() {
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
        self.scale.is_sound()
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

/// Median and quartiles as mean and deviation; None where the quartiles are equal.
fn of_the_middle(values: &[f64]) -> Option<Standardize> {
    let ordered = Ordered::of(values.iter().copied())?;
    let deviation = (ordered.quantile(0.75) - ordered.quantile(0.25)) / QUARTILES_OF_NORMAL;
    let scale = Standardize::new(ordered.quantile(0.5), deviation);
    scale.is_sound().then_some(scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_standardised_and_comes_back() {
        let target =
            TargetScale::learn("y".to_owned(), &[2.0, 4.0, 6.0, 8.0], Loss::MeanSquareError);
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
            let scale = |values: &[f64]| TargetScale::learn("y".to_owned(), values, loss).scale();
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
            let target = TargetScale::learn("y".to_owned(), &[0.0, 2.0, 4.0], loss);
            assert_eq!([0.0, 2.0, 4.0].map(|y| target.encode(y)), [0.0, 1.0, 2.0]);
        }
    }
}
