//! Matrices as text: aligned, with shapes, large ones abbreviated by `…`.

pub use chainrule_report::numbers::{NumberFormat, significant};
use ndarray::ArrayView2;

/// The rows or columns of a matrix that are shown; `None` stands for those left out.
pub type Shown = Vec<Option<usize>>;

/// The first `head` of `count` places, a gap and the last one; all of them where that saves nothing.
pub fn shown(count: usize, head: usize, full: bool) -> Shown {
    if full || count <= head + 2 {
        return (0..count).map(Some).collect();
    }
    (0..head).map(Some).chain([None, Some(count - 1)]).collect()
}

/// The shown part of a matrix as one line of text per row, in brackets, all of one width.
pub fn matrix_lines(
    matrix: ArrayView2<f64>,
    rows: &Shown,
    columns: &Shown,
    format: NumberFormat,
) -> Vec<String> {
    cell_lines(rows, columns, |r, c| format.text(matrix[[r, c]]))
}

/// The same for cells that need not all be numbers.
pub fn cell_lines(
    rows: &Shown,
    columns: &Shown,
    cell: impl Fn(usize, usize) -> String,
) -> Vec<String> {
    let texts: Vec<Vec<String>> = rows
        .iter()
        .map(|&r| {
            columns
                .iter()
                .map(|&c| match (r, c) {
                    (Some(r), Some(c)) => cell(r, c),
                    (None, Some(_)) => "⋮".to_string(),
                    (Some(_), None) => "…".to_string(),
                    (None, None) => "⋱".to_string(),
                })
                .collect()
        })
        .collect();
    let widths: Vec<usize> = (0..columns.len())
        .map(|c| {
            texts
                .iter()
                .map(|row| row[c].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(text, width)| format!("{text:>width$}"))
            .collect();
        format!("[ {} ]", cells.join("  "))
    };
    texts.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_large_matrix_is_abbreviated_and_a_small_one_is_not() {
        let matrix = ndarray::Array2::from_shape_fn((9, 9), |(r, c)| (r * 10 + c) as f64);
        let lines = matrix_lines(
            matrix.view(),
            &shown(9, 2, false),
            &shown(9, 2, false),
            NumberFormat::Fixed(0),
        );
        assert_eq!(
            lines,
            [
                "[  0   1  …   8 ]",
                "[ 10  11  …  18 ]",
                "[  ⋮   ⋮  ⋱   ⋮ ]",
                "[ 80  81  …  88 ]"
            ]
        );
        let small = array![[1.0, -2.5]];
        assert_eq!(
            matrix_lines(
                small.view(),
                &shown(1, 2, false),
                &shown(2, 2, false),
                NumberFormat::Fixed(1)
            ),
            ["[ 1.0  -2.5 ]"]
        );
        assert_eq!(
            shown(5, 3, false).len(),
            5,
            "a gap in place of one entry saves nothing"
        );
    }
}
