//! How much memory a table and its encoded rows take together.

use chainrule_tabular::{Fitting, RegressorSettings};

use crate::houses::table;

/// A table of ten columns of numbers and a target.
fn numbers(rows: usize) -> String {
    let mut csv = String::from("a,b,c,d,e,f,g,h,i,j,y\n");
    for r in 0..rows {
        let cells = (1..=11).map(|c| format!("{}.5", r * c % 997));
        csv += &cells.collect::<Vec<_>>().join(",");
        csv.push('\n');
    }
    csv
}

/// The most bytes that are in use at a time, the table's own not counted, while it is given away to be trained on.
fn beside_the_table(rows: usize, settings: RegressorSettings) -> u64 {
    let table = table(&numbers(rows));
    let info = allocation_counter::measure(|| {
        std::hint::black_box(Fitting::new(table, "y", settings).unwrap());
    });
    info.bytes_max
}

#[test]
fn a_table_that_is_given_away_leaves_room_for_its_encoded_rows() {
    let (few, many) = (4_000_usize, 20_000);
    let bytes = |rows| beside_the_table(rows, RegressorSettings::default());
    let of_a_row = (bytes(many) - bytes(few)) as f64 / (many - few) as f64;
    // Ten values and the target in single precision, the target as it is, its place, its fold, and for one of five that
    // it is kept for validation; the table's column of the target is no longer held.
    let expected = 4.0 * 11.0 + 8.0 + 4.0 + 2.0 + 4.0 / 5.0 - 8.0;
    assert!(
        of_a_row <= expected + 0.1,
        "{of_a_row} bytes a row, expected {expected}"
    );
}
