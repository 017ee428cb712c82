//! The flow of one pass: which matrix leads to which, forward and backward, and what is kept in memory between.

use ndarray::Array1;
use xtask::svg::Svg;

use crate::network::{MATRIX, matrices, number};
use crate::numbers::Numbers;

/// The flow of one pass: values from left to right, their gradients below them from right to left.
pub fn draw(n: &Numbers) -> String {
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
        matrices(
            &mut svg,
            columns[at],
            forward,
            &[(name.to_string(), values)],
            "value",
        );
        let name = format!("∂C/∂{name}");
        matrices(
            &mut svg,
            columns[at],
            backward,
            &[(name, gradients)],
            "gradient",
        );
    }
    svg.rect(columns[4], forward, 110.0, 90.0);
    svg.text(columns[4] + 55.0, forward + 24.0, "strong", "middle", "C");
    let c = number(n.c);
    svg.text(columns[4] + 55.0, forward + 60.0, "value", "middle", &c);
    for (at, w, dc_dw, b, dc_db) in [
        (1, "∂C/∂W₁", &n.dc_dw1, "∂C/∂b₁", &n.dc_db1),
        (3, "∂C/∂W₂", &n.dc_dw2, "∂C/∂b₂", &n.dc_db2),
    ] {
        let named = [(w.to_string(), dc_dw), (b.to_string(), &column(dc_db))];
        matrices(&mut svg, columns[at], parameters, &named, "gradient");
    }
    svg.finish()
}
