//! Any bytes as a table: an error, or columns that are numbers or an error each.
#![no_main]

use chainrule_tabular::Table;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(table) = Table::from_reader(bytes, "fuzzed") {
        for column in table.columns() {
            let _ = table.numeric(&[column]);
        }
    }
});
