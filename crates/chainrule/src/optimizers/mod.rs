//! How gradients move parameters. An optimizer knows parameters and gradients, as flat slices, and nothing else.

mod adam;
mod clipping;
mod gradient_descent;
mod momentum;
mod parse;
mod schedule;

pub use clipping::{clip_norm, norm};
pub use parse::ParseOptimizerError;
pub use schedule::{LearningRate, Schedule};

use std::fmt;

use ndarray::{Array1, aview1};

use crate::Real;
use crate::linear_algebra::aligned;
use crate::parallel::{SHARED_PIECE, join};
use crate::simd::vectorized;
use adam::Adam;
use gradient_descent::GradientDescent;
use momentum::{Momentum, Nesterov};

/// An update rule and its constants.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Optimizer {
    /// `p ← p − η g`.     (O1)
    GradientDescent,
    /// `d ← β d + g`, `p ← p − η d` (Polyak 1964, in PyTorch's form).     (O2)
    Momentum {
        /// `β`, usually 0.9.
        momentum: f64,
    },
    /// `d ← β d + g`, `p ← p − η (g + β d)` (Nesterov 1983; Sutskever et al. 2013).     (O3)
    Nesterov {
        /// `β`, usually 0.9.
        momentum: f64,
    },
    /// Adaptive moments (Kingma and Ba 2015).     (O4)
    Adam {
        /// `β₁`, usually 0.9.
        beta1: f64,
        /// `β₂`, usually 0.999.
        beta2: f64,
        /// `ε`, outside the root of the bias-corrected second moment; usually 1e-8.
        epsilon: f64,
    },
    /// Adam with decoupled weight decay, in PyTorch's form (after Loshchilov and Hutter 2019):
    /// `p ← p − η · decay · p`, then Adam.     (O5)
    AdamW {
        /// `β₁`, usually 0.9.
        beta1: f64,
        /// `β₂`, usually 0.999.
        beta2: f64,
        /// `ε`, outside the root of the bias-corrected second moment; usually 1e-8.
        epsilon: f64,
        /// The decay, usually 0.01. It acts on weights and biases alike.
        weight_decay: f64,
    },
}

impl Optimizer {
    /// Adam with the constants of its paper.
    pub const ADAM: Optimizer = Optimizer::Adam {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
    };

    /// AdamW with the constants of PyTorch, whose default decay of 0.01 is PyTorch's own choice.
    pub const ADAM_W: Optimizer = Optimizer::AdamW {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.01,
    };

    /// Every rule once, with its usual constants.
    pub const ALL: [Optimizer; 5] = [
        Optimizer::GradientDescent,
        Optimizer::Momentum { momentum: 0.9 },
        Optimizer::Nesterov { momentum: 0.9 },
        Optimizer::ADAM,
        Optimizer::ADAM_W,
    ];

    /// The name without constants: `"gradient_descent"`, `"adam_w"`, ...
    pub fn name(&self) -> &'static str {
        match self {
            Optimizer::GradientDescent => "gradient_descent",
            Optimizer::Momentum { .. } => "momentum",
            Optimizer::Nesterov { .. } => "nesterov",
            Optimizer::Adam { .. } => "adam",
            Optimizer::AdamW { .. } => "adam_w",
        }
    }

    /// How many running averages of the parameters' size the rule keeps.
    fn moments(self) -> usize {
        match self {
            Optimizer::GradientDescent => 0,
            Optimizer::Momentum { .. } | Optimizer::Nesterov { .. } => 1,
            Optimizer::Adam { .. } | Optimizer::AdamW { .. } => 2,
        }
    }
}

impl fmt::Display for Optimizer {
    /// The rule's name and constants, such as `adam(beta1 0.9, beta2 0.999, epsilon 1e-8)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match *self {
            Optimizer::GradientDescent => f.write_str(name),
            Optimizer::Momentum { momentum } | Optimizer::Nesterov { momentum } => {
                write!(f, "{name}({momentum})")
            }
            Optimizer::Adam {
                beta1,
                beta2,
                epsilon,
            } => {
                write!(
                    f,
                    "{name}(beta1 {beta1}, beta2 {beta2}, epsilon {epsilon:e})"
                )
            }
            Optimizer::AdamW {
                beta1,
                beta2,
                epsilon,
                weight_decay,
            } => {
                write!(
                    f,
                    "{name}(beta1 {beta1}, beta2 {beta2}, epsilon {epsilon:e}, weight decay {weight_decay})"
                )
            }
        }
    }
}

