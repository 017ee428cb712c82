//! Plots side by side as one self-contained SVG file: no scripts, no fonts of its own, readable on light and dark pages.

use std::fmt::Write;

use super::{Marks, Plot};

/// Width and height of one plot's area, and the space around it, in pixels.
const AREA: (f64, f64) = (360.0, 300.0);
const LEFT: f64 = 72.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 84.0;
const BOTTOM: f64 = 60.0;

/// The figure: a title, and the plots from left to right.
pub fn figure(title: &str, plots: &[Plot]) -> String {
    let panel = LEFT + AREA.0 + RIGHT;
    let (width, height) = (panel * plots.len() as f64, TOP + AREA.1 + BOTTOM);
    let mut svg = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="13" fill="#1f2933">
<title>{title}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="{middle}" y="30" font-size="16" font-weight="600" text-anchor="middle">{title}</text>
"##,
        title = escaped(title),
        middle = width / 2.0,
    );
    for (k, plot) in plots.iter().enumerate() {
        draw(&mut svg, plot, k as f64 * panel + LEFT);
    }
    svg.push_str("</svg>\n");
    svg
}

/// One plot, its area's upper left corner at `(left, TOP)`.
fn draw(svg: &mut String, plot: &Plot, left: f64) {
    let (x, y) = plot.axes();
    let place = |p: (f64, f64)| (x.fraction(p.0) * AREA.0, (1.0 - y.fraction(p.1)) * AREA.1);
    let _ = writeln!(svg, r#"<g transform="translate({left} {TOP})">"#);
    let _ = writeln!(
        svg,
        r#"<text x="{}" y="-14" font-weight="600" text-anchor="middle">{}</text>"#,
        AREA.0 / 2.0,
        escaped(plot.title)
    );
    svg.push_str("<g stroke=\"#e4e7eb\">\n");
    for &tick in &x.ticks {
        let px = place((tick, y.low)).0;
        let _ = writeln!(
            svg,
            r#"<line x1="{px:.1}" y1="0" x2="{px:.1}" y2="{}"/>"#,
            AREA.1
        );
    }
    for &tick in &y.ticks {
        let py = place((x.low, tick)).1;
        let _ = writeln!(
            svg,
            r#"<line x1="0" y1="{py:.1}" x2="{}" y2="{py:.1}"/>"#,
            AREA.0
        );
    }
    svg.push_str("</g>\n<g fill=\"#52606d\">\n");
    for (tick, label) in x.labels() {
        let _ = writeln!(
            svg,
            r#"<text x="{:.1}" y="{}" text-anchor="middle">{label}</text>"#,
            place((tick, y.low)).0,
            AREA.1 + 20.0
        );
    }
    for (tick, label) in y.labels() {
        let _ = writeln!(
            svg,
            r#"<text x="-10" y="{:.1}" text-anchor="end" dy="0.35em">{label}</text>"#,
            place((x.low, tick)).1
        );
    }
    svg.push_str("</g>\n");
    let _ = writeln!(
        svg,
        r#"<text x="{}" y="{}" text-anchor="middle">{}</text>"#,
        AREA.0 / 2.0,
        AREA.1 + 44.0,
        escaped(plot.x_label)
    );
    let _ = writeln!(
        svg,
        r#"<text transform="translate(-52 {}) rotate(-90)" text-anchor="middle">{}</text>"#,
        AREA.1 / 2.0,
        escaped(plot.y_label)
    );
    match plot.marks {
        Marks::Line => {
            svg.push_str(r##"<polyline fill="none" stroke="#0b7285" stroke-width="2" stroke-linejoin="round" points=""##);
            for &p in &plot.points {
                let (px, py) = place(p);
                let _ = write!(svg, "{px:.1},{py:.1} ");
            }
            svg.push_str("\"/>\n");
        }
        Marks::DotsAroundDiagonal => {
            let _ = writeln!(
                svg,
                r##"<line x1="0" y1="{}" x2="{}" y2="0" stroke="#9aa5b1" stroke-dasharray="5 4"/>"##,
                AREA.1, AREA.0
            );
            svg.push_str("<g fill=\"#0b7285\" fill-opacity=\"0.65\">\n");
            for &p in &plot.points {
                let (px, py) = place(p);
                let _ = writeln!(svg, r#"<circle cx="{px:.1}" cy="{py:.1}" r="3.5"/>"#);
            }
            svg.push_str("</g>\n");
        }
    }
    svg.push_str("</g>\n");
}

/// Text as it may stand between XML tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_holds_each_point_once_and_escapes_its_words() {
        let points = vec![(1.0, 2.0), (3.0, 4.0), (5.0, 1.0)];
        let dots = Plot {
            title: "a < b & c",
            x_label: "x",
            y_label: "y",
            points: points.clone(),
            marks: Marks::DotsAroundDiagonal,
        };
        let line = Plot {
            title: "line",
            x_label: "x",
            y_label: "y",
            points,
            marks: Marks::Line,
        };
        let svg = figure("two plots", &[dots, line]);
        assert_eq!(svg.matches("<circle").count(), 3);
        assert_eq!(svg.matches("<polyline").count(), 1);
        assert!(svg.contains("a &lt; b &amp; c"));
        assert_eq!(svg.matches("<g").count(), svg.matches("</g>").count());
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}
