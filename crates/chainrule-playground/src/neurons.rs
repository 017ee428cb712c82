//! What each neuron computes over the data, and which neurons no longer learn.

use chainrule::neural_networks::{Pass, Workspace};
use ndarray::Axis;
use serde::Serialize;

use crate::session::Session;

/// A neuron whose slope is below this share of the slope at 0 on nearly every row is saturated.
const FLAT: f32 = 0.05;
/// How many of the rows are nearly all of them.
const NEARLY_ALL: f64 = 0.95;
/// So many training rows are looked at.
const MOST_ROWS: usize = 1000;

/// A neuron that no longer learns, and why.
#[derive(Debug, PartialEq, Serialize)]
pub struct Mark {
    /// The layer, from 0.
    pub layer: usize,
    /// The neuron, from 0.
    pub neuron: usize,
    /// What is the matter with it.
    pub sentence: String,
}

impl Session {
    /// What every neuron computes at the grid's places, neuron by neuron, layer by layer, the out layer last.
    pub fn neurons(&self) -> Vec<f32> {
        let network = self.trainer.network();
        let n = self.grid.points;
        let mut workspace = Workspace::new(network, n);
        Pass::new(network).forward(self.grid.x.view(), &mut workspace);
        let hidden = workspace.hidden.iter().map(|layer| layer.a(n));
        let all = hidden.chain([workspace.out.y_hat(n)]);
        all.flat_map(|a| {
            a.columns()
                .into_iter()
                .flatten()
                .copied()
                .collect::<Vec<f32>>()
        })
        .collect()
    }

    /// The neurons that no longer learn from any, or from nearly any, of the training rows.
    pub fn marks(&self) -> Vec<Mark> {
        let network = self.trainer.network();
        let rows: Vec<usize> = self
            .training
            .iter()
            .take(MOST_ROWS)
            .map(|&row| row as usize)
            .collect();
        let x = self.x.select(Axis(0), &rows);
        let n = rows.len();
        let mut workspace = Workspace::new(network, n);
        Pass::new(network).forward(x.view(), &mut workspace);
        let mut marks = Vec::new();
        for (layer, (dense, state)) in network.hidden().iter().zip(&workspace.hidden).enumerate() {
            let activation = dense.activation;
            let flat = FLAT * activation.derivative(0.0_f32);
            for (neuron, z) in state.z(n).columns().into_iter().enumerate() {
                let slopes = || z.iter().map(|&z| activation.derivative(z).abs());
                let name = format!("Neuron {} of layer {}", neuron + 1, layer + 1);
                let few = slopes().filter(|&slope| slope < flat).count();
                let sentence = if slopes().all(|slope| slope == 0.0) {
                    format!(
                        "{name} is dead: its slope a'(z) is 0 on every row, so it no longer learns."
                    )
                } else if few as f64 >= NEARLY_ALL * n as f64 {
                    format!(
                        "{name} is saturated: its slope a'(z) is nearly 0 on {few} of {n} rows, so it hardly learns."
                    )
                } else {
                    continue;
                };
                marks.push(Mark {
                    layer,
                    neuron,
                    sentence,
                });
            }
        }
        marks
    }
}
