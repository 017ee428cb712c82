//! Where the model errs: by tenths of the target, and the rows that it misses by most.

use chainrule_tabular::Evaluation;
use chainrule_tabular::shown::label;

use super::figures::Figure;
use crate::figure::Axis;
use crate::figure::chart::{Chart, Ink, Layer, Rectangle};
use crate::figure::svg;
use crate::numbers::{NumberFormat, shown, written};
use crate::portrait::Portrait;

/// The section on where errors lie.
pub(super) struct WhereItErrs {
    /// None where there are too few rows to cut.
    pub(super) tenths: Option<Tenths>,
    pub(super) worst: Vec<Row>,
}

pub(super) struct Tenths {
    pub(super) figure: Figure,
    /// From, to, rows, root mean square error, mean error.
    pub(super) lines: Vec<[String; 5]>,
    pub(super) reading: String,
}

/// A row that is missed by much.
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) actual: String,
    pub(super) predicted: String,
    pub(super) error: String,
    pub(super) values: Vec<(String, String)>,
}

/// Some rows whose targets lie beside each other.
struct Part {
    low: f64,
    high: f64,
    rows: usize,
    rmse: f64,
    /// Prediction minus measurement, on average.
    bias: f64,
}

impl WhereItErrs {
    pub(super) fn of(portrait: &Portrait) -> WhereItErrs {
        WhereItErrs {
            tenths: tenths(portrait),
            worst: worst(portrait),
        }
    }
}

fn tenths(portrait: &Portrait) -> Option<Tenths> {
    let parts = parts(&portrait.rows.actual, &portrait.rows.predicted);
    if parts.len() < 2 {
        return None;
    }
    let targets = NumberFormat::exact_of(parts.iter().flat_map(|part| [part.low, part.high]), 3);
    let errors = NumberFormat::exact_of(parts.iter().map(|part| part.rmse), 3);
    let line = |part: &Part| {
        [
            written(targets, part.low),
            written(targets, part.high),
            part.rows.to_string(),
            written(errors, part.rmse),
            signed(errors, part.bias),
        ]
    };
    Some(Tenths {
        figure: figure(&parts),
        lines: parts.iter().map(line).collect(),
        reading: reading(&parts, portrait.errors.rmse),
    })
}

/// At most ten parts of about as many rows, the same value always in one part.
fn parts(actual: &[f64], predicted: &[f64]) -> Vec<Part> {
    let mut order: Vec<usize> = (0..actual.len()).collect();
    order.sort_by(|&a, &b| actual[a].total_cmp(&actual[b]));
    let n = order.len();
    let wanted = (n / 2).clamp(1, 10);
    let (mut parts, mut begin) = (Vec::new(), 0);
    for nth in 1..=wanted {
        let mut end = nth * n / wanted;
        while end > 0 && end < n && actual[order[end]] == actual[order[end - 1]] {
            end += 1;
        }
        if end <= begin {
            continue;
        }
        let rows = &order[begin..end];
        let of = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&row| values[row]).collect() };
        let (y, y_hat) = (of(actual), of(predicted));
        let errors = y.iter().zip(&y_hat).map(|(y, y_hat)| y_hat - y);
        parts.push(Part {
            low: y[0],
            high: y[y.len() - 1],
            rows: y.len(),
            rmse: Evaluation::of(&y, &y_hat).rmse,
            bias: errors.map(|error| error / y.len() as f64).sum(),
        });
        begin = end;
    }
    parts
}

