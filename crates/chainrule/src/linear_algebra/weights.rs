//! A layer's weights as its passes read them: where they lie, or laid out anew for many rows. A layer does not see
//! which.

use ndarray::{ArrayView1, ArrayView2, ArrayViewMut2};

use super::packed_weights::PackedWeights;
use super::products::{LARGE_FACTOR, product_nn};
use crate::Real;

/// Copies of a layer's `W (o,i)`, made once for all rows of a step or a prediction.
///
/// `X Wᵀ` (F1) reads `W` across its rows: it always runs on a copy. `G W` (B4) reads it along its rows and needs none,
/// unless `W` outgrows the second cache.
#[derive(Clone, Debug)]
pub(crate) struct Layout<R> {
    forward: PackedWeights<R>,
    backward: Option<PackedWeights<R>>,
}

impl<R: Real> Layout<R> {
    /// Room for a layer's weights; zeros. `carries_back` tells whether a layer below will ask for `∂C/∂X`.
    pub(crate) fn with_room(inputs: usize, outputs: usize, carries_back: bool) -> Self {
        let packs_backward = carries_back && inputs * outputs > LARGE_FACTOR;
        Layout {
            forward: PackedWeights::zeros(inputs, outputs),
            backward: packs_backward.then(|| PackedWeights::zeros(outputs, inputs)),
        }
    }

    /// Overwrites what a forward pass reads.
    pub(crate) fn prepare_forward(&mut self, w: ArrayView2<R>) {
        self.forward.pack(w);
    }

    /// Overwrites what a backward pass reads.
    pub(crate) fn prepare_backward(&mut self, w: ArrayView2<R>) {
        if let Some(backward) = &mut self.backward {
            backward.pack(w.reversed_axes());
        }
    }

    /// What a forward pass reads, for whoever runs it on single rows.
    pub(crate) fn into_forward(self) -> PackedWeights<R> {
        self.forward
    }
}

/// `W (o,i)` with what was prepared for its products.
pub(crate) struct Weights<'a, R> {
    /// Where the layer keeps it.
    pub(crate) w: ArrayView2<'a, R>,
    /// Prepared from these very weights.
    pub(crate) layout: &'a Layout<R>,
}

impl<R: Real> Weights<'_, R> {
    /// `Z ← X Wᵀ + 1 bᵀ`.     `X (n,i)  b (o)  Z (n,o)`, row-major     (F1)
    #[inline(always)] // Views that are handed on by calls take 2 % of a small network's step; so below.
    #[track_caller]
    pub(crate) fn affine(&self, x: ArrayView2<R>, b: ArrayView1<R>, z: ArrayViewMut2<R>) {
        self.layout.forward.affine(x, b, z);
    }

    /// `∂C/∂X ← G W`.     `G (n,o)  ∂C/∂X (n,i)`, row-major     (B4)
    #[inline(always)]
    #[track_caller]
    pub(crate) fn backward(&self, g: ArrayView2<R>, dc_dx: ArrayViewMut2<R>) {
        match &self.layout.backward {
            Some(w) => w.product(g, dc_dx),
            None => product_nn(g, self.w, dc_dx),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::linear_algebra::naive;
    use crate::linear_algebra::tests::matrix;
    use crate::random::Random;

    #[test]
    fn weights_in_place_and_laid_out_give_the_products_of_their_definitions() {
        let random = &mut Random::seeded(16);
        // The last is laid out for the way back, too.
        for (n, i, o) in [(3, 4, 2), (5, 70, 33), (7, 310, 300)] {
            let [x, g, w] = [(n, i), (n, o), (o, i)].map(|(r, c)| matrix::<f64>(random, r, c));
            let b = matrix::<f64>(random, 1, o);
            let mut layout = Layout::with_room(i, o, true);
            assert_eq!(layout.backward.is_some(), i * o > LARGE_FACTOR);
            layout.prepare_forward(w.view());
            layout.prepare_backward(w.view());
            let weights = Weights {
                w: w.view(),
                layout: &layout,
            };
            let bound = 1e-13 * (i + o) as f64;

            let (mut z, mut expected) =
                (Array2::from_elem((n, o), f64::NAN), Array2::zeros((n, o)));
            weights.affine(x.view(), b.row(0), z.view_mut());
            naive::product_nt(x.view(), w.view(), expected.view_mut());
            expected += &b.row(0);
            assert!(z.iter().zip(&expected).all(|(z, e)| (z - e).abs() < bound));

            let (mut dc_dx, mut expected) =
                (Array2::from_elem((n, i), f64::NAN), Array2::zeros((n, i)));
            weights.backward(g.view(), dc_dx.view_mut());
            naive::product_nn(g.view(), w.view(), expected.view_mut());
            let close = |(d, e): (&f64, &f64)| (d - e).abs() < bound;
            assert!(dc_dx.iter().zip(&expected).all(close), "({n},{i},{o})");
        }
    }
}
