//! The products written as their definitions: the reference that the fast ones are tested against.

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::Real;

/// `C_ij ← Σ_p A_ip B_jp`.     `A (m,k)  B (n,k)  C (m,n)`
pub fn product_nt<R: Real>(a: ArrayView2<R>, b: ArrayView2<R>, mut c: ArrayViewMut2<R>) {
    for ((i, j), c_ij) in c.indexed_iter_mut() {
        *c_ij = (0..a.ncols()).map(|p| a[[i, p]] * b[[j, p]]).sum();
    }
}

/// `C_ij ← Σ_p A_ip B_pj`.     `A (m,k)  B (k,n)  C (m,n)`
pub fn product_nn<R: Real>(a: ArrayView2<R>, b: ArrayView2<R>, mut c: ArrayViewMut2<R>) {
    for ((i, j), c_ij) in c.indexed_iter_mut() {
        *c_ij = (0..a.ncols()).map(|p| a[[i, p]] * b[[p, j]]).sum();
    }
}

/// `C_ij ← Σ_p A_pi B_pj`.     `A (k,m)  B (k,n)  C (m,n)`
pub fn product_tn<R: Real>(a: ArrayView2<R>, b: ArrayView2<R>, mut c: ArrayViewMut2<R>) {
    for ((i, j), c_ij) in c.indexed_iter_mut() {
        *c_ij = (0..a.nrows()).map(|p| a[[p, i]] * b[[p, j]]).sum();
    }
}
