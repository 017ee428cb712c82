//! Activation functions (A1–A9): in each file one function, its value `a(z)`, its derivative `a'(z)`, its kink, its
//! name and formula.
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

use crate::real::Real;
use crate::simd::vectorized;

/// A function applied to every element of `Z`, with everything that is known of it.
pub trait ActivationFunction {
    /// `a(z)`.
    fn forward<R: Real>(&self, z: R) -> R;

    /// `a'(z)`, from the same `z`.
    fn derivative<R: Real>(&self, z: R) -> R;

    /// Which smooth piece of the function `z` lies on. A function with a kink has two; a smooth one has piece 0 alone.
    ///
    /// A difference quotient between two pieces tells nothing of a derivative: see [`crate::gradient_check`].
    fn piece(&self, z: f64) -> i8;

    /// Its name in texts and files, without parameters.
    fn name(&self) -> &'static str;

    /// Its number in docs/backpropagation.md.
    fn number(&self) -> &'static str;

    /// The formula of `a(z)`, with the function's parameter in it.
    fn formula(&self) -> String;
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

/// Runs one generic expression for the function of a choice: the only place where choices become functions. (A function
/// cannot take such an expression.)
macro_rules! with_function {
    ($activation:expr, $function:ident => $expression:expr) => {
        match $activation {
            Activation::ReLU => {
                let $function = ReLU;
                $expression
            }
            Activation::LeakyReLU { leakiness } => {
                let $function = LeakyReLU { leakiness };
                $expression
            }
            Activation::Identity => {
                let $function = Identity;
                $expression
            }
            Activation::Tanh => {
                let $function = Tanh;
                $expression
            }
            Activation::Sigmoid => {
                let $function = Sigmoid;
                $expression
            }
            Activation::Gelu => {
                let $function = Gelu;
                $expression
            }
            Activation::SiLU => {
                let $function = SiLU;
                $expression
            }
            Activation::Mish => {
                let $function = Mish;
                $expression
            }
            Activation::Softplus => {
                let $function = Softplus;
                $expression
            }
        }
    };
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
        with_function!(*self, function => function.name())
    }

    /// Its number in docs/backpropagation.md: `"A1"`, ...
    pub fn number(&self) -> &'static str {
        with_function!(*self, function => function.number())
    }

    /// The formula of `a(z)`: `"max(0, z)"`, ...
    pub fn formula(&self) -> String {
        with_function!(*self, function => function.formula())
    }

    /// Which smooth piece of the function `z` lies on: see [`ActivationFunction::piece`].
    pub fn piece(&self, z: f64) -> i8 {
        with_function!(*self, function => function.piece(z))
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
        with_function!(*self, function => apply(function, z, a));
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
        // The derivative of the identity is 1: nothing to do.
        if *self != Activation::Identity {
            with_function!(*self, function => multiply(function, z, g));
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
