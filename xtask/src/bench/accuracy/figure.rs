//! The figure of the coverage: a mark for every split of every table, beside where chance alone would put it.
//!
//! A table is a band of the figure. Its middle line spans what chance gives for as many rows as a split tests.
//! chainrule's marks stand above it, the first peer's below. Marks at the same place are stacked away from the line.

use super::coverage::{Coverage, LEVEL, chance};
use super::intervals::{over_tables, percent};
use super::summary::Found;
use super::tables::{INTERVALS, LIST};
use crate::svg::Svg;

const WIDTH: f64 = 940.0;
/// Where the scale begins and ends.
const SCALE: (f64, f64) = (190.0, 850.0);
const TOP: f64 = 112.0;
/// Of a mark.
const RADIUS: f64 = 4.0;
/// From the middle line to the first marks, and from there to the next ones.
const FIRST: f64 = 12.0;
const NEXT: f64 = 7.0;

/// How a contender is drawn: its marks, the classes of these and of the line of all its splits, and on which side of
/// the middle line they stand.
struct Style {
    mark: fn(&mut Svg, &str, (f64, f64), f64),
    fill: &'static str,
    stroke: &'static str,
    side: f64,
}

const OURS: Style = Style {
    mark: Svg::circle,
    fill: "value",
    stroke: "forward",
    side: -1.0,
};

const PEER: Style = Style {
    mark: Svg::diamond,
    fill: "gradient",
    stroke: "backward",
    side: 1.0,
};

/// A contender's splits of a table.
struct Marks<'a> {
    style: &'a Style,
    /// The share of each split and the number of marks between it and the middle line.
    splits: Vec<(f64, usize)>,
    /// Of all splits together.
    all: f64,
}

/// A table's part of the figure.
struct Lane<'a> {
    name: &'a str,
    rows: String,
    /// Between which shares chance puts nine in ten splits.
    chance: (f64, f64),
    marks: Vec<Marks<'a>>,
}

/// The figure, as a file.
pub fn draw(found: &Found) -> String {
    let drawn: Vec<(&str, &Style)> = LIST.names(INTERVALS).zip([&OURS, &PEER]).collect();
    let least = least(found, &drawn);
    let lanes: Vec<Lane> = found
        .tables
        .iter()
        .filter_map(|table| lane(found, &table.name, &drawn, least))
        .collect();
    let bottom = TOP + lanes.iter().map(Lane::height).sum::<f64>();

    let title = format!(
        "The share of test rows within their {} % interval",
        100.0 * LEVEL
    );
    let mut svg = Svg::new(WIDTH, bottom + 50.0, &title);
    svg.describe(&description(found, &drawn));
    legend(&mut svg, &drawn);
    scale(&mut svg, least, bottom);
    let mut top = TOP;
    for lane in &lanes {
        lane.draw(&mut svg, least, top);
        top += lane.height();
    }
    svg.finish()
}

/// The left end of the scale: a multiple of 5 % below everything that is drawn.
fn least(found: &Found, drawn: &[(&str, &Style)]) -> f64 {
    let mut least: f64 = 0.85;
    for table in &found.tables {
        for (name, _) in drawn {
            for split in found.intervals(&table.name, name).into_iter().flatten() {
                let Coverage { rows, .. } = split.all();
                let by_chance = chance(rows).0 as f64 / rows as f64;
                least = least.min(split.all().share()).min(by_chance);
            }
        }
    }
    (20.0 * least - 0.1).floor() / 20.0
}

fn lane<'a>(
    found: &Found,
    table: &'a str,
    drawn: &[(&str, &'a Style)],
    least: f64,
) -> Option<Lane<'a>> {
    let mut lane: Option<Lane<'a>> = None;
    for (name, style) in drawn {
        let Some(splits) = found.intervals(table, name) else {
            continue;
        };
        let all: Vec<Coverage> = splits.iter().map(|split| split.all()).collect();
        let rows = all[0].rows;
        let lane = lane.get_or_insert_with(|| {
            let (low, high) = chance(rows);
            Lane {
                name: table,
                rows: format!("{} × {} rows", all.len(), numbers(&all)),
                chance: (low as f64 / rows as f64, high as f64 / rows as f64),
                marks: vec![],
            }
        });
        let shares: Vec<f64> = all.iter().map(|split| split.share()).collect();
        let levels = levels(&shares, least);
        lane.marks.push(Marks {
            style,
            splits: shares.into_iter().zip(levels).collect(),
            all: all.into_iter().sum::<Coverage>().share(),
        });
    }
    lane
}

