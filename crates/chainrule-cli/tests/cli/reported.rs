//! What people have and type, as they reported it about many programs, and the answer that each of them should get.

use crate::support::{Folder, Run};

/// The values of one house: area, rooms, age, price.
type House = (f64, usize, usize, usize);

fn houses(rows: usize) -> Vec<House> {
    let house = |r: usize| {
        let (area, rooms, age) = (40.5 + ((37 * r) % 101) as f64, 1 + r % 5, (13 * r) % 67);
        (
            area,
            rooms,
            age,
            100_000 + 2_000 * area as usize + 9_000 * rooms - 500 * age,
        )
    };
    (0..rows).map(house).collect()
}

/// A table of forty houses; `row` writes one of them, given its place.
fn table(head: &str, row: impl Fn(usize, House) -> String) -> String {
    let rows = houses(40).into_iter().enumerate();
    let rows: Vec<String> = rows.map(|(r, house)| row(r, house)).collect();
    format!("{head}\n{}\n", rows.join("\n"))
}

fn plain(_: usize, (area, rooms, age, price): House) -> String {
    format!("{area},{rooms},{age},{price}")
}

/// The table with one of its cells, the age, as a text in every seventh row.
fn with_age(word: &str) -> String {
    table("area,rooms,age,price", |r, house| match r % 7 {
        3 => format!("{},{},{word},{}", house.0, house.1, house.3),
        _ => plain(r, house),
    })
}

/// Trains on a table of which the command is told the target and these options.
fn train(folder: &Folder, csv: impl AsRef<[u8]>, target: &str, options: &[&str]) -> Run {
    folder.write("t.csv", csv);
    let args = [
        "train", "t.csv", "--target", target, "--epochs", "2", "--hidden", "4",
    ];
    folder.run(args.iter().chain(options).copied())
}

#[track_caller]
fn expect(name: &str, said: &str, words: &[&str]) {
    for words in words {
        assert!(said.contains(words), "{name}: {words:?} is not in: {said}");
    }
}

#[test]
fn tables_of_every_dialect_are_learnt_as_they_are() {
    let head = "area,rooms,age,price";
    let grouped = |price: usize| format!("{},{:03}", price / 1000, price % 1000);
    let accepted: [(&str, String); 20] = [
        (
            "semicolons",
            table("area;rooms;age;price", |r, h| plain(r, h).replace(',', ";")),
        ),
        (
            "semicolons and decimal commas",
            table("area;rooms;age;price", |r, h| {
                plain(r, h).replace(',', ";").replace('.', ",")
            }),
        ),
        (
            "decimal commas in quotes",
            table(head, |_, h| {
                format!(
                    "\"{}\",{},{},{}",
                    h.0.to_string().replace('.', ","),
                    h.1,
                    h.2,
                    h.3
                )
            }),
        ),
        (
            "thousands in quotes",
            table(head, |_, h| {
                format!("{},{},{},\"{}\"", h.0, h.1, h.2, grouped(h.3))
            }),
        ),
        (
            "thousands by apostrophes",
            table(head, |_, h| {
                format!("{},{},{},{}", h.0, h.1, h.2, grouped(h.3).replace(',', "'"))
            }),
        ),
        (
            "dollars",
            table(head, |_, h| format!("{},{},{},${}.00", h.0, h.1, h.2, h.3)),
        ),
        (
            "units",
            table(head, |_, h| format!("{} m2,{},{},{}", h.0, h.1, h.2, h.3)),
        ),
        (
            "a comma at each end",
            table("area,rooms,age,price,", |r, h| plain(r, h) + ","),
        ),
        (
            "padding",
            table("area,rooms,age,price,,", |r, h| plain(r, h) + ",,") + ",,,,,\n,,,,,\n",
        ),
        ("a last line of one space", table(head, plain) + " "),
        (
            "tabs",
            table("area\trooms\tage\tprice", |r, h| {
                plain(r, h).replace(',', "\t")
            }),
        ),
        (
            "pipes",
            table("area|rooms|age|price", |r, h| plain(r, h).replace(',', "|")),
        ),
        (
            "a line of a comment",
            format!("# from the office, in 2024\n{}", table(head, plain)),
        ),
        ("gaps as NA", with_age("NA")),
        ("gaps as ?", with_age("?")),
        ("gaps as #N/A", with_age("#N/A")),
        ("gaps as a space", with_age(" ")),
        (
            "texts",
            table("area,town,age,price", |r, h| {
                format!("{},{},{},{}", h.0, ["Bonn", "Kiel", "Ulm"][r % 3], h.2, h.3)
            }),
        ),
        (
            "yes and no",
            table("area,garden,age,price", |r, h| {
                format!("{},{},{},{}", h.0, ["yes", "no"][r % 2], h.2, h.3)
            }),
        ),
        (
            "points in time",
            table("area,sold,age,price", |r, h| {
                format!(
                    "{},2015-05-{:02}T19:16:02UTC,{},{}",
                    h.0,
                    1 + r % 28,
                    h.2,
                    h.3
                )
            }),
        ),
    ];
    let folder = Folder::new();
    for (name, csv) in accepted {
        let said = train(&folder, csv, "price", &[]).succeeds().stderr;
        expect(name, &said, &["32 rows, 8 kept for validation, 3 columns"]);
    }
    // Decomposed letters, and a letter in Windows' encoding.
    let csv = table("area,rooms,age,pra\u{308}mie", plain);
    train(&folder, csv, "pr\u{e4}mie", &[]).succeeds();
    let windows: Vec<u8> = table("area,temp in @C,age,price", plain)
        .bytes()
        .map(|b| if b == b'@' { 0xb0 } else { b })
        .collect();
    train(&folder, windows, "price", &[]).succeeds();
}

