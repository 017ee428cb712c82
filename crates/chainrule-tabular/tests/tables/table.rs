//! Reading tables: every message, every line number, and bytes that are no table at all.

use std::io::Read;
use std::path::Path;

use chainrule_tabular::{Table, TableError};
use ndarray::array;
use proptest::prelude::*;

fn table(csv: impl AsRef<[u8]>) -> Result<Table, TableError> {
    Table::from_reader(csv.as_ref(), "t.csv")
}

#[track_caller]
fn refused(csv: impl AsRef<[u8]>) -> String {
    table(csv).unwrap_err().to_string()
}

/// The message when the column `a` is asked for.
#[track_caller]
fn a_refused(csv: &str) -> String {
    table(csv).unwrap().numeric(&["a"]).unwrap_err().to_string()
}

#[test]
fn a_missing_file_is_named() {
    let error = Table::read(Path::new("no/such.csv")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no/such.csv does not exist: check the name and the folder"
    );
}

#[test]
fn a_folder_is_no_table() {
    let folder = tempfile::tempdir().unwrap();
    let message = Table::read(folder.path()).unwrap_err().to_string();
    let expected = format!("{} cannot be read: ", folder.path().display());
    assert!(message.starts_with(&expected), "{message}");
}

#[test]
fn a_reader_that_fails_half_way_is_reported() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the cable was pulled"))
        }
    }
    let error = Table::from_reader(b"a\n1\n".chain(Failing), "standard input").unwrap_err();
    assert_eq!(
        error.to_string(),
        "standard input cannot be read: the cable was pulled"
    );
}

#[test]
fn an_empty_file_is_told_what_a_table_is() {
    let expected = "t.csv is empty: a table has a line with the columns' names, and below it one line for each row";
    for nothing in ["", "\n\n", "\u{feff}"] {
        assert_eq!(refused(nothing), expected, "{nothing:?}");
    }
}

#[test]
fn a_header_alone_is_not_enough() {
    let expected =
        "t.csv has a header but no rows: below the columns' names, add one line for each row";
    assert_eq!(refused("a,b"), expected);
    assert_eq!(refused("a,b\n\n\n"), expected);
}

#[test]
fn a_ragged_row_is_shown_with_its_line() {
    assert_eq!(
        refused("a,b,c\n1,2,3\n4,5\n"),
        "t.csv, line 3: 2 values where the header has 3 columns: add or remove values \
         (a value that holds a comma needs double quotes)"
    );
    assert!(
        refused("a\n1\n1,5\n")
            .starts_with("t.csv, line 3: 2 values where the header has 1 column:")
    );
    assert!(
        refused("a,b\n1\n").starts_with("t.csv, line 2: 1 value where the header has 2 columns:")
    );
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    for csv in [
        "a\n1\n\n\nx\n",           // blank lines are no rows
        "a\r\n1\r\n\r\n\r\nx\r\n", // Windows
        "a\r1\r\r\rx\r",           // old Macintosh
        "\u{feff}a\n\"1\"\n\n\nx", // byte order mark, no line break at the end
        "\n\na\n1\nx",             // the header is on line 3
        "\"a\"\n\" 1\n\n \"\nx",   // a value over three lines
    ] {
        let message = a_refused(csv);
        assert!(
            message.starts_with("t.csv, line 5, column \"a\": \"x\""),
            "{csv:?}: {message}"
        );
    }
}

#[test]
fn a_text_is_no_number_and_the_message_guesses_why() {
    for (cell, value, hint) in [
        ("\"12,5\"", "12,5", "decimal comma? Write 12.5"),
        ("\"1,234.5\"", "1,234.5", "digits in groups? Write 1234.5"),
        ("1 234", "1 234", "digits in groups? Write 1234"),
        ("80 m²", "80 m²", "a unit? Leave only the number"),
        (
            "n/a",
            "n/a",
            "a missing value? Fill it in, or remove the row",
        ),
        (
            "Paris",
            "Paris",
            "a column of text? Remove the column, or write its values as numbers",
        ),
        (
            "0x10",
            "0x10",
            "a column of text? Remove the column, or write its values as numbers",
        ),
    ] {
        assert_eq!(
            a_refused(&format!("b,a\n1,1\n2,{cell}\n")),
            format!("t.csv, line 3, column \"a\": {value:?} is not a number ({hint})")
        );
    }
}

#[test]
fn a_missing_value_is_not_zero() {
    for cell in ["", " ", "\"\""] {
        assert_eq!(
            a_refused(&format!("a,b\n{cell},1\n")),
            "t.csv, line 2, column \"a\": the value is missing: fill it in, or remove the row"
        );
    }
}

#[test]
fn values_that_are_not_finite_are_refused() {
    for cell in ["NaN", "inf", "-Infinity", "1e999"] {
        assert_eq!(
            a_refused(&format!("a\n1\n{cell}\n")),
            format!(
                "t.csv, line 3, column \"a\": {cell:?} is not a finite number: correct it, or remove the row"
            )
        );
    }
}

