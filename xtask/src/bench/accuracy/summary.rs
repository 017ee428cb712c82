//! From the outcomes of splits to the figures of the page.

use std::collections::BTreeMap;

use super::contenders::Outcome;
use super::coverage::{Coverage, Intervals, Measure, parts};
use super::tables::{CHAINRULE, LIST, Table};
use crate::bench::bars::{Bar, at_most};

/// Everything that was found.
#[derive(Default)]
pub struct Found {
    /// The tables that were there.
    pub tables: Vec<&'static Table>,
    /// The outcomes of each table's splits, by table and contender.
    pub outcomes: BTreeMap<(&'static str, &'static str), Vec<Outcome>>,
    /// What is missing, and why.
    pub absent: Vec<Absent>,
}

/// A table that is missing, or a contender on some tables.
#[derive(Clone)]
pub struct Absent {
    /// The table or the contender.
    pub what: &'static str,
    /// The contender's tables.
    pub tables: Vec<&'static str>,
    pub reason: String,
}

/// How the error that chainrule expected compares with that of the test rows.
#[derive(Debug, PartialEq)]
pub struct Honesty {
    /// Means over the splits.
    pub expected: f64,
    pub found: f64,
    /// Found by expected: of the means, and the least and the greatest of a split.
    pub ratio: f64,
    pub least: f64,
    pub greatest: f64,
}

impl Found {
    /// What belongs to the page of a section: everything but the peers of others.
    pub fn of(&self, section: &str) -> Found {
        let is_other = |name: &str| {
            let peer = LIST.contenders.iter().find(|peer| peer.name == name);
            peer.is_some_and(|peer| peer.section != section)
        };
        let outcomes = self
            .outcomes
            .iter()
            .filter(|((_, name), _)| !is_other(name));
        let absent = self.absent.iter().filter(|absent| !is_other(absent.what));
        Found {
            tables: self.tables.clone(),
            outcomes: outcomes
                .map(|(key, outcomes)| (*key, outcomes.clone()))
                .collect(),
            absent: absent.cloned().collect(),
        }
    }

