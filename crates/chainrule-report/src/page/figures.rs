//! A figure as the page holds it: its drawing, and the words that stand for it where it cannot be seen.

use serde::Serialize;

use crate::figure::chart::Chart;
use crate::figure::svg;

/// A drawing with its words.
#[derive(Serialize)]
pub(super) struct Figure {
    /// Unique in the page.
    id: &'static str,
    /// What is drawn, in a few words.
    title: String,
    /// The same for those who do not see it, with its key numbers.
    text: String,
    width: i32,
    height: i32,
    svg: String,
}

impl Figure {
    pub(super) fn of(
        chart: &Chart,
        size: (i32, i32),
        id: &'static str,
        title: &str,
        text: String,
    ) -> Figure {
        let (width, height) = svg::drawn_size(size);
        Figure {
            id,
            title: title.to_owned(),
            text,
            width,
            height,
            svg: svg::chart(chart, size),
        }
    }
}
