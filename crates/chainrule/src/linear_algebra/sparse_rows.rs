//! Rows of a matrix that is zero nearly everywhere: of each row the same small number of terms, an input and a factor.

use crate::Real;

/// `U (n,i)` by the terms of its rows. Inputs may occur in several terms of a row, which then add up.
#[derive(Clone, Debug, Default)]
pub(crate) struct SparseRows<R> {
    inputs: usize,
    terms: usize,
    rows: usize,
    /// Row by row; all are below `inputs`.
    indices: Vec<u32>,
    /// As many.
    factors: Vec<R>,
}

impl<R: Real> SparseRows<R> {
    /// Forgets all rows. `rows` rows of `terms` terms each, among `inputs` inputs, are to be [pushed](Self::push);
    /// memory is taken for `room` rows, if they are more.
    pub(crate) fn begin(&mut self, inputs: usize, terms: usize, rows: usize, room: usize) {
        (self.inputs, self.terms, self.rows) = (inputs, terms, rows);
        self.indices.clear();
        self.factors.clear();
        self.indices.reserve(terms * rows.max(room));
        self.factors.reserve(terms * rows.max(room));
    }

    /// The next term of a row.
    ///
    /// # Panics
    ///
    /// If there is no such input.
    #[inline(always)]
    pub(crate) fn push(&mut self, index: u32, factor: R) {
        assert!(
            (index as usize) < self.inputs,
            "input {index} of {}",
            self.inputs
        );
        self.indices.push(index);
        self.factors.push(factor);
    }

    /// Number of rows, `n`.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Number of inputs, `i`.
    pub(crate) fn inputs(&self) -> usize {
        self.inputs
    }

    /// Number of terms of each row.
    pub(crate) fn terms(&self) -> usize {
        self.terms
    }

    /// The inputs and the factors of all rows.
    ///
    /// # Panics
    ///
    /// If rows are missing.
    #[track_caller]
    pub(super) fn slices(&self) -> (&[u32], &[R]) {
        let count = self.rows * self.terms;
        assert_eq!(
            (self.indices.len(), self.factors.len()),
            (count, count),
            "terms of all rows"
        );
        (&self.indices, &self.factors)
    }
}
