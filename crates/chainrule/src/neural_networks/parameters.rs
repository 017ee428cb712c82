//! What the parameters of a network are called, and in which order they are visited.
//!
//! Layers come from the inputs to the out layer, and each layer's parameters in the order of its equations. Gradients,
//! the optimizers' moments and stored trainings keep to the same order; whoever needs to know what a slice of numbers
//! is asks for its [`Parameter`].

use std::fmt;

/// One parameter of a network: where it stands and what it is. Its values are those of the same place in the network's
/// slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The layer, counted from 0; the out layer is the last.
    pub layer: usize,
    /// Its letter in the equations: `"W"` or `"b"`.
    pub name: &'static str,
    /// Its shape; the values are row-major.
    pub shape: Shape,
    /// Whether a penalty on large parameters is for it: for weights, not for biases.     (L7)
    pub decays: bool,
}

impl fmt::Display for Parameter {
    /// Such as `W of layer 2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of layer {}", self.name, self.layer)
    }
}

/// The shape of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `(o)`
    Vector(usize),
    /// `(o,i)`
    Matrix(usize, usize),
}

impl Shape {
    /// Number of values.
    pub fn elements(self) -> usize {
        match self {
            Shape::Vector(length) => length,
            Shape::Matrix(rows, columns) => rows * columns,
        }
    }

    /// The lengths of its axes.
    pub fn to_vec(self) -> Vec<usize> {
        match self {
            Shape::Vector(length) => vec![length],
            Shape::Matrix(rows, columns) => vec![rows, columns],
        }
    }
}

impl fmt::Display for Shape {
    /// Such as `(16, 10)` or `(16)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Vector(length) => write!(f, "({length})"),
            Shape::Matrix(rows, columns) => write!(f, "({rows}, {columns})"),
        }
    }
}
