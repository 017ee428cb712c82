//! Tables given back with further columns.

use std::io::Cursor;

use chainrule_tabular::table::source::Block;
use chainrule_tabular::table::{ReadOptions, WiderText, open_reader};

/// The text with further columns of these names, each of the rows' numbers.
fn wider(csv: &[u8], names: &[&str]) -> Vec<u8> {
    let mut source = open_reader(
        Box::new(Cursor::new(csv.to_vec())),
        "t.csv",
        &ReadOptions::default(),
    )
    .unwrap();
    let (mut block, mut out, mut rows) = (Block::default(), Vec::new(), 0);
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let wider = WiderText::new(source.row_form(), source.names(), &names);
    wider.write_head(&mut out).unwrap();
    while source.next_block(&mut block).unwrap() {
        let values: Vec<Option<String>> = (rows..rows + block.rows())
            .map(|row| Some(format!("{row}.5")))
            .collect();
        let columns = vec![values; names.len()];
        wider.write_block(&block, columns, &mut out).unwrap();
        rows += block.rows();
    }
    out
}

#[test]
fn a_text_comes_back_as_it_came_with_further_columns() {
    for (csv, expected) in [
        ("a,b\n1,2\n3,4\n", "a,b,p\n1,2,0.5\n3,4,1.5\n"),
        (
            "a,b\r\n1,\"x, y\"\r\n\r\n3,z",
            "a,b,p\r\n1,\"x, y\",0.5\r\n\r\n3,z,1.5",
        ),
        ("\u{feff}a;b\n1;2\n\n", "\u{feff}a;b;p\n1;2;0.5\n\n"),
        ("x\n1\n\n2\n\n", "x,p\n1,0.5\n,1.5\n2,2.5\n\n"),
    ] {
        assert_eq!(
            String::from_utf8(wider(csv.as_bytes(), &["p"])).unwrap(),
            expected
        );
    }
    assert!(wider(b"a,b\n1,2\n", &["y, \"so\""]).starts_with(b"a,b,\"y, \"\"so\"\"\"\n"));
    assert_eq!(
        wider(b"a,b\n1,x\n\n2,y", &["p", "q"]),
        b"a,b,p,q\n1,x,0.5,0.5\n\n2,y,1.5,1.5"
    );
    let utf16 = |text: &str| -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xff, 0xfe].into_iter().chain(units).collect()
    };
    assert_eq!(
        wider(&utf16("a,ö\n1,2\n"), &["p"]),
        utf16("a,ö,p\n1,2,0.5\n")
    );
}

#[cfg(feature = "json-lines")]
#[test]
fn json_lines_come_back_as_they_came_with_further_keys() {
    for (lines, expected) in [
        (
            "{\"a\": 1, \"b\": \"}\"}\r\n\r\n{ \"b\":null } \n{}",
            "{\"a\": 1, \"b\": \"}\",\"p\":0.5}\r\n\r\n{ \"b\":null ,\"p\":1.5} \n{\"p\":2.5}",
        ),
        ("\u{feff}{\"a\":1}\n", "\u{feff}{\"a\":1,\"p\":0.5}\n"),
    ] {
        let found = String::from_utf8(wider(lines.as_bytes(), &["p"])).unwrap();
        assert_eq!(found, expected);
    }
    let found = wider(b"{\"a\":1}\n", &["p", "a \"q\""]);
    assert_eq!(found, b"{\"a\":1,\"p\":0.5,\"a \\\"q\\\"\":0.5}\n");
}
