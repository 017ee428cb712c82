//! A drawing in SVG, with colours for light and for dark pages.

use std::fmt::Write as _;

/// A drawing under construction.
pub struct Svg(String);

impl Svg {
    /// An empty page; the title is what a screen reader calls it.
    pub fn new(width: f64, height: f64, title: &str) -> Svg {
        let style = "\
text { font: 15px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; font-variant-numeric: tabular-nums }
.page, .card, .chip { fill: #ffffff } .card, .grid { stroke: #d0d7de; stroke-width: 1.5 }
.ink, .strong { fill: #1f2328 } .strong { font-weight: 600 } .soft { fill: #59636e; font-size: 13px }
.value { fill: #0550ae } .gradient { fill: #bc4c00 }
line { stroke-width: 1.5 } .edge, .flow { stroke: #818b98 }
.forward { stroke: #0550ae } .backward { stroke: #bc4c00 } .kept { stroke: #59636e; stroke-dasharray: 5 4 }
path.forward { fill: #0550ae } path.backward { fill: #bc4c00 } path.kept { fill: #59636e } path.flow { fill: #818b98 }
path { stroke: none }
@media (prefers-color-scheme: dark) {
  .page, .card, .chip { fill: #0d1117 } .card, .grid { stroke: #3d444d }
  .ink, .strong { fill: #f0f6fc } .soft { fill: #9198a1 }
  .value { fill: #79c0ff } .gradient { fill: #ffa657 }
  .edge, .flow { stroke: #656c76 } .forward { stroke: #79c0ff } .backward { stroke: #ffa657 } .kept { stroke: #9198a1 }
  path.forward { fill: #79c0ff } path.backward { fill: #ffa657 } path.kept { fill: #9198a1 } path.flow { fill: #656c76 }
  path { stroke: none }
}";
        let mut svg = Svg(String::new());
        let _ = writeln!(
            svg.0,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
             <title>{title}</title>\n<style>\n{style}\n</style>\n\
             <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>"
        );
        svg
    }

    /// What a screen reader tells after the title.
    pub fn describe(&mut self, text: &str) {
        let _ = writeln!(self.0, "<desc>{text}</desc>");
    }

    /// The whole file.
    pub fn finish(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }

    /// A line of text; `anchor` says which end of it is at x.
    pub fn text(&mut self, x: f64, y: f64, class: &str, anchor: &str, text: &str) {
        let _ = writeln!(
            self.0,
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    /// A card.
    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64) {
        let _ = writeln!(
            self.0,
            "<rect class=\"card\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>"
        );
    }

    /// A line from one point to another.
    pub fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let _ = writeln!(
            self.0,
            "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"
        );
    }

    /// A line, horizontal or vertical, with a head at its end.
    pub fn arrow(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        self.line(class, from, to);
        let step = |a: f64, b: f64| if a == b { 0.0 } else { (b - a).signum() };
        let (dx, dy) = (step(from.0, to.0), step(from.1, to.1));
        let (x, y) = to;
        let (back_x, back_y) = (x - 9.0 * dx, y - 9.0 * dy);
        let _ = writeln!(
            self.0,
            "<path class=\"{class}\" d=\"M{x} {y}L{} {}L{} {}Z\"/>",
            back_x + 4.5 * dy,
            back_y + 4.5 * dx,
            back_x - 4.5 * dy,
            back_y - 4.5 * dx,
        );
    }

    /// A background without a frame: what is written on it can be read though a line passes below.
    pub fn chip(&mut self, x: f64, y: f64, width: f64, height: f64) {
        let _ = writeln!(
            self.0,
            "<rect class=\"chip\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
        );
    }

    /// A filled circle.
    pub fn circle(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        let _ = writeln!(
            self.0,
            "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>"
        );
    }

    /// A filled square that stands on one of its corners.
    pub fn diamond(&mut self, class: &str, (x, y): (f64, f64), radius: f64) {
        let _ = writeln!(
            self.0,
            "<path class=\"{class}\" d=\"M{x} {}L{} {y}L{x} {}L{} {y}Z\"/>",
            y - radius,
            x + radius,
            y + radius,
            x - radius,
        );
    }
}
