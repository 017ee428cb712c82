//! The programs in `examples/`, run: each asserts what it shows.

#[path = "../../examples/check_a_gradient.rs"]
mod check_a_gradient;
#[path = "../../examples/fit_a_function.rs"]
mod fit_a_function;
#[path = "../../examples/one_row_fast.rs"]
mod one_row_fast;
#[path = "../../examples/own_training_loop.rs"]
mod own_training_loop;
#[path = "../../examples/resume.rs"]
mod resume;
#[path = "../../examples/several_outputs.rs"]
mod several_outputs;
#[path = "../../examples/what_a_layer_computes.rs"]
mod what_a_layer_computes;

const PROGRAMS: [(&str, fn()); 7] = [
    ("check_a_gradient.rs", check_a_gradient::main),
    ("fit_a_function.rs", || fit_a_function::main().unwrap()),
    ("one_row_fast.rs", one_row_fast::main),
    ("own_training_loop.rs", own_training_loop::main),
    ("resume.rs", || resume::main().unwrap()),
    ("several_outputs.rs", || several_outputs::main().unwrap()),
    ("what_a_layer_computes.rs", what_a_layer_computes::main),
];

#[test]
fn every_example_runs_and_shows_what_it_asserts() {
    for (name, main) in PROGRAMS {
        println!("--- {name}");
        main();
    }
}

#[test]
fn no_example_is_forgotten() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples")).unwrap();
    let mut found: Vec<_> = folder.map(|file| file.unwrap().file_name()).collect();
    found.sort();
    assert_eq!(found, PROGRAMS.map(|(name, _)| name));
}
