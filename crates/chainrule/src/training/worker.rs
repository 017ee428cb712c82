//! One block of a batch's rows on its way through the network, with everything that a thread needs to work on it.

use ndarray::{Array2, ArrayView2};

use super::Dataset;
use super::blocks::group_count;
use super::gather::gather_rows;
use crate::Real;
use crate::inputs::Inputs;
use crate::linear_algebra::{GROUP, PackedRows, Rows, SparseRows, aligned, first_rows, packs_rows};
use crate::neural_networks::{Pass, SimpleNeuralNetwork, Workspace};

/// What a pass over a batch is asked for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Wanted {
    Loss,
    LossAndGradients,
}

/// A block of rows: what was gathered of them, and what the pass leaves.
#[derive(Debug)]
pub(super) struct Worker<R> {
    /// Without columns where rows are encoded.
    x: Array2<R>,
    y: Array2<R>,
    weights: Vec<R>,
    workspace: Workspace<R>,
    /// The block's input of the layer whose gradients are taken, where that layer packs rows.
    packed_x: PackedRows<R>,
    /// Rows of the block.
    n: usize,
    /// Its groups' parts of the batch's loss.
    losses: Vec<R>,
}

impl<R: Real> Worker<R> {
    /// Room for blocks of so many rows like those of `x`.
    pub(super) fn new(network: &SimpleNeuralNetwork<R>, x: Inputs<R>, block_rows: usize) -> Self {
        let is_encoded = x.layout().is_some();
        let maps = network.affine_maps().map(|a| (a.inputs(), a.outputs()));
        let dense = maps.skip(usize::from(is_encoded));
        let packing = dense.filter(|&(inputs, outputs)| packs_rows(inputs, outputs));
        let packed_inputs = packing.map(|(inputs, _)| inputs).max().unwrap_or(0);
        Worker {
            x: aligned::zeros_2((block_rows, if is_encoded { 0 } else { network.inputs() })),
            y: aligned::zeros_2((block_rows, network.outputs())),
            weights: vec![R::one(); block_rows],
            workspace: Workspace::new(network, block_rows),
            packed_x: PackedRows::with_room(block_rows * packed_inputs),
            n: 0,
            losses: Vec::with_capacity(group_count(block_rows)),
        }
    }

    /// Computes one block's part of the loss and, if gradients are wanted, leaves `∂C/∂Z` of every layer in the
    /// workspace.
    #[inline(always)] // A call with so many arguments takes 1 % of a small network's step.
    pub(super) fn run(
        &mut self,
        network: &SimpleNeuralNetwork<R>,
        pass: &Pass<R>,
        data: &Dataset<R>,
        block: &[u32],
        scale: R,
        wanted: Wanted,
    ) {
        let n = block.len();
        self.n = n;
        self.gather(data, block);
        match data.x() {
            Inputs::Dense(x) => {
                gather_rows(x, block, &mut self.x);
                pass.forward_dense(first_rows(&self.x, n), &mut self.workspace);
            }
            Inputs::Encoded(x) => {
                let rows = block.iter().map(|&r| r as usize);
                pass.forward_encoded(x, rows, &mut self.workspace);
            }
        }

        let outputs = network.outputs();
        let y = &self.y.as_slice().expect("row-major")[..n * outputs];
        let weights = data.weights().map(|_| &self.weights[..n]);
        let (y_hat, dc_dy_hat) = self.workspace.out.loss_slices(n);
        let loss = network.loss();
        self.losses.clear();
        for first in (0..n).step_by(GROUP) {
            let rows = first..n.min(first + GROUP);
            let elements = rows.start * outputs..rows.end * outputs;
            let (y_hat, y) = (&y_hat[elements.clone()], &y[elements.clone()]);
            let weights = weights.map(|weights| &weights[rows]);
            self.losses.push(match wanted {
                Wanted::Loss => loss.sum(y_hat, y, outputs, weights, scale),
                Wanted::LossAndGradients => {
                    let dc_dy_hat = &mut dc_dy_hat[elements];
                    loss.sum_and_gradient(y_hat, y, outputs, weights, scale, dc_dy_hat)
                }
            });
        }
        if wanted == Wanted::LossAndGradients {
            pass.backward_rows(n, &mut self.workspace);
        }
    }

    /// The groups' parts of the loss, in the rows' order.
    pub(super) fn losses(&self) -> &[R] {
        &self.losses
    }

    /// Lays out the block's input of layer `l` for the layer's gradients.
    pub(super) fn pack_input(&mut self, l: usize) {
        let x = first_rows(&self.x, self.n);
        self.packed_x.pack(self.workspace.input(l, x));
    }

    /// `X (n,i)` and `G (n,o)` of layer `l`; `X` as [`pack_input`](Self::pack_input) left it where `packed`.
    #[inline(always)] // As `Workspace::input`.
    pub(super) fn factors(&self, l: usize, packed: bool) -> (Rows<'_, R>, ArrayView2<'_, R>) {
        let x = match packed {
            true => Rows::Packed(&self.packed_x),
            false => Rows::InPlace(self.workspace.input(l, first_rows(&self.x, self.n))),
        };
        (x, self.workspace.g(l, self.n))
    }

    /// What the block's encoded rows look up in the first layer, and that layer's `G (n,o)`.
    pub(super) fn encoded_factors(&self) -> (&SparseRows<R>, ArrayView2<'_, R>) {
        (&self.workspace.looked_up, self.workspace.g(0, self.n))
    }

    /// Copies the targets and weights of the block's rows beside each other.
    fn gather(&mut self, data: &Dataset<R>, block: &[u32]) {
        gather_rows(data.y(), block, &mut self.y);
        if let Some(weights) = data.weights() {
            for (to, &from) in self.weights.iter_mut().zip(block) {
                *to = weights[from as usize];
            }
        }
    }
}
