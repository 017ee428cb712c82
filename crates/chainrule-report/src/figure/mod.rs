//! Figures: charts as data, and their drawings as SVG.

mod axis;
pub(crate) mod chart;
mod plot;
pub(crate) mod scatter;
pub(crate) mod svg;

pub use axis::Axis;
pub use plot::{Marks, Plot};
pub use svg::figure;
