//! What people have as tables of text, each kind of it in a small table: what is read, and what is said where it cannot
//! be.

use std::io::Write;

use chainrule_tabular::TableError;
use chainrule_tabular::table::plan::{LeftOut, Resolution, TimeOrder};
use chainrule_tabular::table::{
    Findings, Form, Kind, OnError, PlannedReader, ReadOptions, Separator, TypedTable, Values,
};
use proptest::prelude::*;

fn read_bytes(bytes: &[u8], options: &ReadOptions) -> Result<(TypedTable, Findings), TableError> {
    TypedTable::from_reader(std::io::Cursor::new(bytes.to_vec()), "t.csv", options)
}

#[track_caller]
fn read(text: &str) -> (TypedTable, Findings) {
    read_bytes(text.as_bytes(), &ReadOptions::default()).unwrap()
}

#[track_caller]
fn message(text: &str) -> String {
    read_bytes(text.as_bytes(), &ReadOptions::default())
        .unwrap_err()
        .to_string()
}

#[track_caller]
fn numbers(table: &TypedTable, name: &str) -> Vec<f64> {
    let column = table
        .column(name)
        .unwrap_or_else(|| panic!("no column {name}"));
    column
        .numbers()
        .unwrap_or_else(|| panic!("{name} is {:?}", column.plan()))
        .into_owned()
}

fn names(table: &TypedTable) -> Vec<&str> {
    table.columns().iter().map(|column| column.name()).collect()
}

#[track_caller]
fn left_out(table: &TypedTable, name: &str) -> Option<LeftOut> {
    table.column(name).unwrap().left_out()
}

/// A header and rows of the numbers that `row` gives.
fn rows(header: &str, count: usize, row: impl Fn(usize) -> String) -> String {
    let rows: String = (0..count).map(|i| row(i) + "\n").collect();
    format!("{header}\n{rows}")
}

#[test]
fn a_minus_behind_a_number_is_its_sign_and_before_a_word_it_is_none() {
    let (table, _) = read(
        "balance,doors,price\n\"1,250.00-\",5-door,1\n310.50,3-door,2\n7-,5-door,3\n0,3-door,4\n",
    );
    assert_eq!(numbers(&table, "balance"), [-1250.0, 310.5, -7.0, 0.0]);
    assert_ne!(table.columns()[1].kind(), Kind::Number);
}

#[test]
fn the_separator_is_found_by_looking() {
    for (sign, name) in [
        (",", "comma"),
        (";", "semicolon"),
        ("\t", "tab"),
        ("|", "pipe"),
        ("   ", "spaces"),
    ] {
        let text = "length,width,price\n12.5,3,40\n7,4,28\n9.25,1,9\n".replace(',', sign);
        let (table, findings) = read(&text);
        assert_eq!(findings.separator.as_deref(), Some(name));
        assert_eq!(numbers(&table, "length"), [12.5, 7.0, 9.25], "{name}");
        assert_eq!(numbers(&table, "price"), [40.0, 28.0, 9.0], "{name}");
    }
}

#[test]
fn a_separator_within_quotes_or_within_numbers_is_none() {
    let (table, findings) =
        read("town;size\n\"Wil, Bern, Ost\";1,5\n\"Au, Nord, Ost\";2,5\n\"Au, Nord, Ost\";3,5\n");
    assert_eq!(findings.separator.as_deref(), Some("semicolon"));
    assert_eq!(numbers(&table, "size"), [1.5, 2.5, 3.5]);
}

#[test]
fn a_separator_that_is_told_is_taken() {
    let options = ReadOptions {
        separator: Some(Separator::Byte(b':')),
        ..ReadOptions::default()
    };
    let (table, _) = read_bytes(b"a:b\n1:2\n3:5\n", &options).unwrap();
    assert_eq!(numbers(&table, "b"), [2.0, 5.0]);
}

#[test]
fn a_line_that_names_the_separator_is_obeyed_and_is_no_row() {
    for text in [
        "sep=|\na,x|b\n1|2\n3|4\n",
        "\"sep=|\"\r\na,x|b\r\n1|2\r\n3|4\r\n",
    ] {
        let (table, _) = read(text);
        assert_eq!(names(&table), ["a,x", "b"]);
        assert_eq!((table.rows(), table.line(0)), (2, 3));
    }
}

#[test]
fn line_ends_of_all_kinds_give_the_same_table() {
    let expected = read("a,b\n1,2\n3,5\n").0;
    for end in ["\r\n", "\r"] {
        let (table, _) = read(&"a,b\n1,2\n3,5\n".replace('\n', end));
        assert_eq!(table, expected, "{end:?}");
    }
    assert_eq!(read("a,b\n1,2\n3,5").0, expected, "no line end at the end");
}

