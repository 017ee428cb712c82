//! The page: one HTML file, its sections filled in from a [`Portrait`].

mod accuracy;
mod columns;
mod dependence;
mod figures;
mod importance;
mod intervals;
mod summary;
mod training;
mod usage;
mod where_it_errs;

use askama::Template;

use crate::figure::svg;
use crate::portrait::Portrait;

const STYLE: &str = include_str!("style.css");

/// What the template fills in, section by section. Under a name that ends in .html every value is escaped that is not
/// marked as safe.
#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    style: &'static str,
    inks: String,
    summary: summary::Summary,
    accuracy: accuracy::Accuracy,
    errs: where_it_errs::WhereItErrs,
    /// None where the model knows no importance.
    importance: Option<importance::NeededColumns>,
    /// None where the model keeps no rows to find it on.
    dependence: Option<dependence::Dependence>,
    /// None where the model has no intervals.
    intervals: Option<intervals::IntervalSection>,
    training: training::Training,
    columns: columns::Columns,
    settings: &'a str,
    usage: usage::Usage,
}

/// The page of a model, with its settings as text.
pub(crate) fn page(portrait: &Portrait, settings: &str) -> String {
    let page = Page {
        style: STYLE,
        inks: svg::style(),
        summary: summary::Summary::of(portrait),
        accuracy: accuracy::Accuracy::of(portrait),
        errs: where_it_errs::WhereItErrs::of(portrait),
        importance: importance::NeededColumns::of(portrait),
        dependence: dependence::Dependence::of(portrait),
        intervals: intervals::IntervalSection::of(portrait),
        training: training::Training::of(portrait),
        columns: columns::Columns::of(portrait),
        settings: settings.trim(),
        usage: usage::Usage::of(portrait),
    };
    page.render().expect("a string takes all that is written")
}
