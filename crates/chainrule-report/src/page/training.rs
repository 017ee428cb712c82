//! How the networks learnt: their losses epoch by epoch, and their gradients beside finite differences.

use chainrule::gradient_check::{GradientReport, LARGEST_ROUNDING};
use chainrule::loss_functions::Loss;
use chainrule::training::EpochRecord;
use chainrule_tabular::encoding::TargetTransform;
use chainrule_tabular::{Course, RegressorSettings};

use super::figures::Figure;
use super::summary::count;
use crate::figure::Axis;
use crate::figure::chart::{Chart, Ink, Layer};
use crate::figure::svg;
use crate::numbers::{counted, shown};
use crate::portrait::{Judged, Portrait};

/// The most points of a curve.
const POINTS: usize = 80;

/// The section on the training.
pub(super) struct Training {
    pub(super) bags: Vec<Bag>,
    pub(super) reading: String,
    pub(super) gradients: Vec<[String; 4]>,
    pub(super) gradients_agree: bool,
    pub(super) checked: String,
}

/// A bag of networks.
pub(super) struct Bag {
    pub(super) name: String,
    pub(super) share: String,
    pub(super) epochs: String,
    pub(super) best_loss: String,
    pub(super) best_epoch: String,
    pub(super) figure: Option<Figure>,
}

impl Training {
    pub(super) fn of(portrait: &Portrait) -> Training {
        let courses = &portrait.courses;
        let curves: Vec<Vec<Vec<(f64, f64)>>> = courses.iter().map(curves).collect();
        let y = common_axis(&curves);
        let bags = courses.iter().zip(&curves).enumerate();
        let bags = bags.map(|(nth, (course, curves))| bag(nth, course, curves, &y));
        let errors = portrait.gradients.iter().zip(portrait.model.bags());
        let largest = portrait
            .gradients
            .iter()
            .map(GradientReport::max_relative_error);
        let checked: usize = portrait.gradients.iter().map(GradientReport::checked).sum();
        Training {
            bags: bags.collect(),
            reading: reading(portrait),
            gradients: errors
                .map(|(report, bag)| {
                    [
                        name(bag.settings()),
                        report.checked().to_string(),
                        report.skipped().to_string(),
                        format!("{:.1e}", report.max_relative_error()).replace('-', "−"),
                    ]
                })
                .collect(),
            // Written so that a NaN does not agree.
            gradients_agree: largest.clone().all(|error| error <= LARGEST_ROUNDING),
            checked: counted(checked),
        }
    }
}

/// What distinguishes a bag, in a few words.
fn name(settings: &RegressorSettings) -> String {
    let widths: Vec<String> = settings.hidden.iter().map(usize::to_string).collect();
    let layers = match widths.as_slice() {
        [] => "a straight line".to_owned(),
        widths => format!("{} {}", widths.join("–"), settings.activation),
    };
    let bins = match settings.encoding.bins {
        0 => String::new(),
        bins => format!(", {bins} bins"),
    };
    let target = match settings.target {
        TargetTransform::None => "",
        TargetTransform::Log => ", logarithm of the target",
    };
    format!("{layers}{bins}{target}")
}

/// The loss of a record that counts: that of rows that the network does not see, if there are some.
fn loss(record: &EpochRecord) -> f64 {
    record.validation_loss.unwrap_or(record.training_loss)
}

/// The losses of each network, thinned out.
fn curves(course: &Course) -> Vec<Vec<(f64, f64)>> {
    let curve = |history: &&[EpochRecord]| {
        let step = history.len().div_ceil(POINTS).max(1);
        let last = history.len().saturating_sub(1);
        let kept = history.iter().enumerate();
        let kept = kept
            .filter(|(nth, record)| (nth % step == 0 || *nth == last) && loss(record).is_finite());
        kept.map(|(_, record)| (record.epoch as f64, loss(record)))
            .collect()
    };
    course.histories.iter().map(curve).collect()
}

