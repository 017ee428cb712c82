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

#[test]
fn explain_tells_what_each_column_adds_to_the_mean_prediction() {
    let folder = Folder::with_model();
    let explain = ["explain", "model.safetensors", "diabetes.csv", "--row", "3"];
    let text = folder.run(explain).succeeds().stdout;
    let (_, reasons) = text.split_once("\nreasons: what each column adds").unwrap();
    let (reasons, result) = reasons.split_once("\nresult\n").unwrap();
    assert!(
        reasons.contains("Shapley values over 100 training rows"),
        "{reasons}"
    );
    let lines: Vec<Vec<&str>> = reasons
        .lines()
        .skip_while(|line| !line.contains("mean prediction  "))
        .map(|line| line.split_whitespace().collect())
        .filter(|words: &Vec<&str>| !words.is_empty())
        .collect();
    assert_eq!(lines.len(), 12, "{reasons}");
    let value = |line: &[&str], place: usize| line[place].parse::<f64>().unwrap();
    let (base, prediction) = (value(&lines[0], 2), value(&lines[11], 1));
    let added = lines[1..11].iter().map(|line| value(line, 2));
    assert!(
        added.clone().is_sorted_by(|a, b| a.abs() >= b.abs()),
        "{reasons}"
    );
    assert!(
        (base + added.sum::<f64>() - prediction).abs() < 0.01,
        "{reasons}"
    );
    assert!(lines[1..11].iter().all(|line| line[3] == "±"), "{reasons}");
    assert!(
        result.contains(&format!("prediction of progression: {prediction:.3}")),
        "{result}"
    );
}

#[test]
fn a_model_that_keeps_no_rows_says_so_instead_of_reasons() {
    let folder = Folder::with_table();
    let names: Vec<String> = (0..820).map(|j| format!("x{j}")).collect();
    let mut csv = format!("{},y\n", names.join(","));
    for r in 0..8 {
        let cells = (0..820).map(|j| (r * (j + 3) % 17).to_string());
        csv += &format!("{},{}\n", cells.collect::<Vec<String>>().join(","), r * r);
    }
    folder.write("wide.csv", &csv);
    let train = "train wide.csv --target y --hidden 2 --epochs 1 --model wide.m";
    folder.run(train.split(' ')).succeeds();
    let text = folder
        .run("explain wide.m wide.csv --row 1".split(' '))
        .succeeds()
        .stdout;
    assert!(
        text.contains("the model keeps no rows to compare with"),
        "{text}"
    );
    let described = folder
        .run(["describe", "wide.m", "--json"])
        .succeeds()
        .json();
    assert_eq!(described["dependence"].as_array().map(Vec::len), Some(0));
}

#[test]
fn describe_tells_how_predictions_move_with_the_columns_that_are_needed_most() {
    let folder = Folder::with_model();
    let described = folder
        .run(["describe", "model.safetensors", "--json"])
        .succeeds()
        .json();
    let columns = described["importance"]["columns"].as_array().unwrap();
    let mut rises: Vec<(f64, &str)> = columns
        .iter()
        .map(|column| {
            (
                column["rise"].as_f64().unwrap(),
                column["column"].as_str().unwrap(),
            )
        })
        .collect();
    rises.sort_by(|a, b| b.0.total_cmp(&a.0));
    let dependence = described["dependence"].as_array().unwrap();
    let names: Vec<&str> = dependence
        .iter()
        .map(|d| d["column"].as_str().unwrap())
        .collect();
    let needed: Vec<&str> = rises[..6].iter().map(|rise| rise.1).collect();
    assert_eq!(names, needed);
    for column in dependence {
        let points = column["points"].as_array().unwrap();
        assert!((2..=20).contains(&points.len()), "{column}");
        let at: Vec<f64> = points
            .iter()
            .map(|point| point["at"].as_f64().unwrap())
            .collect();
        assert!(at.is_sorted(), "{column}");
    }
}