#[test]
fn what_is_left_out_or_guessed_is_said() {
    let folder = Folder::new();
    let head = "area,rooms,age,price";
    /// Name, table, target, options, and what is said.
    type Told = (
        &'static str,
        String,
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
    );
    let told: [Told; 9] = [
        (
            "a counter without a name",
            table(",area,rooms,price", |r, h| {
                format!("{r},{},{},{}", h.0, h.1, h.3)
            }),
            "price",
            &[],
            &[
                "left out: \"c1\" (which number or name the rows)",
                "without a name",
            ],
        ),
        (
            "one name twice",
            table("area,area,age,price", plain),
            "price",
            &[],
            &["both named \"area\""],
        ),
        (
            "an id",
            table("id,area,rooms,price", |r, h| {
                format!("A{r}x,{},{},{}", h.0, h.1, h.3)
            }),
            "price",
            &[],
            &["left out: \"id\""],
        ),
        (
            "large numbers of customers",
            table("customer_id,area,rooms,price", |r, h| {
                format!("{},{},{},{}", 90_000 + 17 * r, h.0, h.1, h.3)
            }),
            "price",
            &[],
            &["left out: \"customer_id\""],
        ),
        (
            "a column to ignore",
            table("note,rooms,age,price", plain),
            "price",
            &["--ignore", "note"],
            &["2 columns"],
        ),
        (
            "a weight",
            table("area,rooms,w,price", plain),
            "price",
            &["--weight", "w"],
            &["2 columns"],
        ),
        (
            "rows without a target",
            table(head, |r, h| {
                if r % 4 == 0 {
                    format!("{},{},{},", h.0, h.1, h.2)
                } else {
                    plain(r, h)
                }
            }),
            "price",
            &[],
            &["10 rows have no target"],
        ),
        (
            "the target in other units",
            table("area,rooms,price_eur,price", |_, h| {
                format!("{},{},{},{}", h.0, h.1, h.3 as f64 * 0.92, h.3)
            }),
            "price",
            &[],
            &["gives the target \"price\" away"],
        ),
        (
            "digits in groups that may be a decimal sign",
            table("area,rooms,km,price", |r, h| {
                format!("{},{},\"1,{:03}\",{}", h.0, h.1, 100 + r, h.3)
            }),
            "price",
            &[],
            &["1,100 is read as 1100"],
        ),
    ];
    for (name, csv, target, options, words) in told {
        expect(
            name,
            &train(&folder, csv, target, options).succeeds().stderr,
            words,
        );
    }
}

