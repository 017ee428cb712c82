//! Loss functions (L1–L6): in each file one function, its value `ℓ(ŷ, y)`, its derivative `∂ℓ/∂ŷ`, its kinks, its link,
//! the targets that it is defined for, its name and formulas.
//!
//! Over rows `r` and outputs `k` they make the cost `C = Σ_r w_r Σ_k ℓ(ŷ_rk, y_rk) / (o Σ_r w_r)` (L0). The
//! division lives here, in the caller's `scale`, and nowhere else: no layer knows the number of rows.
//! All are finite for `|ŷ|, |y| ≤ 1e4` in `f32` and `f64`, and all let a NaN through.

mod domain;
mod gamma_deviance;
mod huber;
mod link;
mod log_link;
mod mean_absolute_error;
mod mean_square_error;
mod parse;
mod pinball;
mod poisson_deviance;
#[cfg(test)]
mod tests;

pub use domain::TargetDomain;
pub use gamma_deviance::GammaDeviance;
pub use huber::Huber;
pub use link::Link;
pub use mean_absolute_error::MeanAbsoluteError;
pub use mean_square_error::MeanSquareError;
pub use parse::ParseLossError;
pub use pinball::Pinball;
pub use poisson_deviance::PoissonDeviance;

use ndarray::{ArrayView1, ArrayView2};

use crate::real::Real;
use crate::simd::vectorized;

/// The loss of one element, with everything that is known of it.
pub trait LossFunction {
    /// `ℓ(ŷ, y)`.
    fn value<R: Real>(&self, y_hat: R, y: R) -> R;

    /// `∂ℓ/∂ŷ`.
    fn derivative<R: Real>(&self, y_hat: R, y: R) -> R;

    /// Which smooth piece of `ŷ ↦ ℓ(ŷ, y)` the raw `ŷ` lies on; a loss that is smooth everywhere has piece 0 alone.
    ///
    /// A difference quotient between two pieces tells nothing of a derivative: see [`crate::gradient_check`].
    fn piece(&self, y_hat: f64, y: f64) -> i8;

    /// How raw outputs become predictions.
    fn link(&self) -> Link;

    /// Whether an outlier pulls no harder than a usual row, because the derivative is bounded.
    fn is_robust(&self) -> bool;

    /// The targets that it is defined for.
    fn domain(&self) -> TargetDomain;

    /// Its name in texts and files, without parameters.
    fn name(&self) -> &'static str;

    /// Its number in docs/backpropagation.md.
    fn number(&self) -> &'static str;

    /// The formulas of `ℓ(ŷ, y)` and of `∂ℓ/∂ŷ`, with the function's parameter in them.
    fn formulas(&self) -> (String, String);
}

/// The choice of a loss function.
///
/// The out layer gives the raw `ŷ`. For the deviances it is the logarithm of the mean, `μ = exp(ŷ)`; for the others it
/// is the prediction itself.
///
/// ```
/// use chainrule::loss_functions::Loss;
///
/// let loss: Loss = "huber(1.5)".parse().unwrap();
/// assert_eq!(loss, Loss::Huber { delta: 1.5 });
/// assert_eq!(loss.value(3.0_f64, 2.0), 0.5); // ½ (3 − 2)²
/// assert_eq!(loss.derivative(9.0_f64, 2.0), 1.5); // bounded by δ
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Loss {
    /// `(ŷ − y)²`                                              (L1)
    MeanSquareError,
    /// `|ŷ − y|`                                               (L2)
    MeanAbsoluteError,
    /// `½ e²` for `|e| ≤ δ`, else `δ (|e| − ½ δ)`              (L3)
    Huber {
        /// The `δ > 0` where the parabola goes over into its tangents.
        delta: f64,
    },
    /// `max(τ (y − ŷ), (τ − 1) (y − ŷ))`                       (L4)
    Pinball {
        /// The level `0 < τ < 1` of the quantile.
        tau: f64,
    },
    /// `2 (y ln(y/μ) − (y − μ))`, `μ = exp(ŷ)`                 (L5)
    PoissonDeviance,
    /// `2 (−ln(y/μ) + (y − μ)/μ)`, `μ = exp(ŷ)`                (L6)
    GammaDeviance,
}

