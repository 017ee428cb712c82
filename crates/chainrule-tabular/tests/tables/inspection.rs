//! What is found in a table before anything is trained.

use chainrule_tabular::table::{About, Inspection, Kind, ReadOptions, TypedTable};

fn inspect(text: String, targets: &[&str]) -> Inspection {
    let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
    let options = ReadOptions {
        targets: targets.clone(),
        ..ReadOptions::default()
    };
    let (table, findings) =
        TypedTable::from_reader(std::io::Cursor::new(text.into_bytes()), "t.csv", &options)
            .unwrap();
    Inspection::of(&table, findings, &targets)
}

/// A header and rows of what `row` gives.
fn rows(header: &str, count: usize, row: impl Fn(usize) -> String) -> String {
    let rows: String = (0..count).map(|i| row(i) + "\n").collect();
    format!("{header}\n{rows}")
}

fn suspected(found: &Inspection) -> Vec<(About, Option<&str>)> {
    found
        .suspicions
        .iter()
        .map(|suspicion| (suspicion.about, suspicion.column.as_deref()))
        .collect()
}

/// Numbers without any order.
fn mixed(i: usize) -> usize {
    i * 7919 % 101
}

#[test]
fn each_column_is_described() {
    let text = rows("size,town,sold,new,y", 100, |i| {
        format!(
            "{},{},2024-01-{:02},{},{}",
            i % 50,
            ["Au", "Wil", "Au", "Chur"][i % 4],
            i % 28 + 1,
            i % 2,
            mixed(i)
        )
    });
    let found = inspect(text.replacen("\n3,", "\n,", 1), &["y"]);
    let column = |name: &str| {
        found
            .columns
            .iter()
            .find(|column| column.name == name)
            .unwrap()
    };
    let size = column("size");
    assert_eq!(
        (size.kind, size.missing, size.distinct),
        (Kind::Number, 1, 50)
    );
    assert_eq!(size.range, Some(["0".to_owned(), "49".to_owned()]));
    assert_eq!(size.histogram.iter().sum::<usize>(), 99);
    assert_eq!(column("town").levels[0], ("Au".to_owned(), 50));
    assert_eq!(
        column("sold").range.as_ref().unwrap()[0],
        "2024-01-01T00:00:00Z"
    );
    assert_eq!(column("new").kind, Kind::Boolean);
    assert_eq!(column("y").becomes, "the target");
    assert_eq!(suspected(&found), [], "{:?}", found.suspicions);
    assert!(
        serde_json::to_string(&found)
            .unwrap()
            .contains("\"separator\":\"comma\"")
    );
}

#[test]
fn what_may_spoil_the_learning_is_pointed_out() {
    let text = rows("leak,row,same,code,sensor,far,y", 100, |i| {
        let sensor = if i % 30 == 7 { -999 } else { (i % 10) as i32 };
        let far = if i == 50 { 10_000_000 } else { mixed(i) };
        format!(
            "{},{},5,K{i}x,{sensor},{far},{}",
            mixed(i) * 3 + 2,
            i + 5,
            mixed(i)
        )
    });
    let found = inspect(text, &["y"]);
    for expected in [
        (About::Leak, Some("leak")),
        (About::Constant, Some("same")),
        (About::NearlyUnique, Some("code")),
        (About::NearlyUnique, Some("row")),
        (About::StandIn, Some("sensor")),
        (About::Outliers, Some("far")),
    ] {
        assert!(
            suspected(&found).contains(&expected),
            "{expected:?}: {:?}",
            found.suspicions
        );
    }
    let counter = inspect(
        rows("t,x,y", 30, |i| {
            format!("{},{},{}", i + 5, mixed(i), mixed(i + 3))
        }),
        &["y"],
    );
    assert_eq!(suspected(&counter), [(About::Counter, Some("t"))]);
}

#[test]
fn repeated_rows_few_rows_and_targets_that_are_none_are_pointed_out() {
    let repeated = inspect(
        rows("x,y", 40, |i| format!("{},{}", i % 20, mixed(i % 20))),
        &["y"],
    );
    assert_eq!(suspected(&repeated), [(About::RepeatedRows, None)]);
    assert!(repeated.suspicions[0].message.starts_with("20 of 40 rows"));
    let wide = inspect(
        rows("a,b,c,d,y", 3, |i| {
            format!(
                "{},{},{},{},{}",
                mixed(i),
                mixed(i + 9),
                mixed(i + 5),
                mixed(i + 7),
                i * i
            )
        }),
        &["y"],
    );
    assert_eq!(suspected(&wide), [(About::ManyInputs, None)]);
    let two = inspect(
        rows("x,y", 40, |i| format!("{},{}", mixed(i), i % 2)),
        &["y"],
    );
    assert_eq!(suspected(&two), [(About::Target, Some("y"))]);
}

#[test]
fn a_last_row_of_sums_is_pointed_out() {
    let houses = |last: &str| {
        let above = rows("town,area,price", 12, |i| {
            format!("{},{}.25,{}", ["Au", "Wil"][i % 2], 40 + i, 1000 + mixed(i))
        });
        inspect(above + last, &["price"])
    };
    let sum: usize = (0..12).map(|i| 1000 + mixed(i)).sum();
    let area = (0..12).map(|i| 40.25 + i as f64).sum::<f64>();
    for last in [format!("Total,{area},{sum}\n"), format!(",,{sum}\n")] {
        let found = houses(&last);
        assert!(suspected(&found).contains(&(About::Total, None)), "{last}");
        let message = &found
            .suspicions
            .iter()
            .find(|s| s.about == About::Total)
            .unwrap()
            .message;
        assert!(message.contains("line 14"), "{message}");
    }
    let none = houses(&format!("Au,50,{}\n", sum + 1));
    assert!(!suspected(&none).contains(&(About::Total, None)));
}

#[test]
fn huge_numbers_make_no_histogram_of_nan() {
    let found = inspect(
        rows("x,y", 40, |i| {
            format!("{}1e308,{}", if i % 2 == 0 { "-" } else { "" }, mixed(i))
        }),
        &["y"],
    );
    assert_eq!(found.columns[0].histogram.iter().sum::<usize>(), 40);
}
