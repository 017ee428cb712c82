//! A block of rows laid out for the sums over them: `X` in panels of a register tile's columns, made once for all
//! pieces of a layer's outputs.
//!
//! What [`super::kernels::strips`] says of `G` holds for `X`, too. From copies of both, the sums of a layer of 1024
//! neurons take 8 % less, copying included.

use ndarray::{Array1, ArrayView2, ArrayViewMut2};

use super::aligned;
use super::kernels::factor::{Factor, Start, view_factor};
use super::kernels::packing::pack_panels;
use super::kernels::shape::panel_columns;
use super::kernels::strips::Columns;
use super::kernels::tile::TileProduct;
use super::shapes::{beside, check_shapes};
use crate::Real;

/// `X (n,i)`, in panels.
#[derive(Debug)]
pub(crate) struct PackedRows<R> {
    rows: usize,
    inputs: usize,
    /// The most columns of a panel.
    columns: usize,
    /// Panels of at most `columns` columns, one after the other, each row-major; behind them room for larger blocks.
    panels: Array1<R>,
}

impl<R: Real> PackedRows<R> {
    /// Room for `X` of so many elements; it has no rows yet.
    pub(crate) fn with_room(elements: usize) -> Self {
        PackedRows {
            rows: 0,
            inputs: 0,
            columns: panel_columns::<R>(),
            panels: aligned::zeros_1(elements),
        }
    }

    /// Lays out these rows in place of those before; on a pool's threads, they share the panels of a large block.
    ///
    /// # Panics
    ///
    /// If there is no room for them.
    pub(crate) fn pack(&mut self, x: ArrayView2<R>) {
        (self.rows, self.inputs) = x.dim();
        let panels = self.panels.as_slice_mut().expect("one slice");
        pack_panels(
            x.reversed_axes(),
            self.columns,
            &mut panels[..self.rows * self.inputs],
        );
    }

    /// `C ← Gᵀ X`, or with `add` `C ← C + Gᵀ X`, the same sums as those of [`super::products::product_over_rows`].
    /// `G (n,o)  C (o,i)`     (B2, B5)
    ///
    /// # Panics
    ///
    /// If the shapes do not compose, or the columns of `G` or `C` do not lie side by side.
    #[track_caller]
    pub(crate) fn product_over_rows(&self, g: &ArrayView2<R>, add: bool, c: &mut ArrayViewMut2<R>) {
        let ((k, m), n) = (g.dim(), self.inputs);
        check_shapes("Gᵀ X", (m, k), (self.rows, n), c.dim());
        assert!(
            (k == 0 || beside(g)) && beside(c),
            "columns of G and C lie side by side"
        );
        let tiles = TileProduct {
            m,
            n,
            k,
            a: view_factor(g).transposed(),
            // Each panel has strides of its own.
            b: Factor {
                start: self.panels.as_ptr(),
                row_stride: 0,
                column_stride: 1,
            },
            c: c.as_mut_ptr(),
            c_row_stride: c.strides()[0],
            start: if add { Start::C } else { Start::Zero },
        };
        // SAFETY: pointers and strides come from live views and panels whose shapes were compared above; C is borrowed
        // mutably, so it overlaps no other.
        unsafe { tiles.run_in_strips(Columns::InPanels(self.columns)) };
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, s};

    use super::*;
    use crate::linear_algebra::products::product_over_rows;
    use crate::linear_algebra::tests::matrix;
    use crate::random::Random;

    fn assert_same_bits_as_rows_in_place<R: Real>() {
        let random = &mut Random::seeded(13);
        let mut draw = |rows, columns| matrix(random, rows, columns);
        let mut packed = PackedRows::with_room(1_300 * 130);
        for (n, o, i) in [
            (0, 9, 5),
            (1, 64, 1),
            (40, 130, 100),
            (512, 200, 47),
            (1_300, 70, 130),
        ] {
            let (x, g) = (draw(n, i), draw(n, o + 3));
            let g = g.slice(s![.., 2..2 + o]); // as pieces of a layer's outputs are
            packed.pack(x.view());
            let (mut found, mut expected) = (
                Array2::from_elem((o, i), R::nan()),
                Array2::from_elem((o, i), R::nan()),
            );
            for add in [false, true] {
                packed.product_over_rows(&g, add, &mut found.view_mut());
                product_over_rows(&g, &x.view(), add, &mut expected.view_mut());
                assert_eq!(found, expected, "({n},{o},{i}), added: {add}");
            }
        }
    }

    #[test]
    fn packed_rows_have_the_same_sums_as_rows_in_place() {
        assert_same_bits_as_rows_in_place::<f32>();
        assert_same_bits_as_rows_in_place::<f64>();
    }

    #[test]
    #[should_panic(expected = "have shapes (4, 3) and (2, 5)")]
    fn shapes_that_do_not_compose_panic_with_all_of_them() {
        let mut packed = PackedRows::<f64>::with_room(10);
        packed.pack(Array2::zeros((2, 5)).view());
        packed.product_over_rows(
            &Array2::zeros((3, 4)).view(),
            false,
            &mut Array2::zeros((4, 5)).view_mut(),
        );
    }
}