    /// Those who solved some table, in the order of a section's page.
    pub fn contenders(&self, section: &str) -> Vec<&'static str> {
        let solved = |name: &&str| self.outcomes.keys().any(|(_, other)| other == name);
        LIST.names(section).filter(solved).collect()
    }

    /// The outcomes of a table's splits.
    fn outcomes(&self, table: &str, contender: &str) -> Option<&[Outcome]> {
        let mut all = self.outcomes.iter();
        let (_, outcomes) = all.find(|((t, c), _)| *t == table && *c == contender)?;
        Some(outcomes)
    }

    /// How the intervals of each of a table's splits did.
    pub fn intervals(&self, table: &str, contender: &str) -> Option<Vec<&Intervals>> {
        let outcomes = self.outcomes(table, contender)?;
        outcomes
            .iter()
            .map(|outcome| outcome.intervals.as_ref())
            .collect()
    }

    /// The coverage over all splits of a table, of all rows and of the thirds of the predictions.
    pub fn coverage(&self, table: &str, contender: &str) -> Option<[Coverage; 4]> {
        Some(parts(self.intervals(table, contender)?.iter().copied()))
    }

    /// The mean over a table's splits of something that intervals have.
    pub fn mean_of_intervals(&self, table: &str, contender: &str, what: Measure) -> Option<f64> {
        let intervals = self.intervals(table, contender)?;
        let sum: f64 = intervals.iter().map(|intervals| what(intervals)).sum();
        Some(sum / intervals.len() as f64)
    }

    /// The mean of something over a table's splits.
    pub fn mean(
        &self,
        table: &str,
        contender: &str,
        what: impl Fn(&Outcome) -> f64,
    ) -> Option<f64> {
        let outcomes = self.outcomes(table, contender)?;
        Some(outcomes.iter().map(what).sum::<f64>() / outcomes.len() as f64)
    }

    /// The mean test RMSE over a table's splits.
    pub fn rmse(&self, table: &str, contender: &str) -> Option<f64> {
        self.mean(table, contender, |outcome| outcome.rmse)
    }

    /// One's mean test RMSE by the other's.
    pub fn ratio(&self, table: &str, contender: &str, unit: &str) -> Option<f64> {
        Some(self.rmse(table, contender)? / self.rmse(table, unit)?)
    }

    /// The geometric mean of the ratios over those tables of a group (of all groups, if none) that both have solved,
    /// and their number.
    pub fn group_ratio(
        &self,
        group: Option<&str>,
        contender: &str,
        unit: &str,
    ) -> Option<(f64, usize)> {
        let tables = self.tables.iter();
        let tables = tables.filter(|table| group.is_none_or(|group| table.group == group));
        let ratios = tables.filter_map(|table| self.ratio(&table.name, contender, unit));
        geometric_mean(ratios)
    }

    /// What chainrule expected and found on a table.
    pub fn honesty(&self, table: &str) -> Option<Honesty> {
        let outcomes = self.outcomes(table, CHAINRULE)?;
        let expected: Option<Vec<f64>> = outcomes.iter().map(|o| o.expected).collect();
        let expected = expected?;
        let count = outcomes.len() as f64;
        let (sum_expected, sum_found) = (
            expected.iter().sum::<f64>(),
            outcomes.iter().map(|outcome| outcome.rmse).sum::<f64>(),
        );
        let ratios = outcomes.iter().zip(&expected).map(|(o, e)| o.rmse / e);
        Some(Honesty {
            expected: sum_expected / count,
            found: sum_found / count,
            ratio: sum_found / sum_expected,
            least: ratios.clone().fold(f64::INFINITY, f64::min),
            greatest: ratios.fold(f64::NEG_INFINITY, f64::max),
        })
    }

    /// The geometric mean of found by expected over all tables, the geometric standard deviation, and the number of
    /// tables.
    pub fn honesty_of_all(&self) -> Option<(f64, f64, usize)> {
        let tables = self.tables.iter();
        let ratios = tables.filter_map(|table| Some(self.honesty(&table.name)?.ratio));
        let ratios: Vec<f64> = ratios.collect();
        let (mean, count) = geometric_mean(ratios.iter().copied())?;
        let squares = ratios.iter().map(|ratio| (ratio / mean).ln().powi(2));
        let deviation = (squares.sum::<f64>() / (count.max(2) - 1) as f64).sqrt();
        Some((mean, deviation.exp(), count))
    }

    /// The bars of the tables that were there.
    pub fn judge(&self) -> Vec<Bar> {
        let is_there = |name: &str| self.tables.iter().any(|table| table.name == name);
        let mut bars = vec![];
        for (table, most, goal) in LIST.bars.rmse.iter().filter(|bar| is_there(&bar.0)) {
            let found = self.rmse(table, CHAINRULE);
            bars.push(at_most(format!("{table}: test RMSE"), *most, goal, found));
        }
        for (group, peer, most, goal) in &LIST.bars.ratios {
            let of_group = |table: &&&Table| table.group == *group;
            let all = LIST
                .tables
                .iter()
                .filter(|table| table.group == *group)
                .count();
            let there = self.tables.iter().filter(of_group).count();
            if there == 0 {
                continue;
            }
            let found = self.group_ratio(Some(group), CHAINRULE, peer);
            let (found, solved) = found.map_or((None, there), |(ratio, n)| (Some(ratio), n));
            let tables = match all {
                1 => String::new(),
                _ => format!(", geometric mean over {solved} of {all} tables"),
            };
            let what = format!("{group}: test RMSE by that of {peer}{tables}");
            bars.push(at_most(what, *most, goal, found));
        }
        for (peer, most) in &LIST.bars.any_table {
            let ratio = |table: &&Table| self.ratio(&table.name, CHAINRULE, peer);
            let ratios = self
                .tables
                .iter()
                .filter_map(|table| Some((ratio(table)?, table)));
            let worst = ratios.max_by(|(one, _), (other, _)| one.total_cmp(other));
            let on = worst.map_or(String::new(), |(_, table)| format!(", {}", table.name));
            let what = format!("the worst table{on}: test RMSE by that of {peer}");
            bars.push(at_most(what, *most, "", worst.map(|(ratio, _)| ratio)));
        }
        for (table, most) in LIST.bars.seconds.iter().filter(|bar| is_there(&bar.0)) {
            let found = self.mean(table, CHAINRULE, |outcome| outcome.fit);
            bars.push(at_most(
                format!("{table}: seconds of a fit"),
                *most,
                "",
                found,
            ));
        }
        bars
    }
}

