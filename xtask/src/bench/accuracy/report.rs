//! The page: who errs by how much, in what time, and whether chainrule had expected it.

use super::contenders::Outcome;
use super::summary::{Absent, Found};
use super::tables::{ACCURACY, CHAINRULE, LIST, MEAN, UNIT};
use crate::bench::bars::digits;
use crate::bench::report::{bars, head, table};

/// What was found of the errors, on one page.
pub fn write(machine: &[(&'static str, String)], found: &Found) -> String {
    let mut page = head("The accuracy of chainrule beside its peers", machine);
    page += &bars(&found.judge());
    let rows =
        "## Test RMSE\n\nMeans over the splits of each table. The least of a line is in bold.";
    page += &format!("\n{rows}\n\n{}", errors(found));
    let rows = format!(
        "## Ratio to {UNIT}\n\nTest RMSE by that of {UNIT}; means over tables are geometric."
    );
    page += &format!("\n{rows}\n\n{}", ratios(found));
    page += &expected(found);
    let what = "Seconds of a fit, mean over the splits. chainrule's are those of the whole command, reading and writing included; a peer's \
                begin when the table is read.";
    page += &format!(
        "\n## Seconds\n\n{what}\n\n{}",
        seconds(found, |outcome| outcome.fit)
    );
    let what = "Seconds of predicting the test rows, in the same way.";
    page += &format!("\n{what}\n\n{}", seconds(found, |outcome| outcome.predict));
    page + &details(found)
}

/// The end of a page: the tables, those who took part, and what is missing.
pub fn details(found: &Found) -> String {
    tables(found) + &who(found) + &absent(found)
}

/// A cell of each contender, or a dash.
fn cells(columns: &[&'static str], cell: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let cells = columns.iter().map(|name| cell(name));
    cells.map(|cell| cell.unwrap_or("–".to_string())).collect()
}

fn lines(
    found: &Found,
    columns: &[&'static str],
    cell: impl Fn(&str, &str) -> Option<String>,
) -> Vec<Vec<String>> {
    let line = |name: &str| {
        let others = cells(columns, |contender| cell(name, contender));
        [name.to_string()].into_iter().chain(others).collect()
    };
    found.tables.iter().map(|table| line(&table.name)).collect()
}

fn errors(found: &Found) -> String {
    let columns = found.contenders(ACCURACY);
    let lines = lines(found, &columns, |table, contender| {
        let all = columns.iter().filter_map(|name| found.rmse(table, name));
        let least = all.fold(f64::INFINITY, f64::min);
        let rmse = found.rmse(table, contender)?;
        let shown = digits(rmse);
        Some(if rmse == least {
            format!("**{shown}**")
        } else {
            shown
        })
    });
    table([""].into_iter().chain(columns), "---:", lines)
}

fn ratios(found: &Found) -> String {
    let columns = found.contenders(ACCURACY);
    let mut lines = lines(found, &columns, |table, contender| {
        found.ratio(table, contender, UNIT).map(ratio)
    });
    let mut mean = |name: String, group: Option<&str>, tables: usize| {
        let others = cells(&columns, |contender| {
            let (mean, count) = found.group_ratio(group, contender, UNIT)?;
            let of = if count == tables {
                String::new()
            } else {
                format!(" ({count})")
            };
            Some(format!("{}{of}", ratio(mean)))
        });
        lines.push([name].into_iter().chain(others).collect());
    };
    for group in LIST.groups() {
        let tables = found
            .tables
            .iter()
            .filter(|table| table.group == group)
            .count();
        if tables > 1 {
            mean(
                format!("mean of {group}, {tables} tables"),
                Some(group),
                tables,
            );
        }
    }
    let tables = found.tables.len();
    if tables > 1 {
        mean(format!("mean of all, {tables} tables"), None, tables);
    }
    table([""].into_iter().chain(columns), "---:", lines)
        + "\nA number in brackets tells over how many tables alone.\n"
}

fn expected(found: &Found) -> String {
    let lines = found.tables.iter().filter_map(|table| {
        let honesty = found.honesty(&table.name)?;
        let spread = format!("{}–{}", ratio(honesty.least), ratio(honesty.greatest));
        let (expected, found) = (digits(honesty.expected), digits(honesty.found));
        Some([
            table.name.clone(),
            expected,
            found,
            ratio(honesty.ratio),
            spread,
        ])
    });
    let lines: Vec<_> = lines.collect();
    let Some((mean, deviation, count)) = found.honesty_of_all() else {
        return String::new();
    };
    let columns = [
        "",
        "expected",
        "found",
        "found / expected",
        "over the splits",
    ];
    format!(
        "\n## What chainrule expected\n\nThe RMSE that `chainrule train` reports, from rows that the predicting networks had not seen, \
         beside that of \
         the test rows. Over {count} tables the ratio's geometric mean is {}, its geometric standard deviation {}.\n\n{}",
        ratio(mean),
        ratio(deviation),
        table(columns, "---:", lines)
    )
}

fn seconds(found: &Found, what: impl Fn(&Outcome) -> f64 + Copy) -> String {
    let mut columns = found.contenders(ACCURACY);
    columns.retain(|name| *name != MEAN);
    let lines = lines(found, &columns, |table, contender| {
        found.mean(table, contender, what).map(digits)
    });
    table([""].into_iter().chain(columns), "---:", lines)
}

fn tables(found: &Found) -> String {
    let lines = found.tables.iter().map(|table| {
        let (rows, splits) = (digits(table.rows as f64), table.splits.shown());
        [&table.name, &table.group, &rows, &splits, &table.source].map(String::clone)
    });
    let columns = ["", "group", "rows", "splits", "what it is"];
    format!("\n## Tables\n\n{}", table(columns, "---", lines))
}

fn who(found: &Found) -> String {
    let lines = LIST.contenders.iter().filter_map(|contender| {
        let mut all = found.outcomes.iter();
        let (_, outcomes) = all.find(|((_, name), _)| *name == contender.name)?;
        let version = outcomes.first()?.version.clone();
        Some([contender.name.clone(), version, contender.note.clone()])
    });
    let own = [
        CHAINRULE,
        "",
        "`chainrule train` and `chainrule predict`, defaults",
    ];
    let solved = found.outcomes.keys().any(|(_, name)| *name == CHAINRULE);
    let lines = solved
        .then(|| own.map(String::from))
        .into_iter()
        .chain(lines);
    format!(
        "\n## Who took part\n\n{}",
        table(["", "version", ""], "---", lines)
    )
}

fn absent(found: &Found) -> String {
    if found.absent.is_empty() {
        return String::new();
    }
    let line = |absent: &Absent| {
        let on = match absent.tables.len() {
            0 => String::new(),
            _ => format!(" on {}", absent.tables.join(", ")),
        };
        format!("- {}{on}: {}\n", absent.what, absent.reason)
    };
    let lines = found.absent.iter().map(line);
    format!("\n## Absent\n\n{}", lines.collect::<String>())
}

/// A ratio to three decimals: a thousandth counts.
pub fn ratio(value: f64) -> String {
    format!("{value:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::accuracy::summary::tests::found;

    #[test]
    fn the_page_shows_errors_ratios_and_what_was_expected() {
        let mut found = found();
        found.absent.push(Absent {
            what: "LightGBM",
            tables: vec!["concrete", "energy"],
            reason: "it is not installed".to_string(),
        });
        let page = write(&[], &found);
        for expected in [
            "|  | chainrule | CatBoost |\n",
            "| concrete | **3.00** | 6.00 |",
            "| energy | 1.00 | **0.500** |",
            "| student | **3.00** | – |",
            "| energy | 2.000 | 1.000 |",
            "| mean of UCI, 2 tables | 1.000 | 1.000 |",
            "| mean of all, 3 tables | 1.000 (2) | 1.000 (2) |",
            "| concrete | 2.50 | 3.00 | 1.200 | 1.000–1.333 |",
            "| concrete: test RMSE | ≤ 3.8; goal 3.55 | 3.00 | reached |",
            "| concrete | 9.00 | 9.00 |",
            "- LightGBM on concrete, energy: it is not installed\n",
        ] {
            assert!(page.contains(expected), "{expected} in {page}");
        }
        assert!(!page.contains("mean of real"), "{page}");
    }

    #[test]
    fn without_chainrule_nothing_is_said_of_what_it_expected() {
        let mut found = found();
        found
            .outcomes
            .retain(|(_, contender), _| *contender != CHAINRULE);
        assert!(!write(&[], &found).contains("expected"));
    }
}
