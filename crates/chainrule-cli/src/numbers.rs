//! Numbers and matrices as text: aligned, with shapes, large ones abbreviated by `…`.

use ndarray::ArrayView2;

/// A number with about `digits` significant digits, written out unless it is very large or very small.
pub fn significant(value: f64, digits: usize) -> String {
    NumberFormat::of(&[value], digits).text(value)
}

/// How the numbers of one matrix are written, so that they align.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NumberFormat {
    /// With this many decimals.
    Fixed(usize),
    /// `1.2346e-7`, with this many decimals.
    Scientific(usize),
}

impl NumberFormat {
    /// The format that gives the largest value about `digits` significant digits.
    pub fn of(values: &[f64], digits: usize) -> Self {
        let largest = values
            .iter()
            .filter(|v| v.is_finite())
            .fold(0.0, |m: f64, v| m.max(v.abs()));
        if largest != 0.0 && !(1e-3..1e7).contains(&largest) {
            return NumberFormat::Scientific(digits.saturating_sub(1));
        }
        let before_point = if largest >= 1.0 {
            largest.log10().floor() as usize + 1
        } else {
            1
        };
        NumberFormat::Fixed(digits.saturating_sub(before_point))
    }

    /// The number in this format.
    pub fn text(self, value: f64) -> String {
        match self {
            NumberFormat::Fixed(decimals) => {
                let text = format!("{value:.decimals$}");
                // A zero has no sign worth reading.
                if text.starts_with('-') && !text.contains(|c: char| c.is_ascii_digit() && c != '0')
                {
                    text[1..].to_string()
                } else {
                    text
                }
            }
            NumberFormat::Scientific(decimals) => format!("{value:.decimals$e}"),
        }
    }
}

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
    fn numbers_keep_their_significant_digits_at_every_size() {
        assert_eq!(significant(54.38912, 4), "54.39");
        assert_eq!(significant(0.012345, 4), "0.012");
        assert_eq!(significant(-0.0, 3), "0.00");
        assert_eq!(significant(1.25e-9, 3), "1.25e-9");
        assert_eq!(significant(123456.7, 4), "123457");
        assert_eq!(significant(f64::NAN, 3), "NaN");
    }

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
