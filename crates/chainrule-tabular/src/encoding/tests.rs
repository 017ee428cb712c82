//! What holds for every encoder, on random tables of every kind of column.

use std::fmt::Write;

use chainrule::inputs::EncodedRow;
use ndarray::{Array2, Axis};
use proptest::prelude::*;

use super::*;
use crate::table::column::{MISSING_CODE, MISSING_TIME};
use crate::table::plan::{NumberFormat, Resolution, TimeFormat, TimeOrder};
use crate::table::{Column, ColumnPlan, Form, ReadOptions, RowLines, Values};

/// The inputs of one row that an encoder writes, and what it says of it.
pub(super) fn written<T>(
    push_columns: impl FnOnce(&mut Vec<InputColumn>),
    write: impl FnOnce(&mut EncodedRow<f32>) -> T,
) -> (Vec<f32>, T) {
    let mut columns = Vec::new();
    push_columns(&mut columns);
    let mut rows = EncodedRows::zeros(&InputLayout::new(columns), 1);
    let said = write(&mut rows.row_mut(0));
    (rows.to_dense().into_raw_vec_and_offset().0, said)
}

const LEVELS: [&str; 5] = ["north", "east", "south", "west", "nowhere"];

/// One row of the tables below: a number, a boolean, a code and a time, each of which may be missing.
type Row = (f64, Option<bool>, u32, i64);

fn table(rows: &[Row]) -> TypedTable {
    let column = |name: &str, form, values| {
        Column::new(
            ColumnPlan {
                name: name.to_owned(),
                form,
            },
            values,
        )
    };
    let resolution = Resolution::Second;
    let time = TimeFormat {
        order: TimeOrder::YearFirst,
        resolution,
    };
    let [no, yes] = ["no", "yes"].map(str::to_owned);
    let levels = LEVELS.map(str::to_owned).to_vec();
    let columns = vec![
        column(
            "size",
            Form::Number(NumberFormat::default()),
            Values::Number(rows.iter().map(|r| r.0).collect()),
        ),
        column(
            "garden",
            Form::Boolean { no, yes },
            Values::Boolean(rows.iter().map(|r| r.1).collect()),
        ),
        column(
            "side",
            Form::Category { levels },
            Values::Category(rows.iter().map(|r| r.2).collect()),
        ),
        column(
            "sold",
            Form::Time(time),
            Values::Time(rows.iter().map(|r| r.3).collect()),
        ),
    ];
    let mut lines = RowLines::default();
    (0..rows.len()).for_each(|row| lines.push(row as u64 + 2));
    TypedTable::new("houses.csv".to_owned(), columns, lines)
}

fn names() -> Vec<String> {
    ["size", "garden", "side", "sold"]
        .map(str::to_owned)
        .to_vec()
}

fn learnt(table: &TypedTable, training: &[u32], bins: usize) -> Encoding {
    let rows = training.len();
    let (target, folds) = (vec![0.0; rows], vec![Some(0); rows]);
    let training = TrainingRows {
        places: training,
        target: &target,
        folds: &folds,
    };
    let settings = EncodingSettings {
        bins,
        level_means: false,
        ..EncodingSettings::default()
    };
    Encoding::learn(table, &training, &names(), &settings).unwrap()
}

fn bits(x: &Array2<f32>) -> Vec<u32> {
    x.iter().map(|z| z.to_bits()).collect()
}

fn all(rows: usize) -> Vec<u32> {
    (0..rows as u32).collect()
}

