//! The figures of `docs/backpropagation.md`, drawn from computed numbers; the test fails when a committed one is stale.
//!
//! `UPDATE_FIGURES=1 cargo test -p xtask --test figures` writes them anew.

mod flow;
mod network;
mod numbers;
mod worked_example;

use std::fs;
use std::path::Path;

use numbers::Numbers;

#[test]
fn the_figures_show_the_numbers_of_today() {
    let numbers = Numbers::compute();
    for (name, svg) in [
        ("flow.svg", flow::draw(&numbers)),
        ("worked_example.svg", worked_example::draw(&numbers)),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../docs/figures")
            .join(name);
        if std::env::var_os("UPDATE_FIGURES").is_some() {
            fs::write(&path, &svg).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == svg,
            "docs/figures/{name} is stale: run UPDATE_FIGURES=1 cargo test -p xtask --test figures, and look at it"
        );
    }
}
