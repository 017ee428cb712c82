//! How an entry of an equation's result comes about, written out: `1·2 + 2·(−1) + (−2) = −2`.
//!
//! The terms are the entries of the equation's matrices, and what stands behind the last `=` is the entry that the core
//! computed.

use serde::Serialize;

use crate::numbers::{factor, short};
use crate::walk::{Matrix, Step};

/// So many terms of a sum are written out.
const MOST_TERMS: usize = 8;

/// How an entry comes about from the other matrices of its equation.
#[derive(Clone, Debug, PartialEq)]
pub enum Sum {
    /// `Σ_j X_rj W_kj + b_k`
    Affine,
    /// `a(Z_rk)`
    Apply,
    /// A function of the entries of two matrices, by its name.
    OfTwo(&'static str),
    /// The mean of all entries, with a penalty or without.
    Mean {
        /// Whether a penalty is added.
        penalty: bool,
    },
    /// The entry, divided by a number.
    Over(f64),
    /// `P_rk Q_rk`
    Elements,
    /// `Σ_r G_rk X_rj`, and `λ W_kj` where there is a penalty.
    OverRows(Option<f64>),
    /// `Σ_r G_rk`
    Columns,
    /// `Σ_k G_rk W_kj`
    Back,
    /// `p − η g`, with this `η`.
    Descent(f64),
    /// From one value to another, by a rule with a memory.
    Moved,
}

/// A part of a matrix: a row, a column, one entry or all.
#[derive(Debug, PartialEq, Serialize)]
pub struct Part {
    matrix: usize,
    row: Option<usize>,
    column: Option<usize>,
}

/// An entry with the sum that makes it, and the parts of the matrices that the sum reads.
#[derive(Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Such as `Z₁₂ = 1·1 + 2·1 + 1 = 4`.
    pub written: String,
    /// What it reads.
    pub parts: Vec<Part>,
}

impl Step {
    /// How entry `(r, c)` of the result comes about.
    ///
    /// # Errors
    /// If the result has no such entry.
    pub fn entry(&self, r: usize, c: usize) -> Result<Entry, String> {
        let (result, operands) = self
            .matrices
            .split_last()
            .ok_or("an equation has a result")?;
        let value = result.values.get((r, c));
        let value =
            *value.ok_or_else(|| format!("{} has no entry ({}, {})", result.name, r + 1, c + 1))?;
        let at = |m: usize, r: usize, c: usize| operands[m].values[[r, c]];
        let part = |matrix, row, column| Part {
            matrix,
            row,
            column,
        };
        let products = |pairs: &mut dyn Iterator<Item = (f64, f64)>| -> Vec<String> {
            pairs
                .map(|(p, q)| format!("{}·{}", factor(p), factor(q)))
                .collect()
        };
        let width = operands[0].values.ncols();
        let rows = operands[0].values.nrows();
        let (terms, parts) = match self.sum {
            Sum::Affine => {
                let mut terms = products(&mut (0..width).map(|j| (at(0, r, j), at(1, c, j))));
                terms = shortened(terms, 1);
                terms.push(factor(at(2, 0, c)));
                (
                    terms.join(" + "),
                    vec![
                        part(0, Some(r), None),
                        part(1, Some(c), None),
                        part(2, Some(0), Some(c)),
                    ],
                )
            }
            Sum::Apply => (
                format!("a({})", short(at(0, r, c))),
                vec![part(0, Some(r), Some(c))],
            ),
            Sum::OfTwo(name) => (
                format!("{name}({}, {})", short(at(0, r, c)), short(at(1, r, c))),
                vec![part(0, Some(r), Some(c)), part(1, Some(r), Some(c))],
            ),
            Sum::Mean { penalty } => {
                let terms = operands[0].values.iter().map(|&l| factor(l)).collect();
                let penalty = if penalty { " + (λ/2) Σ W²" } else { "" };
                let terms = shortened(terms, 0).join(" + ");
                (
                    format!("({terms}) / {}{penalty}", operands[0].values.len()),
                    vec![part(0, None, None)],
                )
            }
            Sum::Over(n) => (
                format!("{} / {}", short(at(0, r, c)), short(n)),
                vec![part(0, Some(r), Some(c))],
            ),
            Sum::Elements => (
                format!("{}·{}", factor(at(0, r, c)), factor(at(1, r, c))),
                vec![part(0, Some(r), Some(c)), part(1, Some(r), Some(c))],
            ),
            Sum::OverRows(penalty) => {
                let terms = products(&mut (0..rows).map(|row| (at(0, row, r), at(1, row, c))));
                let mut terms = shortened(terms, 0);
                let mut parts = vec![part(0, None, Some(r)), part(1, None, Some(c))];
                if let Some(penalty) = penalty {
                    terms.push(format!("{}·{}", short(penalty), factor(at(2, r, c))));
                    parts.push(part(2, Some(r), Some(c)));
                }
                (terms.join(" + "), parts)
            }
            Sum::Columns => {
                let terms = (0..rows).map(|row| factor(at(0, row, c))).collect();
                (
                    shortened(terms, 0).join(" + "),
                    vec![part(0, None, Some(c))],
                )
            }
            Sum::Back => {
                let terms = products(&mut (0..width).map(|k| (at(0, r, k), at(1, k, c))));
                (
                    shortened(terms, 0).join(" + "),
                    vec![part(0, Some(r), None), part(1, None, Some(c))],
                )
            }
            Sum::Descent(rate) => (
                format!(
                    "{} − {}·{}",
                    short(at(0, r, c)),
                    short(rate),
                    factor(at(1, r, c))
                ),
                vec![part(0, Some(r), Some(c)), part(1, Some(r), Some(c))],
            ),
            Sum::Moved => (
                format!(
                    "{} moved against {}",
                    short(at(0, r, c)),
                    short(at(1, r, c))
                ),
                vec![part(0, Some(r), Some(c)), part(1, Some(r), Some(c))],
            ),
        };
        Ok(Entry {
            written: format!("{} = {terms} = {}", name(result, r, c), short(value)),
            parts,
        })
    }
}

/// The terms that are written out, and how many more there are. `later` is how many will be added behind them.
fn shortened(mut terms: Vec<String>, later: usize) -> Vec<String> {
    let most = MOST_TERMS - later;
    if terms.len() > most {
        let more = terms.len() - (most - 1);
        terms.truncate(most - 1);
        terms.push(format!("… ({more} more)"));
    }
    terms
}

/// An entry's name: its matrix with its place, counted from 1.
fn name(matrix: &Matrix, r: usize, c: usize) -> String {
    match (matrix.name, matrix.is_vector) {
        ("C", _) => "C".to_owned(),
        (name, true) => format!("{name}[{}]", c + 1),
        (name, false) => format!("{name}[{}, {}]", r + 1, c + 1),
    }
}