/// Any cell of any column: of every magnitude, and missing now and then.
fn any_row() -> impl Strategy<Value = Row> {
    let number = prop_oneof![
        4 => -100.0..100.0,
        1 => any::<f64>().prop_filter("finite", |x| x.is_finite()),
        1 => Just(0.0),
        1 => Just(f64::NAN),
    ];
    let code = prop_oneof![6 => 0_u32..5, 1 => Just(MISSING_CODE), 1 => Just(u32::MAX - 1)];
    let time = prop_oneof![
        4 => -1_000_000_000_000_000_i64..2_000_000_000_000_000,
        1 => any::<i64>(),
        1 => Just(MISSING_TIME),
    ];
    (
        number,
        proptest::option::weighted(0.9, any::<bool>()),
        code,
        time,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_finite_value_is_encoded_as_finite_numbers(
        seen in prop::collection::vec(any_row(), 2..40),
        new in prop::collection::vec(any_row(), 1..20),
        bins in 0_usize..6,
    ) {
        let encoding = learnt(&table(&seen), &all(seen.len()), bins);
        prop_assert_eq!(encoding.names().len(), encoding.inputs());
        for rows in [&seen, &new] {
            let x = encoding.encode(&table(rows), &all(rows.len())).unwrap().x.to_dense();
            prop_assert_eq!(x.dim(), (rows.len(), encoding.inputs()));
            prop_assert!(x.iter().all(|z| z.is_finite() && z.abs() <= 3.0), "{}", x);
        }
    }

    #[test]
    fn only_training_rows_are_learnt_from_in_any_order(
        seen in prop::collection::vec(any_row(), 4..30),
        other in prop::collection::vec(any_row(), 1..10),
        bins in 0_usize..6,
    ) {
        let training = all(seen.len());
        let with_others: Vec<Row> = seen.iter().chain(&other).copied().collect();
        let backwards: Vec<u32> = training.iter().rev().copied().collect();
        let encoding = learnt(&table(&seen), &training, bins);
        prop_assert_eq!(&learnt(&table(&with_others), &training, bins), &encoding);
        prop_assert_eq!(&learnt(&table(&seen), &backwards, bins), &encoding);
    }

    #[test]
    fn a_row_is_encoded_the_same_whatever_stands_beside_it(
        rows in prop::collection::vec(any_row(), 2..30),
        picked in prop::collection::vec(any::<prop::sample::Index>(), 1..10),
    ) {
        let picked: Vec<u32> = picked.iter().map(|index| index.index(rows.len()) as u32).collect();
        let table = table(&rows);
        let encoding = learnt(&table, &all(rows.len()), 4);
        let whole = encoding.encode(&table, &all(rows.len())).unwrap().x.to_dense();
        let part = encoding.encode(&table, &picked).unwrap().x.to_dense();
        let selected = encoding.encode(&table.select(&picked), &all(picked.len())).unwrap().x.to_dense();
        for (k, &row) in picked.iter().enumerate() {
            prop_assert_eq!(part.row(k), whole.row(row as usize));
        }
        prop_assert_eq!(bits(&part), bits(&selected));
    }

    #[test]
    fn an_encoding_comes_back_from_json_to_the_bit(rows in prop::collection::vec(any_row(), 2..30)) {
        let table = table(&rows);
        let encoding = learnt(&table, &all(rows.len()), 4);
        let again: Encoding = serde_json::from_str(&serde_json::to_string(&encoding).unwrap()).unwrap();
        prop_assert_eq!(&again, &encoding);
        let x = |encoding: &Encoding| encoding.encode(&table, &all(rows.len())).unwrap().x.to_dense();
        prop_assert_eq!(bits(&x(&again)), bits(&x(&encoding)));
    }
}

/// Twelve rows without gaps: sizes 0 to 11, garden in every other, four of each of three sides, a day apart.
fn usual() -> Vec<Row> {
    const DAY: i64 = 86_400_000_000;
    (0..12)
        .map(|r| {
            (
                f64::from(r),
                Some(r % 2 == 0),
                r as u32 % 3,
                i64::from(r) * DAY,
            )
        })
        .collect()
}

#[test]
fn inputs_are_named_after_columns_and_levels() {
    let encoding = learnt(&table(&usual()), &all(12), 2);
    let names = encoding.names();
    assert_eq!(
        names[..7],
        [
            "size",
            "size, bin 1 of 2",
            "size, bin 2 of 2",
            "garden = yes",
            "side = east",
            "side = north",
            "side = south"
        ]
    );
    assert_eq!(names[7..9], ["sold", "sold, bin 1 of 2"]);
    let counts: Vec<usize> = encoding
        .columns()
        .iter()
        .map(ColumnEncoding::inputs)
        .collect();
    assert_eq!(counts.iter().sum::<usize>(), encoding.inputs());
}

#[test]
fn what_is_unlike_the_training_rows_is_counted_with_its_first_line() {
    let encoding = learnt(&table(&usual()), &all(12), 0);
    assert_eq!(
        encoding
            .encode(&table(&usual()), &all(12))
            .unwrap()
            .unusual
            .columns()
            .count(),
        0
    );
    let strange = [
        usual()[3],
        (1e9, None, 4, MISSING_TIME),
        (f64::NAN, Some(true), MISSING_CODE, i64::MAX),
        (-1e300, Some(true), 4, 0),
    ];
    let unusual = encoding.encode(&table(&strange), &all(4)).unwrap().unusual;
    let tally = |rows, line| Tally {
        rows,
        first_line: Some(line),
    };
    let found: Vec<(&str, &UnusualColumn)> = unusual.columns().collect();
    let expected = [
        (
            "size",
            UnusualColumn {
                gaps: tally(1, 4),
                unseen: Tally::default(),
                outside: tally(2, 3),
            },
        ),
        (
            "garden",
            UnusualColumn {
                gaps: tally(1, 3),
                ..UnusualColumn::default()
            },
        ),
        (
            "side",
            UnusualColumn {
                gaps: tally(1, 4),
                unseen: tally(2, 3),
                outside: Tally::default(),
            },
        ),
        (
            "sold",
            UnusualColumn {
                gaps: tally(1, 3),
                unseen: Tally::default(),
                outside: tally(1, 4),
            },
        ),
    ];
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!((found.0, found.1), (expected.0, &expected.1));
    }
}