#[test]
fn a_value_that_swallowed_the_file_is_cut_short() {
    let message = a_refused(&format!("a\n\"{}\n", "line\n".repeat(1000)));
    let start = "line\\n".repeat(8);
    assert!(
        message.starts_with(&format!(
            "t.csv, line 2, column \"a\": \"{start}\"… is not a number"
        )),
        "{message}"
    );
}

#[test]
fn a_missing_column_is_named_beside_those_that_there_are() {
    let missing = |csv: &str, name: &str| {
        table(csv)
            .unwrap()
            .numeric(&[name])
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        missing("area,rooms,price\n1,2,3\n", "aera"),
        "t.csv has no column \"aera\" (did you mean \"area\"?): its columns are \"area\", \"rooms\", \"price\""
    );
    assert_eq!(
        missing("area,rooms\n1,2\n", "y"),
        "t.csv has no column \"y\": its columns are \"area\", \"rooms\""
    );
    assert_eq!(
        missing("area;rooms;price\n1;2;3\n", "price"),
        "t.csv has no column \"price\": its only column is \"area;rooms;price\" \
         (values separated by ';'? Save the table with commas)"
    );
    assert_eq!(
        missing("1.5,2\n3,4\n", "price"),
        "t.csv has no column \"price\": its columns are \"1.5\", \"2\" (numbers? The first line has to name the columns)"
    );
    let wide: Vec<String> = (0..30).map(|j| format!("x{j:02}")).collect();
    let message = missing(
        &format!("{}\n{}\n", wide.join(","), vec!["1"; 30].join(",")),
        "price",
    );
    assert!(message.ends_with("\"x19\" and 10 more"), "{message}");
}

#[test]
fn two_columns_of_one_name_are_refused() {
    assert_eq!(
        refused("a,b, a \n1,2,3\n"),
        "t.csv: columns 1 and 3 are both named \"a\": rename one of them"
    );
}

#[test]
fn a_column_without_a_name_is_refused() {
    assert_eq!(
        refused(",b\n0,2\n"),
        "t.csv: column 1 has no name: give it one in the first line, or remove it \
         (pandas writes such a column unless told index=False)"
    );
}

#[test]
fn text_in_another_encoding_is_refused_where_it_stands() {
    assert_eq!(
        refused(b"a,stra\xdfe\n1,2\n"),
        "t.csv, line 1, column 2: the text is not UTF-8: save the table as UTF-8"
    );
    assert_eq!(
        refused(b"a,city\n1,Bonn\n2,K\xf6ln\n"),
        "t.csv, line 3, column \"city\": the text is not UTF-8: save the table as UTF-8"
    );
}

#[test]
fn numbers_are_read_by_name_in_the_order_asked_for() {
    let table = table("name, a ,b\nfirst, 1.5 ,-2e3\nsecond,+.5,4.\n").unwrap();
    assert_eq!(table.source(), "t.csv");
    assert_eq!(table.columns(), ["name", "a", "b"]);
    assert_eq!(table.rows(), 2);
    assert_eq!(
        table.numeric(&["b", "a"]).unwrap(),
        array![[-2e3, 1.5], [4.0, 0.5]]
    );
    assert_eq!(table.numeric(&[""; 0]).unwrap().dim(), (2, 0));
    let first = table.records().next().unwrap();
    assert_eq!(first.iter().collect::<Vec<_>>(), ["first", " 1.5 ", "-2e3"]);
}

#[test]
fn selected_rows_keep_their_lines() {
    let table = table("a\n1\n2\n\nx\n").unwrap().select(&[2, 0]);
    assert_eq!((table.rows(), table.line(0), table.line(1)), (2, 5, 2));
    let message = table.numeric(&["a"]).unwrap_err().to_string();
    assert!(message.starts_with("t.csv, line 5, "), "{message}");
    assert_eq!(
        table.select(&[1, 1]).numeric(&["a"]).unwrap(),
        array![[1.0], [1.0]]
    );
}

/// Every column of whatever was read can be asked for.
fn read_all(bytes: &[u8]) {
    if let Ok(table) = table(bytes) {
        assert!(table.rows() > 0);
        let breaks = bytes.iter().filter(|&&b| b == b'\n' || b == b'\r').count() as u64;
        let lines: Vec<u64> = (0..table.rows()).map(|row| table.line(row)).collect();
        assert!(lines.is_sorted_by(|a, b| a < b) && lines[lines.len() - 1] <= breaks + 1);
        for column in table.columns() {
            match table.numeric(&[column]) {
                Ok(values) => assert!(values.iter().all(|v| v.is_finite())),
                Err(error) => assert!(error.to_string().starts_with("t.csv, line ")),
            }
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn bytes_that_look_like_a_table_never_panic(text in "(\u{feff})?[ab1,;\"\r\n .e-]{0,60}") {
        read_all(text.as_bytes());
    }

    #[test]
    fn every_finite_number_is_read_back_to_the_bit(values in prop::collection::vec(
        any::<f64>().prop_filter("finite", |v| v.is_finite()), 1..20,
    )) {
        let csv: String = values.iter().map(|v| format!("{v:?}\n")).collect();
        let read = table(format!("a\n{csv}")).unwrap().numeric(&["a"]).unwrap();
        prop_assert!(read.iter().zip(&values).all(|(r, v)| r.to_bits() == v.to_bits()));
    }
}