#[test]
fn letters_are_read_in_every_usual_encoding() {
    let text = "größe,π\n1,2\n3,5\n";
    let utf16 =
        |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let with_mark = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
    let encoded = [
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8", with_mark(b"\xef\xbb\xbf", text.as_bytes())),
        ("UTF-16", with_mark(b"\xff\xfe", &utf16(u16::to_le_bytes))),
        ("UTF-16", with_mark(b"\xfe\xff", &utf16(u16::to_be_bytes))),
        ("UTF-16", utf16(u16::to_le_bytes)),
        ("UTF-16", utf16(u16::to_be_bytes)),
    ];
    for (encoding, bytes) in encoded {
        let (table, findings) = read_bytes(&bytes, &ReadOptions::default()).unwrap();
        assert_eq!(names(&table), ["größe", "π"], "{encoding}");
        assert_eq!(findings.encoding.as_deref(), Some(encoding));
    }
    let (table, findings) = read_bytes(
        b"temp(\xb0C),gr\xf6\xdfe\n1,2\n3,5\n",
        &ReadOptions::default(),
    )
    .unwrap();
    assert_eq!(names(&table), ["temp(°C)", "größe"]);
    assert_eq!(findings.encoding.as_deref(), Some("Windows-1252"));
}

#[test]
fn a_header_in_the_middle_is_known_for_what_it_is() {
    for again in ["a,b", "\u{feff}a,b"] {
        let text = format!("a,b\n1,2\n3,4\n5,6\n{again}\n7,8\n9,10\n11,12\n13,14\n");
        let message = message(&text);
        assert!(
            message.starts_with("t.csv, line 5, column \"a\": "),
            "{message}"
        );
        assert_eq!(
            message.matches("the line of names again?").count(),
            2,
            "{message}"
        );
    }
}

