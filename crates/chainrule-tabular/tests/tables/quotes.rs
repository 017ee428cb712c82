//! Quotes and blank lines of text tables: no row is lost to them, and the text comes back as it came.

use std::io::Cursor;

use chainrule_tabular::TableError;
use chainrule_tabular::table::{ReadOptions, TypedTable};

fn read(csv: impl AsRef<[u8]>) -> Result<TypedTable, TableError> {
    let csv = Cursor::new(csv.as_ref().to_vec());
    TypedTable::from_reader(csv, "t.csv", &ReadOptions::default()).map(|(table, _)| table)
}

fn refused(csv: impl AsRef<[u8]>) -> String {
    read(csv).unwrap_err().to_string()
}

#[test]
fn a_quote_that_is_never_closed_is_refused_with_its_line_and_column() {
    for (csv, place) in [
        ("a,b\n1,2\n5,\"6", "line 3, column \"b\""),
        ("a,b\n1,2\n5,\"6\n", "line 3, column \"b\""),
        ("a,b\r\n\"1,2\r\n3,4\r\n", "line 2, column \"a\""),
        ("a,b\n1,2\n3,\"4\"\"\n5,6\n", "line 3, column \"b\""),
        ("a,b\n\"1\n\n2\",\"3\n", "line 4, column \"b\""),
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
    ] {
        assert_eq!(refused(csv), format!("t.csv, {expected}"), "{csv:?}");
    }
}

#[test]
fn an_unclosed_quote_before_sixty_megabytes_costs_no_more_than_reading_them() {
    let mut csv = String::from("a,b,y\n1,2,3\n1,2,\"3\n");
    csv.push_str(&"5,67,890\n".repeat(60_000_000 / 9));
    let begin = std::time::Instant::now();
    let message = refused(&csv);
    // A tenth of it in a release build; other work may share the machine.
    assert!(begin.elapsed().as_secs() < 10, "{:?}", begin.elapsed());
    assert!(message.starts_with("t.csv, line 3"), "{message}");
}

#[test]
fn a_blank_line_in_a_table_of_one_column_is_a_missing_value() {
    for csv in ["a\n1\n\n2\n", "a\r\n1\r\n\r\n2\r\n", "a\n1\n\"\"\n2"] {
        let table = read(csv).unwrap();
        let found = table.numbers_of("a").unwrap();
        assert!(
            found.len() == 3 && found[1].is_nan() && found[2] == 2.0,
            "{csv:?}: {found:?}"
        );
        assert_eq!(table.line(2), 4, "{csv:?}");
    }
    let table = read("\n\na\n1\n2\n\n\n").unwrap();
    assert_eq!(*table.numbers_of("a").unwrap(), [1.0, 2.0]);
    let table = read("a,b\n1,2\n\n3,4\n").unwrap();
    assert_eq!(*table.numbers_of("a").unwrap(), [1.0, 3.0]);
}

#[test]
fn a_header_without_a_name_names_nothing() {
    for csv in ["\r\n\"\"", "\"\"\n\"\"\n", "\r\n\""] {
        let message = refused(csv);
        assert!(message.starts_with("t.csv"), "{csv:?}: {message}");
    }
}
