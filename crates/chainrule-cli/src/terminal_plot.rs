//! A plot in the terminal: each character holds 2 × 4 braille dots, so 30 × 10 characters show 60 × 40 points.

use chainrule_report::figure::{Axis, Marks, Plot};

/// What a character cell shows; of two in one cell the later one gives the colour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ink {
    Diagonal,
    Data,
}

/// Draws the plot `columns` characters wide (labels included), its area `rows` characters high, as lines of equal
/// visible width.
pub fn draw(plot: &Plot, columns: usize, rows: usize, colour: bool) -> Vec<String> {
    let (x, y) = plot.axes();
    let margin = y
        .labels()
        .map(|(_, label)| label.chars().count())
        .max()
        .unwrap_or(0);
    let mut canvas = Canvas::new(columns.saturating_sub(margin + 2).max(8), rows);
    if plot.marks == Marks::DotsAroundDiagonal {
        // Dotted, so that it is told from the data where there is no colour.
        let dots = canvas.columns;
        (0..=dots).for_each(|k| {
            canvas.dot(
                (k as f64 / dots as f64, k as f64 / dots as f64),
                Ink::Diagonal,
            )
        });
    }
    let places: Vec<_> = plot
        .points
        .iter()
        .map(|p| (x.fraction(p.0), y.fraction(p.1)))
        .collect();
    match plot.marks {
        Marks::Line => {
            for pair in places.windows(2) {
                canvas.line(pair[0], pair[1], Ink::Data);
            }
        }
        Marks::DotsAroundDiagonal => places.iter().for_each(|&p| canvas.dot(p, Ink::Data)),
    }

    let width = margin + 2 + canvas.columns;
    let mut lines = vec![centred(plot.title, width)];
    let mut y_labels = vec![None; rows];
    for (value, label) in y.labels() {
        y_labels[((1.0 - y.fraction(value)) * (rows - 1) as f64).round() as usize] = Some(label);
    }
    for (row, label) in y_labels.into_iter().enumerate() {
        let axis = if label.is_some() { '┤' } else { '│' };
        lines.push(format!(
            "{:>margin$} {axis}{}",
            label.unwrap_or_default(),
            canvas.row(row, colour)
        ));
    }
    let (ruler, labels) = horizontal_axis(&x, canvas.columns);
    lines.push(format!("{:margin$} └{ruler}", ""));
    lines.push(format!("{:margin$}  {labels}", ""));
    lines.push(centred(
        &format!("{} ↑   {} →", plot.y_label, plot.x_label),
        width,
    ));
    lines
}

/// Two drawings of the same height, side by side.
pub fn beside(left: &[String], right: &[String]) -> Vec<String> {
    left.iter()
        .zip(right)
        .map(|(l, r)| format!("{l}  {r}").trim_end().to_string())
        .collect()
}

/// The line of tick marks and the line of their labels, leaving out labels that would touch.
fn horizontal_axis(axis: &Axis, columns: usize) -> (String, String) {
    let mut ruler = vec!['─'; columns];
    let mut labels = vec![' '; columns];
    let mut free_from = 0;
    for (value, label) in axis.labels() {
        let place = (axis.fraction(value) * (columns - 1) as f64).round() as usize;
        ruler[place] = '┬';
        let length = label.chars().count();
        let start = place
            .saturating_sub(length / 2)
            .min(columns.saturating_sub(length));
        if start >= free_from && length <= columns {
            for (cell, letter) in labels[start..].iter_mut().zip(label.chars()) {
                *cell = letter;
            }
            free_from = start + length + 1;
        }
    }
    (ruler.into_iter().collect(), labels.into_iter().collect())
}

fn centred(text: &str, width: usize) -> String {
    format!("{text:^width$}")
}

/// Braille cells, each with the ink that it was last drawn with.
struct Canvas {
    columns: usize,
    rows: usize,
    cells: Vec<(u8, Ink)>,
}

impl Canvas {
    fn new(columns: usize, rows: usize) -> Self {
        Canvas {
            columns,
            rows,
            cells: vec![(0, Ink::Diagonal); columns * rows],
        }
    }

    /// Sets the dot at fractions of the width and of the height, counted from the bottom left.
    fn dot(&mut self, (x, y): (f64, f64), ink: Ink) {
        // The bit of each of a cell's dots, by row and column, in Unicode's order (U+2800 and up).
        const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        let column = (x.clamp(0.0, 1.0) * (2 * self.columns - 1) as f64).round() as usize;
        let row = ((1.0 - y.clamp(0.0, 1.0)) * (4 * self.rows - 1) as f64).round() as usize;
        let cell = &mut self.cells[row / 4 * self.columns + column / 2];
        cell.0 |= BITS[row % 4][column % 2];
        cell.1 = cell.1.max(ink);
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64), ink: Ink) {
        let dots = ((to.0 - from.0).abs() * (2 * self.columns) as f64)
            .max((to.1 - from.1).abs() * (4 * self.rows) as f64)
            .ceil()
            .max(1.0);
        for k in 0..=dots as usize {
            let t = k as f64 / dots;
            self.dot(
                (from.0 + t * (to.0 - from.0), from.1 + t * (to.1 - from.1)),
                ink,
            );
        }
    }

    fn row(&self, row: usize, colour: bool) -> String {
        let mut text = String::new();
        for &(bits, ink) in &self.cells[row * self.columns..(row + 1) * self.columns] {
            let letter = if bits == 0 {
                ' '
            } else {
                char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' ')
            };
            match ink {
                _ if bits == 0 || !colour => text.push(letter),
                Ink::Diagonal => {
                    text.extend(["\x1b[90m", letter.encode_utf8(&mut [0; 4]), "\x1b[0m"])
                }
                Ink::Data => text.extend(["\x1b[36m", letter.encode_utf8(&mut [0; 4]), "\x1b[0m"]),
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(marks: Marks) -> Plot {
        let points = (0..50)
            .map(|k| (f64::from(k), 100.0 / f64::from(k + 1)))
            .collect();
        Plot {
            title: "title",
            x_label: "epoch",
            y_label: "loss",
            points,
            marks,
        }
    }

    #[test]
    fn every_line_of_a_drawing_has_the_same_width() {
        for marks in [Marks::Line, Marks::DotsAroundDiagonal] {
            let lines = draw(&plot(marks), 38, 10, false);
            assert_eq!(lines.len(), 14);
            for line in &lines {
                assert_eq!(line.chars().count(), 38, "{line:?}");
            }
        }
    }

    #[test]
    fn colour_is_used_only_when_asked_for() {
        assert!(
            !draw(&plot(Marks::Line), 38, 10, false)
                .concat()
                .contains('\x1b')
        );
        assert!(
            draw(&plot(Marks::Line), 38, 10, true)
                .concat()
                .contains('\x1b')
        );
    }

    #[test]
    fn the_corners_of_the_canvas_are_its_outermost_dots() {
        let mut canvas = Canvas::new(2, 1);
        canvas.dot((0.0, 0.0), Ink::Data);
        canvas.dot((1.0, 1.0), Ink::Data);
        assert_eq!(canvas.row(0, false), "⡀⠈");
    }
}