/// How many rows the splits have: folds differ by one.
fn numbers(splits: &[Coverage]) -> String {
    let rows = || splits.iter().map(|split| split.rows);
    match (rows().min(), rows().max()) {
        (Some(least), Some(most)) if least < most => format!("{least}–{most}"),
        (least, _) => least.unwrap_or(0).to_string(),
    }
}

/// How many marks lie between each mark and the line, so that no two overlap.
fn levels(shares: &[f64], least: f64) -> Vec<usize> {
    let mut taken: Vec<Vec<f64>> = vec![];
    let level = |share: &f64| {
        let x = at(*share, least);
        let is_free =
            |level: &Vec<f64>| level.iter().all(|other| (other - x).abs() >= 2.0 * RADIUS);
        let free = taken.iter().position(is_free).unwrap_or(taken.len());
        if free == taken.len() {
            taken.push(vec![]);
        }
        taken[free].push(x);
        free
    };
    shares.iter().map(level).collect()
}

/// Where a share lies, to a tenth of a pixel.
fn at(share: f64, least: f64) -> f64 {
    let x = SCALE.0 + (share - least) / (1.0 - least) * (SCALE.1 - SCALE.0);
    (10.0 * x).round() / 10.0
}

impl Marks<'_> {
    /// From the middle line to the outer marks' far side.
    fn height(&self) -> f64 {
        let most = self.splits.iter().map(|(_, level)| *level).max();
        FIRST + NEXT * most.unwrap_or(0) as f64 + RADIUS
    }
}

impl Lane<'_> {
    /// Above the middle line and below it: room for the marks, and for the words beside them.
    fn sides(&self) -> [f64; 2] {
        [-1.0, 1.0].map(|side| {
            let marks = self.marks.iter().filter(|marks| marks.style.side == side);
            8.0 + marks.map(Marks::height).fold(16.0, f64::max)
        })
    }

    fn height(&self) -> f64 {
        self.sides().iter().sum()
    }

    fn draw(&self, svg: &mut Svg, least: f64, top: f64) {
        let y = top + self.sides()[0];
        svg.text(20.0, y - 2.0, "strong", "start", self.name);
        svg.text(20.0, y + 15.0, "soft", "start", &self.rows);
        span(svg, (at(self.chance.0, least), at(self.chance.1, least)), y);
        for Marks { style, splits, all } in &self.marks {
            let (x, far) = (at(*all, least), self.height_of(style));
            svg.line(style.stroke, (x, y), (x, y + style.side * far));
            for (share, level) in splits {
                let away = FIRST + NEXT * *level as f64;
                (style.mark)(
                    svg,
                    style.fill,
                    (at(*share, least), y + style.side * away),
                    RADIUS,
                );
            }
            let baseline = y + 5.0 + style.side * 10.0;
            svg.text(WIDTH - 20.0, baseline, style.fill, "end", &percent(*all));
        }
    }

    fn height_of(&self, style: &Style) -> f64 {
        let marks = self
            .marks
            .iter()
            .find(|marks| marks.style.side == style.side);
        marks.map_or(0.0, |marks| marks.height() + 3.0)
    }
}

/// A line between two short ones.
fn span(svg: &mut Svg, (from, to): (f64, f64), y: f64) {
    svg.line("edge", (from, y), (to, y));
    for x in [from, to] {
        svg.line("edge", (x, y - 4.0), (x, y + 4.0));
    }
}

fn legend(svg: &mut Svg, drawn: &[(&str, &Style)]) {
    let mut x = 28.0;
    for (name, style) in drawn {
        let words = format!("{name}: a split");
        // Where the words end at the latest, in the fonts that people have.
        let end = x + 24.0 + 7.2 * words.chars().count() as f64;
        (style.mark)(svg, style.fill, (x, 25.0), RADIUS);
        svg.text(x + 12.0, 30.0, style.fill, "start", &words);
        svg.line(style.stroke, (end, 16.0), (end, 34.0));
        svg.text(end + 8.0, 30.0, style.fill, "start", "all of a table");
        x = end + 140.0;
    }
    let words = "at the right: all of a table, %";
    svg.text(WIDTH - 20.0, 30.0, "soft", "end", words);
    span(svg, (22.0, 62.0), 54.0);
    let words =
        "where chance puts nine in ten splits, if each row lies within with a probability of";
    let words = format!("{words} {} %", 100.0 * LEVEL);
    svg.text(72.0, 59.0, "soft", "start", &words);
}

