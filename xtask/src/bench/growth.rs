//! chainrule alone: how the cost of steps and predictions grows, by the benchmarks in `bench/chainrule/benches`.

use std::path::Path;

use serde_json::Value;

use crate::{process, repository};

/// What each group of the benchmarks changes, in the report's order.
const GROUPS: [(&str, &str); 4] = [
    ("width", "a step, by neurons of both hidden layers"),
    ("depth", "a step, by hidden layers of 64 neurons"),
    ("batch", "a step, by rows of a batch"),
    ("rows", "a prediction, by rows"),
];

/// One size of a group.
#[derive(Debug, PartialEq)]
pub struct Point {
    /// The group's name, in words.
    pub what: &'static str,
    /// The number that is changed.
    pub size: u64,
    /// Operations of the matrix products.
    pub operations: f64,
    /// Median microseconds.
    pub microseconds: f64,
}

/// Runs the benchmarks and reads what they wrote.
pub fn run(root: &Path, target: &Path) -> Result<Vec<Point>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut cargo = process::cargo(root);
    cargo
        .args(["bench", "--locked", "--bench", "growth"])
        .arg("--manifest-path")
        .arg(root.join("bench/chainrule/Cargo.toml"))
        .arg("--target-dir")
        .arg(target)
        .env("CRITERION_HOME", folder.path());
    process::run(&mut cargo)?;
    let mut points = vec![];
    for (group, what) in GROUPS {
        let mut of_group = vec![];
        let sizes = std::fs::read_dir(folder.path().join(group));
        for size in sizes.map_err(|error| format!("benchmarks of {group}: {error}"))? {
            let measured = size.map_err(|error| error.to_string())?.path().join("new");
            // Beside the sizes lies a folder of the group's own report.
            if measured.is_dir() {
                of_group.push(point(what, &measured)?);
            }
        }
        of_group.sort_by_key(|point: &Point| point.size);
        points.extend(of_group);
    }
    Ok(points)
}

fn point(what: &'static str, measured: &Path) -> Result<Point, String> {
    let json = |name: &str| -> Result<Value, String> {
        let text = repository::read(&measured.join(name))?;
        serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))
    };
    let (benchmark, estimates) = (json("benchmark.json")?, json("estimates.json")?);
    read(what, &benchmark, &estimates)
        .ok_or_else(|| format!("{}: neither a size nor a time", measured.display()))
}

fn read(what: &'static str, benchmark: &Value, estimates: &Value) -> Option<Point> {
    Some(Point {
        what,
        size: benchmark["value_str"].as_str()?.parse().ok()?,
        operations: benchmark["throughput"]["Elements"].as_f64()?,
        microseconds: estimates["median"]["point_estimate"].as_f64()? / 1e3,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_point_is_read_from_what_the_benchmarks_write() {
        let benchmark = json!({"value_str": "64", "throughput": {"Elements": 3_000}});
        let estimates = json!({"median": {"point_estimate": 1_500.0}, "mean": {}});
        let expected = Point {
            what: "rows",
            size: 64,
            operations: 3_000.0,
            microseconds: 1.5,
        };
        assert_eq!(read("rows", &benchmark, &estimates), Some(expected));
        assert_eq!(read("rows", &benchmark, &json!({})), None);
    }
}