#[test]
fn a_level_has_its_input_whatever_its_code_is() {
    let encoding = learnt(&table(&usual()), &all(12), 0);
    let mut renumbered = table(&usual());
    let columns = renumbered
        .columns()
        .iter()
        .cloned()
        .map(|column| match column.name() {
            "side" => {
                let levels = ["south", "north", "east"].map(str::to_owned).to_vec();
                let plan = ColumnPlan {
                    name: "side".to_owned(),
                    form: Form::Category { levels },
                };
                let codes = (0..12).map(|r| [1, 2, 0][r % 3]).collect();
                Column::new(plan, Values::Category(codes))
            }
            _ => column,
        });
    let mut lines = RowLines::default();
    (0..12).for_each(|row| lines.push(row + 2));
    renumbered = TypedTable::new("other.csv".to_owned(), columns.collect(), lines);
    let x = |table: &TypedTable| encoding.encode(table, &all(12)).unwrap().x.to_dense();
    assert_eq!(x(&renumbered), x(&table(&usual())));
}

#[test]
fn one_row_is_walked_through_the_encoders() {
    let table = table(&usual());
    let encoding = learnt(&table, &all(12), 0);
    let cells = encoding.explain(&table, 1).unwrap();
    let row = encoding.encode(&table, &[1]).unwrap().x.to_dense();
    assert_eq!(cells[0].value.as_deref(), Some("1"));
    assert_eq!(cells[1].inputs, [("garden = yes".to_owned(), -1.0)]);
    assert_eq!(cells[2].value.as_deref(), Some("east"));
    assert_eq!(cells[3].value.as_deref(), Some("1970-01-02T00:00:00"));
    let walked: Vec<f32> = cells
        .iter()
        .flat_map(|cell| cell.inputs.iter().map(|i| i.1))
        .collect();
    assert_eq!(walked, row.row(0).to_vec());
}

