//! How predictions move with the columns that the model needs most.

use chainrule_tabular::shown::label;
use chainrule_tabular::{DependencePoint, PartialDependence};

use super::figures::Figure;
use super::importance::short;
use crate::figure::Axis;
use crate::figure::chart::{Chart, Ink, Layer};
use crate::figure::svg;
use crate::numbers::{NumberFormat, shown, written};
use crate::portrait::Portrait;

/// The section on how predictions move.
pub(super) struct Dependence {
    pub(super) figures: Vec<Figure>,
    pub(super) tables: Vec<Table>,
    /// How the figures came about.
    pub(super) method: String,
}

/// The same in numbers.
pub(super) struct Table {
    pub(super) column: String,
    /// Value, mean, and the ends of the spread.
    pub(super) lines: Vec<[String; 4]>,
}

impl Dependence {
    /// None where the model keeps no rows to find it on.
    pub(super) fn of(portrait: &Portrait) -> Option<Dependence> {
        const IDS: [&str; 6] = ["moves1", "moves2", "moves3", "moves4", "moves5", "moves6"];
        let found = &portrait.dependence;
        let rows = found.first()?.rows;
        // One scale for all, so that a column which does little looks like it.
        let predictions = Axis::covering(found.iter().flat_map(|d| &d.points).flat_map(ends));
        let figures = found.iter().zip(IDS);
        Some(Dependence {
            figures: figures
                .map(|(found, id)| figure(found, &predictions, id))
                .collect(),
            tables: found.iter().map(table).collect(),
            method: format!(
                "{rows} rows are predicted with one value in the column, then with the next; everything else stays as it \
                 is. The line is the mean of these predictions. Each row has a curve of its own; shifted to the same \
                 level, eight of ten of these lie in the shaded band. Where it is wide, what the column does hangs on \
                 other columns."
            ),
        })
    }
}

fn ends(point: &DependencePoint) -> [f64; 3] {
    [point.spread.0, point.mean, point.spread.1]
}

/// The value of a point in words: a number in few digits, a date without its midnight.
fn value(point: &DependencePoint) -> String {
    let Some(text) = &point.value else {
        return "missing".to_owned();
    };
    match point.at {
        None => label(text),
        Some(at) if is_number(point) && text.len() > 8 => shown(at, 4),
        Some(_) if is_number(point) => text.replace('-', "−"),
        Some(_) => text.trim_end_matches("T00:00:00Z").to_owned(),
    }
}

fn is_number(point: &DependencePoint) -> bool {
    let text = point.value.as_deref().unwrap_or_default();
    text.parse() == Ok(point.at.unwrap_or(f64::NAN))
}

fn table(found: &PartialDependence) -> Table {
    let format = NumberFormat::exact_of(found.points.iter().flat_map(ends), 4);
    let line = |point: &DependencePoint| {
        let [low, mean, high] = ends(point).map(|end| written(format, end));
        [value(point), mean, low, high]
    };
    Table {
        column: label(&found.column),
        lines: found.points.iter().map(line).collect(),
    }
}

fn figure(found: &PartialDependence, predictions: &Axis, id: &'static str) -> Figure {
    let column = label(&found.column);
    let places: Option<Vec<f64>> = found.points.iter().map(|point| point.at).collect();
    match places {
        Some(places) => curve(found, &places, predictions, id, &column),
        None => levels(found, predictions, id, &column),
    }
}

/// A line over numbers or points in time.
fn curve(
    found: &PartialDependence,
    places: &[f64],
    predictions: &Axis,
    id: &'static str,
    column: &str,
) -> Figure {
    let (x_label, places) = match found.points.iter().all(is_number) {
        true => ("", places.to_vec()),
        false => of_times(places),
    };
    let at = |of: fn(&DependencePoint) -> f64| {
        let points = places.iter().zip(&found.points);
        points.map(move |(&x, point)| (x, of(point)))
    };
    let lower: Vec<(f64, f64)> = at(|point| point.spread.0).collect();
    let corners = at(|point| point.spread.1).chain(lower.into_iter().rev());
    let mut layers = vec![
        Layer::Area {
            corners: corners.collect(),
            ink: Ink::Data,
            opacity: 0.2,
        },
        Layer::line(at(|point| point.mean).collect(), Ink::Data),
    ];
    if let [_] = places.as_slice() {
        layers = vec![dots(at(|point| point.mean).collect())];
    }
    let (first, last) = (&found.points[0], &found.points[found.points.len() - 1]);
    let text = format!(
        "From {} to {} the mean prediction goes from {} to {}{}.",
        value(first),
        value(last),
        shown(first.mean, 3),
        shown(last.mean, 3),
        turn(&found.points)
    );
    let chart = Chart {
        title: None,
        x_label,
        y_label: "prediction",
        x: Axis::covering(places.iter().copied()),
        y: predictions.clone(),
        layers,
    };
    Figure::of(&chart, svg::SMALL, id, column, text)
}

