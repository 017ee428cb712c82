//! Weights laid out as a forward pass reads them, made once for all rows that follow: `Wᵀ` in panels of a register
//! tile's columns.
//!
//! [`super::product_nt`] makes such panels piece by piece at every call. A training step, a long prediction and a
//! predictor of single rows have several calls with the same weights, and no sum has to be left and taken up again
//! between two pieces. The transpose of weights, packed likewise, gives the products of the way back.

use ndarray::{Array1, ArrayView1, ArrayView2, ArrayViewMut2};
use pulp::{Simd, WithSimd};

use super::aligned;
use super::kernels::dot::{DotProducts, is_long_dot_product};
use super::kernels::factor::{Factor, Start, view_factor};
use super::kernels::packing::{pack_panels, panel};
use super::kernels::shape::{panel_columns, panel_columns_for};
use super::kernels::tile::TileProduct;
use crate::Real;

/// `W (o,i)`, transposed.
#[derive(Clone, Debug)]
pub(crate) struct PackedWeights<R> {
    inputs: usize,
    outputs: usize,
    /// The most columns of a panel.
    columns: usize,
    /// `Wᵀ (i,o)`: panels of at most `columns` columns, one after the other, each row-major.
    panels: Array1<R>,
}

impl<R: Real> PackedWeights<R> {
    /// Room for the weights of a map of so many inputs and outputs; zeros.
    pub(crate) fn zeros(inputs: usize, outputs: usize) -> Self {
        PackedWeights {
            inputs,
            outputs,
            columns: panel_columns::<R>(),
            panels: aligned::zeros_1(inputs * outputs),
        }
    }

    /// Overwrites the weights with those of `W (o,i)`; on a pool's threads, they share the panels of a large one.
    ///
    /// # Panics
    ///
    /// If `W` has another shape.
    pub(crate) fn pack(&mut self, w: ArrayView2<R>) {
        assert_eq!(w.dim(), (self.outputs, self.inputs), "the shape of W");
        pack_panels(
            w,
            self.columns,
            self.panels.as_slice_mut().expect("one slice"),
        );
    }

    /// Number of outputs, `o`.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// `Z ← X Wᵀ + 1 bᵀ`, equal to its definition but for rounding.     `X (n,i)  b (o)  Z (n,o)`, row-major     (F1)
    ///
    /// # Panics
    ///
    /// If the shapes do not compose; the message names them.
    #[track_caller]
    pub(crate) fn affine(&self, x: ArrayView2<R>, b: ArrayView1<R>, mut z: ArrayViewMut2<R>) {
        let (n, i, o) = (x.nrows(), self.inputs, self.outputs);
        assert!(
            x.ncols() == i && b.len() == o && z.dim() == (n, o),
            "Z ← X Wᵀ + 1 bᵀ: X has the shape {:?}, W {:?}, b {}, Z {:?}",
            x.dim(),
            (o, i),
            b.len(),
            z.dim()
        );
        let b = b.as_slice().expect("b is contiguous");
        if is_long_dot_product(o, i) && x.strides()[1] == 1 {
            let z_stride = z.strides()[0];
            let z = z.as_slice_mut().expect("Z is row-major");
            let product = DotProducts {
                m: n,
                k: i,
                a: view_factor(&x),
                b: self.panels.as_ptr(),
                c: z.as_mut_ptr(),
                c_stride: z_stride,
                start: b[0],
            };
            // SAFETY: all pointers come from live views and slices whose shapes were just compared, and so do the
            // strides; `z` is borrowed mutably, so it overlaps no other.
            return unsafe { product.run() };
        }
        self.panels_of(x, Some(b), z);
    }

    /// `Z ← X Wᵀ`. Of a transpose that was packed this is the product of the way back, `∂C/∂X ← G W` (B4).
    /// `X (n,i)  Z (n,o)`, row-major
    ///
    /// # Panics
    ///
    /// If the shapes do not compose; the message names them.
    #[track_caller]
    pub(crate) fn product(&self, x: ArrayView2<R>, z: ArrayViewMut2<R>) {
        let (i, o) = (self.inputs, self.outputs);
        assert!(
            x.ncols() == i && z.dim() == (x.nrows(), o),
            "Z ← X Wᵀ: X has the shape {:?}, W {:?}, Z {:?}",
            x.dim(),
            (o, i),
            z.dim()
        );
        self.panels_of(x, None, z);
    }

    /// `Z ← X Wᵀ`, `+ 1 bᵀ` where there is a bias, panel by panel; the caller has compared the shapes.
    fn panels_of(&self, x: ArrayView2<R>, b: Option<&[R]>, mut z: ArrayViewMut2<R>) {
        let z = z.as_slice_mut().expect("Z is row-major");
        let mut j = 0;
        while j < self.outputs {
            // SAFETY: all pointers come from live views and slices whose shapes were compared; `z` is borrowed mutably,
            // so it overlaps no other. A panel's columns lie side by side.
            unsafe {
                self.panel(j, self.columns, x.nrows(), view_factor(&x), b, z)
                    .run()
            };
            j += self.columns;
        }
    }

