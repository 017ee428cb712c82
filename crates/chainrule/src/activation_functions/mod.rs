//! Activation functions (A1–A9): in each file one function, its value `a(z)` beside its derivative `a'(z)`.
//!
//! Both are functions of `z`, the input; equations F2 (`A = a(Z)`) and B1 (`∂C/∂Z = ∂C/∂A ⊙ a'(Z)`) apply them to whole
//! slices. All are finite for every finite `z` in `f32` and `f64`, and all let a NaN through.

mod erf;
mod gelu;
mod identity;
mod leaky_relu;
mod mish;
mod parse;
mod relu;
mod sigmoid;
mod silu;
mod softplus;
mod tanh;
#[cfg(test)]
mod tests;

pub use gelu::Gelu;
pub use identity::Identity;
pub use leaky_relu::LeakyReLU;
pub use mish::Mish;
pub use parse::ParseActivationError;
pub use relu::ReLU;
pub use sigmoid::Sigmoid;
pub use silu::SiLU;
pub use softplus::Softplus;
pub use tanh::Tanh;

use crate::linear_algebra::vectorized;
use crate::real::Real;

/// A function applied to every element of `Z`, and its derivative.
pub trait ActivationFunction {
    /// `a(z)`.
    fn forward<R: Real>(&self, z: R) -> R;

    /// `a'(z)`, from the same `z`.
    fn derivative<R: Real>(&self, z: R) -> R;
}

/// The choice of an activation function.
///
/// Its text form is its name, with the parameter in parentheses where there is one:
///
/// ```
/// use chainrule::activation_functions::Activation;
///
/// let activation: Activation = "leaky_relu(0.2)".parse().unwrap();
/// assert_eq!(activation, Activation::LeakyReLU { leakiness: 0.2 });
/// assert_eq!(activation.value(-3.0_f64), 0.2 * -3.0);
/// assert_eq!(activation.to_string(), "leaky_relu(0.2)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Activation {
    /// `max(z, 0)`                                   (A1)
    #[cfg_attr(feature = "serde", serde(rename = "relu"))]
    ReLU,
    /// `z` for `z > 0`, else `leakiness · z`         (A2)
    #[cfg_attr(feature = "serde", serde(rename = "leaky_relu"))]
    LeakyReLU {
        /// The slope of the negative side; finite.
        leakiness: f64,
    },
    /// `z`                                           (A3)
    Identity,
    /// `tanh z`                                      (A4)
    Tanh,
    /// `1 / (1 + exp(−z))`                           (A5)
    Sigmoid,
    /// `z Φ(z)`                                      (A6)
    Gelu,
    /// `z σ(z)`                                      (A7)
    #[cfg_attr(feature = "serde", serde(rename = "silu"))]
    SiLU,
    /// `z tanh(ln(1 + exp z))`                       (A8)
    Mish,
    /// `ln(1 + exp z)`                               (A9)
    Softplus,
}

impl Activation {
    /// Every activation function once, LeakyReLU with its usual leakiness 0.01.
    pub const ALL: [Activation; 9] = [
        Activation::ReLU,
        Activation::LeakyReLU { leakiness: 0.01 },
        Activation::Identity,
        Activation::Tanh,
        Activation::Sigmoid,
        Activation::Gelu,
        Activation::SiLU,
        Activation::Mish,
        Activation::Softplus,
    ];

    /// The name without parameters: `"relu"`, `"leaky_relu"`, ...
    pub fn name(&self) -> &'static str {
        match self {
            Activation::ReLU => "relu",
            Activation::LeakyReLU { .. } => "leaky_relu",
            Activation::Identity => "identity",
            Activation::Tanh => "tanh",
            Activation::Sigmoid => "sigmoid",
            Activation::Gelu => "gelu",
            Activation::SiLU => "silu",
            Activation::Mish => "mish",
            Activation::Softplus => "softplus",
        }
    }

    /// `a ← a(z)`, element by element.                                                           (F2)
    ///
    /// Panics if the slices differ in length.
    #[track_caller]
    pub fn forward<R: Real>(&self, z: &[R], a: &mut [R]) {
        assert_eq!(
            z.len(),
            a.len(),
            "z has {} elements, but a has {}",
            z.len(),
            a.len()
        );
        vectorized(
            #[inline(always)]
            || self.forward_inside(z, a),
        );
    }

    /// [`forward`](Self::forward) inside code that is compiled for an instruction set already.
    #[inline(always)]
    pub(crate) fn forward_inside<R: Real>(&self, z: &[R], a: &mut [R]) {
        // One match per slice: inside, each loop is compiled for its one function.
        match *self {
            Activation::ReLU => apply(ReLU, z, a),
            Activation::LeakyReLU { leakiness } => apply(LeakyReLU { leakiness }, z, a),
            Activation::Identity => apply(Identity, z, a),
            Activation::Tanh => apply(Tanh, z, a),
            Activation::Sigmoid => apply(Sigmoid, z, a),
            Activation::Gelu => apply(Gelu, z, a),
            Activation::SiLU => apply(SiLU, z, a),
            Activation::Mish => apply(Mish, z, a),
            Activation::Softplus => apply(Softplus, z, a),
        }
    }

    /// `g ← g ⊙ a'(z)`: turns `∂C/∂A` into `∂C/∂Z`.                                              (B1)
    ///
    /// Panics if the slices differ in length.
    #[track_caller]
    pub fn multiply_by_derivative<R: Real>(&self, z: &[R], g: &mut [R]) {
        assert_eq!(
            z.len(),
            g.len(),
            "z has {} elements, but g has {}",
            z.len(),
            g.len()
        );
        match *self {
            Activation::ReLU => multiply(ReLU, z, g),
            Activation::LeakyReLU { leakiness } => multiply(LeakyReLU { leakiness }, z, g),
            Activation::Identity => {} // a' = 1
            Activation::Tanh => multiply(Tanh, z, g),
            Activation::Sigmoid => multiply(Sigmoid, z, g),
            Activation::Gelu => multiply(Gelu, z, g),
            Activation::SiLU => multiply(SiLU, z, g),
            Activation::Mish => multiply(Mish, z, g),
            Activation::Softplus => multiply(Softplus, z, g),
        }
    }

    /// `a(z)` of one number, by the code that serves whole layers.
    pub fn value<R: Real>(&self, z: R) -> R {
        let mut a = [R::zero()];
        self.forward(&[z], &mut a);
        a[0]
    }

    /// `a'(z)` of one number, by the code that serves whole layers.
    pub fn derivative<R: Real>(&self, z: R) -> R {
        let mut g = [R::one()];
        self.multiply_by_derivative(&[z], &mut g);
        g[0]
    }
}

#[inline(always)]
fn apply<F: ActivationFunction, R: Real>(function: F, z: &[R], a: &mut [R]) {
    for (a, &z) in a.iter_mut().zip(z) {
        *a = function.forward(z); // A = a(Z)  (F2)
    }
}

fn multiply<F: ActivationFunction, R: Real>(function: F, z: &[R], g: &mut [R]) {
    vectorized(move || {
        for (g, &z) in g.iter_mut().zip(z) {
            *g *= function.derivative(z); // G = ∂C/∂A ⊙ a'(Z)  (B1)
        }
    });
}