/// The highest or the lowest mean, where it lies far beyond both ends of the curve.
fn turn(points: &[DependencePoint]) -> String {
    let mean = |point: &&DependencePoint| point.mean;
    let by_mean = |a: &&DependencePoint, b: &&DependencePoint| mean(a).total_cmp(&mean(b));
    let (Some(low), Some(high)) = (points.iter().min_by(by_mean), points.iter().max_by(by_mean))
    else {
        return String::new();
    };
    let ends = [points[0].mean, points[points.len() - 1].mean];
    let far = 0.2 * (high.mean - low.mean);
    let mut text = String::new();
    if high.mean - ends[0].max(ends[1]) > far {
        text += &format!(", highest with {} at {}", shown(high.mean, 3), value(high));
    }
    if ends[0].min(ends[1]) - low.mean > far {
        text += &format!(", lowest with {} at {}", shown(low.mean, 3), value(low));
    }
    text
}

/// Seconds since the beginning of 1970 in the unit that suits them.
fn of_times(seconds: &[f64]) -> (&'static str, Vec<f64>) {
    const HOUR: f64 = 3600.0;
    const DAY: f64 = 24.0 * HOUR;
    const YEAR: f64 = 365.2425 * DAY;
    let (first, last) = (seconds[0], seconds[seconds.len() - 1]);
    let all = |unit: &dyn Fn(f64) -> f64| seconds.iter().map(|&s| unit(s)).collect();
    match last - first {
        // Times of day lie on the first day of all.
        _ if first >= 0.0 && last < DAY => ("hour of the day", all(&|s| s / HOUR)),
        span if span < 2.0 * DAY => ("hours since the first", all(&|s| (s - first) / HOUR)),
        span if span < 2.0 * YEAR => ("days since the first", all(&|s| (s - first) / DAY)),
        _ => ("year", all(&|s| 1970.0 + s / YEAR)),
    }
}

fn dots(points: Vec<(f64, f64)>) -> Layer {
    Layer::Dots {
        points,
        ink: Ink::Data,
        radius: 4.5,
        opacity: 1.0,
    }
}

/// A dot for each level, the most frequent at the top, and a line for its spread.
fn levels(found: &PartialDependence, predictions: &Axis, id: &'static str, column: &str) -> Figure {
    let points = &found.points;
    let place = |nth: usize| (points.len() - nth) as f64;
    let spread = |(nth, point): (usize, &DependencePoint)| Layer::Line {
        points: vec![(point.spread.0, place(nth)), (point.spread.1, place(nth))],
        ink: Ink::Data,
        width: 6.0,
        opacity: 0.3,
    };
    let mut layers: Vec<Layer> = points.iter().enumerate().map(spread).collect();
    let means = points
        .iter()
        .enumerate()
        .map(|(nth, point)| (point.mean, place(nth)));
    layers.push(dots(means.collect()));
    let by_mean = |a: &&DependencePoint, b: &&DependencePoint| a.mean.total_cmp(&b.mean);
    let ends = [points.iter().min_by(by_mean), points.iter().max_by(by_mean)];
    let [low, high] = ends.map(|end| end.expect("a column has a value"));
    let text = format!(
        "The mean prediction is lowest with {} at {} and highest with {} at {}.",
        shown(low.mean, 3),
        value(low),
        shown(high.mean, 3),
        value(high)
    );
    let chart = Chart {
        title: None,
        x_label: "prediction",
        y_label: "",
        x: predictions.clone(),
        y: Axis::naming(
            points
                .iter()
                .rev()
                .map(|point| short(&value(point)))
                .collect(),
        ),
        layers,
    };
    Figure::of(&chart, svg::SMALL, id, column, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: f64, mean: f64) -> DependencePoint {
        DependencePoint {
            value: Some(at.to_string()),
            at: Some(at),
            mean,
            spread: (mean, mean),
        }
    }

    #[test]
    fn times_are_told_in_the_unit_that_suits_them() {
        let day = 86_400.0;
        assert_eq!(
            of_times(&[0.0, 3600.0]),
            ("hour of the day", vec![0.0, 1.0])
        );
        let noon = 19_000.5 * day;
        assert_eq!(of_times(&[noon, noon + 7200.0]).1, [0.0, 2.0]);
        assert_eq!(
            of_times(&[noon, noon + 30.0 * day]),
            ("days since the first", vec![0.0, 30.0])
        );
        let years = of_times(&[0.0, 3652.425 * day]);
        assert_eq!(years.0, "year");
        assert!((years.1[1] - 1980.0).abs() < 1e-9);
    }

    #[test]
    fn a_curve_that_turns_says_where() {
        let rising = [point(1.0, 1.0), point(2.0, 2.0), point(3.0, 3.0)];
        assert_eq!(turn(&rising), "");
        let turning = [point(1.0, 1.0), point(2.0, 4.0), point(3.0, 2.0)];
        assert_eq!(turn(&turning), ", highest with 4.00 at 2");
        let falling = [point(1.0, 3.0), point(2.0, -1.0), point(3.0, 2.0)];
        assert_eq!(turn(&falling), ", lowest with −1.00 at 2");
    }
}
