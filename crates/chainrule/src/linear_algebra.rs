//! The three matrix products that a network needs, over the `gemm` crate, and a naive reference beside them.
//!
//! | product | `C ←` | where it stands in backpropagation |
//! |---|---|---|
//! | [`product_nt`] | `A Bᵀ` | forward, `Z = X Wᵀ` (F1) |
//! | [`product_tn`] | `Aᵀ B` | weights, `∂C/∂W = Gᵀ X` (B2) |
//! | [`product_nn`] | `A B` | inputs, `∂C/∂X = G W` (B4) |
//!
//! Each takes views with any strides, overwrites the whole of `C` whatever it held, runs on the calling thread, and depends on
//! nothing but shapes and values: the same call gives the same bits wherever it runs on one machine. An empty inner
//! dimension gives zeros. This file does not split work among threads: blocks of rows do (see [`crate::training`]).
//!
//! ```
//! use chainrule::linear_algebra::product_nt;
//! use ndarray::{array, Array2};
//!
//! let x = array![[1.0, 2.0], [3.0, 4.0]];
//! let w = array![[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]];
//! let mut z = Array2::zeros((2, 3));
//! product_nt(x.view(), w.view(), z.view_mut());
//! assert_eq!(z, array![[1.0, 2.0, 3.0], [3.0, 4.0, 7.0]]);
//! ```

use gemm::Parallelism;
use ndarray::{ArrayView2, ArrayViewMut2};

use crate::Real;

/// `C ← A Bᵀ`.     `A (m,k)  B (n,k)  C (m,n)`
///
/// # Panics
///
/// If the shapes do not compose; the message names all three.
#[track_caller]
pub fn product_nt<R: Real>(a: ArrayView2<R>, b: ArrayView2<R>, c: ArrayViewMut2<R>) {
    product("A Bᵀ", a, b.reversed_axes(), c);
}

/// `C ← A B`.     `A (m,k)  B (k,n)  C (m,n)`
///
/// # Panics
///
/// If the shapes do not compose; the message names all three.
#[track_caller]
pub fn product_nn<R: Real>(a: ArrayView2<R>, b: ArrayView2<R>, c: ArrayViewMut2<R>) {
    product("A B", a, b, c);
}

/// `C ← Aᵀ B`.     `A (k,m)  B (k,n)  C (m,n)`
///
/// # Panics
///
/// If the shapes do not compose; the message names all three.
#[track_caller]
pub fn product_tn<R: Real>(a: ArrayView2<R>, b: ArrayView2<R>, c: ArrayViewMut2<R>) {
    product("Aᵀ B", a.reversed_axes(), b, c);
}

