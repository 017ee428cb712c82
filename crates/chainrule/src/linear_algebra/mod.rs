//! The three matrix products that a network needs: in register tiles, by `gemm` where those lose, and a naive reference beside them. A training
//! step has tiles alone: weights that outgrow the second cache are packed for it.
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
use ndarray::{ArrayBase, ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2, Ix2, RawData};

use crate::Real;
use column_sums::ColumnSums;
use dot::DotProducts;
use narrow::NARROW;
use tile::{Factor, Start, TileProduct};

pub(crate) mod aligned;
mod column_sums;
mod dot;
pub mod naive;
mod narrow;
mod packed_rows;
mod packed_weights;
mod packing;
#[cfg(test)]
mod tests;
mod tile;
mod vectors;

pub(crate) use packed_rows::PackedRows;
pub(crate) use packed_weights::PackedWeights;
pub(crate) use vectors::Vectors;

/// Products of at most this many multiplications are faster in register tiles than in `gemm`.
const TILED_PRODUCT: usize = 300 * 300 * 300;
/// And so are those with a `B` of at most so many elements, which stays in the second cache.
pub(crate) const TILED_FACTOR: usize = 300 * 300;
/// Rows that belong together: sums over rows that are taken in parts, which run beside each other, take the rows of a group at a time.
pub(crate) const GROUP: usize = 32;
/// Rows that a sum over rows takes at a time: what its tiles read again and again stays in the second cache.
const ROWS_AT_A_TIME: usize = 512;
/// From this length on, a dot product is summed along its vectors.
const LONG_DOT_PRODUCT: usize = 8;
/// From this many rows on, a product with few columns is faster as its transpose.
const MANY_ROWS: usize = 32;

/// Runs an element-wise loop compiled for the widest instructions that the machine has.
#[inline(always)]
pub(crate) fn vectorized<T>(work: impl FnOnce() -> T) -> T {
    pulp::Arch::new().dispatch(work)
}

/// `Σ v²`, in double precision, so that it overflows only where the numbers themselves nearly do.
pub(crate) fn sum_of_squares<R: Real>(values: &[R]) -> f64 {
    /// Sums that run beside each other: one alone would wait for each addition.
    const PARTS: usize = 16;
    vectorized(|| {
        let mut sums = [0.0; PARTS];
        let chunks = values.chunks_exact(PARTS);
        let rest = chunks.remainder();
        for chunk in chunks {
            for (sum, &v) in sums.iter_mut().zip(chunk) {
                *sum += v.to_f64() * v.to_f64();
            }
        }
        let rest: f64 = rest.iter().map(|&v| v.to_f64() * v.to_f64()).sum();
        sums.iter().sum::<f64>() + rest
    })
}

/// `C ← A Bᵀ`.     `A (m,k)  B (n,k)  C (m,n)`
///
/// # Panics
///
/// If the shapes do not compose; the message names all three.
#[track_caller]
pub fn product_nt<R: Real>(a: ArrayView2<R>, b: ArrayView2<R>, c: ArrayViewMut2<R>) {
    product("A Bᵀ", a, b.reversed_axes(), Start::Zero, c);
}

/// `C ← A B`.     `A (m,k)  B (k,n)  C (m,n)`
///
/// # Panics
///
/// If the shapes do not compose; the message names all three.
#[track_caller]
pub fn product_nn<R: Real>(a: ArrayView2<R>, b: ArrayView2<R>, c: ArrayViewMut2<R>) {
    product("A B", a, b, Start::Zero, c);
}

/// `C ← Aᵀ B`.     `A (k,m)  B (k,n)  C (m,n)`
///
/// # Panics
///
/// If the shapes do not compose; the message names all three.
#[track_caller]
pub fn product_tn<R: Real>(a: ArrayView2<R>, b: ArrayView2<R>, mut c: ArrayViewMut2<R>) {
    product_over_rows(&a, &b, false, &mut c);
}

/// `Z ← X Wᵀ + 1 bᵀ`.     `X (n,i)  W (o,i)  b (o)  Z (n,o)`     (F1)
///
/// # Panics
///
/// If the shapes do not compose; the message names them.
#[track_caller]
pub fn affine<R: Real>(x: ArrayView2<R>, w: ArrayView2<R>, b: ArrayView1<R>, z: ArrayViewMut2<R>) {
    product("X Wᵀ + 1 bᵀ", x, w.reversed_axes(), Start::Bias(b), z);
}

