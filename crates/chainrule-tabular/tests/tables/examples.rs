//! The programs in `examples/`, run: each asserts what it shows.

#[path = "../../examples/model_in_a_service.rs"]
mod model_in_a_service;
#[path = "../../examples/resume_after_an_interruption.rs"]
mod resume_after_an_interruption;
#[path = "../../examples/table_to_model.rs"]
mod table_to_model;

use std::error::Error;

type Main = fn() -> Result<(), Box<dyn Error>>;

const PROGRAMS: [(&str, Main); 3] = [
    ("model_in_a_service.rs", model_in_a_service::main),
    (
        "resume_after_an_interruption.rs",
        resume_after_an_interruption::main,
    ),
    ("table_to_model.rs", table_to_model::main),
];

#[test]
fn every_example_runs_and_shows_what_it_asserts() {
    for (name, main) in PROGRAMS {
        println!("--- {name}");
        main().unwrap();
    }
}

#[test]
fn no_example_is_forgotten() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples")).unwrap();
    let mut found: Vec<_> = folder.map(|file| file.unwrap().file_name()).collect();
    found.sort();
    assert_eq!(found, PROGRAMS.map(|(name, _)| name));
}
