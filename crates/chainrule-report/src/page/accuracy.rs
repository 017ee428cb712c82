//! How good the model is: its errors beside those of simpler models, and its predictions beside what was measured.

use super::figures::Figure;
use super::summary::count;
use crate::figure::Axis;
use crate::figure::chart::{Chart, Ink, Layer, Rectangle};
use crate::figure::scatter::scatter;
use crate::figure::svg;
use crate::numbers::{NumberFormat, shown, written};
use crate::portrait::{Judged, Portrait};

/// Bars of the histogram of errors.
const BARS: usize = 31;

/// Shares of the rows whose errors are told.
const SHARES: [(f64, &str); 6] = [
    (0.5, "half"),
    (0.75, "75 %"),
    (0.9, "90 %"),
    (0.95, "95 %"),
    (0.99, "99 %"),
    (1.0, "all"),
];

/// The section of errors.
pub(super) struct Accuracy {
    pub(super) models: Vec<Model>,
    pub(super) has_spread: bool,
    pub(super) mae: String,
    pub(super) r2: Option<String>,
    /// What follows from the comparison.
    pub(super) conclusion: String,
    pub(super) folds: Vec<Vec<String>>,
    pub(super) folds_have_ridge: bool,
    pub(super) figures: Vec<Figure>,
    /// What the figures say.
    pub(super) reading: String,
    /// Shares of the rows, and by how much their predictions are off at most.
    pub(super) within: Vec<(&'static str, String)>,
}

/// A line of the comparison.
pub(super) struct Model {
    pub(super) name: &'static str,
    pub(super) rmse: String,
    /// Length of its bar, in hundredths of the longest.
    pub(super) length: String,
    pub(super) is_model: bool,
    pub(super) spread: Option<String>,
}

impl Portrait<'_> {
    /// Prediction minus measurement, of each row.
    pub(super) fn row_errors(&self) -> impl Iterator<Item = f64> {
        let rows = self.rows.actual.iter().zip(&self.rows.predicted);
        rows.map(|(y, y_hat)| y_hat - y)
    }

    /// How far each prediction is off, in ascending order.
    pub(super) fn sizes_of_errors(&self) -> Vec<f64> {
        let mut sizes: Vec<f64> = self.row_errors().map(f64::abs).collect();
        sizes.sort_unstable_by(f64::total_cmp);
        sizes
    }
}

/// The smallest of the sorted values that such a share of them does not exceed.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

impl Accuracy {
    pub(super) fn of(portrait: &Portrait) -> Accuracy {
        let folds = folds(portrait);
        let sizes = portrait.sizes_of_errors();
        let format = NumberFormat::exact_of(sizes.last().copied(), 4);
        Accuracy {
            has_spread: !folds.is_empty(),
            models: models(portrait),
            mae: shown(portrait.errors.mae, 4),
            r2: portrait.errors.r2.map(r2_in_words),
            conclusion: conclusion(portrait),
            folds_have_ridge: portrait.baselines.ridge.is_some(),
            folds,
            figures: vec![against(portrait), residuals(portrait), histogram(portrait)],
            reading: reading(portrait),
            within: SHARES
                .iter()
                .map(|(share, name)| (*name, written(format, quantile(&sizes, *share))))
                .collect(),
        }
    }
}

/// A share of the variance in three decimals; what is not all of it is not written as 1.
fn r2_in_words(r2: f64) -> String {
    let shown = if r2 < 1.0 { r2.min(0.9994) } else { r2 };
    written(NumberFormat::Fixed(3), shown)
}

/// The model, and the simpler ones.
fn models(portrait: &Portrait) -> Vec<Model> {
    let baselines = &portrait.baselines;
    let spread = |error: &dyn Fn(usize) -> Option<f64>| -> Option<f64> {
        let errors: Option<Vec<f64>> = (0..portrait.folds.len()).map(error).collect();
        errors.and_then(|errors| deviation(&errors))
    };
    let folds = &portrait.folds;
    let all = [
        (
            "this model",
            Some(portrait.errors.rmse),
            spread(&|fold| folds[fold].model),
        ),
        (
            "ridge regression",
            baselines.ridge,
            spread(&|fold| folds[fold].baselines.ridge),
        ),
        (
            "always the mean",
            Some(baselines.mean),
            spread(&|fold| Some(folds[fold].baselines.mean)),
        ),
    ];
    let errors = || all.iter().filter_map(|(_, error, _)| *error);
    let longest = errors().fold(f64::MIN_POSITIVE, f64::max);
    let format = NumberFormat::exact_of(errors(), 4);
    let model = |(name, error, spread): (&'static str, Option<f64>, Option<f64>)| {
        let error = error?;
        Some(Model {
            name,
            rmse: written(format, error),
            length: format!("{:.1}", 100.0 * error / longest),
            is_model: name == "this model",
            spread: spread.map(|spread| format!("± {}", written(format, spread))),
        })
    };
    all.into_iter().filter_map(model).collect()
}

