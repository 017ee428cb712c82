//! What is measured, who takes part and what the project wants to reach, as `bench/comparison.toml` says it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The file's content.
pub static COMPARISON: LazyLock<Comparison> = LazyLock::new(|| {
    let file = include_str!("../../../bench/comparison.toml");
    toml::from_str(file).unwrap_or_else(|error| panic!("bench/comparison.toml: {error}"))
});

/// chainrule in single precision, with which everything is compared, and in double precision.
pub const CHAINRULE: &str = "chainrule";
pub const CHAINRULE_F64: &str = "chainrule f64";

/// Everything that the file says; its comments explain the fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    pub tasks: Vec<Task>,
    pub contenders: Vec<Contender>,
    pub bars: Bars,
}

/// One thing that chainrule and its peers do.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub name: String,
    pub section: String,
    pub workload: String,
    problem: String,
    widths: Vec<usize>,
    rows: usize,
    pub threads: Vec<usize>,
    pub what: String,
}

/// Someone who takes part.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contender {
    pub name: String,
    pub peer: String,
    pub from: Origin,
    pub variant: Option<String>,
    tasks: Vec<String>,
    #[serde(default)]
    other_problems: BTreeMap<String, String>,
    #[serde(default = "yes")]
    threaded: bool,
    #[serde(default)]
    pub avx2: BTreeMap<String, String>,
    pub note: Option<String>,
}

fn yes() -> bool {
    true
}

/// Where a contender's program comes from.
#[derive(Deserialize, Clone, PartialEq, Eq, Hash)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A package below `bench/`, built by cargo on its own.
    Rust(String),
    /// A script in `bench/peers/python`.
    Python(String),
    /// A C file below `bench/`, and the library that `pkg-config` knows.
    C(String, String),
}

/// What the project wants to reach.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bars {
    pub tasks: TaskBars,
    pub tasks_with_avx2: TaskBars,
    pub whole_job: f64,
    pub start_up: f64,
    pub binary_size: f64,
    pub cold_build: f64,
    pub estimator: EstimatorBars,
}

/// The same for training steps and predictions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskBars {
    pub ratios: Vec<(String, usize, String, f64)>,
    pub times: Vec<(String, f64, String)>,
    pub shares: Vec<(String, usize, f64, String)>,
    pub two_threads: (String, f64),
}

/// The same for the Python package.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EstimatorBars {
    pub ratios: Vec<(String, f64)>,
    pub row: (String, f64),
    pub import: f64,
    pub table_row: f64,
}

impl Task {
    /// Multiplications and additions of the products alone, each counted as one operation.
    ///
    /// A product of `n × i × o` takes `2 n i o`. Training takes three a layer (F1, B2, B4), the first layer two: it
    /// needs no `∂C/∂X`.
    pub fn operations(&self) -> f64 {
        let layers = self.widths.windows(2).map(|pair| pair[0] * pair[1]);
        let weights: usize = layers.sum();
        let products = match self.workload.as_str() {
            "step" => 3 * weights - self.widths[0] * self.widths[1],
            _ => weights,
        };
        2.0 * self.rows as f64 * products as f64
    }
}

impl Contender {
    /// The problem that it solves for a task with so many threads, if it can do it.
    pub fn problem<'a>(&'a self, task: &'a Task, threads: usize) -> Option<&'a str> {
        let can = self.tasks.contains(&task.name) && (threads == 1 || self.threaded);
        let other = self.other_problems.get(&task.problem);
        can.then_some(other.unwrap_or(&task.problem))
    }

    /// Whether it is chainrule itself, in either precision.
    pub fn is_chainrule(&self) -> bool {
        [CHAINRULE, CHAINRULE_F64].contains(&self.name.as_str())
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// The task of this name.
    pub fn task(name: &str) -> &'static Task {
        COMPARISON
            .tasks
            .iter()
            .find(|task| task.name == name)
            .expect(name)
    }

    #[test]
    fn operations_count_every_product_once() {
        // seed, by hand: 552 weights forward and for ∂C/∂W, 392 for ∂C/∂X; 2 · 32 · (552 + 552 + 392).
        assert_eq!(task("seed").operations(), 95_744.0);
        assert_eq!(task("row-seed").operations(), 2.0 * 552.0);
        // tab: 67,840 weights, 65,792 without the first layer's.
        assert_eq!(
            task("tab").operations(),
            2.0 * 256.0 * (67_840.0 * 2.0 + 65_792.0)
        );
        assert_eq!(task("rows").operations(), 2e6 * 67_840.0);
    }

    #[test]
    fn every_bar_is_about_a_task_that_is_measured() {
        let bars = &COMPARISON.bars;
        for bars in [&bars.tasks, &bars.tasks_with_avx2] {
            for (name, threads, peer, _) in &bars.ratios {
                let contender = COMPARISON
                    .contenders
                    .iter()
                    .find(|c| c.name == *peer)
                    .expect(peer);
                assert!(
                    contender.problem(task(name), *threads).is_some(),
                    "{peer} {name}"
                );
            }
            let times = bars.times.iter().map(|bar| &bar.0);
            let names = times.chain(bars.shares.iter().map(|bar| &bar.0));
            names
                .chain([&bars.two_threads.0])
                .for_each(|name| assert!(task(name).threads.contains(&1)));
        }
        let tasks = COMPARISON
            .contenders
            .iter()
            .flat_map(|contender| &contender.tasks);
        tasks.for_each(|name| assert_eq!(task(name).name, *name));
    }
}