#[test]
fn a_table_without_a_column_or_with_another_kind_of_it_is_refused() {
    let encoding = learnt(&table(&usual()), &all(12), 0);
    let without = |name: &str, instead: Option<Column>| {
        let table = table(&usual());
        let kept = table
            .columns()
            .iter()
            .filter(|column| column.name() != name)
            .cloned();
        let mut lines = RowLines::default();
        (0..12).for_each(|row| lines.push(row + 2));
        let table = TypedTable::new("new.csv".to_owned(), kept.chain(instead).collect(), lines);
        encoding.encode(&table, &[0]).unwrap_err().to_string()
    };
    assert_eq!(
        without("side", None),
        "new.csv has no column \"side\" (did you mean \"size\"?): its columns are \"size\", \"garden\", \"sold\""
    );
    let form = Form::Category {
        levels: vec!["big".to_owned()],
    };
    let sizes = Column::new(
        ColumnPlan {
            name: "size".to_owned(),
            form,
        },
        Values::Category(vec![0; 12]),
    );
    assert_eq!(
        without("size", Some(sizes)),
        "new.csv, column \"size\": it was read as categories, where numbers are needed: \
         read the table by the model's plan, or say what the column is"
    );
}

#[test]
fn columns_that_tell_nothing_in_the_training_rows_are_left_out() {
    let mut rows = usual();
    rows.iter_mut().take(6).for_each(|row| row.0 = 5.0);
    let encoding = learnt(&table(&rows), &all(6), 3);
    let names: Vec<&str> = encoding
        .columns()
        .iter()
        .map(ColumnEncoding::name)
        .collect();
    assert_eq!(names, ["garden", "sold"]); // no side has four rows among six
}

#[test]
fn standardised_numbers_come_out_as_their_formula_says() {
    let scale = Standardize::new(4.0, 2.0);
    let encoding = Encoding::standardized([("size".to_owned(), scale)]);
    let table = table(&usual());
    let encoded = encoding.encode(&table, &[0, 7]).unwrap();
    assert_eq!(encoded.x.to_dense(), ndarray::array![[-2.0], [1.5]]);
}

#[test]
fn no_training_row_is_told_the_targets_of_its_own_fold() {
    // Twelve levels with three rows each, in three folds.
    let code = |row: usize| (row % 12) as u32;
    let levels = (0..12).map(|k| format!("level {k:02}")).collect();
    let side = Column::new(
        ColumnPlan {
            name: "side".to_owned(),
            form: Form::Category { levels },
        },
        Values::Category((0..36).map(code).collect()),
    );
    let mut lines = RowLines::default();
    (0..36).for_each(|row| lines.push(row as u64 + 2));
    let table = TypedTable::new("houses.csv".to_owned(), vec![side], lines);
    let (places, settings) = (
        all(36),
        EncodingSettings {
            bins: 0,
            level_means: true,
            ..EncodingSettings::default()
        },
    );
    let folds: Vec<Option<u8>> = (0..36).map(|r| Some(r / 7 % 3)).collect();
    let encoded = |target: &[f64]| {
        let training = TrainingRows {
            places: &places,
            target,
            folds: &folds,
        };
        let encoding = Encoding::learn(&table, &training, &["side".to_owned()], &settings).unwrap();
        let Encoder::Category(category) = encoding.columns()[0].encoder() else {
            panic!("a category is encoded as one");
        };
        let means = category.means().unwrap();
        let told = |row: usize| means.rows_of(&format!("level {:02}", code(row))).mean;
        let x = encoding.encode_training(&table, &training).unwrap();
        let x = x.to_dense();
        (x, (0..36).map(told).collect::<Vec<_>>())
    };
    let target: Vec<f64> = (0..36).map(|r| f64::from(r * r % 17)).collect();
    let (x, means) = encoded(&target);
    for fold in 0..3 {
        let mut other = target.clone();
        let own = (0..36).filter(|&row| folds[row] == Some(fold));
        own.clone().for_each(|row| other[row] = 100.0 - other[row]);
        let (other_x, other_means) = encoded(&other);
        // The scale follows all rows, so ranks are compared: what a row is told is the same as before.
        let order = |x: &Array2<f32>, a: usize, b: usize| x[[a, 0]].partial_cmp(&x[[b, 0]]);
        for a in own.clone() {
            for b in own.clone() {
                assert_eq!(order(&x, a, b), order(&other_x, a, b), "rows {a} and {b}");
            }
        }
        assert_ne!(means, other_means);
    }
}