fn scale(svg: &mut Svg, least: f64, bottom: f64) {
    let (first, last) = ((20.0 * least).round() as i32, 20);
    for step in first..=last {
        let share = f64::from(step) / 20.0;
        let x = at(share, least);
        let class = if share == LEVEL { "edge" } else { "grid" };
        svg.line(class, (x, TOP - 8.0), (x, bottom + 4.0));
        let words = format!("{:.0} %", 100.0 * share);
        svg.text(x, TOP - 16.0, "soft", "middle", &words);
        svg.text(x, bottom + 22.0, "soft", "middle", &words);
    }
}

/// The figure in words: over all tables, and the least and the greatest table of each contender.
fn description(found: &Found, drawn: &[(&str, &Style)]) -> String {
    let of = |name: &str| {
        let [(_, shares), _] = over_tables(found, name)?;
        let tables = found.tables.iter().filter_map(|table| {
            let [all, ..] = found.coverage(&table.name, name)?;
            Some((all.share(), &table.name))
        });
        let mut tables: Vec<_> = tables.collect();
        tables.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let ends = [tables.first()?, tables.last()?];
        let [least, most] = ends.map(|(share, table)| format!("{} % ({table})", percent(*share)));
        Some(format!(
            "{name}: {} % of all test rows; of a table's, from {least} to {most}.",
            percent(shares[0])
        ))
    };
    let sentences: Vec<String> = drawn.iter().filter_map(|(name, _)| of(name)).collect();
    sentences.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::accuracy::summary::tests::with_intervals;

    #[test]
    fn every_split_has_a_mark_and_every_table_what_chance_gives() {
        let figure = draw(&with_intervals());
        let count = |what: &str| figure.matches(what).count();
        // Two splits of two tables and the legend; two of one table and the legend; two tables and the legend.
        assert_eq!(count("<circle class=\"value\""), 5);
        assert_eq!(count("<path class=\"gradient\""), 3);
        assert_eq!(count("<line class=\"forward\""), 3);
        assert_eq!(count("<line class=\"edge\""), 3 * 3 + 1);
        for expected in [
            ">concrete</text>",
            ">2 × 30 rows</text>",
            ">93.3</text>",
            "<title>The share of test rows within their 90 % interval</title>",
            "<desc>chainrule: 86.7 % of all test rows; of a table's, from 85.0 % (energy) to 90.0 % (concrete). \
             MAPIE: 93.3 % of all test rows; of a table's, from 93.3 % (concrete) to 93.3 % (concrete).</desc>",
        ] {
            assert!(figure.contains(expected), "{expected} in {figure}");
        }
    }

    #[test]
    fn marks_lie_where_their_share_is() {
        let found = with_intervals();
        let figure = draw(&found);
        // Chance reaches down to 24 of concrete's 30 rows, and the scale to a multiple of 5 % below it.
        let least = 0.75;
        assert!(figure.contains(">75 %</text>") && !figure.contains(">70 %</text>"));
        // chainrule's two splits of concrete are stacked above the middle line, a split of MAPIE's stands below it.
        let (x, middle) = (at(27.0 / 30.0, least), TOP + 8.0 + FIRST + NEXT + RADIUS);
        for away in [FIRST, FIRST + NEXT] {
            let circle = format!("cx=\"{x}\" cy=\"{}\"", middle - away);
            assert!(figure.contains(&circle), "{circle} in {figure}");
        }
        let diamond = format!("d=\"M{x} {}L", middle + FIRST - RADIUS);
        assert!(figure.contains(&diamond), "{diamond} in {figure}");
        assert_eq!((at(least, least), at(1.0, least)), SCALE);
    }

    #[test]
    fn folds_of_two_sizes_are_told() {
        let splits = |rows: [usize; 3]| rows.map(|rows| Coverage { rows, within: 0 });
        assert_eq!(numbers(&splits([45, 44, 45])), "44–45");
        assert_eq!(numbers(&splits([45, 45, 45])), "45");
    }

    #[test]
    fn marks_that_would_overlap_are_stacked() {
        assert_eq!(levels(&[0.9, 0.95, 0.9, 0.901, 0.85], 0.8), [0, 0, 1, 2, 0]);
    }
}
