//! What `predict --output` writes: text in pieces, Parquet of Parquet, and nothing where it fails.

use std::fs::File;
use std::sync::Arc;

use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::support::Folder;

/// A Parquet file of two groups of rows: a key beyond what double precision holds, a town, an area, a price.
fn write_houses(folder: &Folder) {
    let schema =
        "message houses { required int64 key; optional binary town (UTF8); required double area;
        required double price; }";
    let file = File::create(folder.path("houses.parquet")).unwrap();
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut writer = SerializedFileWriter::new(file, schema, Arc::default()).unwrap();
    for group in [0..25_usize, 25..60] {
        let area = |r: usize| 40.0 + ((37 * r) % 101) as f64;
        let mut columns = writer.next_row_group().unwrap();
        while let Some(mut column) = columns.next_column().unwrap() {
            match column.untyped() {
                ColumnWriter::Int64ColumnWriter(writer) => {
                    let keys: Vec<i64> = group.clone().map(|r| (1 << 60) + r as i64).collect();
                    writer.write_batch(&keys, None, None).unwrap();
                }
                ColumnWriter::ByteArrayColumnWriter(writer) => {
                    let levels: Vec<i16> = group.clone().map(|r| i16::from(r % 5 != 0)).collect();
                    let there = group.clone().filter(|r| r % 5 != 0);
                    let towns: Vec<ByteArray> = there
                        .map(|r| ByteArray::from(["Bonn", "Kiel"][r % 2]))
                        .collect();
                    writer.write_batch(&towns, Some(&levels), None).unwrap();
                }
                ColumnWriter::DoubleColumnWriter(writer) => {
                    let is_price = writer.get_descriptor().name() == "price";
                    let value = |r| {
                        if is_price {
                            1000.0 + 30.0 * area(r)
                        } else {
                            area(r)
                        }
                    };
                    let values: Vec<f64> = group.clone().map(value).collect();
                    writer.write_batch(&values, None, None).unwrap();
                }
                _ => unreachable!("the schema has no other"),
            }
            column.close().unwrap();
        }
        columns.close().unwrap();
    }
    writer.close().unwrap();
}

fn rows(folder: &Folder, name: &str) -> Vec<String> {
    let reader = SerializedFileReader::new(File::open(folder.path(name)).unwrap()).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| row.unwrap().to_string()).collect()
}

#[test]
fn parquet_comes_back_as_parquet_with_its_columns_as_they_are_stored() {
    let folder = Folder::new();
    write_houses(&folder);
    folder
        .run([
            "train",
            "houses.parquet",
            "--target",
            "price",
            "--epochs",
            "20",
        ])
        .succeeds();
    let predict = ["predict", "model.safetensors", "houses.parquet"];
    folder
        .run(predict.into_iter().chain(["--output", "p.parquet"]))
        .succeeds();
    let as_text = folder.run(predict).succeeds().stdout;
    let (before, after) = (rows(&folder, "houses.parquet"), rows(&folder, "p.parquet"));
    assert_eq!(after.len(), 60);
    for ((before, after), text) in before.iter().zip(&after).zip(as_text.lines().skip(1)) {
        let (own, new) = after.split_once(", prediction: ").unwrap();
        assert_eq!(own, before.trim_end_matches('}'));
        let new = new
            .replace("prediction_lower: ", "")
            .replace("prediction_upper: ", "");
        let exact: Vec<&str> = new.trim_end_matches('}').split(", ").collect();
        let rounded: Vec<&str> = text.rsplit(',').take(3).collect();
        assert_eq!(exact.len(), 3, "{after}");
        for (exact, rounded) in exact.iter().zip(rounded.iter().rev()) {
            let [exact, rounded] = [exact, rounded].map(|text| text.parse::<f64>().unwrap());
            assert!((exact - rounded).abs() < 0.1, "{after} and {text}");
        }
    }
    // And the copy is a table like any other.
    folder
        .run(["evaluate", "model.safetensors", "p.parquet"])
        .succeeds();
}

#[test]
fn what_is_not_parquet_is_not_written_as_parquet_and_nothing_is_left_behind() {
    let folder = Folder::with_model();
    let predict = |table: &str| {
        let args = [
            "predict",
            "model.safetensors",
            table,
            "--output",
            "p.parquet",
        ];
        folder.run(args)
    };
    predict("diabetes.csv").fails(
        1,
        &[
            "p.parquet can only be Parquet",
            "diabetes.csv is text",
            ".csv",
        ],
    );
    assert!(
        !folder.files().contains(&"p.parquet".to_owned()),
        "{:?}",
        folder.files()
    );
}

#[test]
fn a_table_that_cannot_be_read_to_its_end_leaves_the_output_as_it_was() {
    let folder = Folder::with_table();
    let table = String::from_utf8(folder.read("diabetes.csv")).unwrap();
    let (head, rows) = table.split_once('\n').unwrap();
    folder
        .run([
            "train",
            "diabetes.csv",
            "--target",
            "progression",
            "--epochs",
            "1",
        ])
        .succeeds();
    // Several blocks of sound rows, and then a quote that nobody closes.
    let long = format!("{head}\n{}\"", rows.repeat(50));
    folder.write("long.csv", long);
    folder.write("p.csv", "old");
    let files = folder.files();
    folder
        .run([
            "predict",
            "model.safetensors",
            "long.csv",
            "--output",
            "p.csv",
        ])
        .fails(1, &["never closed"]);
    assert_eq!(folder.read("p.csv"), b"old");
    assert_eq!(folder.files(), files);
}

#[test]
fn a_damaged_parquet_file_is_one_line_of_error_and_no_panic() {
    let folder = Folder::new();
    write_houses(&folder);
    folder
        .run([
            "train",
            "houses.parquet",
            "--target",
            "price",
            "--epochs",
            "1",
        ])
        .succeeds();
    let sound = folder.read("houses.parquet");
    let mut refused = 0;
    for place in (4..sound.len() - 8).step_by(11) {
        let mut damaged = sound.clone();
        damaged[place] ^= 0xff;
        folder.write("d.parquet", damaged);
        let args = [
            "predict",
            "model.safetensors",
            "d.parquet",
            "--output",
            "p.parquet",
        ];
        let run = folder.run(args);
        assert!(
            !run.stderr.contains("panicked"),
            "byte {place}: {}",
            run.stderr
        );
        assert!(matches!(run.code, Some(0 | 1)), "byte {place}: {run:?}");
        refused += usize::from(run.code == Some(1));
    }
    assert!(refused > 10, "{refused}");
}
