//! The parameters of an affine map `Z = X Wᵀ + 1 bᵀ`, which every layer begins with. Its equations are those of the
//! layers.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use super::Init;
use super::parameters::{Parameter, Shape};
use crate::Real;
use crate::linear_algebra::aligned;
use crate::random::Random;

/// `W (o,i)` and `b (o)`.
#[derive(Debug, PartialEq)]
pub struct Affine<R> {
    /// Weights, `(o,i)`: row `k` holds what output `k` takes from each input.
    pub w: Array2<R>,
    /// Biases, `(o)`.
    pub b: Array1<R>,
}

impl<R: Real> Affine<R> {
    /// A map of the given parameters.
    ///
    /// # Panics
    ///
    /// If `W` has not one row for each element of `b`.
    #[track_caller]
    pub fn new(w: Array2<R>, b: Array1<R>) -> Self {
        assert_eq!(
            w.nrows(),
            b.len(),
            "W {:?} needs one row for each bias, b has {}",
            w.dim(),
            b.len()
        );
        Affine::copy(w.view(), b.view())
    }

    pub(super) fn random(inputs: usize, outputs: usize, init: Init, random: &mut Random) -> Self {
        let w = Array2::from_shape_simple_fn((outputs, inputs), || {
            init.weight(inputs, outputs, random)
        });
        let b = Array1::from_shape_simple_fn(outputs, || init.bias(random));
        Affine::new(w, b)
    }

    /// Number of inputs, `i`.
    pub fn inputs(&self) -> usize {
        self.w.ncols()
    }

    /// Number of outputs, `o`.
    pub fn outputs(&self) -> usize {
        self.w.nrows()
    }

    /// Number of weights and biases, `o i + o`.
    pub fn parameter_count(&self) -> usize {
        self.w.len() + self.b.len()
    }

    /// The same map in another precision.
    pub fn cast<S: Real>(&self) -> Affine<S> {
        let cast = |&v: &R| S::from_f64(v.to_f64());
        Affine::new(self.w.map(cast), self.b.map(cast))
    }

    /// `W` then `b`, each as one row-major slice.
    pub(super) fn slices(&self) -> [&[R]; 2] {
        [
            self.w.as_slice().expect("W is row-major"),
            self.b.as_slice().expect("b is contiguous"),
        ]
    }

    /// The same, to write.
    pub(super) fn slices_mut(&mut self) -> [&mut [R]; 2] {
        [
            self.w.as_slice_mut().expect("W is row-major"),
            self.b.as_slice_mut().expect("b is contiguous"),
        ]
    }

    fn copy(w: ArrayView2<R>, b: ArrayView1<R>) -> Self {
        Affine {
            w: aligned::copy_2(w),
            b: aligned::copy_1(b),
        }
    }
}

impl<R: Clone> Clone for Affine<R> {
    fn clone(&self) -> Self {
        Affine {
            w: aligned::copy_2(self.w.view()),
            b: aligned::copy_1(self.b.view()),
        }
    }
}

/// What the parameters of layer `layer` are called, in the order of [`Affine::slices`].
pub(super) fn parameters_of(layer: usize, inputs: usize, outputs: usize) -> [Parameter; 2] {
    [
        Parameter {
            layer,
            name: "W",
            shape: Shape::Matrix(outputs, inputs),
            decays: true,
        },
        Parameter {
            layer,
            name: "b",
            shape: Shape::Vector(outputs),
            decays: false,
        },
    ]
}