/// Runs one generic expression for the function of a choice: the only place where choices become functions. (A function
/// cannot take such an expression.)
macro_rules! with_function {
    ($loss:expr, $function:ident => $expression:expr) => {
        match $loss {
            Loss::MeanSquareError => {
                let $function = MeanSquareError;
                $expression
            }
            Loss::MeanAbsoluteError => {
                let $function = MeanAbsoluteError;
                $expression
            }
            Loss::Huber { delta } => {
                let $function = Huber { delta };
                $expression
            }
            Loss::Pinball { tau } => {
                let $function = Pinball { tau };
                $expression
            }
            Loss::PoissonDeviance => {
                let $function = PoissonDeviance;
                $expression
            }
            Loss::GammaDeviance => {
                let $function = GammaDeviance;
                $expression
            }
        }
    };
}

impl Loss {
    /// Every loss function once: Huber with δ = 1, pinball for the 0.9 quantile.
    pub const ALL: [Loss; 6] = [
        Loss::MeanSquareError,
        Loss::MeanAbsoluteError,
        Loss::Huber { delta: 1.0 },
        Loss::Pinball { tau: 0.9 },
        Loss::PoissonDeviance,
        Loss::GammaDeviance,
    ];

    /// The name without parameters: `"mean_square_error"`, `"huber"`, ...
    pub fn name(&self) -> &'static str {
        with_function!(*self, function => function.name())
    }

    /// Its number in docs/backpropagation.md: `"L1"`, ...
    pub fn number(&self) -> &'static str {
        with_function!(*self, function => function.number())
    }

    /// The formulas of `ℓ(ŷ, y)` and of `∂ℓ/∂ŷ`.
    pub fn formulas(&self) -> (String, String) {
        with_function!(*self, function => function.formulas())
    }

    /// Which smooth piece of the loss `ŷ` lies on: see [`LossFunction::piece`].
    pub fn piece(&self, y_hat: f64, y: f64) -> i8 {
        with_function!(*self, function => function.piece(y_hat, y))
    }

    /// How raw outputs become predictions.
    pub fn link(&self) -> Link {
        with_function!(*self, function => function.link())
    }

    /// Whether an outlier pulls no harder than a usual row: see [`LossFunction::is_robust`].
    pub fn is_robust(&self) -> bool {
        with_function!(*self, function => function.is_robust())
    }

    /// The targets that it is defined for.
    pub fn domain(&self) -> TargetDomain {
        with_function!(*self, function => function.domain())
    }

    /// `ℓ(ŷ, y)` of one element, by the code that serves whole batches.
    pub fn value<R: Real>(&self, y_hat: R, y: R) -> R {
        self.sum(&[y_hat], &[y], 1, None, R::one())
    }

    /// `∂ℓ/∂ŷ` of one element, by the code that serves whole batches.
    pub fn derivative<R: Real>(&self, y_hat: R, y: R) -> R {
        let mut derivative = [R::zero()];
        self.sum_and_gradient(&[y_hat], &[y], 1, None, R::one(), &mut derivative);
        derivative[0]
    }

    /// From the raw `ŷ` to the prediction: `exp` (of an argument within ±40) for the deviances, else the identity.
    pub fn inverse_link<R: Real>(&self, raw: R) -> R {
        self.link().inverse(raw)
    }

    /// Whether the loss is defined for the target `y`.
    pub fn accepts_target(&self, y: f64) -> bool {
        self.domain().contains(y)
    }

    /// `scale · Σ_r w_r Σ_k ℓ(ŷ_rk, y_rk)` over row-major slices `ŷ (n,o)`, `y (n,o)`, `w (n)`; `o = outputs`.   (L0)
    ///
    /// With `scale = 1 / (o Σ_r w_r)` of the whole batch, the sums of its blocks add up to `C`. Without weights, every
    /// `w_r = 1`. The order of the additions depends on the lengths alone. Panics if these do not fit.
    #[track_caller]
    pub fn sum<R: Real>(
        &self,
        y_hat: &[R],
        y: &[R],
        outputs: usize,
        weights: Option<&[R]>,
        scale: R,
    ) -> R {
        check_lengths(y_hat, y, outputs, weights);
        let batch = Batch {
            y_hat,
            y,
            outputs,
            weights,
            scale,
        };
        with_function!(*self, function => batch.sum(function))
    }

    /// [`sum`](Loss::sum), to the same bits, and its gradient: `dc_dy_hat ← scale · w_r · ∂ℓ/∂ŷ_rk`.            (L0)
    ///
    /// `dc_dy_hat (n,o)` is overwritten. Panics if the lengths do not fit.
    #[track_caller]
    pub fn sum_and_gradient<R: Real>(
        &self,
        y_hat: &[R],
        y: &[R],
        outputs: usize,
        weights: Option<&[R]>,
        scale: R,
        dc_dy_hat: &mut [R],
    ) -> R {
        check_lengths(y_hat, y, outputs, weights);
        let (expected, found) = (y_hat.len(), dc_dy_hat.len());
        assert_eq!(
            expected, found,
            "ŷ has {expected} elements, but ∂C/∂Ŷ has {found}"
        );
        let batch = Batch {
            y_hat,
            y,
            outputs,
            weights,
            scale,
        };
        with_function!(*self, function => batch.gradient(function, dc_dy_hat));
        self.sum(y_hat, y, outputs, weights, scale)
    }

    /// The cost `C = Σ_r w_r Σ_k ℓ(ŷ_rk, y_rk) / (o Σ_r w_r)`, or 0 when `o Σ_r w_r = 0`.                       (L0)
    ///
    /// Shapes: `ŷ (n,o)`, `y (n,o)`, `w (n)`. Panics, with the shapes, if they do not fit.
    #[track_caller]
    pub fn mean<R: Real>(
        &self,
        y_hat: ArrayView2<'_, R>,
        y: ArrayView2<'_, R>,
        weights: Option<ArrayView1<'_, R>>,
    ) -> R {
        assert_eq!(
            y_hat.dim(),
            y.dim(),
            "ŷ has shape {:?}, but y has {:?}",
            y_hat.dim(),
            y.dim()
        );
        let (rows, outputs) = y_hat.dim();
        let weights: Option<Vec<R>> = weights.map(|weights| weights.to_vec());
        let total_weight = match &weights {
            Some(weights) => weights.iter().copied().sum(),
            None => R::from_f64(rows as f64),
        };
        let factor = mean_factor(outputs, total_weight);
        if factor == R::zero() {
            return R::zero();
        }
        let (y_hat, y) = (y_hat.as_standard_layout(), y.as_standard_layout());
        let (y_hat, y) = (y_hat.as_slice(), y.as_slice());
        let (y_hat, y) = y_hat.zip(y).expect("a standard layout is one slice");
        self.sum(y_hat, y, outputs, weights.as_deref(), factor)
    }
}