#[test]
fn times_of_day_are_shown_without_a_day_and_quarters_are_times() {
    let (table, _) = read("at,in\n06:30,2024Q2\n7:05,2023Q4\n23:59,2024Q1\n");
    assert_eq!(table.column("at").unwrap().text(1).unwrap(), "07:05:00");
    let quarter = table.column("in").unwrap().text(0).unwrap();
    assert_eq!(quarter, "2024-04-01T00:00:00Z");
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_line() {
    let refused = |bytes: &[u8]| {
        read_bytes(bytes, &ReadOptions::default())
            .unwrap_err()
            .to_string()
    };
    assert!(
        refused(b"a,b\n1,2\n\x00\x01\xff,3\n")
            .starts_with("t.csv, line 3: there are bytes that no text in UTF-8")
    );
    assert!(
        refused(b"a,b\n1,2\n\xff\x81\x02,3\n")
            .starts_with("t.csv, line 3: there are bytes that no text in UTF-8")
    );
    let mixed = refused(
        "ä,b\n1,2\n"
            .as_bytes()
            .iter()
            .chain(b"\xe4,3\n")
            .copied()
            .collect::<Vec<u8>>()
            .as_slice(),
    );
    assert!(
        mixed.starts_with("t.csv, line 3: the text is UTF-8 above"),
        "{mixed}"
    );
}

#[test]
fn packed_tables_are_unpacked_whatever_their_name() {
    let text = b"a,b\n1,2\n3,5\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text).unwrap();
    for (packed, name) in [
        (gzip.finish().unwrap(), "gzip"),
        (zstd::encode_all(&text[..], 3).unwrap(), "zstd"),
    ] {
        let (table, findings) = read_bytes(&packed, &ReadOptions::default()).unwrap();
        assert_eq!(findings.compression.as_deref(), Some(name));
        assert_eq!(numbers(&table, "b"), [2.0, 5.0]);
    }
}

#[test]
fn comments_and_titles_above_the_header_are_passed_over_and_lines_still_count() {
    for head in [
        "# made by hand\n",
        "Sales of 2023\n\n",
        "Sales of 2023,,\n,,\n",
        "# one\n# two, three\n",
    ] {
        let (table, findings) = read(&format!("{head}a,b,c\n1,2,3\n4,5,7\n"));
        assert_eq!(names(&table), ["a", "b", "c"], "{head:?}");
        assert_eq!(table.line(0), head.matches('\n').count() as u64 + 2);
        assert!(
            findings.notes[0].contains("above the header"),
            "{:?}",
            findings.notes
        );
    }
    let (table, _) = read("#a,b\n1,2\n4,5\n");
    assert_eq!(
        names(&table),
        ["a", "b"],
        "a header may begin with the sign of a comment"
    );
}

#[test]
fn padding_by_spreadsheets_is_ignored() {
    let (table, findings) = read("a,b,,\n1,2,,\n3,5,,\n,,,\n,,,\n   \n\n");
    assert_eq!(names(&table), ["a", "b"]);
    assert_eq!(table.rows(), 2);
    assert_eq!(findings.notes, ["4 empty lines passed over"]);
    assert_eq!(
        names(&read("a,b\n1,2,\n3,5,\n").0),
        ["a", "b"],
        "only the rows end in a separator"
    );
    assert_eq!(
        names(&read("a,,b\n1,,2\n3,,5\n").0),
        ["a", "b"],
        "an empty column in the middle"
    );
}

#[test]
fn an_unnamed_column_that_only_counts_is_left_out_and_said() {
    let (table, findings) = read(",a,b\n0,7,2\n1,7.5,5\n2,9,4\n");
    assert_eq!(left_out(&table, "c1"), Some(LeftOut::Identifier));
    assert!(
        findings.notes[0].contains("without a name"),
        "{:?}",
        findings.notes
    );
    // R writes no name at all for it.
    let (table, _) = read("a b\n1 7 2\n2 7.5 5\n3 9 4\n");
    assert_eq!(left_out(&table, "c1"), Some(LeftOut::Identifier));
    assert_eq!(numbers(&table, "b"), [2.0, 5.0, 4.0]);
    // One that does not count is an input.
    assert_eq!(
        numbers(&read(",b\n2.5,1\n2.5,2\n3,4\n").0, "c1"),
        [2.5, 2.5, 3.0]
    );
}

#[test]
fn names_are_trimmed_composed_and_told_apart() {
    let (table, findings) = read("  a ,Pra\u{308}mie,a,a (2)\n1,2,3,4\n5,6,8,9\n");
    assert_eq!(names(&table), ["a", "Prämie", "a (3)", "a (2)"]);
    assert!(
        findings.notes[0].contains("columns 1 and 3 are both named \"a\""),
        "{:?}",
        findings.notes
    );
    let options = ReadOptions {
        targets: vec!["Pra\u{308}mie ".to_owned()],
        ..ReadOptions::default()
    };
    assert!(read_bytes("Prämie,b\n1,2\n2,5\n".as_bytes(), &options).is_ok());
}

#[test]
fn a_table_without_a_header_names_its_columns_by_number() {
    let options = ReadOptions {
        header: false,
        targets: vec!["2".to_owned()],
        ..ReadOptions::default()
    };
    let (table, _) = read_bytes(b"1.5,20\n2.5,40\n4,80\n", &options).unwrap();
    assert_eq!(names(&table), ["c1", "c2"]);
    assert_eq!((table.rows(), table.line(0)), (3, 1));
    let (_, findings) = read("1.5,20\n2.5,40\n4,80\n");
    assert!(
        findings.notes[0].contains("the header is made of numbers"),
        "{:?}",
        findings.notes
    );
}

#[test]
fn numbers_are_read_as_the_column_writes_them() {
    for (cells, expected) in [
        (["12,5", "7", "0,25"], [12.5, 7.0, 0.25]),
        (["1.234,5", "12,5", "1.234"], [1234.5, 12.5, 1234.0]),
        (["1,234.5", "7", "12"], [1234.5, 7.0, 12.0]),
        (["1,234,567", "12,345", "7"], [1_234_567.0, 12_345.0, 7.0]),
        (["1 234", "12 345", "7"], [1234.0, 12_345.0, 7.0]),
        (["310'500", "7", "1'200'000"], [310_500.0, 7.0, 1_200_000.0]),
        (["$5.50", "-$7", "$1,200.25"], [5.5, -7.0, 1200.25]),
        (["12 €", "7,5 €", "1.200 €"], [12.0, 7.5, 1200.0]),
        (["12%", "7.5%", "-3%"], [12.0, 7.5, -3.0]),
        (["98.3 m2", "7 m2", "120 m2"], [98.3, 7.0, 120.0]),
        (
            ["51,000 mi.", "800 mi.", "12,300 mi."],
            [51_000.0, 800.0, 12_300.0],
        ),
        (["(12)", "7", "\u{2212}3.5"], [-12.0, 7.0, -3.5]),
        (["1e5", "-2.5E-3", "+7"], [1e5, -2.5e-3, 7.0]),
        (["007", "020", "1"], [7.0, 20.0, 1.0]),
    ] {
        let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{cell}\",x\n")).collect();
        let (table, _) = read(&format!("value,y\n{}", quoted.concat()));
        assert_eq!(numbers(&table, "value"), expected, "{cells:?}");
    }
}

