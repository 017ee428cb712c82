//! What the command says of a model's reasons.

use crate::support::{Folder, number};

#[test]
fn importance_is_the_same_after_the_training_and_from_the_file() {
    let folder = Folder::with_table();
    let train = "train diabetes.csv --target progression --hidden 8 --epochs 20 --json";
    let trained = folder.run(train.split(' ')).succeeds().json();
    let described = folder
        .run(["describe", "model.safetensors", "--json"])
        .succeeds()
        .json();
    assert_eq!(described["importance"], trained["importance"]);
    assert_eq!(described["target"], "progression");
    assert_eq!(described["unseen"]["evaluation"], trained["validation"]);
    assert_eq!(number(&described, "importance.rows"), 88.0);
    let columns = described["importance"]["columns"].as_array().unwrap();
    let names: Vec<&str> = columns
        .iter()
        .map(|c| c["column"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"
        ]
    );

    let text = folder
        .run(["describe", "model.safetensors"])
        .succeeds()
        .stdout;
    let ranked: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("importance"))
        .skip(2)
        .take(10)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let rise = |name: &str| {
        let place = names.iter().position(|n| *n == name).unwrap();
        columns[place]["rise"].as_f64().unwrap()
    };
    assert_eq!(ranked.len(), 10, "{text}");
    assert!(ranked.is_sorted_by(|a, b| rise(a) >= rise(b)), "{text}");
    assert_eq!(
        rise(ranked[0]),
        ["bmi", "s5"].map(rise).into_iter().fold(0.0, f64::max)
    );
}
