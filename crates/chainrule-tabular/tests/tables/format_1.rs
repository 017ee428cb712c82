//! Model files of format 1, kept as they were written: they load, and predict what they predicted then.

use std::path::PathBuf;

use chainrule_tabular::{Table, model_file};

/// The same weights on another instruction set give sums that differ in their sixth or seventh digit.
const TOLERANCE: f64 = 1e-5;

/// Loads a model and compares its predictions with those that stand in the column `prediction` of a table.
#[track_caller]
fn predicts_as_then(model: &str, predicted: &str) {
    let folder = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/tables/format_1"
    ));
    let model = model_file::load(&folder.join(model)).unwrap();
    let table = Table::read(&folder.join(predicted)).unwrap();
    let then = table.numeric(&["prediction"]).unwrap();
    for (row, (now, then)) in model.predict(&table).unwrap().iter().zip(&then).enumerate() {
        assert!(
            (now - then).abs() <= TOLERANCE * then.abs(),
            "row {row}: {now}, then {then}"
        );
    }
}

#[test]
fn a_model_of_format_1_with_one_layer_predicts_as_then() {
    predicts_as_then("diabetes.safetensors", "diabetes_predicted.csv");
}

#[test]
fn a_model_of_format_1_with_three_layers_and_a_log_link_predicts_as_then() {
    predicts_as_then("three_layers.safetensors", "houses_predicted.csv");
}
