//! What is measured: the shapes, and the arithmetic that each of them takes at least.

/// One thing that chainrule and its peers do.
#[derive(Debug)]
pub struct Task {
    /// What it is called here and in `--only`, but for the two kinds of `row`.
    pub name: &'static str,
    /// The section of `--only`.
    pub section: &'static str,
    /// The protocol's workload.
    pub workload: &'static str,
    /// In words.
    pub what: &'static str,
    /// Numbers of neurons, inputs first.
    pub widths: &'static [usize],
    /// Rows that one step or call takes.
    pub rows: usize,
    /// Numbers of threads that it is measured with.
    pub threads: &'static [usize],
}

/// All tasks, in the report's order.
pub const TASKS: [Task; 6] = [
    Task {
        name: "seed",
        section: "seed",
        workload: "step",
        what: "training step: 10-16-16-8-1, LeakyReLU, batch 32, plain gradient descent",
        widths: &[10, 16, 16, 8, 1],
        rows: 32,
        threads: &[1, 2],
    },
    Task {
        name: "tab",
        section: "tab",
        workload: "step",
        what: "training step: 8-256-256-1, ReLU, batch 256, Adam",
        widths: &[8, 256, 256, 1],
        rows: 256,
        threads: &[1, 2],
    },
    Task {
        name: "wide",
        section: "wide",
        workload: "step",
        what: "training step: 256-1024-1024-1024-1, ReLU, batch 1024, Adam",
        widths: &[256, 1024, 1024, 1024, 1],
        rows: 1024,
        threads: &[1, 2],
    },
    Task {
        name: "row-seed",
        section: "row",
        workload: "row",
        what: "prediction of one row: 10-16-16-8-1",
        widths: &[10, 16, 16, 8, 1],
        rows: 1,
        threads: &[1],
    },
    Task {
        name: "row-tab",
        section: "row",
        workload: "row",
        what: "prediction of one row: 8-256-256-1",
        widths: &[8, 256, 256, 1],
        rows: 1,
        threads: &[1],
    },
    Task {
        name: "rows",
        section: "rows",
        workload: "rows",
        what: "prediction of 1,000,000 rows in one call: 8-256-256-1",
        widths: &[8, 256, 256, 1],
        rows: 1_000_000,
        threads: &[1, 2],
    },
];

impl Task {
    /// Multiplications and additions of the products alone, each counted as one operation.
    ///
    /// A product of `n × i × o` takes `2 n i o`. Training takes three a layer (F1, B2, B4), the first layer two: it needs no `∂C/∂X`.
    pub fn operations(&self) -> f64 {
        let layers = self.widths.windows(2).map(|pair| pair[0] * pair[1]);
        let weights: usize = layers.sum();
        let products = match self.workload {
            "step" => 3 * weights - self.widths[0] * self.widths[1],
            _ => weights,
        };
        2.0 * self.rows as f64 * products as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_count_every_product_once() {
        let operations = |name| {
            let task = TASKS.iter().find(|task| task.name == name).unwrap();
            task.operations()
        };
        // seed, by hand: 552 weights forward and for ∂C/∂W, 392 for ∂C/∂X; 2 · 32 · (552 + 552 + 392).
        assert_eq!(operations("seed"), 95_744.0);
        assert_eq!(operations("row-seed"), 2.0 * 552.0);
        // tab: 67,840 weights, 65,792 without the first layer's.
        assert_eq!(operations("tab"), 2.0 * 256.0 * (67_840.0 * 2.0 + 65_792.0));
        assert_eq!(operations("rows"), 2e6 * 67_840.0);
    }
}
