//! How often the model's intervals hold what was measured, beside how often they should.

use chainrule_tabular::INTERVAL_LEVEL;
use chainrule_tabular::metrics::{Coverage, CoverageByThirds};

use super::figures::Figure;
use crate::figure::Axis;
use crate::figure::chart::{Chart, Ink, Layer};
use crate::figure::svg;
use crate::numbers::{NumberFormat, written};
use crate::portrait::{Judged, Portrait};

/// The levels in the table.
const TOLD: [f64; 4] = [0.5, 0.8, 0.9, 0.95];

/// The levels in the figure, in hundredths.
const DRAWN: [u32; 11] = [5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95];

/// The section on intervals.
pub(super) struct IntervalSection {
    /// How wide they are, in words.
    pub(super) reading: String,
    /// Which rows they are compared with.
    pub(super) method: String,
    pub(super) figure: Figure,
    /// Level, share of all rows, of the thirds of the predictions, mean width.
    pub(super) lines: Vec<[String; 6]>,
}

impl IntervalSection {
    /// None where the model has no intervals.
    pub(super) fn of(portrait: &Portrait) -> Option<IntervalSection> {
        let intervals = portrait.model.intervals()?;
        let found = |level: f64| coverage(portrait, level);
        let told = TOLD.map(|level| (level, found(level)));
        let widths = told.iter().map(|(_, found)| found.all.mean_width);
        let format = NumberFormat::exact_of(widths, 3);
        let line = |(level, found): &(f64, CoverageByThirds)| {
            let [low, middle, high] = found.thirds.each_ref().map(share);
            let width = written(format, found.all.mean_width);
            [percent(*level), share(&found.all), low, middle, high, width]
        };
        let drawn = DRAWN.map(|level| f64::from(level) / 100.0);
        let drawn = drawn.map(|level| (level, found(level).all.share()));
        Some(IntervalSection {
            reading: format!("{}.", intervals.band(INTERVAL_LEVEL).in_words()),
            method: method(portrait, intervals.widening()),
            figure: figure(&drawn, &told[2].1.all),
            lines: told.iter().map(line).collect(),
        })
    }
}

/// Of the rows that the intervals were learnt from, each beside intervals from others; of a given table, all its rows.
fn coverage(portrait: &Portrait, level: f64) -> CoverageByThirds {
    let intervals = portrait
        .model
        .intervals()
        .expect("the section is there for intervals");
    if !matches!(portrait.judged, Judged::Given { .. }) {
        return intervals.held_out(level);
    }
    let (band, rows) = (intervals.band(level), &portrait.rows);
    let mut order: Vec<usize> = (0..rows.actual.len()).collect();
    order.sort_by(|&a, &b| rows.predicted[a].total_cmp(&rows.predicted[b]));
    let row = |row: usize| (rows.actual[row], band.around(rows.predicted[row]));
    CoverageByThirds::in_order(&order.into_iter().map(row).collect::<Vec<_>>())
}

fn method(portrait: &Portrait, widening: f64) -> String {
    let rows = match &portrait.judged {
        Judged::Given { .. } => {
            "The table compares them with the rows of the given table. Rows that the model learnt from lie within more \
             often than new ones."
                .to_owned()
        }
        _ => format!(
            "They are learnt from {} rows that the predicting networks had not seen. The table compares each tenth of \
             these rows with intervals that were learnt from the other nine.",
            portrait.model.intervals().map_or(0, |intervals| intervals.predictions().len())
        ),
    };
    match widening > 1.005 && !matches!(portrait.judged, Judged::Given { .. }) {
        true => format!(
            "{rows} All are {:.0} % wider than these rows ask for, because the networks' best epochs were chosen on them; so \
             somewhat more lie within than claimed.",
            100.0 * (widening - 1.0)
        ),
        false => rows,
    }
}

fn figure(found: &[(f64, Option<f64>)], usual: &Coverage) -> Figure {
    let points = found
        .iter()
        .filter_map(|(level, share)| Some((*level, (*share)?)));
    let points: Vec<(f64, f64)> = points.collect();
    let both = Axis::covering([0.0, 1.0]);
    let text = format!(
        "The share of rows within their intervals over the share that is claimed: {} for {}. On the diagonal the two are \
         alike, above it the intervals are wider than they need be.",
        share(usual),
        percent(INTERVAL_LEVEL)
    );
    let chart = Chart {
        title: None,
        x_label: "claimed",
        y_label: "found",
        layers: vec![
            Layer::rule((0.0, 0.0), (1.0, 1.0)),
            Layer::line(points.clone(), Ink::Data),
            Layer::Dots {
                points,
                ink: Ink::Data,
                radius: 4.0,
                opacity: 1.0,
            },
        ],
        x: both.clone(),
        y: both,
    };
    Figure::of(
        &chart,
        svg::SIZE,
        "covered",
        "Coverage, claimed and found",
        text,
    )
}

fn share(coverage: &Coverage) -> String {
    coverage.share().map_or_else(|| "–".to_owned(), percent)
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}