/// `s ← Gᵀ 1`, the sum of each column.     `G (n,o)  s (o)`     (B3)
///
/// # Panics
///
/// If `s` has not one element for each column.
#[track_caller]
pub fn column_sums<R: Real>(g: ArrayView2<R>, mut sums: ArrayViewMut1<R>) {
    sum_columns(&g, false, &mut sums);
}

/// [`column_sums`], or with `add` `s ← s + Gᵀ 1`.
#[track_caller]
pub(crate) fn sum_columns<R: Real>(g: &ArrayView2<R>, add: bool, sums: &mut ArrayViewMut1<R>) {
    let (k, n) = g.dim();
    assert_eq!(sums.len(), n, "columns of G {:?} and their sums", g.dim());
    if !beside(g) || sums.as_slice_mut().is_none() {
        for (sum, column) in sums.iter_mut().zip(g.columns()) {
            let start = if add { *sum } else { R::zero() };
            *sum = start + column.sum();
        }
        return;
    }
    let kernel = ColumnSums {
        k,
        n,
        g: view_factor(g),
        sums: sums.as_mut_ptr(),
        add,
    };
    // SAFETY: pointers and strides come from live views whose shapes and strides were just compared; `sums` is borrowed mutably, so it
    // does not overlap G.
    unsafe { kernel.run() };
}

/// [`product_tn`], or with `add` `C ← C + Aᵀ B`. Where the columns of `B` and `C` lie side by side, each sum runs along the rows in their order,
/// so that it has the same bits however rows are cut into several calls, as long as that is at multiples of [`GROUP`].
///
/// Takes references: views that are handed on by value take a percent of a small network's step.
#[track_caller]
pub(crate) fn product_over_rows<R: Real>(
    a: &ArrayView2<R>,
    b: &ArrayView2<R>,
    add: bool,
    c: &mut ArrayViewMut2<R>,
) {
    let name = if add { "C + Aᵀ B" } else { "Aᵀ B" };
    let ((k, m), n) = (a.dim(), b.ncols());
    if k == 0 || m == 0 || !beside(b) || !beside(c) {
        let start = if add { Start::C } else { Start::Zero };
        return product(name, a.reversed_axes(), *b, start, c.view_mut());
    }
    check_shapes(name, (m, k), b.dim(), None, c.dim());
    let mut tiles = TileProduct {
        m,
        n,
        k: 0,
        a: view_factor(a).transposed(),
        b: view_factor(b),
        c: c.as_mut_ptr(),
        c_row_stride: c.strides()[0],
        start: if add { Start::C } else { Start::Zero },
    };
    // Two columns at least: a single one would become a single row, whose sums are taken in parts.
    let narrow = 1 < n && n <= NARROW && m >= MANY_ROWS && tiles.a.row_stride == 1;
    let mut rest = k;
    while rest > 0 {
        tiles.k = rest.min(ROWS_AT_A_TIME);
        // SAFETY: pointers and strides come from live views whose shapes were compared above, and so many rows are left of both factors;
        // `c` is borrowed mutably, so it overlaps neither.
        unsafe {
            if narrow {
                tiles.run_transposed();
            } else {
                tiles.run();
            }
        }
        rest -= tiles.k;
        tiles.a.start = tiles
            .a
            .start
            .wrapping_offset(tiles.k as isize * tiles.a.column_stride);
        tiles.b.start = tiles
            .b
            .start
            .wrapping_offset(tiles.k as isize * tiles.b.row_stride);
        tiles.start = Start::C;
    }
}

/// Panics if the shapes of `C ← start + A B` do not compose.     `A (m,k)  B (k,n)  C (m,n)`
#[inline(always)]
#[track_caller]
fn check_shapes(
    name: &str,
    a: (usize, usize),
    b: (usize, usize),
    bias: Option<usize>,
    c: (usize, usize),
) {
    assert!(
        a.1 == b.0 && c == (a.0, b.1) && bias.is_none_or(|bias| bias == b.1),
        "C ← {name}: the factors have shapes {a:?} and {b:?} (after transposition), C has {c:?}{}",
        bias.map_or(String::new(), |bias| format!(", the bias {bias}")),
    );
}

