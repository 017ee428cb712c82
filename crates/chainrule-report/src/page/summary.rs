//! The top of the page: what is predicted from what, and how good it is, in a few sentences.

use chainrule_tabular::Intervals;
use chainrule_tabular::shown::label;

use crate::numbers::{counted, shown};
use crate::portrait::{Judged, Portrait};

/// The words above everything else.
pub(super) struct Summary {
    pub(super) target: String,
    /// What the model is, and what it learnt from.
    pub(super) about: String,
    /// How much it errs beside simpler models.
    pub(super) sentence: String,
    /// How near its predictions are.
    pub(super) near: String,
    /// Which rows say so, and what that means for new rows.
    pub(super) judged: String,
    pub(super) warnings: Vec<String>,
    pub(super) version: &'static str,
}

impl Summary {
    pub(super) fn of(portrait: &Portrait) -> Summary {
        let target = label(portrait.model.target());
        Summary {
            about: about(portrait),
            sentence: sentence(portrait),
            near: near(portrait, &target),
            judged: judged(portrait),
            warnings: portrait
                .warnings
                .iter()
                .map(|text| capitalised(text))
                .collect(),
            version: env!("CARGO_PKG_VERSION"),
            target,
        }
    }
}

fn about(portrait: &Portrait) -> String {
    let (networks, bags) = (portrait.model.members(), portrait.model.bags().len());
    let what = match (networks, bags) {
        (1, _) => "One network".to_owned(),
        (_, 1) => format!("The mean of {networks} networks"),
        _ => format!("The mean of {networks} networks in {bags} bags"),
    };
    let columns = portrait.model.columns().len();
    let from = match &portrait.judged {
        Judged::Given { .. } => "judged on",
        _ => "learnt from",
    };
    format!(
        "{what} over {}, {from} {} of {}.",
        count(columns, "column"),
        count(portrait.table.rows, "row"),
        label(&portrait.table.source)
    )
}

fn sentence(portrait: &Portrait) -> String {
    let rows = match &portrait.judged {
        Judged::OutOfFold { .. } | Judged::Validation => {
            "On rows that its networks had not learnt from, the model"
        }
        Judged::Learnt => "On the rows that it learnt from, the model",
        Judged::Given { .. } => "On the rows of this table, the model",
    };
    let ridge = portrait.baselines.ridge.map_or_else(String::new, |ridge| {
        format!("ridge regression errs by {}, ", shown(ridge, 3))
    });
    format!(
        "{rows} errs by about {}; {ridge}always predicting the mean by {}.",
        shown(portrait.errors.rmse, 3),
        shown(portrait.baselines.mean, 3)
    )
}

fn near(portrait: &Portrait, target: &str) -> String {
    let sizes = portrait.sizes_of_errors();
    let within = |share| shown(super::accuracy::quantile(&sizes, share), 3);
    let half = format!(
        "Half of its predictions are within {} of the truth, nine of ten within {}.",
        within(0.5),
        within(0.9)
    );
    match portrait.errors.r2 {
        Some(r2) if r2 > 0.0 => format!(
            "{half} It explains {:.0} % of the variance of {target}.",
            if r2 < 1.0 {
                (100.0 * r2).min(99.4)
            } else {
                100.0
            }
        ),
        _ => half,
    }
}

fn judged(portrait: &Portrait) -> String {
    let rows = count(portrait.errors.rows, "row");
    match &portrait.judged {
        Judged::OutOfFold { folds } => format!(
            "Each of {rows} was predicted by networks that had not learnt from it: the rows were cut into {folds} \
             folds, and each network did without one of them. Expect such errors on new rows of the same kind.{}",
            corrected(portrait)
        ),
        Judged::Validation => format!(
            "{} kept back from the training. The best epoch was chosen on them, which flatters the network a little.",
            match portrait.errors.rows {
                1 => "One row was".to_owned(),
                _ => format!("{rows} were"),
            }
        ),
        Judged::Learnt => {
            "No rows were kept back, so nothing here tells how the model does on new rows. \
             Expect larger errors there."
                .to_owned()
        }
        Judged::Given { then } => {
            let then = then.as_ref().map_or_else(String::new, |then| {
                format!(
                    " When it was trained, it erred by {} on {} that its networks had not learnt from.",
                    shown(then.evaluation.rmse, 3),
                    count(then.evaluation.rows, "row")
                )
            });
            format!(
                "The model may have learnt from these very rows. If it did, expect larger errors on new ones.{then}"
            )
        }
    }
}

/// That the error is not the one found, where it is not.
fn corrected(portrait: &Portrait) -> String {
    let widening = portrait.model.intervals().map_or(1.0, Intervals::widening);
    let percent = 100.0 * (widening - 1.0);
    match percent >= 0.05 {
        true => format!(
            " The best epoch of each network was chosen on the fold that judges it, which flatters; so the model's error is \
             told {percent:.1} % larger than it was found. Single rows are shown as they are."
        ),
        false => String::new(),
    }
}

/// `1 row`, `12 345 rows`.
pub(super) fn count(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{} {what}s", counted(count)),
    }
}

/// A sentence of a message as one of a page.
pub(super) fn capitalised(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    let end = if message.ends_with(['.', '!', '?']) {
        ""
    } else {
        "."
    };
    format!("{}{}{end}", first.unwrap_or_default(), letters.as_str())
}
