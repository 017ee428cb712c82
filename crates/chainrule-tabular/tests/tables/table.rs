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
        "a,b\n1,2\n\n\nx,3\n",             // blank lines are no rows
        "a,b\r\n1,2\r\n\r\n\r\nx,3\r\n",   // Windows
        "a,b\r1,2\r\r\rx,3\r",             // old Macintosh
        "\u{feff}a,b\n\"1\",2\n\n\nx,3",   // byte order mark, no line break at the end
        "\n\na,b\n1,2\nx,3",               // the header is on line 3
        "\"a\",b\n\" 1\n\n \",2\nx,3",     // a value over three lines
        "\u{feff}\r\n\na,b\n1,2\nx,3\n\n", // all of it
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
fn a_long_value_is_cut_short() {
    let message = a_refused(&format!("a\n\"{}\"\n", "line\n".repeat(1000)));
    let start = "line\\n".repeat(12);
    assert!(
        message.starts_with(&format!(
            "t.csv, line 2, column \"a\": \"{start}\"… is not a number"
        )),
        "{message}"
    );
}

#[test]
fn a_quote_that_is_never_closed_is_refused_with_its_line_and_column() {
    for (csv, place) in [
        ("a,b\n1,2\n5,\"6", "line 3, column \"b\""),
        ("a,b\n1,2\n5,\"6\n", "line 3, column \"b\""),
        ("a,b\r\n\"1,2\r\n3,4\r\n", "line 2, column \"a\""),
        ("a,b\n1,2\n3,\"4\"\"\n5,6\n", "line 3, column \"b\""),
        ("a,\"b\n1,2\n", "line 1, column 2"),
        ("\u{feff}\"a,b\n1,2\n", "line 1, column 1"),
        ("a,b\n\"1\n\n2\",\"3\n", "line 4, column \"b\""),
        ("a\n\"", "line 2, column \"a\""),
    ] {
        assert_eq!(
            refused(csv),
            format!(
                "t.csv, {place}: a quote opens here and is never closed: close it where the value ends, or remove it"
            ),
            "{csv:?}"
        );
    }
}

#[test]
fn a_quote_that_another_stray_one_closes_is_refused_with_both_lines() {
    let opens = "the quote that opens here closes on line";
    let middle = "in the middle of a value: close it where the value ends, or remove it (a quote inside of a quoted value \
                  is written twice)";
    let rows = "and the lines up to there read as rows of their own: close it where the value ends, or remove it";
    for (csv, expected) in [
        (
            "a,b\n1,\"2\"3\n",
            format!("line 2, column \"b\": {opens} 2 {middle}"),
        ),
        (
            "a,b\n\"1,2\n3,4\n5,\"six\"\n",
            format!("line 2, column \"a\": {opens} 4 {middle}"),
        ),
        (
            "id,note,x\n1,\"a,2\n3,b,4\n5,c\",6\n7,d,8\n",
            format!("line 2, column \"note\": {opens} 4, {rows}"),
        ),
        (
            "id,x\n1,2\n3,\"4\n5,6\n7,8\"\n",
            format!("line 3, column \"x\": {opens} 5, {rows}"),
        ),
        (
            "a,\"b,c\n1,2\",3\n",
            format!("line 1, column 2: {opens} 2, {rows}"),
        ),
        (
            "\"a\";\"b\"\n1;2\n",
            format!(
                "line 1, column 1: {opens} 1 before ';' (values separated by ';'? Save the table with commas)"
            ),
        ),
    ] {
        assert_eq!(refused(csv), format!("t.csv, {expected}"), "{csv:?}");
    }
}

#[test]
fn texts_over_several_lines_are_no_stray_quotes() {
    let table = table(
        "id,\"Area\n(m2)\",note\n1,52,\"Dear John,\nsmall, but \"\"mine\"\"\"\n2,80,\"Berlin, Germany\nParis, France\"\n3,7,5\" pipe\n",
    )
    .unwrap();
    assert_eq!(table.columns(), ["id", "Area\n(m2)", "note"]);
    assert_eq!(table.numeric(&["id"]).unwrap(), array![[1.0], [2.0], [3.0]]);
}

#[test]
fn a_blank_line_in_a_table_of_one_column_is_a_missing_value() {
    for csv in [
        "a\n1\n\n2\n",
        "a\r\n1\r\n\r\n2\r\n",
        "a\n1\n\n\n2",
        "\na\n\n1\n",
    ] {
        assert_eq!(
            a_refused(csv),
            "t.csv, line 3, column \"a\": the value is missing: fill it in, or remove the row"
        );
    }
    let table = table("\n\na\n1\n2\n\n\n").unwrap();
    assert_eq!(table.numeric(&["a"]).unwrap(), array![[1.0], [2.0]]);
}

