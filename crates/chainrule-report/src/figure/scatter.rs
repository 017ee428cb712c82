//! Points of any number as marks of a bounded number.

use super::Axis;
use super::chart::{Ink, Layer, Rectangle};

/// More points than these are counted in the cells of a grid.
const MOST_DOTS: usize = 1500;

/// Cells of the grid, across and up.
const CELLS: (usize, usize) = (56, 42);

/// Dots where there are few, and else a grid whose cells are the darker the more points lie in them.
pub(crate) fn scatter(points: Vec<(f64, f64)>, x: &Axis, y: &Axis) -> Layer {
    if points.len() <= MOST_DOTS {
        let radius = if points.len() > 300 { 2.5 } else { 3.5 };
        return Layer::Dots {
            points,
            ink: Ink::Data,
            radius,
            opacity: 0.6,
        };
    }
    let mut counts = vec![0_usize; CELLS.0 * CELLS.1];
    let place = |axis: &Axis, value: f64, cells: usize| {
        ((axis.fraction(value).clamp(0.0, 1.0) * cells as f64) as usize).min(cells - 1)
    };
    for &(px, py) in &points {
        counts[place(y, py, CELLS.1) * CELLS.0 + place(x, px, CELLS.0)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(1);
    let span = |axis: &Axis, nth: usize, cells: usize| {
        let (low, high) = axis.ends();
        let end = |nth: usize| {
            let share = nth as f64 / cells as f64;
            low * (1.0 - share) + high * share
        };
        (end(nth), end(nth + 1))
    };
    let cell = |(nth, &count): (usize, &usize)| {
        // Three points in a hundred thousand can still be seen: shades go by the logarithm.
        let shade = (1.0 + count as f64).ln() / (1.0 + most as f64).ln();
        (count > 0).then(|| Rectangle {
            x: span(x, nth % CELLS.0, CELLS.0),
            y: span(y, nth / CELLS.0, CELLS.1),
            opacity: (20.0 * (0.1 + 0.9 * shade)).ceil() / 20.0,
        })
    };
    Layer::Boxes(
        counts.iter().enumerate().filter_map(cell).collect(),
        Ink::Data,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_points_become_a_bounded_number_of_cells() {
        let points: Vec<(f64, f64)> = (0..1_000_000)
            .map(|i| (f64::from(i % 1009), f64::from(i % 997)))
            .collect();
        let axis = Axis::covering([0.0, 1009.0]);
        let Layer::Boxes(boxes, _) = scatter(points, &axis, &axis) else {
            panic!("so many points are counted in cells");
        };
        assert!((1000..=CELLS.0 * CELLS.1).contains(&boxes.len()));
        assert!(boxes.iter().all(|b| b.opacity > 0.1 && b.opacity <= 1.0));
    }

    #[test]
    fn a_few_points_stay_what_they_are() {
        let axis = Axis::covering([0.0, 1.0]);
        let points = vec![(0.0, 1.0), (1.0, 0.0)];
        let Layer::Dots { points: dots, .. } = scatter(points.clone(), &axis, &axis) else {
            panic!("a few points are dots");
        };
        assert_eq!(dots, points);
    }
}
