//! The layout of `explain`: headings, numbered equations, matrices with their shapes.

use std::io::Write;

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

use crate::failure::Failure;
use crate::numbers::{NumberFormat, Shown, cell_lines, matrix_lines, shown, significant};

/// Significant digits of the matrices.
const DIGITS: usize = 6;
/// Rows and columns shown before the gap in a matrix of its own, and in one beside another.
const HEAD: usize = 4;
const HEAD_BESIDE: usize = 2;

/// What has been written, and how it compares.
pub struct Page<'a> {
    out: &'a mut dyn Write,
    full: bool,
    compared: usize,
    at_kinks: usize,
    largest_difference: f64,
}

impl<'a> Page<'a> {
    /// An empty page; `full` shows large matrices whole.
    pub fn new(out: &'a mut dyn Write, full: bool) -> Self {
        Page {
            out,
            full,
            compared: 0,
            at_kinks: 0,
            largest_difference: 0.0,
        }
    }

    /// Whether everything is shown, however much it is.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// A line as it is.
    pub fn line(&mut self, text: &str) -> Result<(), Failure> {
        Ok(writeln!(self.out, "{text}")?)
    }

    /// A new section.
    pub fn heading(&mut self, text: &str) -> Result<(), Failure> {
        self.line(&format!("\n{text}"))
    }

    /// An equation's number and text.
    pub fn equation(&mut self, number: &str, text: &str) -> Result<(), Failure> {
        self.line(&format!("  {number}  {text}"))
    }

    /// A matrix with its name and shape.
    pub fn matrix(&mut self, name: &str, matrix: ArrayView2<f64>) -> Result<(), Failure> {
        let shape = format!("({}, {})", matrix.nrows(), matrix.ncols());
        let (rows, columns) = (
            shown(matrix.nrows(), HEAD, self.full),
            shown(matrix.ncols(), HEAD, self.full),
        );
        let format = format_of(matrix, &rows, &columns);
        self.labelled(name, &shape, matrix_lines(matrix, &rows, &columns, format))
    }

    /// A vector, written as a row.
    pub fn vector(&mut self, name: &str, vector: ArrayView1<f64>) -> Result<(), Failure> {
        let (rows, columns) = (
            shown(1, HEAD, self.full),
            shown(vector.len(), HEAD, self.full),
        );
        let matrix = vector.insert_axis(Axis(0));
        let format = format_of(matrix, &rows, &columns);
        self.labelled(
            name,
            &format!("({})", vector.len()),
            matrix_lines(matrix, &rows, &columns, format),
        )
    }

    /// A gradient in a matrix, and beside it the finite difference of each entry that is shown; none at a kink.
    pub fn matrix_beside_quotients(
        &mut self,
        name: &str,
        gradient: ArrayView2<f64>,
        quotient: impl FnMut(usize, usize) -> Option<f64>,
    ) -> Result<(), Failure> {
        let shape = format!("({}, {})", gradient.nrows(), gradient.ncols());
        self.beside_quotients(name, &shape, gradient, quotient)
    }

    /// The same for a vector, written as a row.
    pub fn vector_beside_quotients(
        &mut self,
        name: &str,
        gradient: ArrayView1<f64>,
        mut quotient: impl FnMut(usize) -> Option<f64>,
    ) -> Result<(), Failure> {
        let (shape, row) = (
            format!("({})", gradient.len()),
            gradient.insert_axis(Axis(0)),
        );
        self.beside_quotients(name, &shape, row, |_, index| quotient(index))
    }

    fn beside_quotients(
        &mut self,
        name: &str,
        shape: &str,
        gradient: ArrayView2<f64>,
        mut quotient: impl FnMut(usize, usize) -> Option<f64>,
    ) -> Result<(), Failure> {
        let rows = shown(gradient.nrows(), HEAD_BESIDE, self.full);
        let columns = shown(gradient.ncols(), HEAD_BESIDE, self.full);
        let mut quotients = Array2::from_elem(gradient.dim(), None);
        for &row in rows.iter().flatten() {
            for &column in columns.iter().flatten() {
                quotients[[row, column]] = quotient(row, column);
                let Some(quotient) = quotients[[row, column]] else {
                    self.at_kinks += 1;
                    continue;
                };
                let error = (gradient[[row, column]] - quotient).abs();
                self.compared += 1;
                // Written so that a NaN is kept.
                if error.is_nan() || error > self.largest_difference {
                    self.largest_difference = error;
                }
            }
        }
        let format = format_of(gradient, &rows, &columns);
        let left = matrix_lines(gradient, &rows, &columns, format);
        let right = cell_lines(&rows, &columns, |row, column| {
            quotients[[row, column]].map_or("kink".to_string(), |q| format.text(q))
        });
        let width = left
            .iter()
            .map(|line| line.chars().count())
            .max()
            .unwrap_or(0)
            .max("gradient".len());
        let lines = [("gradient".to_string(), "finite difference (G1)".to_string())]
            .into_iter()
            .chain(left.into_iter().zip(right));
        self.labelled(
            name,
            shape,
            lines.map(|(l, r)| format!("{l:<width$}   {r}")).collect(),
        )
    }

    /// How well all shown gradients and their finite differences agree.
    pub fn summary(&mut self) -> Result<(), Failure> {
        let (compared, largest) = (self.compared, significant(self.largest_difference, 2));
        self.line(&format!("      largest difference between the {compared} gradients shown and their finite differences: {largest}"))?;
        match self.at_kinks {
            0 => Ok(()),
            at_kinks => self.line(&format!(
                "      {at_kinks} more have none: a kink of an activation or of the loss lies too near"
            )),
        }
    }

    fn labelled(&mut self, name: &str, shape: &str, lines: Vec<String>) -> Result<(), Failure> {
        for (k, line) in lines.into_iter().enumerate() {
            let (name, shape) = if k == 0 { (name, shape) } else { ("", "") };
            self.line(&format!("      {name:<6} {shape:<9} {line}"))?;
        }
        Ok(())
    }
}

fn format_of(matrix: ArrayView2<f64>, rows: &Shown, columns: &Shown) -> NumberFormat {
    let values: Vec<f64> = rows
        .iter()
        .flatten()
        .flat_map(|&r| columns.iter().flatten().map(move |&c| matrix[[r, c]]))
        .collect();
    NumberFormat::of(&values, DIGITS)
}