#[test]
fn what_cannot_be_learnt_is_refused_with_what_to_do() {
    let folder = Folder::new();
    let head = "area,rooms,age,price";
    let with_units = format!("{head}\nm2,,years,EUR\n") + &table("", plain)[1..];
    let with_total = table(head, plain) + "Total,,,12345\n";
    let refused: [(&str, String, &str, &[&str]); 14] = [
        (
            "units below the names",
            with_units.clone(),
            "price",
            &[
                "line 2, column \"area\"",
                "a unit, or a second line of names?",
                "--on-error skip",
            ],
        ),
        (
            "a total below the table",
            with_total.clone(),
            "price",
            &[
                "\"Total\" is not a number",
                "a total, or a remark",
                "--on-error skip",
            ],
        ),
        (
            "infinities",
            with_age("inf"),
            "price",
            &["line 5", "\"age\"", "not a finite number", "and 5 more"],
        ),
        (
            "digits in groups as programs write them",
            with_age("1_000"),
            "price",
            &["Write 1000"],
        ),
        (
            "formulas",
            table(head, |_, h| format!("{},{},=\"{}\",{}", h.0, h.1, h.2, h.3)),
            "price",
            &["a formula of a spreadsheet? Save its value: 0"],
        ),
        (
            "what could not be computed",
            with_age("#DIV/0!"),
            "price",
            &["line 5", "could not compute"],
        ),
        (
            "single quotes",
            table(head, |_, h| format!("{},{},'{}',{}", h.0, h.1, h.2, h.3)),
            "price",
            &["single quotes? Write 0"],
        ),
        (
            "rows in quotes as a whole",
            table("area;rooms;price", |_, h| {
                format!("\"{};\"\"{}\"\";{}\"", h.0, h.1, h.3)
            }),
            "price",
            &["line 2", "the whole line in quotes?"],
        ),
        (
            "a short row",
            table(head, plain) + "1,2,3\n",
            "price",
            &["line 42", "3 values where the header has 4 columns"],
        ),
        (
            "several targets in one",
            table(head, plain),
            "price,age",
            &["a model predicts one"],
        ),
        (
            "another case",
            table("Area,Rooms,Age,Price", plain),
            "price",
            &["did you mean \"Price\"?"],
        ),
        (
            "names in the place of a target",
            table("area,rooms,age,kind", |r, h| {
                format!("{},{},{},{}", h.0, h.1, h.2, ["cat", "dog"][r % 2])
            }),
            "kind",
            &[
                "\"cat\" is not a number",
                "a regression predicts numbers, not names or classes",
            ],
        ),
        (
            "no header, and a name",
            table("40.5,1,0,190000", plain),
            "price",
            &["give --no-header", "--target 4"],
        ),
        (
            "a target alone",
            "y\n1\n2\n3\n4\n".to_owned(),
            "y",
            &["no column beside the target"],
        ),
    ];
    for (name, csv, target, words) in refused {
        let run = train(&folder, csv, target, &[]);
        assert_eq!(run.code, Some(1), "{name}: {}", run.stderr);
        expect(name, &run.stderr, words);
    }
    for (csv, rows) in [(with_units, 40), (with_total, 40)] {
        let said = train(&folder, csv, "price", &["--on-error", "skip"]).succeeds();
        let kept = format!("{} rows, {} kept", rows * 4 / 5, rows / 5);
        expect(
            "left out",
            &said.stderr,
            &["1 row cannot be read and is left out", &kept],
        );
    }
    let colons = table("area:rooms:age:price", |r, h| plain(r, h).replace(',', ":"));
    train(&folder, colons, "price", &[]).fails(1, &["values separated by ':'? Try --separator"]);
    // What begins and ends as Parquet does, and is none.
    train(&folder, "PAR1 and nothing PAR1", "price", &[])
        .fails(1, &["as Parquet", "damaged or was cut off"]);
}

#[test]
fn a_table_whose_first_line_is_a_row_has_its_target_by_number_and_a_number_among_its_values_is_no_name()
 {
    let folder = Folder::new();
    let rows = table("40.5,1,0,190000", plain);
    let said = train(&folder, &rows, "4", &[]).succeeds().stderr;
    expect(
        "by number",
        &said,
        &["read as a row", "33 rows, 8 kept", "3 columns"],
    );
    let predicted = folder
        .run(["predict", "model.safetensors", "t.csv"])
        .succeeds()
        .stdout;
    assert_eq!(predicted.lines().count(), 41);
    assert!(
        predicted
            .lines()
            .next()
            .unwrap()
            .starts_with("40.5,1,0,190000,"),
        "{predicted}"
    );
    let said = train(&folder, &rows, "190000", &[]).succeeds().stderr;
    expect(
        "by value",
        &said,
        &["the header is made of numbers", "it is lost"],
    );
}