#[test]
fn one_thousand_is_never_taken_for_one() {
    // Alone, 1,234 could be both. The other columns decide, then the separator, and it is said and can be set.
    let english = "price,y\n\"1,234\",0.5\n\"5,678\",0.25\n";
    let (table, findings) = read(english);
    assert_eq!(numbers(&table, "price"), [1234.0, 5678.0]);
    assert!(
        findings.notes[0].contains("1,234 is read as 1234 (--decimal ,"),
        "{:?}",
        findings.notes
    );
    let (table, _) = read("price;y\n1,234;0,5\n5,678;0,25\n");
    assert_eq!(numbers(&table, "price"), [1.234, 5.678]);
    let (table, findings) = read("price;y\n1,234;5\n5,678;2\n");
    assert_eq!(numbers(&table, "price"), [1.234, 5.678]);
    assert_eq!(findings.notes.len(), 1);
    let (table, _) = read("price;y\n1.234;0,5\n5.678;0,25\n");
    assert_eq!(
        numbers(&table, "price"),
        [1234.0, 5678.0],
        "the other column has decimal commas"
    );
    let options = ReadOptions {
        decimal: Some(','),
        ..ReadOptions::default()
    };
    let (table, findings) = read_bytes(english.replace("0.", "0").as_bytes(), &options).unwrap();
    assert_eq!(numbers(&table, "price"), [1.234, 5.678]);
    assert_eq!(findings.notes, [""; 0]);
}

#[test]
fn missing_values_are_known_by_their_usual_words_and_by_those_that_are_told() {
    for word in [
        "", " ", "NA", "N/A", "#N/A", "NULL", "None", "nan", "NaN", "?", "-", ".",
    ] {
        let (table, _) = read(&format!("a,b\n1.5,2\n{word},3\n3,5\n"));
        let a = numbers(&table, "a");
        assert!(a[0] == 1.5 && a[1].is_nan() && a[2] == 3.0, "{word:?}");
        assert_eq!(table.column("a").unwrap().missing(), 1);
    }
    let options = ReadOptions {
        missing: vec!["unknown".into(), "-999".into()],
        ..ReadOptions::default()
    };
    let (table, _) = read_bytes(b"a,b\n1,x\nUnknown,y\n-999.0,unknown\n4,x\n", &options).unwrap();
    assert_eq!(table.column("a").unwrap().missing(), 2);
    assert_eq!(table.column("b").unwrap().missing(), 1);
}

#[test]
fn infinities_and_errors_of_spreadsheets_are_refused_with_their_places_and_counts() {
    let all = message(
        "a,b\n1,2\ninf,3\n4,#DIV/0!\n-Infinity,#REF!\n5,6\n7,8\n9,1\n2,2\n3,2\n4,5\n5,6\n7,8\n",
    );
    let expected = [
        "t.csv, line 3, column \"a\": \"inf\" is not a finite number (correct it",
        "and 1 more like it\nt.csv, line 4, column \"b\": \"#DIV/0!\" is an error that a spreadsheet could not compute",
    ];
    assert!(expected.iter().all(|part| all.contains(part)), "{all}");
    assert!(
        message(&rows("a,b", 30, |i| if i == 7 {
            "1e999,1".into()
        } else {
            format!("{i}.5,{i}")
        }))
        .contains("line 9")
    );
}

#[test]
fn a_slip_in_a_column_of_numbers_is_told_with_its_place() {
    let text = rows("a,b", 30, |i| {
        if i == 20 {
            "12o,1".into()
        } else {
            format!("{i}.5,{}", i % 4)
        }
    });
    let told = message(&text);
    assert!(
        told.starts_with(
            "t.csv, line 22, column \"a\": \"12o\" is not a number (correct it; --missing"
        ),
        "{told}"
    );
    let options = ReadOptions {
        on_error: OnError::Skip,
        ..ReadOptions::default()
    };
    let (table, findings) = read_bytes(text.as_bytes(), &options).unwrap();
    assert_eq!(
        (table.rows(), findings.skipped_rows, table.line(20)),
        (29, 1, 23)
    );
}

#[test]
fn numbers_as_programs_write_them_are_refused_with_what_to_write() {
    for (cell, hint) in [
        ("0x1F", "Write 31"),
        ("1_000", "Write 1000"),
        ("1d5", "Write 1e5"),
        ("'50'", "Write 50"),
        ("\"=\"\"50\"\"\"", "Save its value: 50"),
        ("=\"50\"", "Save its value: 50"),
    ] {
        let told = message(&rows("a,b", 30, |i| format!("{cell},{i}")));
        assert!(
            told.starts_with("t.csv, line 2, column \"a\"") && told.contains(hint),
            "{cell}: {told}"
        );
    }
}