/// `1 / (o Σ_r w_r)`, what makes the sum over rows and outputs a mean; 0 where nothing counts.     (L0)
pub fn mean_factor<R: Real>(outputs: usize, total_weight: R) -> R {
    let divisor = total_weight * R::from_f64(outputs as f64);
    if divisor == R::zero() {
        R::zero()
    } else {
        R::one() / divisor // (L0)
    }
}

/// `sign(e)` with `sign(0) = 0`; a NaN stays one.
#[inline(always)]
fn sign<R: Real>(e: R) -> R {
    if e == R::zero() {
        R::zero()
    } else {
        e.signum()
    }
}

#[track_caller]
fn check_lengths<R>(y_hat: &[R], y: &[R], outputs: usize, weights: Option<&[R]>) {
    assert_eq!(
        y_hat.len(),
        y.len(),
        "ŷ has {} elements, but y has {}",
        y_hat.len(),
        y.len()
    );
    assert!(outputs > 0, "a loss needs at least one output");
    let rows = y_hat.len() / outputs;
    assert_eq!(
        rows * outputs,
        y_hat.len(),
        "{} elements are no whole rows of {outputs}",
        y_hat.len()
    );
    if let Some(weights) = weights {
        assert_eq!(
            weights.len(),
            rows,
            "{} weights for {rows} rows",
            weights.len()
        );
    }
}

