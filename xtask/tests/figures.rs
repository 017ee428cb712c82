//! The figures of `docs/backpropagation.md`, drawn from computed numbers; the test fails when a committed one is stale.
//!
//! `UPDATE_FIGURES=1 cargo test -p xtask --test figures` writes them anew. Text and lines have two sets of colours, for light
//! and for dark pages. The numbers are those of the worked example, which the core's tests compare with the page.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Affine, DenseLayer, OutLayer, SimpleNeuralNetwork};
use chainrule::training::{BatchGradient, Dataset};
use ndarray::{Array1, Array2, array};

#[test]
fn the_figures_show_the_numbers_of_today() {
    let numbers = Numbers::compute();
    for (name, svg) in [
        ("flow.svg", flow(&numbers)),
        ("worked_example.svg", worked_example(&numbers)),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../docs/figures")
            .join(name);
        if std::env::var_os("UPDATE_FIGURES").is_some() {
            fs::write(&path, &svg).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == svg,
            "docs/figures/{name} is stale: run UPDATE_FIGURES=1 cargo test -p xtask --test figures, and look at it"
        );
    }
}

/// Everything that the worked example computes.
struct Numbers {
    x: Array2<f64>,
    w1: Array2<f64>,
    b1: Array1<f64>,
    z1: Array2<f64>,
    a1: Array2<f64>,
    w2: Array2<f64>,
    b2: Array1<f64>,
    y_hat: Array2<f64>,
    y: Array2<f64>,
    c: f64,
    dc_dy_hat: Array2<f64>,
    dc_dw2: Array2<f64>,
    dc_db2: Array1<f64>,
    dc_da1: Array2<f64>,
    dc_dz1: Array2<f64>,
    dc_dw1: Array2<f64>,
    dc_db1: Array1<f64>,
    dc_dx: Array2<f64>,
}

impl Numbers {
    fn compute() -> Numbers {
        let (x, y) = (array![[1.0, 2.0], [2.0, -1.0]], array![[-8.0], [6.0]]);
        let (w1, b1) = (array![[2.0, -1.0], [1.0, 1.0]], array![-2.0, 1.0]);
        let (w2, b2) = (array![[2.0, -1.0]], array![1.0]);
        let activation = Activation::LeakyReLU { leakiness: 0.5 };
        let loss = Loss::MeanSquareError;
        let hidden = DenseLayer {
            affine: Affine::new(w1.clone(), b1.clone()),
            activation,
        };
        let out = |w: &Array2<f64>, b: &Array1<f64>| OutLayer {
            affine: Affine::new(w.clone(), b.clone()),
        };
        let network = SimpleNeuralNetwork::from_layers(vec![hidden], out(&w2, &b2), loss);

        // An out layer is an affine map and nothing else: with W₁ and b₁ it gives Z₁.
        let first = SimpleNeuralNetwork::from_layers(Vec::new(), out(&w1, &b1), loss);
        let z1 = first.predict(x.view());
        let y_hat = network.predict(x.view());
        let mut gradient = BatchGradient::new(&network, 2, 0.0);
        let data = Dataset::new(x.view(), y.view(), None);
        let c = gradient.loss_and_gradients(&network, &data, &[0, 1]);
        let layers = &gradient.gradients().layers;

        let dc_dy_hat = Array2::from_shape_fn(y.dim(), |at| {
            loss.derivative(y_hat[at], y[at]) / y.len() as f64
        });
        let dc_da1 = dc_dy_hat.dot(&w2); // (B4)
        let dc_dz1 = &dc_da1 * &z1.mapv(|z| activation.derivative(z)); // (B1)
        assert_eq!(dc_dz1.t().dot(&x), layers[0].dc_dw, "(B2)");
        Numbers {
            a1: z1.mapv(|z| activation.value(z)),
            dc_dw2: layers[1].dc_dw.clone(),
            dc_db2: layers[1].dc_db.clone(),
            dc_dw1: layers[0].dc_dw.clone(),
            dc_db1: layers[0].dc_db.clone(),
            dc_dx: dc_dz1.dot(&w1), // (B4)
            x,
            w1,
            b1,
            z1,
            w2,
            b2,
            y_hat,
            y,
            c,
            dc_dy_hat,
            dc_da1,
            dc_dz1,
        }
    }
}

