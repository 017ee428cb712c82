//! The rows of a block, copied beside each other.

use ndarray::{Array2, ArrayView2, ArrayViewMut1};

use crate::Real;

/// The given rows of `source`, in order, into the first rows of `to`, which is row-major.
pub(super) fn gather_rows<R: Real>(source: ArrayView2<R>, rows: &[u32], to: &mut Array2<R>) {
    let columns = source.ncols();
    let to = to.as_slice_mut().expect("row-major");
    match source.to_slice() {
        // A single column is copied element by element: a call to copy each would take longer.
        Some(source) if columns == 1 => {
            to.iter_mut()
                .zip(rows)
                .for_each(|(to, &r)| *to = source[r as usize]);
        }
        Some(source) => {
            let mut to = to;
            // Rows that follow each other are copied together.
            for run in rows.chunk_by(|&r, &next| r + 1 == next) {
                let (here, rest) = to.split_at_mut(run.len() * columns);
                here.copy_from_slice(&source[run[0] as usize * columns..][..here.len()]);
                to = rest;
            }
        }
        None => {
            for (to, &r) in to.chunks_exact_mut(columns.max(1)).zip(rows) {
                ArrayViewMut1::from(to).assign(&source.row(r as usize));
            }
        }
    }
}