/// An optimizer at work: its rule, its step count and its running averages, flat in the parameters' order.
#[derive(Clone, Debug, PartialEq)]
pub struct OptimizerState<R> {
    rule: Optimizer,
    steps: u64,
    /// `d` of momentum, `m` of Adam; empty where the rule has none.
    first_moment: Array1<R>,
    /// `v` of Adam; empty where the rule has none.
    second_moment: Array1<R>,
}

impl<R: Real> OptimizerState<R> {
    /// A rule that has made no step yet, for `parameter_count` parameters.
    pub fn new(rule: Optimizer, parameter_count: usize) -> Self {
        let zeros = |needed| aligned::zeros_1(if needed { parameter_count } else { 0 });
        OptimizerState {
            rule,
            steps: 0,
            first_moment: zeros(rule.moments() > 0),
            second_moment: zeros(rule.moments() > 1),
        }
    }

    /// A rule that goes on from stored averages.
    ///
    /// # Panics
    ///
    /// If the averages have not the lengths that the rule needs.
    #[track_caller]
    pub fn restore(
        rule: Optimizer,
        parameter_count: usize,
        steps: u64,
        first_moment: Vec<R>,
        second_moment: Vec<R>,
    ) -> Self {
        let mut state = Self::new(rule, parameter_count);
        assert_eq!(
            (first_moment.len(), second_moment.len()),
            (state.first_moment.len(), state.second_moment.len()),
            "lengths of the stored and of the needed moments of {rule:?}",
        );
        state.steps = steps;
        state.first_moment.assign(&aview1(&first_moment));
        state.second_moment.assign(&aview1(&second_moment));
        state
    }

    /// The first moment, flat in the parameters' order; empty for gradient descent.
    pub fn first_moment(&self) -> &[R] {
        self.first_moment.as_slice().expect("one slice")
    }

    /// The second moment, flat in the parameters' order; empty but for Adam and AdamW.
    pub fn second_moment(&self) -> &[R] {
        self.second_moment.as_slice().expect("one slice")
    }

    /// One step at the given learning rate. Slices of parameters come with their gradients, in the same order at each
    /// step.
    pub fn step<'a>(
        &mut self,
        tensors: impl Iterator<Item = (&'a mut [R], &'a [R])>,
        learning_rate: f64,
    ) {
        self.steps += 1;
        match self.rule {
            Optimizer::GradientDescent => self.apply(&GradientDescent::new(learning_rate), tensors),
            Optimizer::Momentum { momentum } => {
                self.apply(&Momentum::new(learning_rate, momentum), tensors)
            }
            Optimizer::Nesterov { momentum } => {
                self.apply(&Nesterov::new(learning_rate, momentum), tensors)
            }
            Optimizer::Adam {
                beta1,
                beta2,
                epsilon,
            } => {
                self.apply(
                    &Adam::new(self.steps, learning_rate, beta1, beta2, epsilon, 0.0),
                    tensors,
                );
            }
            Optimizer::AdamW {
                beta1,
                beta2,
                epsilon,
                weight_decay,
            } => {
                self.apply(
                    &Adam::new(
                        self.steps,
                        learning_rate,
                        beta1,
                        beta2,
                        epsilon,
                        weight_decay,
                    ),
                    tensors,
                );
            }
        }
    }

    fn apply<'a>(
        &mut self,
        rule: &impl Rule<R>,
        tensors: impl Iterator<Item = (&'a mut [R], &'a [R])>,
    ) {
        let mut first = self.first_moment.as_slice_mut().expect("one slice");
        let mut second = self.second_moment.as_slice_mut().expect("one slice");
        tensors.for_each(|(p, g)| {
            let m = split_off(&mut first, p.len());
            let v = split_off(&mut second, p.len());
            update_shared(rule, p, g, m, v);
        });
    }
}

/// An update rule with the constants of one step.
trait Rule<R>: Sync {
    /// Moves `p`, element by element. `m` and `v` are the moments that the rule keeps, or empty.
    fn update(&self, p: &mut [R], g: &[R], m: &mut [R], v: &mut [R]);
}

