//! Model files of format 1, kept as they were written: they load, and predict what they predicted then.

use std::path::PathBuf;

use chainrule_tabular::model_file;
use chainrule_tabular::table::{PlannedReader, ReadOptions, TypedTable};

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
    let path = folder.join(predicted);
    let options = ReadOptions::default();
    let (then, _) = TypedTable::read(&path, &options).unwrap();
    let then = then.numbers_of("prediction").unwrap();
    assert_eq!(model.intervals(), None, "there were none then");
    let wanted: Vec<String> = model.columns().into_iter().map(str::to_owned).collect();
    let mut reader = PlannedReader::open(&path, model.plan(), &wanted, &options).unwrap();
    let table = reader.next_block().unwrap().unwrap().table;
    let now = model.predict(&table).unwrap().values;
    for (row, (now, then)) in now.iter().zip(then.iter()).enumerate() {
        let now = now.unwrap();
        assert!(
            (now - then).abs() <= TOLERANCE * then.abs(),
            "row {row}: {now}, then {then}"
        );
    }

    let saved = tempfile::tempdir().unwrap();
    let path = saved.path().join("again");
    model_file::save(&model, &path).unwrap();
    assert_eq!(
        model_file::load(&path).unwrap(),
        model,
        "as a file of today"
    );
}

#[test]
fn a_model_of_format_1_with_one_layer_predicts_as_then() {
    predicts_as_then("diabetes.safetensors", "diabetes_predicted.csv");
}

#[test]
fn a_model_of_format_1_with_three_layers_and_a_log_link_predicts_as_then() {
    predicts_as_then("three_layers.safetensors", "houses_predicted.csv");
}
