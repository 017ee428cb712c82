//! Any bytes as a table of any format: an error, or columns that reading by their plan gives again.
#![no_main]

use std::io::Cursor;

use chainrule_tabular::table::{PlannedReader, ReadOptions, TypedTable};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let input = || Cursor::new(bytes.to_vec());
    let options = ReadOptions::default();
    let Ok((table, _)) = TypedTable::from_reader(input(), "fuzzed", &options) else {
        return;
    };
    assert!(table.rows() > 0);
    let plan = table.plan(Vec::new());
    let names: Vec<String> = table
        .columns()
        .iter()
        .map(|column| column.name().to_owned())
        .collect();
    let Ok(mut reader) = PlannedReader::from_reader(input(), "fuzzed", &plan, &names, &options)
    else {
        return;
    };
    let mut rows = 0;
    while let Ok(Some(block)) = reader.next_block() {
        rows += block.table.rows();
    }
    assert!(rows <= table.rows());
});