#[test]
fn an_unclosed_quote_before_sixty_megabytes_costs_no_more_than_reading_them() {
    let mut csv = String::from("a,b,y\n1,2,3\n1,2,\"3\n");
    csv.push_str(&"5,67,890\n".repeat(60_000_000 / 9));
    let begin = std::time::Instant::now();
    let message = refused(&csv);
    // A tenth of it in a release build; other work may share the machine.
    assert!(begin.elapsed().as_secs() < 10, "{:?}", begin.elapsed());
    assert!(
        message.starts_with("t.csv, line 3, column \"y\": a quote opens here"),
        "{message}"
    );
}

#[test]
fn long_names_and_control_sequences_are_cut_and_escaped_in_every_message() {
    let (long, evil) = ("n".repeat(70_000), "a\u{1b}[31m\u{7}");
    for name in [&long, evil] {
        let of_cell = |cell: &str| {
            table(format!("{name},y\n{cell},1\n"))
                .unwrap()
                .numeric(&[name])
                .unwrap_err()
                .to_string()
        };
        let messages = [
            of_cell(""),
            of_cell("x"),
            of_cell("NaN"),
            of_cell(evil),
            refused(format!("{name},{name}\n1,2\n")),
            refused(format!("y,{name}\n1,\"2\n")),
            refused([format!("y,{name}\n1,").as_bytes(), b"\xff\n"].concat()),
            table(format!("{name}x,y\n1,1\n"))
                .unwrap()
                .numeric(&[name])
                .unwrap_err()
                .to_string(),
            Table::from_reader(b"".as_slice(), evil)
                .unwrap_err()
                .to_string(),
            Table::read(Path::new(evil)).unwrap_err().to_string(),
        ];
        for message in messages {
            assert!(message.len() < 700, "{message}");
            assert!(!message.contains(char::is_control), "{message}");
        }
    }
}

#[test]
fn a_text_comes_back_as_it_came_with_one_column_more() {
    for (csv, expected) in [
        ("a,b\n1,2\n", "a,b,p\n1,2,0.5\n"),
        ("a,b\n1,2", "a,b,p\n1,2,0.5"),
        (
            "\u{feff}a , \"b\"\r\n\r\n\"1\",2 \r\n\r\n",
            "\u{feff}a , \"b\",p\r\n\r\n\"1\",2 ,0.5\r\n\r\n",
        ),
        (
            "\n\na,b\r1,\"x\n\"\"y\"\"\"\n",
            "\n\na,b,p\r1,\"x\n\"\"y\"\"\",0.5\n",
        ),
        ("a\n1\n\n", "a,p\n1,0.5\n\n"),
    ] {
        let (_, text) = Table::from_reader_with_text(csv.as_bytes(), "t.csv").unwrap();
        let mut wider = Vec::new();
        text.write_with_column("p", &[0.5], &mut wider).unwrap();
        assert_eq!(String::from_utf8(wider).unwrap(), expected, "{csv:?}");
    }
}

#[test]
fn an_added_name_is_quoted_only_where_it_has_to_be() {
    let (_, text) = Table::from_reader_with_text("a\n1\n2\n".as_bytes(), "t.csv").unwrap();
    for (name, header) in [
        ("p", "a,p\n"),
        ("p (m²)", "a,p (m²)\n"),
        ("p, \"q\"", "a,\"p, \"\"q\"\"\"\n"),
    ] {
        let mut wider = Vec::new();
        text.write_with_column(name, &[0.5, 1e300], &mut wider)
            .unwrap();
        let wider = String::from_utf8(wider).unwrap();
        assert!(wider.starts_with(header), "{wider}");
        let read = table(&wider).unwrap();
        assert_eq!(read.columns()[1], name);
        assert_eq!(read.numeric(&[name]).unwrap(), array![[0.5], [1e300]]);
    }
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
    let table = table("a,b\n1,1\n2,2\n\nx,3\n").unwrap().select(&[2, 0]);
    assert_eq!((table.rows(), table.line(0), table.line(1)), (2, 5, 2));
    let message = table.numeric(&["a"]).unwrap_err().to_string();
    assert!(message.starts_with("t.csv, line 5, "), "{message}");
    assert_eq!(
        table.select(&[1, 1]).numeric(&["a"]).unwrap(),
        array![[1.0], [1.0]]
    );
}

/// Every column of whatever was read can be asked for, and the text comes back with a column that can be read again.
fn read_all(bytes: &[u8]) {
    if let Ok((table, text)) = Table::from_reader_with_text(bytes, "t.csv") {
        let added: Vec<f64> = (0..table.rows()).map(|row| row as f64).collect();
        let mut wider = Vec::new();
        text.write_with_column("added", &added, &mut wider).unwrap();
        let wider = match Table::from_reader(wider.as_slice(), "t.csv") {
            // With a comma more, the lines inside of a quoted value may read as rows.
            Err(TableError::StrayQuote { .. }) => return,
            wider => wider.unwrap(),
        };
        assert_eq!(
            wider
                .numeric(&["added"])
                .unwrap()
                .into_raw_vec_and_offset()
                .0,
            added
        );
        for (wide, record) in wider.records().zip(table.records()) {
            assert!(
                wide.iter().zip(record).all(|(w, r)| w == r),
                "{wide:?} {record:?}"
            );
        }
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