#[test]
fn a_table_that_is_given_away_is_encoded_as_one_that_is_kept() {
    // More rows than are used up at a time, a fifth of them left out, gaps in numbers, levels with means, dates.
    const ROWS: usize = 150_000;
    let mut csv = String::from("a,b,c,d,y\n");
    for r in 0..ROWS {
        let a = if r % 11 == 0 {
            String::new()
        } else {
            (r % 97).to_string()
        };
        let day = r % 28 + 1;
        let (level, yes) = (r % 1_000, if r % 3 == 0 { "yes" } else { "no" });
        writeln!(csv, "{a},level {level},{yes},2024-02-{day:02},{}", r % 7).unwrap();
    }
    let reader = std::io::Cursor::new(csv);
    let (table, _) = TypedTable::from_reader(reader, "t", &ReadOptions::default()).unwrap();
    let places: Vec<u32> = (0..ROWS as u32).filter(|row| row % 5 != 2).collect();
    let y = table.numbers_of("y").unwrap();
    let target: Vec<f64> = places.iter().map(|&row| y[row as usize]).collect();
    let folds: Vec<Option<u8>> = places.iter().map(|row| Some((row % 8) as u8)).collect();
    let training = TrainingRows {
        places: &places,
        target: &target,
        folds: &folds,
    };
    let inputs = ["a", "b", "c", "d"].map(str::to_owned);
    let settings = EncodingSettings {
        bins: 8,
        level_means: true,
        ..EncodingSettings::default()
    };
    let encoding = Encoding::learn(&table, &training, &inputs, &settings).unwrap();
    let kept = encoding.encode_training(&table, &training).unwrap();
    let given = encoding.encode_training(table.clone(), &training).unwrap();
    assert_eq!(kept, given);
    assert_eq!(kept.rows(), places.len());
}

#[test]
fn the_plain_inputs_are_what_an_encoding_without_bins_means_and_pairs_gives() {
    const ROWS: usize = 6_000;
    let mut csv = String::from("a,b,rare,usual,yes,day,y\n");
    for r in 0..ROWS {
        let (a, b) = (r * 367 % 997, r % 991);
        let gap = if r % 11 == 0 {
            String::new()
        } else {
            b.to_string()
        };
        let (rare, usual, yes) = (r % 1_001, r % 5, ["no", "yes"][r % 2]);
        // The fields of a chessboard, of which neither number alone tells the colour.
        let (day, y) = (r % 28 + 1, (a / 63 + b / 63) % 2);
        writeln!(
            csv,
            "{a},{gap},code {rare},side {usual},{yes},2024-02-{day:02},{y}"
        )
        .unwrap();
    }
    let reader = std::io::Cursor::new(csv);
    let (table, _) = TypedTable::from_reader(reader, "t", &ReadOptions::default()).unwrap();
    let (places, target) = (all(ROWS), table.numbers_of("y").unwrap());
    let folds: Vec<Option<u8>> = (0..ROWS).map(|row| Some((row % 8) as u8)).collect();
    let training = TrainingRows {
        places: &places,
        target: &target,
        folds: &folds,
    };
    let inputs = ["a", "b", "rare", "usual", "yes", "day"].map(str::to_owned);
    let encoded = |settings: &EncodingSettings| {
        let encoding = Encoding::learn(&table, &training, &inputs, settings).unwrap();
        let x = encoding.encode_training(&table, &training).unwrap();
        (x.to_dense(), encoding)
    };
    let (x, encoding) = encoded(&EncodingSettings {
        bins: 8,
        level_means: true,
        oblique: 3,
    });
    let kinds: Vec<&str> = encoding.describe().iter().map(|part| part.1).collect();
    assert!(kinds.contains(&"pair"), "{kinds:?}");
    let (plain, _) = encoded(&EncodingSettings::default());
    let picked = x.select(Axis(1), &encoding.plain_inputs());
    assert_eq!(picked, plain);
    assert!(encoding.columns()[2].inputs_of_means() > 0);
}