/// The standard deviation of a sample, if it has one.
fn deviation(sample: &[f64]) -> Option<f64> {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let squares = sample.iter().map(|x| (x - mean) * (x - mean));
    (sample.len() > 1).then(|| (squares.sum::<f64>() / (n - 1.0)).sqrt())
}

fn folds(portrait: &Portrait) -> Vec<Vec<String>> {
    let errors = |fold: &chainrule_tabular::FoldErrors| {
        let baselines = &fold.baselines;
        [fold.model, baselines.ridge, Some(baselines.mean)]
    };
    let all = portrait.folds.iter().flat_map(errors).flatten();
    let format = NumberFormat::exact_of(all, 4);
    let line = |(nth, fold): (usize, &chainrule_tabular::FoldErrors)| {
        let errors = errors(fold).into_iter().enumerate();
        let errors = errors.filter(|(place, _)| *place != 1 || portrait.baselines.ridge.is_some());
        let text = |error: Option<f64>| error.map_or("–".to_owned(), |e| written(format, e));
        let head = [(nth + 1).to_string(), fold.rows.to_string()];
        head.into_iter()
            .chain(errors.map(|(_, error)| text(error)))
            .collect()
    };
    portrait.folds.iter().enumerate().map(line).collect()
}

fn conclusion(portrait: &Portrait) -> String {
    let (rmse, mean) = (portrait.errors.rmse, portrait.baselines.mean);
    if rmse >= mean {
        return "The model does no better than always predicting the mean: it is of no use here."
            .to_owned();
    }
    let Some(ridge) = portrait.baselines.ridge else {
        return format!(
            "The model's errors are {:.0} % smaller than those of always predicting the mean.",
            100.0 * (1.0 - rmse / mean)
        );
    };
    let won = |fold: &&chainrule_tabular::FoldErrors| fold.model < fold.baselines.ridge;
    let wins = portrait.folds.iter().filter(won).count();
    let of_folds = match portrait.folds.len() {
        0 => String::new(),
        all => format!(" It wins in {wins} of {all} folds."),
    };
    match rmse / ridge {
        ratio if ratio < 0.98 => format!(
            "The model's errors are {:.0} % smaller than those of ridge regression, a straight line.{of_folds}",
            100.0 * (1.0 - ratio)
        ),
        ratio if ratio <= 1.0 => format!(
            "The model is hardly better than ridge regression, a straight line, which is easier to explain.{of_folds}"
        ),
        ratio => format!(
            "Ridge regression, a straight line, errs {:.0} % less. Use it instead, or give the model more rows.{of_folds}",
            100.0 * (1.0 - 1.0 / ratio)
        ),
    }
}

/// Which rows the figures show.
pub(super) fn rows_in_words(judged: &Judged) -> &'static str {
    match judged {
        Judged::OutOfFold { .. } => "each predicted by networks that had not learnt from it",
        Judged::Validation => "kept back for validation",
        Judged::Learnt => "that the model learnt from",
        Judged::Given { .. } => "of the given table",
    }
}

fn against(portrait: &Portrait) -> Figure {
    let rows = &portrait.rows;
    let both = Axis::covering(rows.actual.iter().chain(&rows.predicted).copied());
    let points: Vec<(f64, f64)> = rows
        .actual
        .iter()
        .copied()
        .zip(rows.predicted.iter().copied())
        .collect();
    let (low, high) = both.ends();
    let text = format!(
        "{}, {}: predictions against what was measured. Near the diagonal they are right. R² is {}.",
        count(points.len(), "row"),
        rows_in_words(&portrait.judged),
        portrait
            .errors
            .r2
            .map_or("not defined".to_owned(), r2_in_words)
    );
    let chart = Chart {
        title: None,
        x_label: "actual",
        y_label: "predicted",
        layers: vec![
            Layer::rule((low, low), (high, high)),
            scatter(points, &both, &both),
        ],
        x: both.clone(),
        y: both,
    };
    Figure::of(
        &chart,
        svg::SIZE,
        "against",
        "Predicted against actual",
        text,
    )
}

