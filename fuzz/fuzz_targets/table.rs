//! Any bytes as a table: an error, or columns.
#![no_main]

use std::io::Cursor;

use chainrule_tabular::table::{ReadOptions, TypedTable};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let bytes = Cursor::new(bytes.to_vec());
    if let Ok((table, _)) = TypedTable::from_reader(bytes, "fuzzed", &ReadOptions::default()) {
        assert!(table.rows() > 0);
    }
});