#[test]
fn a_column_of_a_few_numbers_and_words_is_a_category() {
    let (table, _) = read(&rows("children,y", 60, |i| {
        format!("{},{i}", ["0", "1", "2", "3+"][i % 4])
    }));
    assert_eq!(
        table.column("children").unwrap().levels(),
        ["0", "1", "2", "3+"]
    );
}

#[test]
fn two_texts_are_a_boolean_and_several_a_category() {
    let (table, _) =
        read("garden,sold,town\nyes,FALSE,Chur\nno,TRUE,Bern\nyes,TRUE,Aarau\n,FALSE,Bern\n");
    let garden = table.column("garden").unwrap();
    assert_eq!(
        garden.values(),
        &Values::Boolean(vec![Some(true), Some(false), Some(true), None])
    );
    assert_eq!(numbers(&table, "sold"), [0.0, 1.0, 1.0, 0.0]);
    let town = table.column("town").unwrap();
    assert_eq!(town.levels(), ["Aarau", "Bern", "Chur"]);
    assert_eq!(town.values(), &Values::Category(vec![2, 1, 0, 1]));
}

#[test]
fn points_in_time_are_read_in_the_order_that_the_column_shows() {
    let time = |text: &str| {
        let (table, _) = read(text);
        let column = table.column("t").unwrap().clone();
        match (column.plan().form.clone(), column.values().clone()) {
            (Form::Time(format), Values::Time(times)) => (format, times),
            (form, _) => panic!("{text}: {form:?}"),
        }
    };
    let day = 86_400_000_000;
    let (format, times) = time("t,y\n2015-05-19T19:16:02UTC,1\n2015-05-20T19:16:02UTC,2\n");
    assert_eq!(
        (format.order, format.resolution),
        (TimeOrder::YearFirst, Resolution::Second)
    );
    assert_eq!(times[1] - times[0], day);
    let (format, times) = time("t,y\n1/12/2017,1\n2/12/2017,2\n31/12/2017,3\n");
    assert_eq!(
        (format.order, times[1] - times[0]),
        (TimeOrder::DayFirst, day)
    );
    let (format, times) = time("t,y\n1/12/2017,1\n2/12/2017,2\n1/31/2017,3\n");
    assert_eq!(
        (format.order, times[1] - times[0]),
        (TimeOrder::MonthFirst, 31 * day)
    );
    assert_eq!(
        time("t,y\n2000-01,1\n2000-02,2\n").0.resolution,
        Resolution::Month
    );
    assert_eq!(time("t,y\n08:30,1\n17:45,2\n").0.order, TimeOrder::Clock);
    let (_, findings) = read("t,y\n1/2/2017,1\n2/2/2017,2\n");
    assert!(
        findings.notes[0].contains("cannot be told apart"),
        "{:?}",
        findings.notes
    );
}

#[test]
fn unix_seconds_are_read_only_when_asked() {
    let text = b"t,y\n1431976562,1\n1431976563,2\n";
    assert_eq!(
        read_bytes(text, &ReadOptions::default())
            .unwrap()
            .0
            .column("t")
            .unwrap()
            .kind(),
        Kind::Number
    );
    let dates = vec![("t".to_owned(), Some(TimeOrder::UnixSeconds))];
    let (table, _) = read_bytes(
        text,
        &ReadOptions {
            dates,
            ..ReadOptions::default()
        },
    )
    .unwrap();
    assert_eq!(
        table.column("t").unwrap().values(),
        &Values::Time(vec![1_431_976_562_000_000, 1_431_976_563_000_000])
    );
}

#[test]
fn what_names_the_rows_or_never_changes_is_left_out() {
    let text = rows("id,code,note,one,empty,x,y", 40, |i| {
        format!(
            "{},K{:03},a remark with many words in it number {i},7,,{},{i}.5",
            900 - i,
            i * 7,
            i % 5
        )
    });
    let (table, _) = read(&text);
    assert_eq!(left_out(&table, "id"), Some(LeftOut::Identifier));
    assert_eq!(left_out(&table, "code"), Some(LeftOut::Identifier));
    assert_eq!(left_out(&table, "note"), Some(LeftOut::FreeText));
    assert_eq!(left_out(&table, "one"), Some(LeftOut::Constant));
    assert_eq!(left_out(&table, "empty"), Some(LeftOut::AllMissing));
    assert_eq!(left_out(&table, "x"), None);
    let options = ReadOptions {
        numeric: vec!["id".into()],
        categorical: vec!["code".into()],
        ..ReadOptions::default()
    };
    let (table, _) = read_bytes(text.as_bytes(), &options).unwrap();
    assert_eq!(table.column("id").unwrap().kind(), Kind::Number);
    assert_eq!(table.column("code").unwrap().levels().len(), 40);
    let options = ReadOptions {
        only: vec!["x".into()],
        targets: vec!["one".into()],
        ..ReadOptions::default()
    };
    let (table, _) = read_bytes(text.as_bytes(), &options).unwrap();
    assert_eq!(left_out(&table, "code"), Some(LeftOut::Ignored));
    assert_eq!(
        table.column("one").unwrap().kind(),
        Kind::Number,
        "a target is never left out"
    );
}

