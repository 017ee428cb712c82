//! A scatter or line plot as data, which is drawn in a terminal as well as in a file.

use super::Axis;
use super::chart::{Chart, Ink, Layer};

/// How the points of a plot are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// Joined by a line, in the order given.
    Line,
    /// One dot each, over the diagonal on which both coordinates are equal; both axes then cover the same range.
    DotsAroundDiagonal,
}

/// One plot: points `(x, y)` and the words around them.
#[derive(Clone, Debug, PartialEq)]
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
    pub fn axes(&self) -> (Axis, Axis) {
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

    /// The plot as layers.
    pub(super) fn chart(&self) -> Chart {
        let (x, y) = self.axes();
        let points = self.points.clone();
        let layers = match self.marks {
            Marks::Line => vec![Layer::line(points, Ink::Data)],
            Marks::DotsAroundDiagonal => {
                let (low, high) = x.ends();
                vec![
                    Layer::rule((low, low), (high, high)),
                    Layer::Dots {
                        points,
                        ink: Ink::Data,
                        radius: 3.5,
                        opacity: 0.6,
                    },
                ]
            }
        };
        Chart {
            title: Some(self.title),
            x_label: self.x_label,
            y_label: self.y_label,
            x,
            y,
            layers,
        }
    }
}
