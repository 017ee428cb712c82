//! A drawing in SVG, with colours for light and for dark pages.

use std::fmt::Write as _;

use ndarray::Array2;

/// The width of a card with one matrix.
pub const MATRIX: f64 = 110.0;

/// A number as the page writes it: no superfluous digits, and a true minus sign.
pub fn number(value: f64) -> String {
    value.to_string().replace('-', "−")
}

/// A drawing under construction.
pub struct Svg(String);

impl Svg {
    pub fn new(width: f64, height: f64, title: &str) -> Svg {
        let style = "\
text { font: 15px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; font-variant-numeric: tabular-nums }
.page, .card, .chip { fill: #ffffff } .card { stroke: #d0d7de; stroke-width: 1.5 }
.ink, .strong { fill: #1f2328 } .strong { font-weight: 600 } .soft { fill: #59636e; font-size: 13px }
.value { fill: #0550ae } .gradient { fill: #bc4c00 }
line { stroke-width: 1.5 } .edge, .flow { stroke: #818b98 }
.forward { stroke: #0550ae } .backward { stroke: #bc4c00 } .kept { stroke: #59636e; stroke-dasharray: 5 4 }
path.forward { fill: #0550ae } path.backward { fill: #bc4c00 } path.kept { fill: #59636e } path.flow { fill: #818b98 }
path { stroke: none }
@media (prefers-color-scheme: dark) {
  .page, .card, .chip { fill: #0d1117 } .card { stroke: #3d444d }
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

    pub fn finish(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }

    pub fn text(&mut self, x: f64, y: f64, class: &str, anchor: &str, text: &str) {
        let _ = writeln!(
            self.0,
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64) {
        let _ = writeln!(
            self.0,
            "<rect class=\"card\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>"
        );
    }

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

    /// A line with a weight and its derivative on it, a third of the way along: there crossing edges are apart.
    pub fn edge(&mut self, from: (f64, f64), to: (f64, f64), w: f64, dc_dw: f64) {
        self.line("edge", from, to);
        let at = |a: f64, b: f64| a + 0.3 * (b - a);
        let (x, y) = (at(from.0, to.0).round(), at(from.1, to.1).round());
        let _ = writeln!(
            self.0,
            "<rect class=\"chip\" x=\"{}\" y=\"{}\" width=\"64\" height=\"20\"/>",
            x - 32.0,
            y - 10.0
        );
        self.text(x - 6.0, y + 5.0, "ink", "end", &number(w));
        self.text(x + 6.0, y + 5.0, "gradient", "start", &number(dc_dw));
    }

    /// A card with one or two named matrices side by side.
    pub fn matrices(&mut self, x: f64, y: f64, named: &[(String, &Array2<f64>)], class: &str) {
        let each = if named.len() == 1 { MATRIX } else { 88.0 };
        self.rect(x, y, each * named.len() as f64, 90.0);
        for (at, (name, matrix)) in named.iter().enumerate() {
            let centre = x + each * (at as f64 + 0.5);
            self.text(centre, y + 24.0, "strong", "middle", name);
            let (rows, columns) = matrix.dim();
            for (r, row) in matrix.rows().into_iter().enumerate() {
                let y = y + 60.0 + 24.0 * (r as f64 - (rows as f64 - 1.0) / 2.0);
                for (c, value) in row.iter().enumerate() {
                    let x = centre + 14.0 + 36.0 * (c as f64 - (columns as f64 - 1.0) / 2.0);
                    self.text(x, y, class, "end", &number(*value));
                }
            }
        }
    }
}