#[test]
fn a_name_that_no_column_has_is_refused_with_the_nearest() {
    let told = |target: &str| {
        let options = ReadOptions {
            targets: vec![target.to_owned()],
            ..ReadOptions::default()
        };
        read_bytes(b"area,Price\n1,2\n2,3\n", &options)
            .unwrap_err()
            .to_string()
    };
    assert!(told("price").contains("did you mean \"Price\"?"));
    assert!(told("area,Price").contains("Give the option once for each of them"));
}

#[test]
fn rows_of_another_width_are_told_all_at_once() {
    let told = message("a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,2,3\n");
    assert!(
        told.starts_with("t.csv, line 3: 2 values where the header has 3 columns"),
        "{told}"
    );
    assert!(told.ends_with("and 1 more like it"), "{told}");
    let told = message("a;b;c\n\"1;\"\"2\"\";3\"\n\"4;\"\"5\"\";6\"\n");
    assert!(
        told.contains("line 2: 1 value where the header has 3 columns")
            && told.contains("whole line in quotes")
    );
}

#[test]
fn a_quote_that_is_never_closed_is_refused_with_its_line() {
    let told = message("a,b\n1,x\n2,\"y\n3,z\n4,w\n");
    assert!(
        told.starts_with("t.csv, line 3, column \"b\": a quote opens here and is never closed"),
        "{told}"
    );
    let told = message("a,b\n1,2\n2,\"5\n3,6\n4,7\"\n");
    assert!(
        told.starts_with("t.csv, line 3, column \"b\": the quote that opens here closes on line 5"),
        "{told}"
    );
}

#[test]
fn quoted_values_may_hold_anything() {
    let (table, _) = read("a,b\n\"x, \"\"y\"\"\nz\",1\nk,2\n\"x, \"\"y\"\"\nz\",3\nk,4\n");
    let column = table.column("a").unwrap();
    assert_eq!(
        column.plan().form,
        Form::Boolean {
            no: "k".into(),
            yes: "x, \"y\"\nz".into()
        }
    );
    assert_eq!((table.line(1), table.line(2)), (4, 5));
}

#[test]
fn what_is_no_table_is_named() {
    for (bytes, name) in [
        (&b"<!DOCTYPE html><html></html>"[..], "a page of HTML"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"PK\x03\x04 plain zip", "a zip archive"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
            "a Git LFS pointer",
        ),
        (b"\x10\0\0\0\0\0\0\0{\"a\":{}}", "a model file"),
        (b"\x89PNG\r\n", "a PNG picture"),
        (
            b"\xef\xbb\xbf[\n [1, 2]]",
            "an array of JSON whose elements are no objects",
        ),
    ] {
        let told = read_bytes(bytes, &ReadOptions::default())
            .unwrap_err()
            .to_string();
        assert!(told.starts_with(&format!("t.csv is {name}")), "{told}");
    }
    assert!(
        read_bytes(b" \n\n", &ReadOptions::default())
            .unwrap_err()
            .to_string()
            .starts_with("t.csv is empty")
    );
    assert!(message("a,b\n").contains("has a header but no rows"));
    let folder = tempfile::tempdir().unwrap();
    let told = TypedTable::read(folder.path(), &ReadOptions::default())
        .unwrap_err()
        .to_string();
    assert!(told.contains("is a folder"), "{told}");
}

#[test]
fn endless_lines_are_refused_before_memory_is_full() {
    let told = read_bytes(&vec![b'a'; 17 << 20], &ReadOptions::default())
        .unwrap_err()
        .to_string();
    assert!(told.contains("a row of more than 16 MB"), "{told}");
    let told = read_bytes(
        &[vec![b','; 100_001], b"\n".to_vec()].concat(),
        &ReadOptions::default(),
    );
    assert!(
        told.unwrap_err()
            .to_string()
            .contains("columns, and 100000 is the most")
    );
}

