//! Networks that were trained elsewhere, as models.

use std::io::Cursor;

use chainrule::activation_functions::Activation;
use chainrule::neural_networks::SimpleNeuralNetwork;
use chainrule::training::{Control, TrainingSettings};
use chainrule_tabular::table::{ReadOptions, TypedTable};
use chainrule_tabular::{Fitting, Regressor, Roles, model_file};
use ndarray::{Array2, array};

use crate::houses::quick_settings;

fn names(count: usize) -> Vec<String> {
    (0..count).map(|j| format!("x{j}")).collect()
}

fn model(network: SimpleNeuralNetwork<f32>, columns: usize) -> Result<Regressor, String> {
    let training = TrainingSettings::default();
    Regressor::of_network(network, names(columns), "y".to_owned(), training, vec![])
        .map_err(|error| error.to_string())
}

#[test]
fn a_network_of_ones_own_is_saved_and_predicts_its_own_bits() {
    let network = SimpleNeuralNetwork::builder(3)
        .dense(4, Activation::Tanh)
        .dense(5, Activation::ReLU)
        .build(7);
    let regressor = model(network.clone(), 3).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    model_file::save(&regressor, &path).unwrap();
    let loaded = model_file::load(&path).unwrap();
    assert_eq!(loaded, regressor);

    let x = Array2::from_shape_fn((9, 3), |(r, j)| ((r * (j + 3)) % 7) as f32 / 3.0 - 1.0);
    let expected = network.predict(x.view()).mapv(f64::from);
    let found = loaded.predict_array(x.mapv(f64::from).view()).unwrap();
    assert_eq!(found, expected.column(0));
}

#[test]
fn a_number_that_stands_for_a_gap_is_one_in_an_array_too() {
    let rows = (0..40).map(|r| match r % 8 {
        3 => format!("-999,{}", r % 5),
        _ => format!("{},{}", r % 7, r % 5),
    });
    let csv = ["a,price".to_owned()]
        .into_iter()
        .chain(rows)
        .collect::<Vec<_>>();
    let options = ReadOptions {
        missing: vec!["-999".to_owned()],
        ..ReadOptions::default()
    };
    let csv = Cursor::new(csv.join("\n"));
    let (table, _) = TypedTable::from_reader(csv, "t.csv", &options).unwrap();
    let roles = Roles {
        missing: options.missing,
        ..Roles::from("price")
    };
    let mut fitting = Fitting::new(&table, roles, quick_settings()).unwrap();
    fitting.run(&mut |_| Control::Continue).unwrap();
    let regressor = fitting.into_regressor();
    let found = regressor.predict_array(array![[-999.0], [f64::NAN], [3.0]].view());
    let found = found.unwrap();
    assert_eq!(found[0], found[1]);
    assert_ne!(found[0], found[2]);
}

#[test]
fn networks_that_a_model_cannot_hold_are_refused_with_their_shape() {
    let begin = "a model has one output and a name for each input; this network has ";
    let refused = |network, columns, rest: &str| {
        assert_eq!(
            model(network, columns).unwrap_err(),
            format!("{begin}{rest}")
        );
    };
    let network = || SimpleNeuralNetwork::<f32>::builder(2).dense(3, Activation::ReLU);
    refused(
        network().out(2).build(0),
        2,
        "2 outputs and 2 inputs for 2 names",
    );
    refused(network().build(0), 3, "1 outputs and 2 inputs for 3 names");
    let repeated = ["x0", "x1", "x0"].map(str::to_owned).to_vec();
    let training = TrainingSettings::default();
    let network = SimpleNeuralNetwork::builder(3).build(0);
    let error = Regressor::of_network(network, repeated, "y".to_owned(), training, vec![]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "the name \"x0\" is given twice: each column and the target need a name of their own"
    );
    model(SimpleNeuralNetwork::builder(2).build(0), 2).unwrap(); // a linear one has no activation
}
