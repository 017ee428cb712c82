//! Which columns the model needs: how much its error rises when their values are shuffled.

use chainrule_tabular::ColumnImportance;
use chainrule_tabular::shown::label;

use super::figures::Figure;
use super::summary::count;
use crate::figure::Axis;
use crate::figure::chart::{Chart, Ink, Layer, Rectangle};
use crate::numbers::{NumberFormat, shown, written};
use crate::portrait::Portrait;

/// How many columns are drawn, and how many stand in the table before it has to be unfolded.
const DRAWN: usize = 16;

/// The most letters of a name in the figure.
const LETTERS: usize = 16;

/// The height of a bar with its gap, and of all around the bars, in pixels.
const BAR: i32 = 21;
const AROUND: i32 = 60;

/// The section on the columns that the model needs.
pub(super) struct NeededColumns {
    pub(super) figure: Figure,
    pub(super) first: Vec<Line>,
    pub(super) others: Vec<Line>,
    pub(super) has_folds: bool,
    /// Which columns these are.
    pub(super) reading: String,
    /// How the figures came about.
    pub(super) method: String,
}

/// A column.
pub(super) struct Line {
    pub(super) column: String,
    pub(super) rise: String,
    pub(super) over_shuffles: String,
    pub(super) over_folds: Option<String>,
}

impl NeededColumns {
    pub(super) fn of(portrait: &Portrait) -> Option<NeededColumns> {
        let importance = portrait.model.importance()?;
        let ranked = importance.ranked();
        let drawn = &ranked[..ranked.len().min(DRAWN)];
        let format = NumberFormat::exact_of(ranked.iter().map(|column| column.rise), 3);
        let deviation = |value: f64| format!("± {}", written(format, value));
        let line = |column: &&ColumnImportance| Line {
            column: label(&column.column),
            rise: written(format, column.rise),
            over_shuffles: deviation(column.over_shuffles),
            over_folds: column.over_folds.map(deviation),
        };
        let mut first: Vec<Line> = ranked.iter().map(line).collect();
        let others = first.split_off(drawn.len());
        let by_fold = match importance.columns.iter().all(|c| c.over_folds.is_some()) {
            true => {
                " By fold: the same from fold to fold, where other networks predict other rows."
            }
            false => "",
        };
        Some(NeededColumns {
            figure: figure(drawn),
            first,
            others,
            has_folds: !by_fold.is_empty(),
            reading: reading(&ranked, importance.rmse),
            method: format!(
                "Found on {} by networks that had not seen them, whose error is {}. The values of one column are shuffled \
                 among these rows, {} times; the bars show the mean rise of the error. By shuffle: its standard \
                 deviation from shuffle to shuffle.{by_fold}",
                count(importance.rows, "row"),
                shown(importance.rmse, 3),
                importance.shuffles
            ),
        })
    }
}

/// What the columns needed most are, in a sentence.
fn reading(ranked: &[&ColumnImportance], rmse: f64) -> String {
    let first = ranked[0];
    if first.rise <= 2.0 * first.over_shuffles {
        return "No column stands out: shuffled, none of them makes the error much larger."
            .to_owned();
    }
    // A column counts where shuffling it raises the error by more than chance does, and by a hundredth at least.
    let counts = |column: &&&ColumnImportance| {
        column.rise > 2.0 * column.over_shuffles && column.rise > 0.01 * rmse
    };
    let counting = ranked.iter().filter(counts).count();
    let rest = match ranked.len() - counting {
        0 => String::new(),
        rest => format!(
            " Shuffled, {rest} of the {} hardly {} it.",
            count(ranked.len(), "column"),
            if rest == 1 { "changes" } else { "change" }
        ),
    };
    format!(
        "The model needs {} most: shuffled, it makes the error {:.1} times as large.{rest}",
        label(&first.column),
        (rmse + first.rise) / rmse
    )
}

/// A bar for each column, the longest at the top, and a line from one fold's standard deviation below to one above.
fn figure(columns: &[&ColumnImportance]) -> Figure {
    let spread = |column: &ColumnImportance| column.over_folds.unwrap_or(column.over_shuffles);
    let ends = columns.iter().flat_map(|column| {
        let (rise, spread) = (column.rise, spread(column));
        [0.0, rise - spread, rise + spread]
    });
    let x = Axis::covering(ends);
    let names = columns
        .iter()
        .rev()
        .map(|column| short(&label(&column.column)));
    let y = Axis::naming(names.collect());
    let place = |nth: usize| (columns.len() - nth) as f64;
    let bar = |(nth, column): (usize, &&ColumnImportance)| Rectangle {
        x: (column.rise.min(0.0), column.rise.max(0.0)),
        y: (place(nth) - 0.34, place(nth) + 0.34),
        opacity: 0.85,
    };
    let line = |(nth, column): (usize, &&ColumnImportance)| {
        let (rise, spread) = (column.rise, spread(column));
        Layer::Line {
            points: vec![(rise - spread, place(nth)), (rise + spread, place(nth))],
            ink: Ink::Words,
            width: 1.5,
            opacity: 1.0,
        }
    };
    let (low, high) = y.ends();
    let named: Vec<String> = columns[..columns.len().min(3)]
        .iter()
        .map(|column| format!("{} by {}", label(&column.column), shown(column.rise, 3)))
        .collect();
    let text = format!(
        "How much the error rises when a column's values are shuffled: {}. Lines are a standard deviation from {} to both \
         sides.",
        named.join(", "),
        match columns.iter().all(|column| column.over_folds.is_some()) {
            true => "fold to fold",
            false => "shuffle to shuffle",
        }
    );
    let mut layers = vec![
        Layer::Boxes(columns.iter().enumerate().map(bar).collect(), Ink::Data),
        Layer::rule((0.0, low), (0.0, high)),
    ];
    layers.extend(columns.iter().enumerate().map(line));
    let chart = Chart {
        title: None,
        x_label: "rise of the error",
        y_label: "",
        layers,
        x,
        y,
    };
    let size = (400, AROUND + BAR * columns.len() as i32);
    Figure::of(&chart, size, "rises", "Columns that the model needs", text)
}

/// A name as far as a figure has room for it.
pub(super) fn short(name: &str) -> String {
    match name.char_indices().nth(LETTERS) {
        None => name.to_owned(),
        Some(_) => name.chars().take(LETTERS - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, rise: f64) -> ColumnImportance {
        ColumnImportance {
            column: name.to_owned(),
            rise,
            over_shuffles: 0.1,
            over_folds: None,
        }
    }

    #[test]
    fn the_sentence_tells_needed_columns_from_noise() {
        let (area, code) = (column("area", 5.0), column("code", -0.05));
        assert_eq!(
            reading(&[&area, &code], 10.0),
            "The model needs area most: shuffled, it makes the error 1.5 times as large. \
             Shuffled, 1 of the 2 columns hardly changes it."
        );
        let none = reading(&[&column("code", 0.15)], 10.0);
        assert!(none.starts_with("No column stands out"), "{none}");
    }

    #[test]
    fn long_names_are_shortened_in_the_figure() {
        assert_eq!(short("distance"), "distance");
        assert_eq!(short("distance_to_the_sea"), "distance_to_the…");
        assert_eq!(short("Straßenbahnhaltestelle").chars().count(), LETTERS);
    }
}