#[test]
fn a_long_column_of_decimal_commas_and_one_of_dates_are_settled_on_the_way() {
    let text = rows("a;t;k", 20_000, |i| {
        format!(
            "{},{};2020-01-01 {:02}:{:02}:{:02};{}",
            i,
            i % 9 + 1,
            i / 3600,
            i / 60 % 60,
            i % 60,
            i % 3
        )
    });
    let (table, _) = read(&text);
    assert_eq!(
        numbers(&table, "a")[19_999],
        19_999.0 + (19_999 % 9 + 1) as f64 / 10.0
    );
    let Values::Time(times) = table.column("t").unwrap().values() else {
        panic!("dates")
    };
    assert_eq!(times[19_999] - times[0], 19_999_000_000);
    assert_eq!(table.line(19_999), 20_001);
}

#[test]
fn a_table_for_prediction_is_read_by_the_plan_and_no_cell_costs_a_row() {
    let (table, _) = read(&rows("size;town;sold;t;y", 30, |i| {
        format!(
            "{i},5;{};{};{:02}/01/2020;{i}",
            ["Au", "Wil", "Chur"][i % 3],
            ["yes", "no"][i % 2],
            i % 28 + 1
        )
    }));
    let plan =
        serde_json::from_str(&serde_json::to_string(&table.plan(Vec::new())).unwrap()).unwrap();
    let wanted = ["size", "town", "sold", "t"].map(str::to_owned);
    let new = "t;size;more;town;sold\n03/04/2020;1,5;q;Wil;no\n;big;q;Rom;maybe\n05/04/2020\n04/04/2020;2.000;q;;yes\n";
    let mut reader = PlannedReader::from_reader(
        new.as_bytes(),
        "n.csv",
        &plan,
        &wanted,
        &ReadOptions::default(),
    )
    .unwrap();
    let block = reader.next_block().unwrap().unwrap();
    let (read, ragged) = (block.table.clone(), block.rows.ragged().to_vec());
    assert_eq!(
        &block.rows.text()[block.rows.record(0)],
        "03/04/2020;1,5;q;Wil;no"
    );
    assert!(reader.next_block().unwrap().is_none());
    assert_eq!((read.rows(), ragged[0].row), (4, 2));
    let size = numbers(&read, "size");
    assert!(
        size[0] == 1.5 && size[1].is_nan() && size[2].is_nan(),
        "{size:?}"
    );
    let Values::Category(towns) = read.column("town").unwrap().values() else {
        panic!("category")
    };
    assert_eq!(towns[1], chainrule_tabular::table::column::UNSEEN_CODE);
    let Values::Time(times) = read.column("t").unwrap().values() else {
        panic!("dates")
    };
    assert_eq!(
        times[3] - times[0],
        86_400_000_000,
        "the day comes first, as in the plan"
    );
    let told: Vec<String> = reader.problems().iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 4, "{told:?}");
}

#[test]
fn a_table_whose_numbers_the_plan_cannot_read_at_all_is_refused() {
    let (table, _) = read(&rows("size,y", 30, |i| format!("{i}.5,{i}")));
    let plan = table.plan(Vec::new());
    let wanted = ["size".to_owned()];
    let new = "size;k\n1,5;1\n2,25;2\n";
    let open = |options: &ReadOptions| {
        PlannedReader::from_reader(new.as_bytes(), "n.csv", &plan, &wanted, options).unwrap()
    };
    let told = open(&ReadOptions::default())
        .next_block()
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(
        told.contains("line 2, column \"size\": \"1,5\"") && told.contains("Try --decimal ,"),
        "{told}"
    );
    let options = ReadOptions {
        decimal: Some(','),
        ..ReadOptions::default()
    };
    assert_eq!(
        numbers(&open(&options).next_block().unwrap().unwrap().table, "size"),
        [1.5, 2.25]
    );
}

#[test]
fn letters_of_several_magnitudes_multiply_and_one_alone_is_a_unit() {
    let column = |cells: [&str; 4]| {
        let rows: String = cells.iter().map(|cell| format!("{cell};1\n")).collect();
        read(&format!("x;y\n{}", rows.repeat(4)))
    };
    for (cells, expected) in [
        (["€565K", "€1.5M", "€0", "€20M"], [565e3, 1.5e6, 0.0, 20e6]),
        (["12k", "(3M)", "2bn", "900"], [12e3, -3e6, 2e9, 900.0]),
        (
            ["$1,565.5K", "$2B", "$3 M", "-$4K"],
            [1_565_500.0, 2e9, 3e6, -4e3],
        ),
        (["1.5M", "2M", "3M", "10M"], [1.5, 2.0, 3.0, 10.0]), // metres? In one unit all the same
    ] {
        let (table, findings) = column(cells);
        assert_eq!(numbers(&table, "x")[..4], expected, "{cells:?}");
        let told = findings
            .notes
            .iter()
            .any(|note| note.contains("K, M and B"));
        assert_eq!(told, expected[0] > 100.0, "{:?}", findings.notes);
    }
}