fn figure(parts: &[Part]) -> Figure {
    let x = Axis::counting(parts.len());
    let y = Axis::covering(parts.iter().flat_map(|part| [0.0, part.rmse, part.bias]));
    let place = |nth: usize| (nth + 1) as f64;
    let bar = |(nth, part): (usize, &Part)| Rectangle {
        x: (place(nth) - 0.36, place(nth) + 0.36),
        y: (0.0, part.rmse),
        opacity: 0.85,
    };
    let bias = parts.iter().enumerate();
    let bias = bias.map(|(nth, part)| (place(nth), part.bias));
    let (low, high) = x.ends();
    let (first, last) = (&parts[0], &parts[parts.len() - 1]);
    let text = format!(
        "Root mean square error in {} parts of the rows, from the lowest targets to the highest: from {} in the first \
         to {} in the last. The dots are the mean of predicted minus actual: from {} to {}.",
        parts.len(),
        shown(first.rmse, 3),
        shown(last.rmse, 3),
        shown(first.bias, 3),
        shown(last.bias, 3)
    );
    let chart = Chart {
        title: None,
        x_label: "rows, from the lowest target to the highest",
        y_label: "error",
        layers: vec![
            Layer::Boxes(parts.iter().enumerate().map(bar).collect(), Ink::Data),
            Layer::rule((low, 0.0), (high, 0.0)),
            Layer::Dots {
                points: bias.collect(),
                ink: Ink::Second,
                radius: 5.0,
                opacity: 1.0,
            },
        ],
        x,
        y,
    };
    Figure::of(
        &chart,
        svg::SIZE,
        "tenths",
        "Error by the size of the target",
        text,
    )
}

fn reading(parts: &[Part], all: f64) -> String {
    let worst = parts
        .iter()
        .max_by(|a, b| a.rmse.total_cmp(&b.rmse))
        .expect("two parts at least");
    let times = worst.rmse / all;
    let mut text = format!(
        "The rows are cut into {} parts of about as many rows. ",
        parts.len()
    );
    text += &match times {
        times if times < 1.25 => "The errors are about as large in all of them.".to_owned(),
        _ => format!(
            "The errors are largest where the target lies between {} and {}: {times:.1} times as large as over all rows.",
            shown(worst.low, 3),
            shown(worst.high, 3)
        ),
    };
    let (first, last) = (&parts[0], &parts[parts.len() - 1]);
    if first.bias > 0.25 * all && last.bias < -0.25 * all {
        text += " Low targets are predicted too high and high ones too low: what the columns do not tell draws \
                 predictions towards the mean.";
    }
    text
}

fn worst(portrait: &Portrait) -> Vec<Row> {
    let rows = &portrait.worst;
    let all = rows.iter().flat_map(|miss| [miss.actual, miss.predicted]);
    let format = NumberFormat::exact_of(all, 4);
    let values = |values: &[(String, Option<String>)]| {
        let text =
            |value: &Option<String>| value.as_ref().map_or("–".to_owned(), |text| label(text));
        values
            .iter()
            .map(|(name, value)| (label(name), text(value)))
            .collect()
    };
    rows.iter()
        .map(|miss| Row {
            line: miss.line,
            actual: written(format, miss.actual),
            predicted: written(format, miss.predicted),
            error: signed(format, miss.predicted - miss.actual),
            values: values(&miss.values),
        })
        .collect()
}

/// With its sign, also where that is a plus.
fn signed(format: NumberFormat, value: f64) -> String {
    let text = written(format, value);
    match value > 0.0 {
        true => format!("+{text}"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hold_every_row_once_and_never_cut_through_a_value() {
        let actual = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let predicted = actual.map(|y| y + 1.0);
        let parts = parts(&actual, &predicted);
        assert_eq!(parts.iter().map(|part| part.rows).sum::<usize>(), 12);
        assert_eq!((parts[0].low, parts[0].high, parts[0].rows), (0.0, 0.0, 6));
        assert!(
            parts
                .iter()
                .all(|part| part.rmse == 1.0 && (part.bias - 1.0).abs() < 1e-12)
        );
        for pair in parts.windows(2) {
            assert!(pair[0].high < pair[1].low);
        }
    }

    #[test]
    fn one_row_is_one_part() {
        assert_eq!(parts(&[1.0], &[2.0]).len(), 1);
    }
}
