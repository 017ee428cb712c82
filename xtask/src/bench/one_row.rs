//! One row, predicted from Python by the model that `TabularRegressor` makes, beside boosted trees: how long a call
//! takes.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::Options;
use super::bars::{Bar, at_most, digits};
use super::builds::{self, Builds};
use super::comparison::COMPARISON;
use super::estimators::install;
use super::measurement::Series;
use super::programs::answer;
use super::report::{spread, table};
use crate::repository;

/// Who predicts, as the script calls them: ours first.
const ALL: [&str; 3] = ["chainrule", "CatBoost", "LightGBM"];

/// What holds the row: as the script calls it, and in words.
const HOLDERS: [(&str, &str); 3] = [
    ("frame", "a frame"),
    ("texts", "a frame with texts"),
    ("array", "an array"),
];

/// One library's microseconds.
#[derive(Default)]
pub struct OneRow {
    who: &'static str,
    version: String,
    /// For each of [`HOLDERS`].
    calls: [Series; HOLDERS.len()],
}

/// Fits each model in turns on the diabetes table, in a process of its own, and has it predict one row often.
pub fn run(root: &Path, builds: &Builds, options: &Options) -> Result<Vec<OneRow>, String> {
    let environment = repository::target_directory(root)?.join("bench/accuracy/requirements");
    let python = builds::environment(&root.join("bench/accuracy/requirements.txt"), &environment)?;
    install(root, builds, &python)?;
    let mut found = ALL.map(|who| OneRow {
        who,
        ..OneRow::default()
    });
    for round in 1..=options.rounds {
        println!("one row, round {round} of {}", options.rounds);
        for one in &mut found {
            let mut command = Command::new(&python);
            command
                .arg(root.join("bench/peers/python/one_row.py"))
                .arg(one.who)
                .arg(root.join("data/diabetes.csv"))
                .args(["progression", "sex"]);
            let answer = answer(&mut command)?;
            one.add(&answer)
                .ok_or_else(|| format!("the script answered {answer}"))?;
        }
    }
    Ok(found.into())
}

impl OneRow {
    fn add(&mut self, answer: &Value) -> Option<()> {
        self.version = answer["version"].as_str()?.to_owned();
        for (series, (name, _)) in self.calls.iter_mut().zip(HOLDERS) {
            series.push(answer[name].as_f64()?);
        }
        Some(())
    }
}

/// What our own call may take.
pub fn judge(found: &[OneRow]) -> Vec<Bar> {
    let most = COMPARISON.bars.estimator.table_row;
    let bar = |what: &str, series: &Series| {
        let what = format!("TabularRegressor, one row of {what}: µs");
        at_most(what, most, "", Some(series.median()))
    };
    let ours = found.iter().filter(|one| one.who == ALL[0]);
    let calls = ours.flat_map(|one| HOLDERS.iter().zip(&one.calls));
    calls.map(|((_, what), series)| bar(what, series)).collect()
}

/// All of them side by side.
pub fn section(found: &[OneRow]) -> String {
    let lines = found.iter().map(|one| {
        let calls = one.calls.iter();
        let figures = calls.flat_map(|series| [digits(series.median()), spread(series)]);
        let name = format!("{} {}", one.who, one.version);
        std::iter::once(name).chain(figures).collect::<Vec<_>>()
    });
    let columns = [
        "",
        "a frame",
        "spread",
        "a frame with texts",
        "spread",
        "an array",
        "spread",
    ];
    let about = "Microseconds of a call of `predict`, models at their defaults on the diabetes table, `TabularRegressor` \
                 beside boosted trees. For the column of texts, `sex` is made one, which CatBoost is told of and \
                 LightGBM takes as a category of pandas.";
    format!("\n## One row of a table\n\n{about}\n\n") + &table(columns, "---:", lines)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_stand_side_by_side_and_ours_is_judged() {
        let mut found: Vec<OneRow> = ALL[..2]
            .iter()
            .map(|who| OneRow {
                who,
                ..OneRow::default()
            })
            .collect();
        for (one, frame) in found.iter_mut().zip([100.0, 900.0]) {
            let answer = json!({"version": "1.2", "frame": frame, "texts": 150.0, "array": 160.0});
            one.add(&answer).unwrap();
        }
        assert!(found[0].add(&json!({"version": "1.2"})).is_none());
        let page = section(&found);
        assert!(page.contains("| chainrule 1.2 | 100 |"), "{page}");
        assert!(page.contains("| CatBoost 1.2 | 900 |"), "{page}");
        let reached: Vec<_> = judge(&found).into_iter().map(|bar| bar.reached).collect();
        assert_eq!(reached, [Some(true), Some(true), Some(false)]);
    }
}