/// The geometric mean of any numbers, and how many there are.
pub fn geometric_mean(numbers: impl Iterator<Item = f64>) -> Option<(f64, usize)> {
    let logarithms: Vec<f64> = numbers.map(f64::ln).collect();
    let count = logarithms.len();
    let mean = logarithms.iter().sum::<f64>() / count as f64;
    (count > 0).then(|| (mean.exp(), count))
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::bench::accuracy::tables::{ACCURACY, INTERVALS};

    /// Outcomes of some splits: the test RMSE and what was expected.
    pub fn outcomes<const N: usize>(pairs: [(f64, f64); N]) -> Vec<Outcome> {
        let outcome = |(rmse, expected): (f64, f64)| Outcome {
            rmse,
            fit: 9.0,
            expected: (expected > 0.0).then_some(expected),
            ..Outcome::default()
        };
        pairs.map(outcome).to_vec()
    }

    /// As many rows in each third as `rows` says, and how many of them lie within.
    pub fn intervals(within: [usize; 3], rows: usize, width: f64) -> Option<Intervals> {
        Some(Intervals {
            thirds: within.map(|within| Coverage { rows, within }),
            width,
            score: 2.0 * width,
        })
    }

    /// chainrule on three tables, CatBoost on two of them.
    pub fn found() -> Found {
        let mut found = Found::default();
        for name in ["concrete", "energy", "student"] {
            let table = LIST.tables.iter().find(|table| table.name == name);
            found.tables.push(table.unwrap());
        }
        let mut add = |table, contender, pairs| {
            found.outcomes.insert((table, contender), outcomes(pairs));
        };
        add("concrete", CHAINRULE, [(2.0, 2.0), (4.0, 3.0)]);
        add("energy", CHAINRULE, [(1.0, 0.5), (1.0, 0.5)]);
        add("student", CHAINRULE, [(3.0, 3.0), (3.0, 3.0)]);
        add("concrete", "CatBoost", [(6.0, 0.0), (6.0, 0.0)]);
        add("energy", "CatBoost", [(0.5, 0.0), (0.5, 0.0)]);
        found
    }

    /// The page of intervals, with chainrule on two tables and MAPIE on one of them.
    pub fn with_intervals() -> Found {
        let mut found = found();
        found.tables.truncate(2);
        let mut add = |table, contender, splits: [[usize; 3]; 2], rows, width| {
            let outcome = |within| Outcome {
                intervals: intervals(within, rows, width),
                ..Outcome::default()
            };
            found
                .outcomes
                .insert((table, contender), splits.map(outcome).to_vec());
        };
        add("concrete", CHAINRULE, [[10, 9, 8], [9, 9, 9]], 10, 3.0);
        add("energy", CHAINRULE, [[19, 17, 15], [19, 17, 15]], 20, 5.0);
        add("concrete", "MAPIE", [[10, 9, 8], [10, 9, 10]], 10, 4.0);
        found.of(INTERVALS)
    }

    #[test]
    fn a_page_holds_those_who_take_part_in_its_section() {
        let mut found = found();
        found
            .outcomes
            .insert(("energy", "MAPIE"), outcomes([(1.0, 0.0)]));
        for what in ["MAPIE", "ridge", "life"] {
            let (tables, reason) = (vec![], String::new());
            found.absent.push(Absent {
                what,
                tables,
                reason,
            });
        }
        let names = |section| {
            let page = found.of(section);
            let absent: Vec<_> = page.absent.iter().map(|absent| absent.what).collect();
            (page.contenders(section), absent)
        };
        assert_eq!(
            names(ACCURACY),
            (vec![CHAINRULE, "CatBoost"], vec!["ridge", "life"])
        );
        assert_eq!(
            names(INTERVALS),
            (vec![CHAINRULE, "MAPIE"], vec!["MAPIE", "life"])
        );
    }

    #[test]
    fn ratios_are_averaged_geometrically_over_what_both_have_solved() {
        let found = found();
        let ratio = |group| found.group_ratio(group, CHAINRULE, "CatBoost");
        // 3 / 6 and 1 / 0.5.
        assert_eq!(ratio(Some("UCI")), Some((1.0, 2)));
        assert_eq!(ratio(None), Some((1.0, 2)));
        assert_eq!(ratio(Some("real")), None);
    }

    #[test]
    fn what_was_expected_stands_beside_what_was_found() {
        let found = found();
        let honesty = found.honesty("concrete").unwrap();
        assert_eq!((honesty.expected, honesty.found), (2.5, 3.0));
        assert_eq!((honesty.least, honesty.greatest), (1.0, 4.0 / 3.0));
        let (mean, deviation, count) = found.honesty_of_all().unwrap();
        // 1.2, 2 and 1.
        assert!((mean - 2.4f64.cbrt()).abs() < 1e-12 && count == 3);
        let logarithms = [1.2f64, 2.0, 1.0].map(|ratio| (ratio / mean).ln());
        let variance = logarithms.map(|l| l * l).iter().sum::<f64>() / 2.0;
        assert!((deviation - variance.sqrt().exp()).abs() < 1e-12);
        assert_eq!(found.honesty("life"), None);
    }

    #[test]
    fn bars_are_those_of_the_tables_that_were_there() {
        let mut found = found();
        for (table, rmse) in [("concrete", 4.0), ("energy", 0.9)] {
            let both = outcomes([(rmse, 0.0), (rmse, 0.0)]);
            found.outcomes.insert((table, "ridge"), both);
        }
        let bars = found.judge();
        let of = |what: &str| {
            let bar = bars.iter().find(|bar| bar.what.starts_with(what));
            bar.map(|bar| (bar.found.as_str(), bar.reached))
        };
        assert_eq!(of("concrete: test RMSE"), Some(("3.00", Some(true))));
        assert_eq!(of("energy: test RMSE"), Some(("1.00", Some(false))));
        assert_eq!(of("concrete: seconds"), Some(("9.00", Some(false))));
        assert_eq!(of("the worst table, energy"), Some(("1.11", Some(false))));
        assert_eq!(of("real: test RMSE"), Some(("not measured", None)));
        assert_eq!((of("california"), of("diabetes")), (None, None));
    }
}
