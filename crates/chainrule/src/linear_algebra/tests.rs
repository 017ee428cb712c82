//! Every product against its definition, at the edges of every kernel.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, s};
use pulp::Simd;

use super::kernels::factor::ROWS_AT_A_TIME;
use super::products::product_over_rows;
use super::sums::sum_columns;
use super::*;
use crate::Real;
use crate::random::Random;

/// What a kernel is to do with any instruction set.
pub(super) trait Check {
    /// Compares it with its definition.
    fn run<R: Real, S: Simd>(simd: S);
}

/// Checks a kernel in both precisions with each instruction set that the machine has.
pub(super) fn with_every_instruction_set<C: Check>() {
    fn in_both<C: Check>(simd: impl Simd) {
        C::run::<f32, _>(simd);
        C::run::<f64, _>(simd);
    }
    in_both::<C>(pulp::Scalar);
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(simd) = pulp::x86::V3::try_new() {
            in_both::<C>(simd);
        }
        if let Some(simd) = pulp::x86::V4::try_new() {
            in_both::<C>(simd);
        }
    }
}

type Product<R> = fn(ArrayView2<R>, ArrayView2<R>, ArrayViewMut2<R>);

/// Sizes that meet the edges of every kernel: empty, single, odd, around vector widths and cache blocks.
const SIZES: [usize; 13] = [0, 1, 2, 3, 4, 5, 8, 11, 16, 17, 33, 64, 130];

/// Standard normal numbers.
pub(super) fn matrix<R: Real>(random: &mut Random, rows: usize, columns: usize) -> Array2<R> {
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
    let random = &mut Random::seeded(1);
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
fn added_products_start_from_what_is_there() {
    let random = &mut Random::seeded(3);
    for (m, n, k) in [
        (1, 1, 40),
        (5, 1, 40),
        (40, 3, 33),
        (33, 8, 130),
        (9, 17, 11),
        (301, 301, 301),
        (4, 4, 0),
    ] {
        let (a, b) = (matrix::<f64>(random, k, m), matrix::<f64>(random, k, n));
        let before = matrix::<f64>(random, m, n);
        let (mut c, mut expected) = (before.clone(), Array2::zeros((m, n)));
        product_over_rows(&a.view(), &b.view(), true, &mut c.view_mut());
        naive::product_tn(a.view(), b.view(), expected.view_mut());
        assert_close(&c, &(expected + &before), k + 1);

        let mut sums = before.row(0).insert_axis(Axis(0)).to_owned();
        sum_columns(&b.view(), true, &mut sums.row_mut(0));
        let expected = &b.sum_axis(Axis(0)) + &before.row(0);
        assert_close(&sums, &expected.insert_axis(Axis(0)), k + 1);
    }
}

fn assert_sums_over_rows_can_be_continued<R: Real>() {
    let random = &mut Random::seeded(15);
    for m in SIZES {
        for n in SIZES {
            let k = 2 * ROWS_AT_A_TIME + 7;
            let (a, b) = (matrix::<R>(random, k, m), matrix::<R>(random, k, n));
            let (mut whole, mut sums) = (Array2::zeros((m, n)), Array2::zeros((1, n)));
            product_tn(a.view(), b.view(), whole.view_mut());
            column_sums(b.view(), sums.row_mut(0));
            for first in [GROUP, 5 * GROUP, k - 7] {
                let ((a, a_rest), (b, b_rest)) = (
                    a.view().split_at(Axis(0), first),
                    b.view().split_at(Axis(0), first),
                );
                let (mut c, mut s) = (Array2::zeros((m, n)), Array2::zeros((1, n)));
                product_tn(a, b, c.view_mut());
                product_over_rows(&a_rest, &b_rest, true, &mut c.view_mut());
                column_sums(b, s.row_mut(0));
                sum_columns(&b_rest, true, &mut s.row_mut(0));
                assert!(c == whole && s == sums, "({m},{n}), {first} rows of {k}");
            }
        }
    }
}

#[test]
fn sums_over_rows_have_the_same_bits_in_one_call_and_in_two() {
    assert_sums_over_rows_can_be_continued::<f32>();
    assert_sums_over_rows_can_be_continued::<f64>();
}

#[test]
fn column_sums_match_their_definition() {
    let random = &mut Random::seeded(4);
    for &n in &SIZES {
        for o in [1, 3, 17, 64] {
            let g = matrix::<f64>(random, n, o);
            let mut sums = Array2::from_elem((1, o), f64::NAN);
            column_sums(g.view(), sums.row_mut(0));
            let expected = g.sum_axis(Axis(0)).insert_axis(Axis(0));
            assert_close(&sums, &expected, n);
        }
    }
}

#[test]
fn column_sums_take_any_strides() {
    let random = &mut Random::seeded(7);
    let wide = matrix::<f64>(random, 9, 20);
    let g = wide.slice(s![.., ..;2]);
    let expected = g.sum_axis(Axis(0)).insert_axis(Axis(0));
    let mut sums = Array2::zeros((1, 10));
    column_sums(g, sums.row_mut(0));
    assert_close(&sums, &expected, 9);
    sum_columns(
        &g.to_owned().view(),
        true,
        &mut sums.slice_mut(s![0, ..;-1]),
    );
    let twice = &expected + &expected.slice(s![.., ..;-1]);
    assert_close(&sums, &twice, 18);
}

#[test]
#[should_panic(expected = "columns of G (2, 3) and their sums")]
fn column_sums_of_another_length_panic() {
    let g = Array2::<f64>::zeros((2, 3));
    column_sums(g.view(), Array2::zeros((1, 2)).row_mut(0));
}

#[test]
fn products_beyond_the_tiles_match_their_definitions() {
    let random = &mut Random::seeded(6);
    let (a, b) = (
        matrix::<f64>(random, 301, 301),
        matrix::<f64>(random, 301, 301),
    );
    let mut c = Array2::from_elem((301, 301), f64::NAN);
    let mut expected = c.clone();
    product_nn(a.view(), b.view(), c.view_mut());
    naive::product_nn(a.view(), b.view(), expected.view_mut());
    assert_close(&c, &expected, 301);

    // A result whose columns lie apart is no other.
    let mut apart = Array2::from_elem((9, 2 * 301), f64::NAN);
    let x = a.slice(s![..9, ..]);
    product_nt(x, b.view(), apart.slice_mut(s![.., ..;2]));
    let mut expected = Array2::zeros((9, 301));
    naive::product_nt(x, b.view(), expected.view_mut());
    assert_close(&apart.slice(s![.., ..;2]).to_owned(), &expected, 301);
}

#[test]
fn squares_are_summed_whatever_their_number() {
    for length in [0, 1, 15, 16, 17, 100] {
        let values: Vec<f32> = (0..length).map(|v| v as f32).collect();
        let expected: f64 = (0..length).map(|v| f64::from(v * v)).sum();
        assert_eq!(sum_of_squares(&values), expected, "{length} values");
    }
    assert_eq!(
        sum_of_squares(&[1e30_f32; 20]),
        20.0 * f64::from(1e30_f32).powi(2)
    );
}

#[test]
fn products_take_any_strides() {
    let random = &mut Random::seeded(2);
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
