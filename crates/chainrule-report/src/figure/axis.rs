//! A range with round ends and round ticks.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

/// A range with round ends and round ticks between them, or with names at its places.
#[derive(Clone, Debug)]
pub struct Axis {
    low: f64,
    high: f64,
    ticks: Vec<f64>,
    /// Decimals of the labels; None where powers of ten are shorter.
    decimals: Option<usize>,
    /// What stands at the places 1, 2, ... instead of numbers.
    names: Vec<String>,
}

impl Axis {
    /// The smallest range of at most seven ticks, 1, 2 or 5 times a power of ten apart, that holds all values.
    pub fn covering(values: impl IntoIterator<Item = f64>) -> Self {
        let (mut low, mut high) = values
            .into_iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| {
                (l.min(v), h.max(v))
            });
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        // Halves, because the difference of two large numbers may be infinite.
        if high / 2.0 - low / 2.0 <= 5e-10 * high.abs().max(low.abs()).max(1e-300) {
            let margin = if low == 0.0 { 1.0 } else { low.abs() * 0.5 };
            (low, high) = (low - margin, high + margin);
        }
        let rough = high / 5.0 - low / 5.0;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|m| m * power)
            .into_iter()
            .find(|s| rough <= s * 1.000_001)
            .unwrap_or(10.0 * power);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let ticks: Vec<f64> = (0..=(last - first) as usize)
            .map(|k| (first + k as f64) * step)
            .collect();
        let largest = low.abs().max(high.abs());
        let short = largest < 1e6 && step > 1e-5;
        let decimals = short.then(|| (-step.log10().floor()).clamp(0.0, 5.0) as usize);
        Axis {
            low: (first * step).max(f64::MIN),
            high: (last * step).min(f64::MAX),
            ticks,
            decimals,
            names: Vec::new(),
        }
    }

    /// The places 1 to `count`, each with a tick and half a step of room around it.
    pub(crate) fn counting(count: usize) -> Self {
        Axis {
            low: 0.5,
            high: count as f64 + 0.5,
            ticks: (1..=count).map(|place| place as f64).collect(),
            decimals: Some(0),
            names: Vec::new(),
        }
    }

    /// The same with a name at each place.
    pub(crate) fn naming(names: Vec<String>) -> Self {
        let counting = Axis::counting(names.len());
        Axis { names, ..counting }
    }

    /// Where a value lies between the ends: 0 at the lower one, 1 at the upper one.
    pub fn fraction(&self, value: f64) -> f64 {
        (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0)
    }

    /// Each tick's value and label.
    pub fn labels(&self) -> impl Iterator<Item = (f64, String)> {
        self.ticks.iter().map(|&tick| (tick, self.label(tick)))
    }

    /// The lower and the upper end.
    pub(crate) fn ends(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// How a tick is written in a figure: its name, or its number with a true minus.
    pub(crate) fn written(&self, tick: f64) -> String {
        match self.names.get((tick as usize).wrapping_sub(1)) {
            Some(name) => name.clone(),
            None => self.label(tick).replace('-', "−"),
        }
    }

    /// How a tick is written as a number.
    fn label(&self, tick: f64) -> String {
        match self.decimals {
            // Sums of steps are off in the last digits.
            Some(decimals) if tick.abs() < 1e-12 * (self.high - self.low) => {
                format!("{:.decimals$}", 0.0)
            }
            Some(decimals) => format!("{tick:.decimals$}"),
            None => {
                let text = format!("{tick:.2e}");
                let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
                let digits = digits.trim_end_matches('0').trim_end_matches('.');
                match tick.abs() < 1e-12 * (self.high - self.low) {
                    true => "0".to_owned(),
                    false => format!("{digits}e{power}"),
                }
            }
        }
    }
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    /// Values outside of the range lie on its ends.
    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let length = f64::from(limit.1 - limit.0);
        limit.0 + (self.fraction(*value).clamp(0.0, 1.0) * length).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        match hint.weight().allow_light_points() {
            true => Vec::new(),
            false => self.ticks.clone(),
        }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_covers_its_values_with_few_round_ticks() {
        let axis = Axis::covering([0.43, 1.87, 0.61]);
        assert!(axis.low <= 0.43 && axis.high >= 1.87, "{axis:?}");
        assert!((3..=7).contains(&axis.ticks.len()), "{axis:?}");
        let labels: Vec<_> = axis.labels().map(|(_, label)| label).collect();
        assert_eq!(labels, ["0.0", "0.5", "1.0", "1.5", "2.0"]);
    }

    #[test]
    fn an_axis_of_one_value_or_none_still_has_a_range() {
        for values in [
            vec![],
            vec![0.0],
            vec![-3.0, -3.0],
            vec![1e300, 1e300],
            vec![-1.7e308, 1.7e308],
        ] {
            let axis = Axis::covering(values.iter().copied());
            assert!(axis.high > axis.low, "{values:?}: {axis:?}");
            assert!(axis.ticks.len() >= 2, "{values:?}: {axis:?}");
            assert!(axis.fraction(axis.low) == 0.0 && axis.fraction(axis.high) == 1.0);
        }
    }

    #[test]
    fn labels_of_large_and_of_small_numbers_are_short() {
        let labels = |values: [f64; 2]| -> Vec<String> {
            Axis::covering(values)
                .labels()
                .map(|(_, label)| label)
                .collect()
        };
        assert_eq!(
            labels([0.0, 2.5e6]),
            ["0", "5e5", "1e6", "1.5e6", "2e6", "2.5e6"]
        );
        assert_eq!(
            labels([-4e-7, 1e-7]),
            ["-4e-7", "-3e-7", "-2e-7", "-1e-7", "0", "1e-7"]
        );
    }
}
