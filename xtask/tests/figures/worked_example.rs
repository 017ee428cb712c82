//! The network of the worked example with every value and every derivative in its place.

use ndarray::Array2;
use xtask::svg::Svg;

use crate::network::{edge, number};
use crate::numbers::Numbers;

/// The network of the worked example: a card for each neuron, an edge for each weight.
pub fn draw(n: &Numbers) -> String {
    let mut svg = Svg::new(
        1020.0,
        430.0,
        "The worked example's network: every value in blue, every derivative of C in orange",
    );
    svg.text(
        20.0,
        30.0,
        "value",
        "start",
        "values, in row 1 and in row 2",
    );
    svg.text(
        270.0,
        30.0,
        "gradient",
        "start",
        "derivatives of C by them, in row 1 and in row 2",
    );
    svg.text(
        1000.0,
        30.0,
        "soft",
        "end",
        "on each edge: the weight, and the derivative by it",
    );

    let (inputs, hidden, out) = (20.0, 350.0, 660.0);
    let (top, bottom, middle) = (70.0, 280.0, 175.0);
    // Edges first: the cards lie above their ends.
    let centre = 50.0;
    for (k, to) in [top, bottom].into_iter().enumerate() {
        for (j, from) in [top, bottom].into_iter().enumerate() {
            edge(
                &mut svg,
                (inputs + CARD, from + centre - 12.0),
                (hidden, to + centre),
                n.w1[[k, j]],
                n.dc_dw1[[k, j]],
            );
        }
        edge(
            &mut svg,
            (hidden + CARD, to + centre),
            (out, middle + centre),
            n.w2[[0, k]],
            n.dc_dw2[[0, k]],
        );
    }
    svg.arrow("flow", (out + CARD, middle + 40.0), (860.0, middle + 40.0));

    for (j, y) in [top, bottom].into_iter().enumerate() {
        let card = Card::new(format!("input {}", j + 1)).rows(&n.x, &n.dc_dx, j, "x");
        card.draw(&mut svg, inputs, y);
    }
    for (k, y) in [top, bottom].into_iter().enumerate() {
        Card::new(format!("hidden neuron {}", k + 1))
            .bias(n.b1[k], n.dc_db1[k])
            .rows(&n.z1, &n.dc_dz1, k, "z")
            .rows(&n.a1, &n.dc_da1, k, "a")
            .draw(&mut svg, hidden, y);
    }
    Card::new("output".to_string())
        .bias(n.b2[0], n.dc_db2[0])
        .rows(&n.y_hat, &n.dc_dy_hat, 0, "ŷ")
        .draw(&mut svg, out, middle);

    svg.rect(860.0, middle, 140.0, 104.0);
    svg.text(872.0, middle + 22.0, "strong", "start", "cost");
    let targets = format!("y = ({}, {})", number(n.y[[0, 0]]), number(n.y[[1, 0]]));
    svg.text(872.0, middle + 48.0, "ink", "start", &targets);
    let e = &n.y_hat - &n.y;
    let errors = format!("ŷ − y = ({}, {})", number(e[[0, 0]]), number(e[[1, 0]]));
    svg.text(872.0, middle + 70.0, "ink", "start", &errors);
    svg.text(
        872.0,
        middle + 92.0,
        "value",
        "start",
        &format!("C = {}", number(n.c)),
    );
    svg.text(
        20.0,
        415.0,
        "soft",
        "start",
        "z = Σ w x + b (F1, F3) · a = z, halved where z is negative (F2) · C = mean of (ŷ − y)² (L0, L1)",
    );
    svg.finish()
}

const CARD: f64 = 174.0;

/// A neuron: its name and lines of a label, values in blue and derivatives in orange.
struct Card {
    title: String,
    lines: Vec<(&'static str, Vec<f64>, Vec<f64>)>,
}

impl Card {
    fn new(title: String) -> Card {
        Card {
            title,
            lines: Vec::new(),
        }
    }

    fn bias(mut self, b: f64, dc_db: f64) -> Card {
        self.lines.push(("b", vec![b], vec![dc_db]));
        self
    }

    /// Column `of` of a matrix and of its gradient: one number for each row of the batch.
    fn rows(
        mut self,
        values: &Array2<f64>,
        gradients: &Array2<f64>,
        of: usize,
        label: &'static str,
    ) -> Card {
        let column = |matrix: &Array2<f64>| matrix.column(of).to_vec();
        self.lines.push((label, column(values), column(gradients)));
        self
    }

    fn draw(&self, svg: &mut Svg, x: f64, y: f64) {
        svg.rect(x, y, CARD, 38.0 + 22.0 * self.lines.len() as f64);
        svg.text(x + 12.0, y + 22.0, "strong", "start", &self.title);
        for (line, (label, values, gradients)) in self.lines.iter().enumerate() {
            let y = y + 48.0 + 22.0 * line as f64;
            svg.text(x + 12.0, y, "ink", "start", label);
            for (at, value) in values.iter().enumerate() {
                svg.text(
                    x + 52.0 + 34.0 * at as f64,
                    y,
                    "value",
                    "end",
                    &number(*value),
                );
            }
            for (at, gradient) in gradients.iter().enumerate() {
                let x = x + 126.0 + 34.0 * at as f64;
                svg.text(x, y, "gradient", "end", &number(*gradient));
            }
        }
    }
}