    /// `z ← b + x Wᵀ` of a single row, inside code that is compiled for `S` already.     `x (i)  b (o)  z (o)`     (F1)
    ///
    /// # Panics
    ///
    /// If the lengths do not compose.
    #[inline(always)]
    pub(crate) fn affine_of_row<S: Simd>(&self, simd: S, x: &[R], b: &[R], z: &mut [R]) {
        let (i, o) = (self.inputs, self.outputs);
        assert!(
            x.len() == i && b.len() == o && z.len() == o,
            "z ← b + x Wᵀ: x has {} elements, W the shape {:?}, b {}, z {}",
            x.len(),
            (o, i),
            b.len(),
            z.len()
        );
        let x = Factor {
            start: x.as_ptr(),
            row_stride: i as isize,
            column_stride: 1,
        };
        // A number that the compiler knows, unlike that of the field: 4 % of a small network's row.
        let columns = panel_columns_for::<R, S>();
        debug_assert_eq!(columns, self.columns, "columns of a panel");
        let mut j = 0;
        while j < o {
            // What `TileProduct::run` asks for holds, as in `affine`.
            (&self.panel(j, columns, 1, x, Some(b), z)).with_simd(simd);
            j += columns;
        }
    }

    /// The part of [`panels_of`](Self::panels_of) for the panel that begins with output `j`.
    /// `X (n,i)  b (o)  Z (n,o)`, row-major
    #[inline(always)]
    fn panel(
        &self,
        j: usize,
        columns: usize,
        n: usize,
        x: Factor<R>,
        b: Option<&[R]>,
        z: &mut [R],
    ) -> TileProduct<R> {
        let (i, o) = (self.inputs, self.outputs);
        let (w, columns) = panel(self.panels.as_ptr(), columns, i, o, j);
        TileProduct {
            m: n,
            n: columns,
            k: i,
            a: x,
            b: w,
            // Columns j .. j + columns of Z exist, or it has no rows and nobody asks for them.
            c: z.as_mut_ptr().wrapping_add(j),
            c_row_stride: o as isize,
            start: match b {
                Some(b) => Start::Bias(b.as_ptr().wrapping_add(j)),
                None => Start::Zero,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, s};

    use super::*;
    use crate::linear_algebra::naive;
    use crate::linear_algebra::tests::matrix;
    use crate::random::Random;

    fn assert_agrees_with_the_definition<R: Real>() {
        let random = &mut Random::seeded(12);
        let mut draw = |rows, columns| matrix(random, rows, columns);
        let agrees = |x: ArrayView2<R>, w: &Array2<R>| {
            let (n, i, o) = (x.nrows(), w.ncols(), w.nrows());
            let b = Array1::from_iter((0..o).map(|j| R::from_f64(j as f64)));
            let mut packed = PackedWeights::zeros(i, o);
            packed.pack(w.view());
            let mut z = Array2::from_elem((n, o), R::nan());
            let mut expected = z.clone();
            packed.affine(x, b.view(), z.view_mut());
            naive::product_nt(x, w.view(), expected.view_mut());
            expected += &b;
            // Sums of i products of standard normal numbers and a bias.
            let bound = 32.0 * (i + o + 1) as f64 * R::epsilon().to_f64();
            for (&z, &expected) in z.iter().zip(&expected) {
                let difference = (z - expected).to_f64().abs();
                assert!(difference <= bound, "({n},{i},{o}): {z} {expected}");
            }
        };
        for (n, i, o) in [
            (0, 3, 2),
            (1, 1, 1),
            (3, 0, 3),
            (3, 40, 1),
            (5, 3, 4),
            (9, 130, 7),
            (4, 2, 49),
            (33, 300, 100),
            (2, 200, 150),
        ] {
            let w = draw(o, i);
            agrees(draw(n, i).view(), &w);
            agrees(draw(n, 2 * i).slice(s![.., ..;2]), &w);
        }
    }

    #[test]
    fn packed_weights_agree_with_the_definition() {
        assert_agrees_with_the_definition::<f32>();
        assert_agrees_with_the_definition::<f64>();
    }

    #[cfg(feature = "parallel")]
    #[test]
    fn threads_pack_the_same_panels() {
        let w = Array2::from_shape_fn((301, 170), |(o, i)| (1000 * o + i) as f32);
        let packed = || {
            let mut packed = PackedWeights::zeros(170, 301);
            packed.pack(w.view());
            packed.panels.to_vec()
        };
        let alone = packed();
        assert_eq!(crate::with_threads(3, packed).unwrap(), alone);
        // Column 4 of the fourth panel's second row.
        let columns = panel_columns::<f32>();
        let (element, output) = (170 * 3 * columns + columns + 4, 3 * columns + 4);
        assert_eq!(alone[element], (1000 * output + 1) as f32);
    }

    #[test]
    #[should_panic(expected = "X has the shape (2, 4), W (5, 3), b 5, Z (2, 5)")]
    fn shapes_that_do_not_compose_panic_with_all_of_them() {
        PackedWeights::<f64>::zeros(3, 5).affine(
            Array2::zeros((2, 4)).view(),
            Array1::zeros(5).view(),
            Array2::zeros((2, 5)).view_mut(),
        );
    }
}