#[test]
fn words_of_other_programs_lead_to_those_of_this_one() {
    let folder = Folder::new();
    folder.write("t.csv", table("area,rooms,age,price", plain));
    let with_target = ["train", "t.csv", "--target", "price"];
    for (args, words) in [
        (vec!["fit", "t.csv"], vec!["'train'"]),
        (vec!["score", "m", "t.csv"], vec!["'evaluate'"]),
        (vec!["t.csv"], vec!["chainrule train t.csv --target COLUMN"]),
        (vec!["fly"], vec!["the commands are demo, inspect"]),
        (vec!["train", "t.csv", "-t", "price"], vec!["--target"]),
        (
            vec!["train", "t.csv", "--label", "price"],
            vec!["the option for it is --target"],
        ),
        (
            [&with_target[..], &["--drop", "age"]].concat(),
            vec!["--ignore"],
        ),
        (
            [&with_target[..], &["--loss", "rmse"]].concat(),
            vec!["did you mean mse?"],
        ),
        (
            [&with_target[..], &["--activation", "logit"]].concat(),
            vec!["did you mean sigmoid?"],
        ),
        (
            [&with_target[..], &["--hidden", "0"]].concat(),
            vec!["none, which is linear regression"],
        ),
    ] {
        folder.run(args).fails(2, &words);
    }
}

#[test]
fn no_hidden_layer_is_linear_regression() {
    let folder = Folder::new();
    let line = |x: usize| format!("{x}.5,{}", 3 * x + 7);
    let rows: Vec<String> = (0..40).map(|r| line((37 * r) % 101)).collect();
    folder.write("t.csv", format!("x,y\n{}\n", rows.join("\n")));
    let args = [
        "train",
        "t.csv",
        "--target",
        "y",
        "--hidden",
        "none",
        "--learning-rate",
        "0.05",
        "--json",
    ];
    let report = folder.run(args).succeeds().json();
    assert!(report["training"]["r2"].as_f64() > Some(0.97), "{report}");
}

#[test]
fn a_model_that_is_there_is_replaced_and_that_is_said() {
    let folder = Folder::new();
    let csv = table("area,rooms,age,price", plain);
    let first = train(&folder, &csv, "price", &[]).succeeds().stderr;
    assert!(!first.contains("is there already"), "{first}");
    let second = train(&folder, &csv, "price", &[]).succeeds().stderr;
    expect(
        "a second time",
        &second,
        &["model.safetensors is there already"],
    );
}

#[test]
fn one_wrong_target_costs_the_others_little_with_a_loss_for_outliers() {
    let folder = Folder::new();
    let clean: Vec<[f64; 3]> = (0..120)
        .map(|r| {
            let (a, b) = (
                (37 * r % 101) as f64 / 50.0 - 1.0,
                (59 * r % 97) as f64 / 48.0 - 1.0,
            );
            [a, b, 2.0 * a - b + a * b]
        })
        .collect();
    let text = |rows: &[[f64; 3]]| {
        let rows: Vec<String> = rows
            .iter()
            .map(|[a, b, y]| format!("{a},{b},{y}"))
            .collect();
        format!("a,b,y\n{}\n", rows.join("\n"))
    };
    let mut spoilt = clean.clone();
    spoilt[17][2] = 1e5;
    folder.write("clean.csv", text(&clean));
    folder.write("t.csv", text(&spoilt));
    for loss in ["huber", "mae"] {
        let run = folder.run([
            "train", "t.csv", "--target", "y", "--loss", loss, "--epochs", "100",
        ]);
        expect(
            loss,
            &run.succeeds().stderr,
            &["1 value lies far from all others", "--loss huber"],
        );
        let errors = folder
            .run(["evaluate", "model.safetensors", "clean.csv", "--json"])
            .succeeds()
            .json();
        assert!(errors["rmse"].as_f64() < Some(0.4), "{loss}: {errors}");
    }
    // A value that not even the square of single precision holds, in any part of the table.
    for place in [3, 17, 40, 77, 119] {
        let mut spoilt = clean.clone();
        spoilt[place][2] = 1e200;
        train(&folder, text(&spoilt), "y", &[]).succeeds();
    }
}
