//! Charts as SVG, drawn by plotters: no scripts, no fonts of their own.
//!
//! A figure that stands alone has a white ground. In a page, rules of style that [`style`] makes from the very colours
//! that are drawn with give each of them the page's own, so that figures are light or dark as the page is.

use std::fmt::Write;
use std::io;

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::chart::{Chart, Ink, Layer};
use super::plot::Plot;

/// Width and height of a chart, in pixels.
pub(crate) const SIZE: (i32, i32) = (400, 300);

/// The same of one of several that are shown beside each other.
pub(crate) const SMALL: (i32, i32) = (300, 210);

/// Marks are set on whole pixels. A figure is drawn so many times as large as it is shown, to set them more finely.
const FINE: f64 = 4.0;

/// Height of the letters, in pixels.
const LETTERS: f64 = 13.0;

/// plotters makes letters smaller than it is told, by this factor.
const LETTERS_FACTOR: f64 = 1.24;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;

/// A figure that stands alone: a title, and the plots from left to right.
pub fn figure(title: &str, plots: &[Plot]) -> String {
    const TITLE: i32 = 48;
    let size = (SIZE.0 * plots.len().max(1) as i32, SIZE.1 + TITLE);
    let drawing = drawing(size, |area| {
        area.fill(&WHITE)?;
        let middle = (fine(f64::from(size.0) / 2.0), fine(28.0));
        area.draw_text(title, &letters(16.0, Ink::Text, HPos::Center), middle)?;
        let (_, below) = area.split_vertically(fine(f64::from(TITLE)));
        let parts = below.split_evenly((1, plots.len().max(1)));
        let mut charts = parts.iter().zip(plots);
        charts.try_for_each(|(part, plot)| draw(&plot.chart(), part))
    });
    let (width, height) = size;
    let (all_width, all_height) = (fine(width.into()), fine(height.into()));
    let title = escaped(title);
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {all_width} {all_height}" width="{width}" height="{height}" role="img">
<title>{title}</title>
{drawing}</svg>
"#
    )
}

/// A chart to stand in a page, [`FINE`] times as large as its size.
pub(crate) fn chart(chart: &Chart, size: (i32, i32)) -> String {
    drawing(size, |area| draw(chart, area))
}

/// Width and height of the drawing of a chart of this size.
pub(crate) fn drawn_size(size: (i32, i32)) -> (i32, i32) {
    (fine(size.0.into()), fine(size.1.into()))
}

/// Rules of style by which the colours of charts are the variables of a page.
pub(crate) fn style() -> String {
    let mut rules = String::new();
    for ink in Ink::ALL {
        let (code, variable) = (ink.code(), ink.variable());
        for part in ["fill", "stroke"] {
            // Writing to a String cannot fail.
            let _ = writeln!(
                rules,
                "svg [{part}=\"{code}\"] {{ {part}: var({variable}); }}"
            );
        }
    }
    rules
}

/// What is drawn on an area of so many pixels.
fn drawing(size: (i32, i32), draw: impl FnOnce(&Area) -> Drawn) -> String {
    let mut svg = String::new();
    {
        let size = (fine(size.0.into()) as u32, fine(size.1.into()) as u32);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let drawn = draw(&area).and_then(|()| area.present());
        drawn.expect("a string takes all that is drawn");
    }
    svg
}