#[test]
fn json_lines_are_a_table_of_their_keys() {
    let text = r#"{"a": 1.5, "town": "Au", "sold": true}
{"a": null, "town": "Wil", "sold": false, "more": 3}

{"town": "Au", "a": 4e2}
"#;
    let (table, findings) = read(text);
    assert_eq!(findings.format, "JSON lines");
    assert_eq!(names(&table), ["a", "town", "sold", "more"]); // as they come
    let a = numbers(&table, "a");
    assert!(a[0] == 1.5 && a[1].is_nan() && a[2] == 400.0, "{a:?}");
    assert_eq!(table.column("town").unwrap().kind(), Kind::Boolean);
    assert_eq!(
        table.column("sold").unwrap().values(),
        &Values::Boolean(vec![Some(true), Some(false), None])
    );
    assert_eq!(table.line(2), 4);
    for (text, part) in [
        (
            "{\"a\": 1}\n{\"a\": [1]}\n",
            "line 2, column \"a\": a value inside a value",
        ),
        ("{\"a\": 1}\n{\"a\": }\n", "line 2, sign 7"),
        ("{\"a\": 1}\n[1]\n", "line 2 is no object"),
        (
            "{\"a\":{\"0\":1},\"y\":{\"0\":2}}",
            "one object holds the whole table",
        ),
        ("{\"columns\":[\"a\"],\"data\":[[1]]}", "orient=\"records\""),
    ] {
        assert!(message(text).contains(part), "{}", message(text));
    }
}

#[test]
fn an_array_of_objects_is_a_table_too() {
    let (table, findings) =
        read("\u{feff}[\n{\"y\": 1, \"a\": \"}\"},\n\n  {\"y\": 2}\n,{\"a\": \"x\"}]\n");
    assert_eq!(findings.format, "a JSON array");
    assert_eq!(names(&table), ["y", "a"]);
    let y = numbers(&table, "y");
    assert!(y[0] == 1.0 && y[1] == 2.0 && y[2].is_nan(), "{y:?}");
    assert_eq!((table.line(1), table.line(2)), (4, 5));
    let long = (0..5000)
        .map(|i| format!("{{\"y\":{i}}}"))
        .collect::<Vec<_>>();
    let (table, _) = read(&format!("[{}]", long.join(",")));
    assert_eq!(numbers(&table, "y")[4999], 4999.0);
    for (text, part) in [
        (
            "[{\"a\": 1},\n{\"a\": }]",
            "row 2, which begins on line 2: expected value",
        ),
        (
            "[{\"a\": 1}, 2]",
            "line 1, after row 1: neither an object nor the array's end",
        ),
        ("[{\"a\": 1},]", "after row 1: neither an object"),
        ("[{\"a\": 1} {\"a\": 1}]", "after row 1: neither an object"),
        ("[{\"a\": 1}\n", "the array does not end after row 1"),
        (
            "[{\"y\": 1, \"a\": [1]}]",
            "line 1, column \"a\": a value inside a value",
        ),
        ("[{}]", "no rows"),
    ] {
        assert!(message(text).contains(part), "{text}: {}", message(text));
    }
}

#[test]
fn a_key_that_comes_late_is_left_out_and_told() {
    let rows: String = (0..3000)
        .map(|i| match i {
            2900 => "{\"y\":1,\"late\":2}\n".to_owned(),
            _ => format!("{{\"y\":{i}}}\n"),
        })
        .collect();
    let (table, findings) = read(&rows);
    assert_eq!((names(&table), table.rows()), (vec!["y"], 3000));
    assert!(
        findings.notes[0].contains("the key \"late\""),
        "{:?}",
        findings.notes
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_bytes(&bytes, &ReadOptions::default());
    }

    #[test]
    fn no_json_makes_the_reader_panic(text in "(\\{\"a\": ?|[{}\\[\\],:\"]|null|true|-?[0-9.e]{1,4}|\n){0,60}") {
        for bracket in ["", "["] {
            let _ = read_bytes(format!("{bracket}{{\"{text}").as_bytes(), &ReadOptions::default());
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "([a-c0-9,;|\t\"'.# \r\n$%()eE/:+=é-]|\u{202f}|NA|\r\n|20[0-9]{2}-){0,120}", header: bool) {
        let options = ReadOptions { header, on_error: OnError::Skip, ..ReadOptions::default() };
        if let Ok((table, _)) = read_bytes(text.as_bytes(), &options) {
            for column in table.columns() {
                prop_assert_eq!(column.rows(), table.rows());
                if let Some(numbers) = column.numbers() {
                    prop_assert!(numbers.iter().all(|number| !number.is_infinite()));
                }
            }
        }
    }
}