/// `C ← A B` once transposes have become strides.
#[track_caller]
fn product<R: Real>(name: &str, a: ArrayView2<R>, b: ArrayView2<R>, mut c: ArrayViewMut2<R>) {
    let (m, k) = a.dim();
    let n = b.ncols();
    assert!(
        b.nrows() == k && c.dim() == (m, n),
        "C ← {name}: the factors have shapes {:?} and {:?} (after transposition), C has {:?}",
        a.dim(),
        b.dim(),
        c.dim(),
    );
    if m == 0 || n == 0 {
        return;
    }
    if k == 0 {
        c.fill(R::zero());
        return;
    }
    let [a_rows, a_columns] = [a.strides()[0], a.strides()[1]];
    let [b_rows, b_columns] = [b.strides()[0], b.strides()[1]];
    let [c_rows, c_columns] = [c.strides()[0], c.strides()[1]];
    // SAFETY: the pointers and strides come from live views whose shapes were compared above, so every element that
    // `gemm` reads lies inside `a` or `b` and every element that it writes inside `c`. `c` is borrowed mutably, so
    // it overlaps neither factor, and no two of its elements share an address. `read_dst` is false: `c` is only
    // written. `R` is f32 or f64 (the trait is sealed), both of which `gemm` supports.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            c.as_mut_ptr(),
            c_columns,
            c_rows,
            false,
            a.as_ptr(),
            a_columns,
            a_rows,
            b.as_ptr(),
            b_columns,
            b_rows,
            R::zero(),
            R::one(),
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

/// The same products written as their definitions: the reference that the fast ones are tested against.
pub mod naive {
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
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};

    use super::*;
    use crate::random::Random;

    type Product<R> = fn(ArrayView2<R>, ArrayView2<R>, ArrayViewMut2<R>);

    /// Sizes that meet the edges of every kernel: empty, single, odd, around vector widths and cache blocks.
    const SIZES: [usize; 12] = [0, 1, 2, 3, 5, 8, 11, 16, 17, 33, 64, 130];

    fn matrix<R: Real>(random: &mut Random, rows: usize, columns: usize) -> Array2<R> {
        Array2::from_shape_simple_fn((rows, columns), || R::from_f64(random.normal()))
    }

    /// |fast − naive| ≤ k ε Σ|a||b|; entries are standard normal, so 8 k ε holds with room.
    fn assert_close<R: Real>(fast: &Array2<R>, naive: &Array2<R>, k: usize) {
        let bound = 8.0 * (k.max(1) as f64) * R::epsilon().to_f64() * 4.0;
        for (&f, &n) in fast.iter().zip(naive) {
            assert!(
                (f.to_f64() - n.to_f64()).abs() <= bound,
                "{f} is not {n} (k = {k})"
            );
        }
    }

    fn sweep<R: Real>() {
        let random = &mut Random::new(1, 0);
        for &m in &SIZES {
            for &n in &SIZES {
                for &k in &SIZES {
                    let cases: [(Product<R>, Product<R>, _, _); 3] = [
                        (product_nt, naive::product_nt, (m, k), (n, k)),
                        (product_nn, naive::product_nn, (m, k), (k, n)),
                        (product_tn, naive::product_tn, (k, m), (k, n)),
                    ];
                    for (fast, reference, a_shape, b_shape) in cases {
                        let a = matrix::<R>(random, a_shape.0, a_shape.1);
                        let b = matrix::<R>(random, b_shape.0, b_shape.1);
                        // NaN proves that every element is overwritten and none is read.
                        let mut c = Array2::from_elem((m, n), R::nan());
                        let mut expected = c.clone();
                        fast(a.view(), b.view(), c.view_mut());
                        reference(a.view(), b.view(), expected.view_mut());
                        assert_close(&c, &expected, k);
                    }
                }
            }
        }
    }

    #[test]
    fn products_match_their_definitions_in_f64() {
        sweep::<f64>();
    }

    #[test]
    fn products_match_their_definitions_in_f32() {
        sweep::<f32>();
    }

    #[test]
    fn products_take_any_strides() {
        let random = &mut Random::new(2, 0);
        let (m, n, k) = (7, 5, 9);
        let a = matrix::<f64>(random, 2 * m, 3 * k);
        let b = matrix::<f64>(random, 3 * k, 2 * n);
        let a = a.slice(s![..;-2, ..;3]);
        let b = b.slice(s![..;3, ..;-2]);
        let mut wide = Array2::from_elem((2 * n, 3 * m), f64::NAN);
        let mut expected = Array2::zeros((m, n));
        naive::product_nn(a, b, expected.view_mut());
        product_nn(a, b, wide.slice_mut(s![..;-2, ..;3]).reversed_axes());
        let c = wide.slice(s![..;-2, ..;3]).reversed_axes().to_owned();
        assert_close(&c, &expected, k);
        assert_eq!(
            wide.iter().filter(|v| v.is_nan()).count(),
            wide.len() - m * n,
            "nothing else is written"
        );
    }

    #[test]
    fn products_take_broadcast_factors() {
        let row = ndarray::array![[1.0, 2.0, 3.0]];
        let a = row.broadcast((4, 3)).unwrap();
        let b = Array2::from_shape_fn((2, 3), |(i, j)| (i + j) as f64);
        let mut c = Array2::from_elem((4, 2), f64::NAN);
        product_nt(a, b.view(), c.view_mut());
        assert!(c.rows().into_iter().all(|r| r.to_vec() == [8.0, 14.0]));
    }

    #[test]
    #[should_panic(expected = "(2, 3) and (4, 5) (after transposition), C has (2, 5)")]
    fn shapes_that_do_not_compose_panic_with_all_three() {
        let (a, b, mut c) = (
            Array2::<f64>::zeros((2, 3)),
            Array2::zeros((4, 5)),
            Array2::zeros((2, 5)),
        );
        product_nn(a.view(), b.view(), c.view_mut());
    }
}