/// `Σ_e w_e ℓ(ŷ_e, y_e)`, in sums that run beside each other: one alone would wait for each addition.
#[inline(always)]
fn sum_in_parts<R: Real>(
    y_hat: &[R],
    y: &[R],
    loss: impl LossFunction,
    weight: impl Fn(usize) -> R,
) -> R {
    // One in a browser: several would be spelt out for every loss, and a page be larger.
    const PARTS: usize = if cfg!(target_family = "wasm") { 1 } else { 16 };
    vectorized(
        #[inline(always)]
        || {
            let mut sums = [R::zero(); PARTS];
            let ((y_hat, y_hat_rest), (y, y_rest)) =
                (y_hat.as_chunks::<PARTS>(), y.as_chunks::<PARTS>());
            for (chunk, (y_hat, y)) in y_hat.iter().zip(y).enumerate() {
                for part in 0..PARTS {
                    let e = chunk * PARTS + part;
                    sums[part] += weight(e) * loss.value(y_hat[part], y[part]);
                }
            }
            let first = y_hat.len() * PARTS;
            for (part, (&y_hat, &y)) in y_hat_rest.iter().zip(y_rest).enumerate() {
                sums[part] += weight(first + part) * loss.value(y_hat, y);
            }
            let mut half = PARTS / 2;
            while half > 0 {
                for part in 0..half {
                    sums[part] += sums[part + half];
                }
                half /= 2;
            }
            sums[0]
        },
    )
}

/// The arguments of one sum; lengths checked.
struct Batch<'a, R> {
    y_hat: &'a [R],
    y: &'a [R],
    outputs: usize,
    weights: Option<&'a [R]>,
    scale: R,
}

impl<R: Real> Batch<'_, R> {
    #[inline(always)]
    fn sum(&self, loss: impl LossFunction) -> R {
        let outputs = self.outputs;
        let sum = match self.weights {
            None => sum_in_parts(self.y_hat, self.y, loss, |_| R::one()),
            Some(weights) => sum_in_parts(self.y_hat, self.y, loss, |e| weights[e / outputs]),
        };
        sum * self.scale
    }

    #[inline(always)]
    fn gradient(&self, loss: impl LossFunction, dc_dy_hat: &mut [R]) {
        let Some(weights) = self.weights else {
            return vectorized(
                #[inline(always)]
                || scaled_derivatives(&loss, self.scale, self.y_hat, self.y, dc_dy_hat),
            );
        };
        let outputs = self.outputs;
        let rows = self
            .y_hat
            .chunks_exact(outputs)
            .zip(self.y.chunks_exact(outputs));
        let rows = dc_dy_hat.chunks_exact_mut(outputs).zip(rows);
        for ((g, (y_hat, y)), &weight) in rows.zip(weights) {
            scaled_derivatives(&loss, self.scale * weight, y_hat, y, g);
        }
    }
}

/// `g ← scale · ∂ℓ/∂ŷ`, element by element.
#[inline(always)]
fn scaled_derivatives<R: Real>(
    loss: &impl LossFunction,
    scale: R,
    y_hat: &[R],
    y: &[R],
    g: &mut [R],
) {
    for ((g, &y_hat), &y) in g.iter_mut().zip(y_hat).zip(y) {
        *g = scale * loss.derivative(y_hat, y); // (L0)
    }
}