/// `C ← start + A B`, once transposes have become strides.
#[track_caller]
fn product<R: Real>(
    name: &str,
    a: ArrayView2<R>,
    b: ArrayView2<R>,
    start: Start<ArrayView1<R>>,
    mut c: ArrayViewMut2<R>,
) {
    let (m, k) = a.dim();
    let n = b.ncols();
    let bias = match start {
        Start::Bias(bias) => Some(bias),
        Start::Zero | Start::C => None,
    };
    let bias_length = bias.map(|bias| bias.len());
    check_shapes(name, a.dim(), b.dim(), bias_length, c.dim());
    if m == 0 || n == 0 {
        return;
    }
    let contiguous_bias = bias.is_none_or(|bias| n == 1 || bias.strides()[0] == 1);
    if contiguous_bias && beside(&c) && suits_tiles(a, b) {
        let long = is_long_dot_product(n, k) && !matches!(start, Start::C);
        if long && a.strides()[1] == 1 && b.strides()[0] == 1 {
            let start = bias.map_or(R::zero(), |bias| bias[0]);
            let (b, c_stride) = (b.as_ptr(), c.strides()[0]);
            // SAFETY: as below, and the strides of A's columns and of b were just compared.
            unsafe {
                DotProducts {
                    m,
                    k,
                    a: view_factor(&a),
                    b,
                    c: c.as_mut_ptr(),
                    c_stride,
                    start,
                }
                .run()
            };
            return;
        }
        let tiles = TileProduct {
            m,
            n,
            k,
            a: view_factor(&a),
            b: view_factor(&b),
            c: c.as_mut_ptr(),
            c_row_stride: c.strides()[0],
            start: match start {
                Start::Zero => Start::Zero,
                Start::Bias(bias) => Start::Bias(bias.as_ptr()),
                Start::C => Start::C,
            },
        };
        // SAFETY: pointers and strides come from live views whose shapes were compared above; `c` is borrowed mutably, so it overlaps
        // no other.
        unsafe {
            if beside(&b) || k == 0 {
                tiles.run();
            } else {
                tiles.run_packed();
            }
        }
        return;
    }
    match start {
        Start::Bias(bias) => c.assign(&bias),
        Start::Zero if k == 0 => c.fill(R::zero()),
        Start::Zero | Start::C => {}
    }
    if k == 0 {
        return;
    }
    let [a_rows, a_columns] = [a.strides()[0], a.strides()[1]];
    let [b_rows, b_columns] = [b.strides()[0], b.strides()[1]];
    let [c_rows, c_columns] = [c.strides()[0], c.strides()[1]];
    // SAFETY: the pointers and strides come from live views whose shapes were compared above, so every element that
    // `gemm` reads lies inside `a` or `b` and every element that it writes inside `c`. `c` is borrowed mutably, so
    // it overlaps neither factor, and no two of its elements share an address. `c` is read only where it is the start or
    // the bias was written to all of it. `R` is f32 or f64 (the trait is sealed), both of which `gemm` supports.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            c.as_mut_ptr(),
            c_columns,
            c_rows,
            !matches!(start, Start::Zero),
            a.as_ptr(),
            a_columns,
            a_rows,
            b.as_ptr(),
            b_columns,
            b_rows,
            R::one(),
            R::one(),
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

fn view_factor<R>(view: &ArrayView2<R>) -> Factor<R> {
    Factor {
        start: view.as_ptr(),
        row_stride: view.strides()[0],
        // A single column lies beside itself, whatever its stride says.
        column_stride: if view.ncols() == 1 {
            1
        } else {
            view.strides()[1]
        },
    }
}

/// Whether a product of `n` columns is summed along its vectors, `k` elements each.
fn is_long_dot_product(n: usize, k: usize) -> bool {
    n == 1 && k >= LONG_DOT_PRODUCT
}

/// Whether the columns of a matrix lie side by side.
fn beside<S: RawData>(view: &ArrayBase<S, Ix2>) -> bool {
    view.ncols() == 1 || view.strides()[1] == 1
}

/// Whether register tiles take this product: `gemm` is faster only where `B`, as it lies, outgrows the second cache.
fn suits_tiles<R: Real>(a: ArrayView2<R>, b: ArrayView2<R>) -> bool {
    let ((m, k), n) = (a.dim(), b.ncols());
    m == 1 || n * k <= TILED_FACTOR || m * n * k <= TILED_PRODUCT || !beside(&b)
}
