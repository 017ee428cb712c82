//! The cells of one sheet as a rectangle, unless it would be far larger than what the file holds: a workbook of a few
//! kilobytes can name a cell in the last row and column that a sheet has.

use std::fmt::Display;
use std::io::{Read, Seek};

use calamine::{Cell, Data, DataRef, Range, Reader, Sheets};

use crate::memory::expect_free;

/// The most cells of a rectangle that may be all but empty.
const ANY_AREA: usize = 10_000_000;

/// A larger rectangle has at least one filled cell among so many.
const EMPTIEST: usize = 20;

/// How many rows and columns a sheet has at most.
const LARGEST: [u32; 2] = [1 << 20, 1 << 14];

/// Reads a sheet; the error is a sentence.
pub(super) fn cells_of<R: Read + Seek + Clone>(
    workbook: &mut Sheets<R>,
    sheet: &str,
) -> Result<Range<Data>, String> {
    let cells = match workbook {
        Sheets::Xlsx(workbook) => {
            let mut reader = workbook.worksheet_cells_reader(sheet).map_err(in_words)?;
            gather(|| reader.next_cell())?
        }
        Sheets::Xlsb(workbook) => {
            let mut reader = workbook.worksheet_cells_reader(sheet).map_err(in_words)?;
            gather(|| reader.next_cell())?
        }
        // The library itself bounds the sheets of these formats.
        Sheets::Ods(_) | Sheets::Xls(_) => {
            return workbook.worksheet_range(sheet).map_err(in_words);
        }
    };
    expect_rectangle(&cells)?;
    Ok(Range::from_sparse(cells))
}

fn in_words(error: impl Display) -> String {
    error.to_string()
}

/// All cells that hold anything.
fn gather<'c, E: Display>(
    mut next: impl FnMut() -> Result<Option<Cell<DataRef<'c>>>, E>,
) -> Result<Vec<Cell<Data>>, String> {
    let mut cells = Vec::new();
    while let Some(cell) = next().map_err(in_words)? {
        if matches!(cell.get_value(), DataRef::Empty) {
            continue;
        }
        if cells.len() == cells.capacity() {
            let doubled = 2 * cells.len() * size_of::<Cell<Data>>();
            expect_free("the sheet", doubled as u128).map_err(in_words)?;
        }
        cells.push(Cell::new(
            cell.get_position(),
            cell.get_value().clone().into(),
        ));
    }
    Ok(cells)
}

/// Refuses cells that lie so far apart that their rectangle is all but empty.
fn expect_rectangle(cells: &[Cell<Data>]) -> Result<(), String> {
    if cells.is_empty() {
        return Ok(());
    }
    let (first_row, last_row) = ends(cells.iter().map(|cell| cell.get_position().0));
    let (first_column, last_column) = ends(cells.iter().map(|cell| cell.get_position().1));
    let area = (1 + (last_row - first_row) as usize)
        .saturating_mul(1 + (last_column - first_column) as usize);
    let filled = cells.len();
    if last_row >= LARGEST[0] || last_column >= LARGEST[1] || area > ANY_AREA.max(EMPTIEST * filled)
    {
        return Err(format!(
            "{filled} of its cells are filled, and the last of them are in row {} and column {}: delete what stands far \
             from the table",
            u64::from(last_row) + 1,
            u64::from(last_column) + 1
        ));
    }
    expect_free("the sheet", (area * size_of::<Data>()) as u128).map_err(in_words)
}

fn ends(places: impl Iterator<Item = u32>) -> (u32, u32) {
    places.fold((u32::MAX, 0), |(first, last), place| {
        (first.min(place), last.max(place))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_far_from_all_others_is_refused() {
        let at = |row, column| Cell::new((row, column), Data::Int(1));
        let near = [at(0, 0), at(1, 1), at(9_999, 999)];
        assert_eq!(expect_rectangle(&near), Ok(()));
        assert_eq!(expect_rectangle(&[]), Ok(()));
        for far in [(1_048_575, 16_383), (1 << 20, 0), (u32::MAX, u32::MAX)] {
            let refused = expect_rectangle(&[at(0, 0), at(far.0, far.1)]).unwrap_err();
            let row = format!("in row {} ", u64::from(far.0) + 1);
            assert!(
                refused.starts_with("2 of its cells") && refused.contains(&row),
                "{refused}"
            );
        }
        let rows = (0..1_000_000).map(|row| at(row, 5));
        let filled: Vec<Cell<Data>> = rows.chain([at(0, 20)]).collect();
        assert_eq!(expect_rectangle(&filled), Ok(()));
    }
}
