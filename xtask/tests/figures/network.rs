//! Parts of drawings that show the numbers of a network.

use ndarray::Array2;
use xtask::svg::Svg;

/// The width of a card with one matrix.
pub const MATRIX: f64 = 110.0;

/// A number as the page writes it: no superfluous digits, and a true minus sign.
pub fn number(value: f64) -> String {
    value.to_string().replace('-', "−")
}

/// A line with a weight and its derivative on it, a third of the way along: there crossing edges are apart.
pub fn edge(svg: &mut Svg, from: (f64, f64), to: (f64, f64), w: f64, dc_dw: f64) {
    svg.line("edge", from, to);
    let at = |a: f64, b: f64| a + 0.3 * (b - a);
    let (x, y) = (at(from.0, to.0).round(), at(from.1, to.1).round());
    svg.chip(x - 32.0, y - 10.0, 64.0, 20.0);
    svg.text(x - 6.0, y + 5.0, "ink", "end", &number(w));
    svg.text(x + 6.0, y + 5.0, "gradient", "start", &number(dc_dw));
}

/// A card with one or two named matrices side by side.
pub fn matrices(svg: &mut Svg, x: f64, y: f64, named: &[(String, &Array2<f64>)], class: &str) {
    let each = if named.len() == 1 { MATRIX } else { 88.0 };
    svg.rect(x, y, each * named.len() as f64, 90.0);
    for (at, (name, matrix)) in named.iter().enumerate() {
        let centre = x + each * (at as f64 + 0.5);
        svg.text(centre, y + 24.0, "strong", "middle", name);
        let (rows, columns) = matrix.dim();
        for (r, row) in matrix.rows().into_iter().enumerate() {
            let y = y + 60.0 + 24.0 * (r as f64 - (rows as f64 - 1.0) / 2.0);
            for (c, value) in row.iter().enumerate() {
                let x = centre + 14.0 + 36.0 * (c as f64 - (columns as f64 - 1.0) / 2.0);
                svg.text(x, y, class, "end", &number(*value));
            }
        }
    }
}