/// One axis for the losses of all bags, so that their figures can be compared. What is above it lies on its upper end:
/// the first epochs may be far above all others.
fn common_axis(curves: &[Vec<Vec<(f64, f64)>>]) -> Axis {
    let all = || curves.iter().flatten().flatten().map(|point| point.1);
    let mut losses: Vec<f64> = all().collect();
    losses.sort_unstable_by(f64::total_cmp);
    if losses.is_empty() {
        return Axis::covering([0.0, 1.0]);
    }
    let at = |share: f64| super::accuracy::quantile(&losses, share);
    let (low, high) = (losses[0], at(1.0));
    let usual = at(0.9) + 1.0 * (at(0.9) - low);
    let floor = if low >= 0.0 { 0.0 } else { low };
    Axis::covering([floor, high.min(usual)])
}

fn bag(nth: usize, course: &Course, curves: &[Vec<(f64, f64)>], y: &Axis) -> Bag {
    const IDS: [&str; 12] = [
        "bag1", "bag2", "bag3", "bag4", "bag5", "bag6", "bag7", "bag8", "bag9", "bag10", "bag11",
        "bag12",
    ];
    let best = |history: &&[EpochRecord]| {
        let best = history.iter().min_by(|a, b| loss(a).total_cmp(&loss(b)))?;
        Some((best.epoch, loss(best)))
    };
    let best: Vec<(usize, f64)> = course.histories.iter().filter_map(best).collect();
    let n = best.len() as f64;
    let mean: f64 = best.iter().map(|(_, loss)| loss / n).sum();
    let span = |numbers: &mut dyn Iterator<Item = usize>| {
        let numbers: Vec<usize> = numbers.collect();
        match (numbers.iter().min(), numbers.iter().max()) {
            (Some(low), Some(high)) if low < high => format!("{low} to {high}"),
            (Some(low), _) => low.to_string(),
            _ => "–".to_owned(),
        }
    };
    let name = name(course.settings);
    let has_curve = curves.iter().any(|curve| curve.len() > 1);
    let figure = IDS.get(nth).filter(|_| has_curve).map(|id| {
        let text = format!(
            "{}; loss at {}: {}.",
            count(curves.len(), "network"),
            match curves.len() {
                1 => "its best epoch",
                _ => "their best epochs, on average",
            },
            shown(mean, 3)
        );
        Figure::of(&chart(curves, y), svg::SMALL, id, &name, text)
    });
    Bag {
        share: format!("{:.0} %", 100.0 * course.weight),
        epochs: span(&mut course.histories.iter().map(|history| history.len())),
        best_loss: if best.is_empty() {
            "–".to_owned()
        } else {
            shown(mean, 3)
        },
        best_epoch: span(&mut best.iter().map(|(epoch, _)| *epoch)),
        name: format!("{} × {name}", course.histories.len()),
        figure,
    }
}

/// A thin line for each network.
fn chart(curves: &[Vec<(f64, f64)>], y: &Axis) -> Chart {
    let epochs = curves.iter().flatten().map(|point| point.0);
    let line = |curve: &Vec<(f64, f64)>| Layer::Line {
        points: curve.clone(),
        ink: Ink::Data,
        width: 1.6,
        opacity: if curves.len() == 1 { 1.0 } else { 0.6 },
    };
    Chart {
        title: None,
        x_label: "epoch",
        y_label: "loss",
        x: Axis::covering(epochs.chain([0.0])),
        y: y.clone(),
        layers: curves.iter().map(line).collect(),
    }
}

fn reading(portrait: &Portrait) -> String {
    let has_unseen = portrait
        .courses
        .iter()
        .flat_map(|course| &course.histories)
        .any(|history| {
            history
                .iter()
                .any(|record| record.validation_loss.is_some())
        });
    let rows = match (&portrait.judged, has_unseen) {
        (Judged::OutOfFold { .. }, true) => "on the fold that the network does not see",
        (_, true) => "on rows that the network does not learn from",
        (_, false) => "on the rows that it learns from",
    };
    let unit = match portrait.courses.first().map(|course| course.settings.loss) {
        Some(Loss::MeanSquareError) => " A loss of 1 is that of always predicting the mean.",
        _ => "",
    };
    let end = match has_unseen {
        true => {
            " A curve that rises again shows a network that learns its rows by heart; the weights of its best epoch are kept."
        }
        false => "",
    };
    let unused = match portrait.courses.iter().any(|course| course.weight == 0.0) {
        true => {
            " Networks with a share of 0\u{a0}% did not help the others and are no part of the model."
        }
        false => "",
    };
    format!("Each line is a network's loss {rows}, after each epoch.{unit}{end}{unused}")
}