/// Updates a tensor, in halves of halves where several threads are at hand: no element depends on another.
fn update_shared<R: Real>(
    rule: &impl Rule<R>,
    p: &mut [R],
    g: &[R],
    mut m: &mut [R],
    mut v: &mut [R],
) {
    if p.len() <= SHARED_PIECE {
        return vectorized(|| rule.update(p, g, m, v));
    }
    let middle = p.len() / 2;
    let (p_left, p_right) = p.split_at_mut(middle);
    let (g_left, g_right) = g.split_at(middle);
    let (m_left, v_left) = (split_off(&mut m, middle), split_off(&mut v, middle));
    join(
        || update_shared(rule, p_left, g_left, m_left, v_left),
        || update_shared(rule, p_right, g_right, m, v),
    );
}

/// Takes the next `length` elements off the front of `rest`; none if the rule keeps no such moment.
fn split_off<'a, R>(rest: &mut &'a mut [R], length: usize) -> &'a mut [R] {
    let length = length.min(rest.len());
    let (head, tail) = std::mem::take(rest).split_at_mut(length);
    *rest = tail;
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Optimizer; 5] = Optimizer::ALL;

    /// Minimises ½ Σ c_k p_k² from p = (1, −2, 3), split into slices of 2 and 1.
    fn minimise(rule: Optimizer, steps: usize) -> [f64; 3] {
        let curvature = [1.0, 2.0, 0.5];
        let mut p = [1.0, -2.0, 3.0];
        let mut state = OptimizerState::new(rule, 3);
        for _ in 0..steps {
            let g: Vec<f64> = p.iter().zip(curvature).map(|(p, c)| c * p).collect();
            let (p0, p1) = p.split_at_mut(2);
            state.step([(p0, &g[..2]), (p1, &g[2..])].into_iter(), 0.05);
        }
        p
    }

    #[test]
    fn every_rule_finds_the_minimum_of_a_quadratic() {
        for rule in ALL {
            let p = minimise(rule, 600);
            assert!(p.iter().all(|p| p.abs() < 1e-3), "{rule:?}: {p:?}");
        }
    }

    #[test]
    fn first_steps_are_those_of_the_definitions() {
        // With g = (1, −4, 1.5), η = 0.05: gradient descent and momentum move by η g, Nesterov by η (1 + μ) g,
        // Adam by η sign(g) since m̂ = g and v̂ = g², AdamW by η λ p more.
        let start = [1.0, -2.0, 3.0];
        let g = [1.0, -4.0, 1.5];
        for rule in ALL {
            let p = minimise(rule, 1);
            for k in 0..3 {
                let expected = match rule {
                    Optimizer::GradientDescent | Optimizer::Momentum { .. } => {
                        start[k] - 0.05 * g[k]
                    }
                    Optimizer::Nesterov { momentum } => start[k] - 0.05 * (1.0 + momentum) * g[k],
                    Optimizer::Adam { .. } => start[k] - 0.05 * f64::signum(g[k]),
                    Optimizer::AdamW { weight_decay, .. } => {
                        start[k] * (1.0 - 0.05 * weight_decay) - 0.05 * f64::signum(g[k])
                    }
                };
                assert!(
                    (p[k] - expected).abs() < 1e-9,
                    "{rule:?}, parameter {k}: {} is not {expected}",
                    p[k]
                );
            }
        }
    }

    #[test]
    fn a_rule_is_shown_with_its_constants() {
        let shown = ALL.map(|rule| rule.to_string());
        assert_eq!(
            shown,
            [
                "gradient_descent",
                "momentum(0.9)",
                "nesterov(0.9)",
                "adam(beta1 0.9, beta2 0.999, epsilon 1e-8)",
                "adam_w(beta1 0.9, beta2 0.999, epsilon 1e-8, weight decay 0.01)",
            ]
        );
    }

    #[test]
    fn restored_state_takes_the_same_steps() {
        let g = [0.3, -0.2, 0.1];
        for rule in ALL {
            let (mut p, mut state) = ([1.0, 2.0, 3.0], OptimizerState::<f64>::new(rule, 3));
            for _ in 0..3 {
                state.step([(&mut p[..], &g[..])].into_iter(), 0.1);
            }
            let mut q = p;
            let mut restored = OptimizerState::restore(
                rule,
                3,
                3,
                state.first_moment().to_vec(),
                state.second_moment().to_vec(),
            );
            state.step([(&mut p[..], &g[..])].into_iter(), 0.1);
            restored.step([(&mut q[..], &g[..])].into_iter(), 0.1);
            assert_eq!(p, q, "{rule:?}");
        }
    }
}
