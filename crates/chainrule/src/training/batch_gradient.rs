//! From the rows of a batch to a loss and its gradients: the one code path that trains, validates and is checked.
//!
//! A batch is cut into shards by its number of rows alone, a shard into blocks that fit the working memory. As long as rows know
//! nothing of each other (forward, loss, ∂C/∂Z), threads share the shards; where rows are summed up (∂C/∂W, ∂C/∂b), they share the
//! outputs, and each sum runs over the blocks in their order (B5). So the result has the same bits for any number of threads.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, ArrayViewMut1};

use super::Dataset;
use crate::Real;
use crate::linear_algebra::{PackedWeights, aligned, sum_of_squares};
use crate::neural_networks::{Factors, Gradients, SimpleNeuralNetwork, Workspace, first_rows};
use crate::parallel::for_each_mut;

/// A shard has at most this many rows as long as there may be more shards: smaller ones cost more to hand to a thread than they save.
const SHARD_ROWS: usize = 128;
/// At most this many shards, each with blocks of its own: the bound on memory, and on the threads that a pass can use.
const MAX_SHARDS: usize = 4;
/// At most this many rows are in flight in a shard: the bound on the activations' memory.
const MAX_BLOCK_ROWS: usize = 512;

/// The loss of a batch and its gradients.
///
/// ```text
/// C = Σ_r w_r Σ_k ℓ(ŷ_rk, y_rk) / (o Σ_r w_r) + (λ/2) Σ W²     (L0, L7)
/// ```
///
/// All memory is allocated at the start; no later call allocates, but for what `gemm` packs inside larger products.
#[derive(Debug)]
pub struct BatchGradient<R> {
    shards: Vec<Shard<R>>,
    /// The network's weights as all shards read them.
    packed: Vec<PackedWeights<R>>,
    gradients: Gradients<R>,
    l2_penalty: R,
    max_rows: usize,
}

/// A part of the batch with everything that one thread needs to work on it.
#[derive(Debug)]
struct Shard<R> {
    x: Array2<R>,
    y: Array2<R>,
    weights: Vec<R>,
    workspace: Workspace<R>,
    /// Rows of the block that is in the workspace.
    n: usize,
    /// The sum over the blocks so far.
    loss: R,
}

/// What a pass over a batch is asked for.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Loss,
    LossAndGradients,
}

impl<R: Real> BatchGradient<R> {
    /// Memory for batches of up to `max_rows` rows of `network`, with an L2 penalty of `λ` on the weights (not the biases).
    ///
    /// Called on a thread of a rayon pool, its shards are shared among the pool's threads; the results are the same bits.
    pub fn new(network: &SimpleNeuralNetwork<R>, max_rows: usize, l2_penalty: f64) -> Self {
        let shards = shard_count(max_rows);
        let shard_rows = max_rows.div_ceil(shards);
        let rows = shard_rows.min(MAX_BLOCK_ROWS);
        let shard = || Shard {
            x: aligned::zeros_2((rows, network.inputs())),
            y: aligned::zeros_2((rows, network.outputs())),
            weights: vec![R::one(); rows],
            workspace: Workspace::new(network, rows),
            n: 0,
            loss: R::zero(),
        };
        BatchGradient {
            shards: (0..shards).map(|_| shard()).collect(),
            packed: network.room_to_pack(),
            gradients: Gradients::zeros_like(network),
            l2_penalty: R::from_f64(l2_penalty),
            max_rows,
        }
    }

    /// The loss of the given rows of `data`, penalty included; [`gradients`](Self::gradients) then holds its gradients.
    ///
    /// # Panics
    ///
    /// If there are more rows than the memory was made for.
    pub fn loss_and_gradients(
        &mut self,
        network: &SimpleNeuralNetwork<R>,
        data: &Dataset<R>,
        rows: &[u32],
    ) -> R {
        assert!(
            rows.len() <= self.max_rows,
            "{} rows in memory for {}",
            rows.len(),
            self.max_rows
        );
        let used = self.run(network, data, rows, Wanted::LossAndGradients);
        if self.l2_penalty > R::zero() {
            for (affine, gradients) in network.affine_maps().zip(&mut self.gradients.layers) {
                gradients.dc_dw.scaled_add(self.l2_penalty, &affine.w); // + λ W  (L7)
            }
        }
        self.data_loss(used) + self.penalty(network)
    }

    /// The same loss to the last bit, by the forward pass alone. There may be any number of rows.
    pub fn loss(&mut self, network: &SimpleNeuralNetwork<R>, data: &Dataset<R>, rows: &[u32]) -> R {
        self.loss_without_penalty(network, data, rows) + self.penalty(network)
    }

    /// The loss of the rows alone, which is what validation compares.
    pub fn loss_without_penalty(
        &mut self,
        network: &SimpleNeuralNetwork<R>,
        data: &Dataset<R>,
        rows: &[u32],
    ) -> R {
        let used = self.run(network, data, rows, Wanted::Loss);
        self.data_loss(used)
    }

    /// The gradients that the last [`loss_and_gradients`](Self::loss_and_gradients) left.
    pub fn gradients(&self) -> &Gradients<R> {
        &self.gradients
    }

    /// The same, to clip them.
    pub(super) fn gradients_mut(&mut self) -> &mut Gradients<R> {
        &mut self.gradients
    }

