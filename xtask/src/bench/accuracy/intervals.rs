//! The page about intervals: how often they hold, in all and in each third of the predictions, and how wide they are.

use super::coverage::{Coverage, LEVEL, Measure, PARTS, chance};
use super::report::{details, ratio};
use super::summary::{Found, geometric_mean};
use super::tables::{Band, CHAINRULE, INTERVALS, LIST};
use crate::bench::bars::{Bar, between, digits};
use crate::bench::report::{bars, head, table};

/// What was found of the intervals, on one page.
pub fn write(machine: &[(&'static str, String)], found: &Found) -> String {
    let mut page = head("The intervals of chainrule beside MAPIE's", machine);
    page += &bars(&judge(found));
    page += &coverage(found);
    page += &widths(found);
    page + &details(found)
}

/// The bar of each of [`PARTS`].
fn band(part: usize) -> Band {
    match part {
        0 => LIST.bars.coverage,
        _ => LIST.bars.coverage_of_a_third,
    }
}

/// The coverage of all rows of all tables, and the mean over the tables, of all rows and of each third.
pub fn over_tables(found: &Found, contender: &str) -> Option<[(&'static str, [f64; 4]); 2]> {
    let tables = found.tables.iter();
    let each: Vec<[Coverage; 4]> = tables
        .filter_map(|table| found.coverage(&table.name, contender))
        .collect();
    let count = each.len() as f64;
    let of_rows = |part: usize| {
        each.iter()
            .map(|parts| parts[part])
            .sum::<Coverage>()
            .share()
    };
    let of_tables = |part: usize| each.iter().map(|parts| parts[part].share()).sum::<f64>() / count;
    (!each.is_empty()).then(|| {
        [
            ("all rows of all tables", [0, 1, 2, 3].map(of_rows)),
            ("mean of all tables", [0, 1, 2, 3].map(of_tables)),
        ]
    })
}

fn judge(found: &Found) -> Vec<Bar> {
    let shares = over_tables(found, CHAINRULE);
    let lines = shares.into_iter().flatten();
    let bars = lines.flat_map(|(what, shares)| {
        let named = move |part: usize| match part {
            0 => format!("{what}: share within"),
            _ => format!("{what}: share within, {} third", PARTS[part]),
        };
        (0..4).map(move |part| between(named(part), band(part), Some(shares[part])))
    });
    bars.collect()
}

fn coverage(found: &Found) -> String {
    let columns = found.contenders(INTERVALS);
    let mut lines = vec![];
    for table in &found.tables {
        let of = columns.iter().map(|name| found.coverage(&table.name, name));
        let Some([all, ..]) = of.clone().flatten().next() else {
            continue;
        };
        let (least, most) = chance(all.rows);
        let by_chance = [least, most].map(|count| percent(count as f64 / all.rows as f64));
        let mut line = vec![
            table.name.clone(),
            all.rows.to_string(),
            by_chance.join("–"),
        ];
        line.extend(of.flat_map(|parts| cells(parts.map(|parts| parts.map(Coverage::share)))));
        lines.push(line);
    }
    for place in 0..2 {
        let of = columns.iter().map(|name| over_tables(found, name));
        let mut line = vec![];
        for shares in of {
            let shares = shares.map(|shares| shares[place]);
            if line.is_empty() {
                let what = shares.map_or("", |(what, _)| what);
                line.extend([what.to_string(), String::new(), String::new()]);
            }
            line.extend(cells(shares.map(|(_, shares)| shares)));
        }
        lines.push(line);
    }
    let of_each = columns
        .iter()
        .flat_map(|name| PARTS.map(|part| format!("{name}, {part}")));
    let heads = ["", "test rows", "chance"].map(String::from);
    let heads: Vec<String> = heads.into_iter().chain(of_each).collect();
    let level = 100.0 * LEVEL;
    let ([least, most], [least_third, most_third]) = (percents(band(0)), percents(band(1)));
    format!(
        "\n## Coverage\n\n\
         The share of test rows, in percent, that lie within their {level} % interval. A row counts once for each split that tests \
         it. Low, middle and high are the thirds of each split's test rows in the order of their predictions. In bold: outside of \
         {least}–{most} % in all, or of {least_third}–{most_third} % in a third. Chance: nine in ten tables would lie there if each of \
         so many rows lay within with a probability of {level} %, whatever the others do. Tables scatter more than that, because splits \
         share rows and the training rows are drawn too.\n\n\
         {}\n\
         ![The coverage of each split](coverage.svg)\n",
        table(heads, "---:", lines)
    )
}

/// The shares of the parts of the rows, those in bold that lie outside of their bar.
fn cells(shares: Option<[f64; 4]>) -> Vec<String> {
    let Some(shares) = shares else {
        return vec!["–".to_string(); 4];
    };
    let cell = |(part, share): (usize, f64)| {
        let (least, most) = band(part);
        match (least..=most).contains(&share) {
            true => percent(share),
            false => format!("**{}**", percent(share)),
        }
    };
    shares.into_iter().enumerate().map(cell).collect()
}

/// A share in percent, to a tenth.
pub fn percent(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}

fn percents((least, most): Band) -> [String; 2] {
    [least, most].map(|share| format!("{:.0}", 100.0 * share))
}

fn widths(found: &Found) -> String {
    let columns = found.contenders(INTERVALS);
    let measures: [(&str, Measure); 2] = [
        ("width", |found| found.width),
        ("score", |found| found.score),
    ];
    let of = |table: &str, name: &str, what| found.mean_of_intervals(table, name, what);
    let by =
        |table: &str, name: &str, what| Some(of(table, CHAINRULE, what)? / of(table, name, what)?);
    let peers: Vec<&str> = columns
        .iter()
        .copied()
        .filter(|name| *name != CHAINRULE)
        .collect();
    let (mut heads, mut last) = (vec![String::new()], vec!["geometric mean".to_string()]);
    for (measure, what) in measures {
        heads.extend(columns.iter().map(|name| format!("{measure}, {name}")));
        last.extend(columns.iter().map(|_| String::new()));
        for peer in &peers {
            heads.push(format!("{measure} / {peer}'s"));
            let ratios = found
                .tables
                .iter()
                .filter_map(|table| by(&table.name, peer, what));
            last.push(geometric_mean(ratios).map_or("–".to_string(), |(mean, _)| ratio(mean)));
        }
    }
    let line = |table: &str| {
        let mut line = vec![table.to_string()];
        for (_, what) in measures {
            let dash = |cell: Option<String>| cell.unwrap_or("–".to_string());
            line.extend(
                columns
                    .iter()
                    .map(|name| dash(of(table, name, what).map(digits))),
            );
            line.extend(
                peers
                    .iter()
                    .map(|peer| dash(by(table, peer, what).map(ratio))),
            );
        }
        line
    };
    let lines = found.tables.iter().map(|table| line(&table.name));
    format!(
        "\n## Width\n\n\
         In the target's unit, means over the splits. The score is the interval score (Gneiting and Raftery 2007): the width, and \
         {:.0} times how far a row lies outside. Less is better. Intervals are also narrower where the model errs less.\n\n{}",
        2.0 / (1.0 - LEVEL),
        table(heads, "---:", lines.chain([last]))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::accuracy::summary::tests::with_intervals;

    #[test]
    fn the_page_shows_coverage_by_thirds_widths_and_bars() {
        let page = write(&[], &with_intervals());
        for expected in [
            // Two splits each; a third has 10 rows in concrete and 20 in energy.
            "|  | test rows | chance | chainrule, all | chainrule, low |",
            "| concrete | 60 | 83.3–96.7 | 90.0 | 95.0 | 90.0 | 85.0 | **93.3** | **100.0** | 90.0 | 90.0 |",
            "| energy | 120 | 85.0–94.2 | **85.0** | 95.0 | 85.0 | **75.0** | – | – | – | – |",
            "| all rows of all tables |  |  | **86.7** | 95.0 | 86.7 | **78.3** | **93.3** | **100.0** | 90.0 | 90.0 |",
            "| mean of all tables |  |  | **87.5** | 95.0 | 87.5 | **80.0** |",
            "| all rows of all tables: share within | 88–92 % | 86.7 % | **not reached** |",
            "| mean of all tables: share within, low third | 85–95 % | 95.0 % | reached |",
            "|  | width, chainrule | width, MAPIE | width / MAPIE's | score, chainrule | score, MAPIE | score / MAPIE's |",
            "| concrete | 3.00 | 4.00 | 0.750 | 6.00 | 8.00 | 0.750 |",
            "| energy | 5.00 | – | – | 10.0 | – | – |",
            "| geometric mean |  |  | 0.750 |  |  | 0.750 |",
            "![The coverage of each split](coverage.svg)",
            "| MAPIE |  | CV+",
        ] {
            assert!(page.contains(expected), "{expected} in {page}");
        }
        assert!(!page.contains("CatBoost"), "{page}");
    }

    #[test]
    fn without_chainrule_no_bar_is_judged() {
        let mut found = with_intervals();
        found.outcomes.retain(|(_, name), _| *name != CHAINRULE);
        assert_eq!(judge(&found), []);
    }
}