/// The network of the worked example: a card for each neuron, an edge for each weight.
fn worked_example(n: &Numbers) -> String {
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
            svg.edge(
                (inputs + CARD, from + centre - 12.0),
                (hidden, to + centre),
                n.w1[[k, j]],
                n.dc_dw1[[k, j]],
            );
        }
        svg.edge(
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

/// The flow of one pass: values from left to right, their gradients below them from right to left.
fn flow(n: &Numbers) -> String {
    let mut svg = Svg::new(
        1000.0,
        520.0,
        "One pass: values flow forward from X to C, derivatives of C flow backward",
    );
    let columns = [20.0, 225.0, 430.0, 635.0, 860.0];
    let (forward, backward, parameters) = (70.0, 230.0, 390.0);
    svg.text(20.0, 30.0, "value", "start", "forward: values");
    svg.text(
        160.0,
        30.0,
        "gradient",
        "start",
        "backward: derivatives of C",
    );
    svg.text(
        980.0,
        30.0,
        "soft",
        "end",
        "dashed: kept in memory from the forward pass until the backward pass needs it",
    );

    // What each arrow computes stands above it.
    let steps = ["F1: W₁, b₁", "F2: a", "F3: W₂, b₂", "L0: Y"];
    for (at, step) in steps.into_iter().enumerate() {
        let (from, to) = (columns[at] + MATRIX, columns[at + 1]);
        svg.arrow("forward", (from, forward + 45.0), (to, forward + 45.0));
        svg.text((from + to) / 2.0, forward + 35.0, "value", "middle", step);
    }
    let steps = ["B4: W₁", "B1: a'", "B4: W₂", "L0: Y"];
    for (at, step) in steps.into_iter().enumerate() {
        let (to, from) = (columns[at] + MATRIX, columns[at + 1]);
        let y = backward + 45.0;
        let start = if at == 3 {
            // From C, above.
            svg.line("backward", (from + 55.0, forward + 90.0), (from + 55.0, y));
            from + 55.0
        } else {
            from
        };
        svg.arrow("backward", (start, y), (to, y));
        svg.text((from + to) / 2.0, y - 10.0, "gradient", "middle", step);
    }
    for (column, step) in [(1, "B2, B3"), (3, "B2, B3")] {
        let x = columns[column] + MATRIX / 2.0;
        svg.arrow("backward", (x, backward + 90.0), (x, parameters));
        svg.text(x + 10.0, parameters - 28.0, "gradient", "start", step);
    }
    // What the backward pass needs of the forward pass: X and A₁ for (B2), Z₁ for (B1).
    for (from, to) in [(0, 1), (2, 3)] {
        let (x, y) = (columns[from] + 12.0, parameters + 45.0);
        let x = if from == 0 { x - 22.0 } else { x - 32.0 };
        svg.line("kept", (columns[from], forward + 70.0), (x, forward + 70.0));
        svg.line("kept", (x, forward + 70.0), (x, y));
        svg.arrow("kept", (x, y), (columns[to], y));
    }
    let z = columns[1] + MATRIX / 2.0;
    svg.line("kept", (z, forward + 90.0), (z, forward + 125.0));
    let b1 = columns[1] + MATRIX + 42.0;
    svg.line("kept", (z, forward + 125.0), (b1, forward + 125.0));
    svg.arrow("kept", (b1, forward + 125.0), (b1, backward + 20.0));

    let column = |v: &Array1<f64>| v.clone().insert_axis(ndarray::Axis(1));
    for (at, name, values, gradients) in [
        (0, "X", &n.x, &n.dc_dx),
        (1, "Z₁", &n.z1, &n.dc_dz1),
        (2, "A₁", &n.a1, &n.dc_da1),
        (3, "Ŷ", &n.y_hat, &n.dc_dy_hat),
    ] {
        svg.matrices(columns[at], forward, &[(name.to_string(), values)], "value");
        let name = format!("∂C/∂{name}");
        svg.matrices(columns[at], backward, &[(name, gradients)], "gradient");
    }
    svg.rect(columns[4], forward, 110.0, 90.0);
    svg.text(columns[4] + 55.0, forward + 24.0, "strong", "middle", "C");
    let c = number(n.c);
    svg.text(columns[4] + 55.0, forward + 60.0, "value", "middle", &c);
    for (at, w, dc_dw, b, dc_db) in [
        (1, "∂C/∂W₁", &n.dc_dw1, "∂C/∂b₁", &n.dc_db1),
        (3, "∂C/∂W₂", &n.dc_dw2, "∂C/∂b₂", &n.dc_db2),
    ] {
        let matrices = [(w.to_string(), dc_dw), (b.to_string(), &column(dc_db))];
        svg.matrices(columns[at], parameters, &matrices, "gradient");
    }
    svg.finish()
}

const MATRIX: f64 = 110.0;

/// A number as the page writes it: no superfluous digits, and a true minus sign.
fn number(value: f64) -> String {
    value.to_string().replace('-', "−")
}

/// A drawing under construction.
struct Svg(String);

impl Svg {
    fn new(width: f64, height: f64, title: &str) -> Svg {
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

    fn finish(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }

    fn text(&mut self, x: f64, y: f64, class: &str, anchor: &str, text: &str) {
        let _ = writeln!(
            self.0,
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    fn rect(&mut self, x: f64, y: f64, width: f64, height: f64) {
        let _ = writeln!(
            self.0,
            "<rect class=\"card\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>"
        );
    }

    fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let _ = writeln!(
            self.0,
            "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"
        );
    }

    /// A line, horizontal or vertical, with a head at its end.
    fn arrow(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
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
    fn edge(&mut self, from: (f64, f64), to: (f64, f64), w: f64, dc_dw: f64) {
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
    fn matrices(&mut self, x: f64, y: f64, named: &[(String, &Array2<f64>)], class: &str) {
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