/// One chart on its area.
fn draw(chart: &Chart, area: &Area) -> Drawn {
    let ticks = chart.y.labels().map(|(tick, _)| chart.y.written(tick));
    let widest = ticks.map(|label| label.chars().count());
    // Letters are about half as wide as high; behind the labels stands the axis's name, if it has one.
    let of_name = if chart.y_label.is_empty() { 12.0 } else { 30.0 };
    let left = of_name + 0.6 * LETTERS * widest.max().unwrap_or(0) as f64;
    let top = if chart.title.is_some() { 32.0 } else { 12.0 };
    if let Some(title) = chart.title {
        let width = f64::from(area.dim_in_pixel().0) / FINE;
        let middle = (fine((left + width - 16.0) / 2.0), fine(12.0));
        area.draw_text(
            title,
            &letters(LETTERS + 1.0, Ink::Text, HPos::Center),
            middle,
        )?;
    }
    let mut context = ChartBuilder::on(area)
        .margin_top(fine(top))
        .margin_right(fine(16.0))
        .margin_bottom(fine(4.0))
        .x_label_area_size(fine(44.0))
        .y_label_area_size(fine(left))
        .build_cartesian_2d(chart.x.clone(), chart.y.clone())?;
    let words = letters(LETTERS, Ink::Words, HPos::Center);
    context
        .configure_mesh()
        .axis_style(TRANSPARENT)
        .set_all_tick_mark_size(fine(4.0))
        .bold_line_style(colour(Ink::Grid).stroke_width(fine(1.0) as u32))
        .light_line_style(TRANSPARENT)
        .x_labels(chart.x.labels().count())
        .y_labels(chart.y.labels().count())
        .x_label_formatter(&|tick| chart.x.written(*tick))
        .y_label_formatter(&|tick| chart.y.written(*tick))
        .x_desc(chart.x_label)
        .y_desc(chart.y_label)
        .label_style(words.clone())
        .axis_desc_style(words)
        .draw()?;
    for layer in &chart.layers {
        match layer {
            Layer::Line {
                points,
                ink,
                width,
                opacity,
            } => {
                let style = colour(*ink).mix(*opacity).stroke_width(fine(*width) as u32);
                context.draw_series([PathElement::new(points.clone(), style)])?;
            }
            Layer::Dots {
                points,
                ink,
                radius,
                opacity,
            } => {
                let style = colour(*ink).mix(*opacity).filled();
                let radius = fine(*radius);
                let dots = points
                    .iter()
                    .map(|&point| Circle::new(point, radius, style));
                context.draw_series(dots)?;
            }
            Layer::Area {
                corners,
                ink,
                opacity,
            } => {
                let style = colour(*ink).mix(*opacity).filled();
                context.draw_series([Polygon::new(corners.clone(), style)])?;
            }
            Layer::Boxes(boxes, ink) => {
                let boxes = boxes.iter().map(|b| {
                    let corners = [(b.x.0, b.y.0), (b.x.1, b.y.1)];
                    Rectangle::new(corners, colour(*ink).mix(b.opacity).filled())
                });
                context.draw_series(boxes)?;
            }
        }
    }
    Ok(())
}

fn fine(pixels: f64) -> i32 {
    (FINE * pixels).round() as i32
}

fn colour(ink: Ink) -> RGBColor {
    let (r, g, b) = ink.on_white();
    RGBColor(r, g, b)
}

fn letters(height: f64, ink: Ink, place: HPos) -> TextStyle<'static> {
    let size = FINE * height * LETTERS_FACTOR;
    let style = ("sans-serif", size).into_font().color(&colour(ink));
    style.pos(Pos::new(place, VPos::Center))
}

/// Text as it may stand between XML tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::plot::Marks;
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
        let svg = figure("two <plots>", &[dots, line]);
        assert_eq!(svg.matches("<circle").count(), 3);
        assert_eq!(
            svg.matches("<polyline").count(),
            2,
            "the line and the diagonal"
        );
        assert!(svg.contains("a &lt; b &amp; c"));
        assert!(svg.contains("<title>two &lt;plots&gt;</title>"));
        assert_eq!(svg.matches("<svg").count(), svg.matches("</svg>").count());
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }

    #[test]
    fn every_colour_of_a_figure_has_a_rule() {
        let plot = Plot {
            title: "title",
            x_label: "x",
            y_label: "y",
            points: vec![(0.0, 1.0), (2.0, 3.0)],
            marks: Marks::DotsAroundDiagonal,
        };
        let (svg, rules) = (chart(&plot.chart(), SIZE), style());
        for part in svg.split('"').filter(|part| part.starts_with('#')) {
            assert!(rules.contains(&format!("fill=\"{part}\"")), "{part}");
            assert!(rules.contains(&format!("stroke=\"{part}\"")), "{part}");
        }
    }
}
