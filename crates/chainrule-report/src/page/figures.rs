//! A figure as the page holds it: its drawing, and the words that stand for it where it cannot be seen.

use crate::figure::chart::Chart;
use crate::figure::svg;

/// A drawing with its words.
pub(super) struct Figure {
    /// Unique in the page.
    pub(super) id: &'static str,
    /// What is drawn, in a few words.
    pub(super) title: String,
    /// The same for those who do not see it, with its key numbers.
    pub(super) text: String,
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) svg: String,
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