    /// Runs all rows, block by block of every shard; returns how many shards the batch has.
    fn run(
        &mut self,
        network: &SimpleNeuralNetwork<R>,
        data: &Dataset<R>,
        rows: &[u32],
        wanted: Wanted,
    ) -> usize {
        network.pack(&mut self.packed);
        let packed = &self.packed;
        let scale = mean_scale(data, rows, network.outputs());
        let used = shard_count(rows.len()).min(self.shards.len());
        let shards = &mut self.shards[..used];
        shards.iter_mut().for_each(|shard| shard.loss = R::zero());
        let shard_rows = rows.len().div_ceil(used);
        let blocks = shard_rows.div_ceil(shards[0].x.nrows().max(1)).max(1);
        for b in 0..blocks {
            for_each_mut(shards, &|s, shard: &mut Shard<R>| {
                let rows = &rows[part(rows.len(), used, s)];
                let block = &rows[part(rows.len(), blocks, b)];
                shard.run(network, packed, data, block, scale, wanted);
            });
            if wanted == Wanted::LossAndGradients {
                let shards = &*shards;
                // One layer after the other: its outputs are shared evenly, where layers would keep one thread waiting for another.
                for (l, gradients) in self.gradients.layers.iter_mut().enumerate().rev() {
                    let factors = |s: usize| shards.get(s).map(|shard| shard.factors(l));
                    gradients.sum_over_blocks(b > 0, rows.len(), &factors); // (B2, B3, B5)
                }
            }
        }
        used
    }

    /// The sum of the first `used` shards' losses, in their order.
    fn data_loss(&self, used: usize) -> R {
        self.shards[..used].iter().map(|shard| shard.loss).sum()
    }

    /// `(λ/2) Σ W²`.     (L7)
    fn penalty(&self, network: &SimpleNeuralNetwork<R>) -> R {
        if self.l2_penalty == R::zero() {
            return R::zero();
        }
        let squares: f64 = network
            .affine_maps()
            .map(|affine| sum_of_squares(affine.slices()[0]))
            .sum();
        self.l2_penalty / R::from_f64(2.0) * R::from_f64(squares)
    }
}

impl<R: Real> Shard<R> {
    /// Adds the loss of one block of rows and, if gradients are wanted, leaves `∂C/∂Z` of every layer in the workspace.
    fn run(
        &mut self,
        network: &SimpleNeuralNetwork<R>,
        packed: &[PackedWeights<R>],
        data: &Dataset<R>,
        block: &[u32],
        scale: R,
        wanted: Wanted,
    ) {
        let n = block.len();
        self.n = n;
        self.gather(data, block);
        network.forward_packed(Some(packed), first_rows(&self.x, n), &mut self.workspace);

        let outputs = network.outputs();
        let y = &self.y.as_slice().expect("row-major")[..n * outputs];
        let weights = data.weights().map(|_| &self.weights[..n]);
        let (y_hat, dc_dy_hat) = self.workspace.out.loss_slices(n);
        let loss = network.loss();
        self.loss += match wanted {
            Wanted::Loss => loss.sum(y_hat, y, outputs, weights, scale),
            Wanted::LossAndGradients => {
                loss.sum_and_gradient(y_hat, y, outputs, weights, scale, dc_dy_hat)
            }
        };
        if wanted == Wanted::LossAndGradients {
            network.backward_inputs(n, &mut self.workspace);
        }
    }

    /// The input and `∂C/∂Z` of layer `l` for the block at hand.
    fn factors(&self, l: usize) -> Factors<'_, R> {
        self.workspace
            .input_and_dc_dz(l, first_rows(&self.x, self.n))
    }

    /// Copies the block's rows beside each other.
    fn gather(&mut self, data: &Dataset<R>, block: &[u32]) {
        gather_rows(data.x(), block, &mut self.x);
        gather_rows(data.y(), block, &mut self.y);
        if let Some(weights) = data.weights() {
            for (to, &from) in self.weights.iter_mut().zip(block) {
                *to = weights[from as usize];
            }
        }
    }
}

/// The given rows of `source`, in order, into the first rows of `to`, which is row-major.
fn gather_rows<R: Real>(source: ArrayView2<R>, rows: &[u32], to: &mut Array2<R>) {
    let columns = source.ncols();
    let to = to.as_slice_mut().expect("row-major");
    match source.to_slice() {
        // A single column is copied element by element: a call to copy each would take longer.
        Some(source) if columns == 1 => {
            to.iter_mut()
                .zip(rows)
                .for_each(|(to, &r)| *to = source[r as usize]);
        }
        Some(source) => {
            let mut to = to;
            // Rows that follow each other are copied together.
            for run in rows.chunk_by(|&r, &next| r + 1 == next) {
                let (here, rest) = to.split_at_mut(run.len() * columns);
                here.copy_from_slice(&source[run[0] as usize * columns..][..here.len()]);
                to = rest;
            }
        }
        None => {
            for (to, &r) in to.chunks_exact_mut(columns.max(1)).zip(rows) {
                ArrayViewMut1::from(to).assign(&source.row(r as usize));
            }
        }
    }
}

/// How many shards a batch of `rows` rows has: a function of shapes only, never of the number of threads.
fn shard_count(rows: usize) -> usize {
    rows.div_ceil(SHARD_ROWS).clamp(1, MAX_SHARDS)
}

/// Part `index` of `rows` rows cut into `parts` nearly equal parts.
fn part(rows: usize, parts: usize, index: usize) -> Range<usize> {
    rows * index / parts..rows * (index + 1) / parts
}

/// `1 / (o Σ_r w_r)`, what makes the sum over the batch a mean; 0 where nothing counts.     (L0)
fn mean_scale<R: Real>(data: &Dataset<R>, rows: &[u32], outputs: usize) -> R {
    let total = match data.weights() {
        Some(weights) => rows.iter().map(|&r| weights[r as usize]).sum::<R>(),
        None => R::from_f64(rows.len() as f64),
    };
    let divisor = total * R::from_f64(outputs as f64);
    if divisor == R::zero() {
        R::zero()
    } else {
        R::one() / divisor
    }
}
