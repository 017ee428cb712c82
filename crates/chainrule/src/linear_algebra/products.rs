//! The three matrix products that a network needs, of matrices where they lie.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::kernels::dot::{DotProducts, is_long_dot_product};
use super::kernels::factor::{ROWS_AT_A_TIME, Start, view_factor};
use super::kernels::narrow::NARROW;
use super::kernels::strips::Columns;
use super::kernels::tile::TileProduct;
use super::shapes::{beside, check_shapes};
use crate::Real;

/// A product of at most this many multiplications takes `B` where it lies, and so does one with a `B` of at most
/// [`LARGE_FACTOR`] elements.
const LARGE_PRODUCT: usize = 300 * 300 * 300;
/// A factor of more elements than this outgrows the second cache.
pub(crate) const LARGE_FACTOR: usize = 300 * 300;
/// From this many sums on, a sum over rows copies `G` in strips.
const WIDE_SUMS: usize = 128 * 128;
/// From this many rows on, a product with few columns is faster as its transpose.
const MANY_ROWS: usize = 32;

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

/// [`product_tn`], or with `add` `C ← C + Aᵀ B`. Where the columns of `B` and `C` lie side by side, each sum runs along
/// the rows in their order, so that it has the same bits however rows are cut into several calls, as long as that is at
/// multiples of [`GROUP`].
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
    check_shapes(name, (m, k), b.dim(), c.dim());
    let mut tiles = TileProduct {
        m,
        n,
        k,
        a: view_factor(a).transposed(),
        b: view_factor(b),
        c: c.as_mut_ptr(),
        c_row_stride: c.strides()[0],
        start: if add { Start::C } else { Start::Zero },
    };
    if m * n >= WIDE_SUMS && beside(a) {
        // SAFETY: pointers and strides come from live views whose shapes were compared above; `c` is borrowed mutably,
        // so it overlaps neither.
        return unsafe { tiles.run_in_strips(Columns::InPlace) };
    }
    // Two columns at least: a single one would become a single row, whose sums are taken in parts.
    let narrow = 1 < n && n <= NARROW && m >= MANY_ROWS && tiles.a.row_stride == 1;
    let mut rest = k;
    while rest > 0 {
        tiles.k = rest.min(ROWS_AT_A_TIME);
        // SAFETY: pointers and strides come from live views whose shapes were compared above, and so many rows are left
        // of both factors; `c` is borrowed mutably, so it overlaps neither.
        unsafe {
            if narrow {
                tiles.run_transposed();
            } else {
                tiles.run();
            }
        }
        rest -= tiles.k;
        tiles.a = tiles.a.from(0, tiles.k);
        tiles.b = tiles.b.from(tiles.k, 0);
        tiles.start = Start::C;
    }
}

/// `C ← start + A B`, once transposes have become strides; the start is zero or `C`.     `A (m,k)  B (k,n)  C (m,n)`
#[track_caller]
fn product<R: Real>(
    name: &str,
    a: ArrayView2<R>,
    b: ArrayView2<R>,
    start: Start<R>,
    mut c: ArrayViewMut2<R>,
) {
    let ((m, k), n) = (a.dim(), b.ncols());
    check_shapes(name, a.dim(), b.dim(), c.dim());
    if m == 0 || n == 0 {
        return;
    }
    if !beside(&c) {
        // Kernels write columns that lie side by side.
        let mut copy = c.as_standard_layout().into_owned();
        product(name, a, b, start, copy.view_mut());
        return c.assign(&copy);
    }
    let long = is_long_dot_product(n, k) && matches!(start, Start::Zero);
    if long && a.strides()[1] == 1 && b.strides()[0] == 1 {
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
                start: R::zero(),
            }
            .run()
        };
        return;
    }
    let in_place = m == 1 || n * k <= LARGE_FACTOR || m * n * k <= LARGE_PRODUCT;
    let tiles = TileProduct {
        m,
        n,
        k,
        a: view_factor(&a),
        b: view_factor(&b),
        c: c.as_mut_ptr(),
        c_row_stride: c.strides()[0],
        start,
    };
    // SAFETY: pointers and strides come from live views whose shapes were compared above; `c` is borrowed mutably, so
    // it overlaps no other.
    unsafe {
        if (beside(&b) && in_place) || k == 0 {
            tiles.run();
        } else {
            tiles.run_packed();
        }
    }
}
