//! A scatter or line plot as data, with the axes that its two drawings share: [`terminal`] in braille, [`svg`] as a file.

pub mod svg;
pub mod terminal;

/// How the points of a plot are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Marks {
    /// Joined by a line, in the order given.
    Line,
    /// One dot each, over the diagonal on which both coordinates are equal; both axes then cover the same range.
    DotsAroundDiagonal,
}

/// One plot: points `(x, y)` and the words around them.
pub struct Plot {
    /// What the plot shows, above it.
    pub title: &'static str,
    /// What stands on the horizontal axis.
    pub x_label: &'static str,
    /// What stands on the vertical axis.
    pub y_label: &'static str,
    /// The points, all finite.
    pub points: Vec<(f64, f64)>,
    /// Line or dots.
    pub marks: Marks,
}

impl Plot {
    /// The horizontal and the vertical axis.
    fn axes(&self) -> (Axis, Axis) {
        let xs = self.points.iter().map(|p| p.0);
        let ys = self.points.iter().map(|p| p.1);
        match self.marks {
            Marks::Line => (Axis::covering(xs), Axis::covering(ys)),
            Marks::DotsAroundDiagonal => {
                let both = Axis::covering(xs.chain(ys));
                (both.clone(), both)
            }
        }
    }
}

/// A range with round ends and round ticks between them.
#[derive(Clone, Debug)]
struct Axis {
    low: f64,
    high: f64,
    ticks: Vec<f64>,
    decimals: usize,
}

impl Axis {
    /// The smallest range of at most seven ticks, 1, 2 or 5 times a power of ten apart, that holds all values.
    fn covering(values: impl Iterator<Item = f64>) -> Self {
        let (mut low, mut high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| {
            (l.min(v), h.max(v))
        });
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if high - low <= 1e-9 * high.abs().max(low.abs()).max(1e-300) {
            let margin = if low == 0.0 { 1.0 } else { low.abs() * 0.5 };
            (low, high) = (low - margin, high + margin);
        }
        let rough = (high - low) / 5.0;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|m| m * power)
            .into_iter()
            .find(|s| rough <= s * 1.000_001)
            .unwrap_or(10.0 * power);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let ticks = (0..=(last - first) as usize)
            .map(|k| (first + k as f64) * step)
            .collect();
        let decimals = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
        Axis {
            low: first * step,
            high: last * step,
            ticks,
            decimals,
        }
    }

    /// Where a value lies between the ends: 0 at `low`, 1 at `high`.
    fn fraction(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// Each tick's value and label.
    fn labels(&self) -> impl Iterator<Item = (f64, String)> {
        self.ticks
            .iter()
            .map(|&t| (t, format!("{t:.*}", self.decimals)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_covers_its_values_with_few_round_ticks() {
        let axis = Axis::covering([0.43, 1.87, 0.61].into_iter());
        assert!(axis.low <= 0.43 && axis.high >= 1.87, "{axis:?}");
        assert!((3..=7).contains(&axis.ticks.len()), "{axis:?}");
        let labels: Vec<_> = axis.labels().map(|(_, label)| label).collect();
        assert_eq!(labels, ["0.0", "0.5", "1.0", "1.5", "2.0"]);
    }

    #[test]
    fn an_axis_of_one_value_or_none_still_has_a_range() {
        for values in [vec![], vec![0.0], vec![-3.0, -3.0], vec![1e300, 1e300]] {
            let axis = Axis::covering(values.iter().copied());
            assert!(axis.high > axis.low, "{values:?}: {axis:?}");
            assert!(axis.ticks.len() >= 2, "{values:?}: {axis:?}");
        }
    }
}
