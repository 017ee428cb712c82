//! The rows that a network reads: a matrix, or rows that were encoded and are kept as short as they were before.

mod encoded_row;
mod encoded_rows;
mod layout;

use std::sync::Arc;

use ndarray::{Array2, ArrayView2};

pub use encoded_row::EncodedRow;
pub use encoded_rows::EncodedRows;
pub use layout::{InputColumn, InputLayout};

use crate::Real;

/// `X (n,i)` as its owner has it. A matrix goes in as a view of it, encoded rows as a reference.
#[derive(Clone, Copy, Debug)]
pub enum Inputs<'a, R> {
    /// Every input of every row.
    Dense(ArrayView2<'a, R>),
    /// What the inputs were made of.
    Encoded(&'a EncodedRows<R>),
}

impl<'a, R: Real> Inputs<'a, R> {
    /// Number of rows, `n`.
    #[inline(always)]
    pub fn rows(&self) -> usize {
        match self {
            Inputs::Dense(x) => x.nrows(),
            Inputs::Encoded(x) => x.rows(),
        }
    }

    /// Number of inputs, `i`.
    pub fn inputs(&self) -> usize {
        match self {
            Inputs::Dense(x) => x.ncols(),
            Inputs::Encoded(x) => x.layout().inputs(),
        }
    }

    /// How encoded rows are laid out; a matrix has no layout.
    #[inline(always)]
    pub fn layout(&self) -> Option<&'a Arc<InputLayout>> {
        match self {
            Inputs::Dense(_) => None,
            Inputs::Encoded(x) => Some(x.layout()),
        }
    }
}

impl<'a, R> From<ArrayView2<'a, R>> for Inputs<'a, R> {
    fn from(x: ArrayView2<'a, R>) -> Self {
        Inputs::Dense(x)
    }
}

impl<'a, R> From<&'a Array2<R>> for Inputs<'a, R> {
    fn from(x: &'a Array2<R>) -> Self {
        Inputs::Dense(x.view())
    }
}

impl<'a, R> From<&'a EncodedRows<R>> for Inputs<'a, R> {
    fn from(x: &'a EncodedRows<R>) -> Self {
        Inputs::Encoded(x)
    }
}
