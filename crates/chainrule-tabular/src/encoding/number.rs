//! A number as inputs: the robust scale, the bins where they are asked for, and the indicator of gaps.

use chainrule::inputs::{EncodedRow, InputColumn};
use serde::{Deserialize, Serialize};

use super::quantiles::Ordered;
use super::unusual::Cell;
use super::{EncodingSettings, Missing, PiecewiseLinear, RobustScale};
use crate::numbers::six_digits;

/// How one column of numbers is encoded, learnt from the training rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Number {
    low: f64,
    high: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scale: Option<RobustScale>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bins: Option<PiecewiseLinear>,
    missing: Missing,
}

/// Values are far outside where they lie farther from the learnt range than this share of its width.
const FAR_OUTSIDE: f64 = 0.5;

impl Number {
    /// Learns from the values of the training rows, NaN where they are missing. Where they are all equal and none is
    /// missing, or all are missing, there is nothing to learn.
    pub(super) fn learn(
        values: impl ExactSizeIterator<Item = f64>,
        settings: &EncodingSettings,
    ) -> Option<Number> {
        let rows = values.len();
        let mut missing = 0;
        let values = Ordered::of(values.inspect(|x| missing += usize::from(x.is_nan())))?;
        let number = Number {
            low: values.low(),
            high: values.high(),
            scale: RobustScale::learn(&values),
            bins: PiecewiseLinear::learn(&values, settings.bins),
            missing: Missing::learn(missing, rows),
        };
        (number.inputs() > 0).then_some(number)
    }

    /// The least and the greatest value of the training rows.
    pub fn range(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// The robust scale; none where the values of the training rows are all equal.
    pub fn scale(&self) -> Option<&RobustScale> {
        self.scale.as_ref()
    }

    /// The bins, where they were asked for.
    pub fn bins(&self) -> Option<&PiecewiseLinear> {
        self.bins.as_ref()
    }

    /// Whether there is an indicator of gaps.
    pub fn missing(&self) -> Missing {
        self.missing
    }

    pub(super) fn inputs(&self) -> usize {
        let bins = self.bins.as_ref().map_or(0, PiecewiseLinear::bins);
        usize::from(self.scale.is_some()) + bins + self.missing.inputs()
    }

    /// Names the inputs of the column `name`.
    pub(super) fn push_names(&self, name: &str, names: &mut Vec<String>) {
        if self.scale.is_some() {
            names.push(name.to_owned());
        }
        let bins = self.bins.as_ref().map_or(0, PiecewiseLinear::bins);
        names.extend((1..=bins).map(|t| format!("{name}, bin {t} of {bins}")));
        self.missing.push_name(name, names);
    }

    /// Appends the columns that a value is encoded as.
    pub(super) fn push_columns(&self, columns: &mut Vec<InputColumn>) {
        columns.extend(self.scale.as_ref().map(|_| InputColumn::Value));
        let bins = self.bins.as_ref().map(PiecewiseLinear::bins);
        columns.extend(bins.map(InputColumn::Steps));
        self.missing.push_column(columns);
    }

    /// Writes one value.
    pub(super) fn write(&self, x: f64, row: &mut EncodedRow<f32>) -> Cell {
        let unexpected_gap = self.missing.is_unexpected(x.is_nan());
        if let Some(scale) = &self.scale {
            row.value(if x.is_nan() { 0.0 } else { scale.apply(x) });
            if let Some(bins) = &self.bins {
                // A gap that has no indicator stands at the median in the bins as well.
                let (bin, share) = bins.locate(if unexpected_gap { scale.center() } else { x });
                row.steps(bin, share);
            }
        }
        self.missing.write(x.is_nan(), row);
        if unexpected_gap {
            Cell::UnexpectedGap
        } else if self.scale.is_some() && self.is_far_outside(x) {
            Cell::FarOutside
        } else {
            Cell::Usual
        }
    }

    fn is_far_outside(&self, x: f64) -> bool {
        let margin = FAR_OUTSIDE * (self.high - self.low);
        x < self.low - margin || x > self.high + margin
    }

    pub(super) fn describe(&self) -> String {
        let mut parts = Vec::new();
        if let Some(scale) = &self.scale {
            let (center, unit) = (six_digits(scale.center()), six_digits(scale.scale()));
            parts.push(format!("median {center}, scale {unit}"));
        }
        if let Some(bins) = &self.bins {
            parts.push(format!("{} bins", bins.bins()));
        }
        if self.missing.has_indicator() {
            parts.push("gaps".to_owned());
        }
        parts.join(", ")
    }

    pub(super) fn is_sound(&self) -> bool {
        let finite = self.low.is_finite() && self.high.is_finite() && self.low <= self.high;
        finite
            && self.scale.as_ref().is_none_or(RobustScale::is_sound)
            && self.bins.as_ref().is_none_or(PiecewiseLinear::is_sound)
            && (self.scale.is_some() || self.bins.is_none())
            && self.inputs() > 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::written;
    use super::*;

    fn learnt(values: &[f64], bins: usize) -> Number {
        Number::learn(
            values.iter().copied(),
            &EncodingSettings {
                bins,
                level_means: false,
                ..EncodingSettings::default()
            },
        )
        .unwrap()
    }

    fn inputs(number: &Number, x: f64) -> (Vec<f32>, Cell) {
        written(
            |columns| number.push_columns(columns),
            |row| number.write(x, row),
        )
    }

    #[test]
    fn a_gap_is_the_median_and_told_where_training_had_gaps() {
        let gaps = learnt(&[0.0, 10.0, f64::NAN, 20.0, 30.0, 40.0], 2);
        assert_eq!(inputs(&gaps, 20.0), (vec![0.0, 1.0, 0.0, 0.0], Cell::Usual));
        assert_eq!(
            inputs(&gaps, f64::NAN),
            (vec![0.0, 0.0, 0.0, 1.0], Cell::Usual)
        );
        let full = learnt(&[0.0, 10.0, 20.0, 30.0, 40.0], 2);
        assert_eq!(
            inputs(&full, f64::NAN),
            (inputs(&full, 20.0).0, Cell::UnexpectedGap)
        );
    }

    #[test]
    fn values_far_outside_are_told() {
        let number = learnt(&[0.0, 10.0, 20.0, 30.0, 40.0], 0);
        for (x, cell) in [
            (-20.0, Cell::Usual),
            (-21.0, Cell::FarOutside),
            (60.0, Cell::Usual),
            (61.0, Cell::FarOutside),
            (f64::MAX, Cell::FarOutside),
        ] {
            assert_eq!(inputs(&number, x).1, cell, "{x}");
        }
    }

    #[test]
    fn a_constant_with_gaps_tells_the_gaps_and_nothing_else() {
        let number = learnt(&[7.0, f64::NAN, 7.0], 16);
        assert_eq!(inputs(&number, 7.0), (vec![0.0], Cell::Usual));
        assert_eq!(inputs(&number, f64::NAN), (vec![1.0], Cell::Usual));
        let settings = EncodingSettings::default();
        assert_eq!(Number::learn([7.0; 3].into_iter(), &settings), None);
        assert_eq!(Number::learn([f64::NAN; 3].into_iter(), &settings), None);
    }
}