fn residuals(portrait: &Portrait) -> Figure {
    let points: Vec<(f64, f64)> = portrait
        .rows
        .predicted
        .iter()
        .copied()
        .zip(portrait.row_errors())
        .collect();
    let x = Axis::covering(points.iter().map(|p| p.0));
    let y = Axis::covering(points.iter().map(|p| p.1).chain([0.0]));
    let (low, high) = x.ends();
    let text = format!(
        "Errors, predicted minus actual, over the predictions. Their mean is {}, their root mean square {}.",
        shown(mean_error(portrait), 3),
        shown(portrait.errors.rmse, 3)
    );
    let chart = Chart {
        title: None,
        x_label: "predicted",
        y_label: "predicted − actual",
        layers: vec![
            Layer::rule((low, 0.0), (high, 0.0)),
            scatter(points, &x, &y),
        ],
        x,
        y,
    };
    Figure::of(
        &chart,
        svg::SIZE,
        "residuals",
        "Errors over predictions",
        text,
    )
}

/// The errors without the outermost hundredth of them, which would press all others into one bar.
fn histogram(portrait: &Portrait) -> Figure {
    let mut errors: Vec<f64> = portrait.row_errors().collect();
    errors.sort_unstable_by(f64::total_cmp);
    let ends = [0.005, 0.995].map(|share| quantile(&errors, share));
    let x = Axis::covering(ends);
    let (low, high) = x.ends();
    let mut counts = [0_usize; BARS];
    let inside = || errors.iter().filter(|error| (low..=high).contains(error));
    for &error in inside() {
        counts[((x.fraction(error) * BARS as f64) as usize).min(BARS - 1)] += 1;
    }
    let highest = counts.iter().copied().max().unwrap_or(0);
    let y = Axis::covering([0.0, highest as f64]);
    let end = |nth: usize| {
        let share = nth as f64 / BARS as f64;
        low * (1.0 - share) + high * share
    };
    let bar = |(nth, &count): (usize, &usize)| {
        (count > 0).then(|| {
            let gap = (end(nth + 1) - end(nth)) * 0.06;
            Rectangle {
                x: (end(nth) + gap, end(nth + 1) - gap),
                y: (0.0, count as f64),
                opacity: 0.85,
            }
        })
    };
    let left_out = match errors.len() - inside().count() {
        0 => String::new(),
        1 => " One row lies further out and is not drawn.".to_owned(),
        rows => format!(" {} lie further out and are not drawn.", count(rows, "row")),
    };
    let middle = quantile(&errors, 0.5);
    let text = format!(
        "How many rows have which error. Half of the errors are below {}, half above.{left_out}",
        shown(middle, 3)
    );
    let chart = Chart {
        title: None,
        x_label: "predicted − actual",
        y_label: "rows",
        layers: vec![
            Layer::Boxes(
                counts.iter().enumerate().filter_map(bar).collect(),
                Ink::Data,
            ),
            Layer::rule((0.0, 0.0), (0.0, y.ends().1)),
        ],
        x,
        y,
    };
    Figure::of(
        &chart,
        svg::SIZE,
        "histogram",
        "How errors are spread",
        text,
    )
}

fn mean_error(portrait: &Portrait) -> f64 {
    let n = portrait.rows.actual.len() as f64;
    portrait.row_errors().map(|error| error / n).sum()
}

fn reading(portrait: &Portrait) -> String {
    let mean = mean_error(portrait);
    let rows = format!(
        "{}, {}.",
        count(portrait.rows.actual.len(), "row"),
        rows_in_words(&portrait.judged)
    );
    let bias = match mean.abs() / portrait.errors.rmse {
        share if share < 0.05 => {
            "On average the predictions are neither too high nor too low.".to_owned()
        }
        _ => format!(
            "On average the predictions are too {} by {}.",
            if mean > 0.0 { "high" } else { "low" },
            shown(mean.abs(), 3)
        ),
    };
    format!("{rows} {bias}")
}
