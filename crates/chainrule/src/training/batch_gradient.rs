//! From the rows of a batch to a loss and its gradients: the one code path that trains, validates and is checked.
//!
//! A batch is cut into blocks, which run in waves of as many as there are threads: as long as rows know nothing of each other (forward, loss,
//! ∂C/∂Z), each thread takes a block; where rows are summed up (∂C/∂W, ∂C/∂b), threads share the outputs, and each sum runs over all rows in
//! their order, as if there were no blocks (B5). So the result has the same bits for any number of threads.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, ArrayViewMut1};

use super::Dataset;
use crate::Real;
use crate::linear_algebra::{GROUP, PackedRows, aligned, sum_of_squares};
use crate::neural_networks::{
    Factors, Gradients, PackedNetwork, SimpleNeuralNetwork, Workspace, first_rows,
};
use crate::parallel::{for_each_mut, threads};

/// At most one thread for each so many groups of rows takes part: with fewer it would cost more than it saves.
const GROUPS_PER_THREAD: usize = 4;
/// At most this many groups are in flight in a thread: the bound on the activations' memory.
const LARGE_BLOCK: usize = 16;

/// The loss of a batch and its gradients.
///
/// ```text
/// C = Σ_r w_r Σ_k ℓ(ŷ_rk, y_rk) / (o Σ_r w_r) + (λ/2) Σ W²     (L0, L7)
/// ```
///
/// Memory is allocated by the first call, for the threads that it finds, and by one that finds more than any before. No other call allocates.
#[derive(Debug)]
pub struct BatchGradient<R> {
    /// As many as the largest wave so far had blocks.
    workers: Vec<Worker<R>>,
    /// Groups of rows that a worker has room for; 0 as long as there is none.
    block_groups: usize,
    /// The network's weights as all workers read them, forward and back.
    packed: PackedNetwork<R>,
    gradients: Gradients<R>,
    l2_penalty: R,
    max_rows: usize,
}

/// A block of the batch's rows with everything that a thread needs to work on it.
#[derive(Debug)]
struct Worker<R> {
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

/// What a pass over a batch is asked for.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Loss,
    LossAndGradients,
}

impl<R: Real> BatchGradient<R> {
    /// Memory for batches of up to `max_rows` rows of `network`, with an L2 penalty of `λ` on the weights (not the biases).
    ///
    /// Called on a thread of a rayon pool, the pool's threads share its blocks; the results are the same bits.
    pub fn new(network: &SimpleNeuralNetwork<R>, max_rows: usize, l2_penalty: f64) -> Self {
        BatchGradient {
            workers: Vec::new(),
            block_groups: 0,
            packed: PackedNetwork::zeros_like(network),
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
        let loss = self.run(network, data, rows, Wanted::LossAndGradients);
        if self.l2_penalty > R::zero() {
            for (affine, gradients) in network.affine_maps().zip(&mut self.gradients.layers) {
                gradients.dc_dw.scaled_add(self.l2_penalty, &affine.w); // + λ W  (L7)
            }
        }
        loss + self.penalty(network)
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
        self.run(network, data, rows, Wanted::Loss)
    }

    /// The gradients that the last [`loss_and_gradients`](Self::loss_and_gradients) left.
    pub fn gradients(&self) -> &Gradients<R> {
        &self.gradients
    }

    /// The same, to clip them.
    pub(super) fn gradients_mut(&mut self) -> &mut Gradients<R> {
        &mut self.gradients
    }

    /// Runs all rows, wave by wave; returns their loss without the penalty.
    fn run(
        &mut self,
        network: &SimpleNeuralNetwork<R>,
        data: &Dataset<R>,
        rows: &[u32],
        wanted: Wanted,
    ) -> R {
        self.packed.pack_forward(network);
        if wanted == Wanted::LossAndGradients {
            self.packed.pack_backward(network);
        }
        let packed = &self.packed;
        let scale = mean_scale(data, rows, network.outputs());
        let threads = threads();
        if self.block_groups == 0 {
            self.block_groups = block_groups(self.max_rows, threads);
        }
        let blocks = block_count(rows.len(), threads, self.block_groups);
        let at_a_time = blocks.min(threads);
        while self.workers.len() < at_a_time {
            let room = self.block_groups * GROUP;
            self.workers
                .push(Worker::new(network, &self.gradients, room));
        }
        let mut loss = R::zero();
        for first in (0..blocks).step_by(at_a_time) {
            let wave = &mut self.workers[..at_a_time.min(blocks - first)];
            for_each_mut(wave, &|w, worker: &mut Worker<R>| {
                let block = &rows[part(rows.len(), blocks, first + w)];
                worker.run(network, packed, data, block, scale, wanted);
            });
            let losses = wave.iter().flat_map(|worker| &worker.losses);
            loss = losses.fold(loss, |loss, &group| loss + group);
            if wanted == Wanted::LossAndGradients {
                // One layer after the other: its outputs are shared evenly, where layers would keep one thread waiting for another.
                for (l, gradients) in self.gradients.layers.iter_mut().enumerate().rev() {
                    let packs_rows = gradients.packs_rows();
                    if packs_rows {
                        wave.iter_mut().for_each(|worker| worker.pack_input(l));
                    }
                    let factors = |w: usize| wave[w].factors(l, packs_rows);
                    gradients.sum_over_blocks(first > 0, rows.len(), wave.len(), &factors); // (B2, B3, B5)
                }
            }
        }
        loss
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

impl<R: Real> Worker<R> {
    fn new(network: &SimpleNeuralNetwork<R>, gradients: &Gradients<R>, block_rows: usize) -> Self {
        let packing = gradients.layers.iter().filter(|layer| layer.packs_rows());
        let packed_inputs = packing.map(|layer| layer.dc_dw.ncols()).max().unwrap_or(0);
        Worker {
            x: aligned::zeros_2((block_rows, network.inputs())),
            y: aligned::zeros_2((block_rows, network.outputs())),
            weights: vec![R::one(); block_rows],
            workspace: Workspace::new(network, block_rows),
            packed_x: PackedRows::with_room(block_rows * packed_inputs),
            n: 0,
            losses: Vec::with_capacity(group_count(block_rows)),
        }
    }

    /// Computes one block's part of the loss and, if gradients are wanted, leaves `∂C/∂Z` of every layer in the workspace.
    #[inline(always)] // A call with so many arguments takes 1 % of a small network's step.
    fn run(
        &mut self,
        network: &SimpleNeuralNetwork<R>,
        packed: &PackedNetwork<R>,
        data: &Dataset<R>,
        block: &[u32],
        scale: R,
        wanted: Wanted,
    ) {
        let n = block.len();
        self.n = n;
        self.gather(data, block);
        let x = first_rows(&self.x, n);
        network.forward_packed(Some(packed.forward()), x, &mut self.workspace);

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
            network.backward_inputs(Some(packed.backward()), n, &mut self.workspace);
        }
    }

    /// Lays out the block's input of layer `l` for the layer's gradients.
    fn pack_input(&mut self, l: usize) {
        let x = first_rows(&self.x, self.n);
        self.packed_x.pack(self.workspace.input(l, x));
    }

    /// What the block adds to the gradients of layer `l`.
    #[inline(always)] // As `Workspace::factors`.
    fn factors(&self, l: usize, packs_rows: bool) -> Factors<'_, R> {
        Factors {
            packed_x: packs_rows.then_some(&self.packed_x),
            ..self.workspace.factors(l, first_rows(&self.x, self.n))
        }
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

/// How many groups so many rows are: [`GROUP`] rows each, the last with what remains.
fn group_count(rows: usize) -> usize {
    rows.div_ceil(GROUP).max(1)
}

/// How many groups a block may have in batches of up to `max_rows` that so many threads share.
fn block_groups(max_rows: usize, threads: usize) -> usize {
    let groups = group_count(max_rows);
    let share = groups.div_ceil(threads);
    share.clamp(GROUPS_PER_THREAD, LARGE_BLOCK).min(groups)
}

/// How many blocks of at most `block_groups` groups a batch is cut into. A single row, whose sums are taken in another order, is a block only
/// where blocks are one group, for any number of threads.
fn block_count(rows: usize, threads: usize, block_groups: usize) -> usize {
    let groups = group_count(rows);
    let shared = threads.min(groups.div_ceil(GROUPS_PER_THREAD));
    shared.max(groups.div_ceil(block_groups))
}

/// Part `index` of `rows` rows that are cut, between groups, into `parts` nearly equal parts.
fn part(rows: usize, parts: usize, index: usize) -> Range<usize> {
    let start = |index: usize| match index {
        0 => 0, // Most batches are one block: nothing is divided.
        _ if index == parts => rows,
        _ => group_count(rows) * index / parts * GROUP,
    };
    start(index)..start(index + 1)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activation_functions::Activation;

    #[cfg(feature = "parallel")]
    #[test]
    fn there_are_as_many_workers_as_threads_can_keep_busy() {
        let network = SimpleNeuralNetwork::<f32>::builder(3)
            .dense(4, Activation::ReLU)
            .out(1)
            .build(0);
        let (x, y) = (Array2::zeros((4_096, 3)), Array2::zeros((4_096, 1)));
        let data = Dataset::new(x.view(), y.view(), None);
        let workers_of = |rows: u32, threads| {
            let mut gradient = BatchGradient::new(&network, rows as usize, 0.0);
            let rows: Vec<u32> = (0..rows).collect();
            // Whoever makes it need not be who calls it.
            let run = || gradient.loss_and_gradients(&network, &data, &rows);
            crate::with_threads(threads, run).unwrap();
            gradient.workers.len()
        };
        assert_eq!(
            [128, 256, 512, 4_096].map(|rows| workers_of(rows, 1)),
            [1, 1, 1, 1]
        );
        assert_eq!(
            [128, 256, 512, 4_096].map(|rows| workers_of(rows, 3)),
            [1, 2, 3, 3]
        );
    }

    #[test]
    fn what_is_packed_gives_the_gradients_of_the_plain_passes() {
        // All layers but the last are packed in every way, 600 rows are two blocks.
        let (rows, network) = (600, SimpleNeuralNetwork::<f64>::builder(1_500));
        let network = network
            .dense(64, Activation::Tanh)
            .dense(1_500, Activation::Tanh)
            .dense(64, Activation::Tanh)
            .out(1)
            .build(3);
        let value = |(r, c): (usize, usize)| ((r * 31 + c * 17) % 101) as f64 / 50.0 - 1.0;
        let x = Array2::from_shape_fn((rows, 1_500), value);
        let y = Array2::from_shape_fn((rows, 1), value);
        let data = Dataset::new(x.view(), y.view(), None);
        let mut gradient = BatchGradient::new(&network, rows, 0.0);
        let all: Vec<u32> = (0..rows as u32).collect();
        gradient.loss_and_gradients(&network, &data, &all);
        assert_eq!(gradient.workers.len(), 1);

        let mut workspace = Workspace::new(&network, rows);
        let mut plain = Gradients::zeros_like(&network);
        network.forward(x.view(), &mut workspace);
        let (y_hat, dc_dy_hat) = workspace.out.loss_slices(rows);
        let (y, scale) = (y.as_slice().unwrap(), 1.0 / rows as f64);
        let loss = network.loss();
        loss.sum_and_gradient(y_hat, y, 1, None, scale, dc_dy_hat);
        network.backward(x.view(), &mut workspace, &mut plain);
        for (found, expected) in gradient.gradients().slices().zip(plain.slices()) {
            let largest = expected.iter().fold(0.0, |max, g| g.abs().max(max));
            let errors = found.iter().zip(expected).map(|(f, e)| (f - e).abs());
            let error = errors.fold(0.0, f64::max);
            assert!(error <= 1e-12 * largest, "{error} of {largest}");
        }
    }

    #[test]
    fn blocks_are_whole_groups_that_fit_their_memory() {
        for max_rows in [1, 33, 100, 128, 129, 500, 513, 2_048, 2_049, 10_000] {
            for (threads, threads_later) in [(1, 1), (1, 3), (2, 2), (3, 1), (5, 8)] {
                let block_groups = block_groups(max_rows, threads);
                assert!(block_groups * GROUP < max_rows + GROUP);
                for rows in [1, max_rows / 2, max_rows, 3 * max_rows].map(|rows| rows.max(1)) {
                    let blocks = block_count(rows, threads_later, block_groups);
                    let mut end = 0;
                    for index in 0..blocks {
                        let block = part(rows, blocks, index);
                        assert_eq!((block.start, block.start % GROUP), (end, 0));
                        assert!(block.len() <= block_groups * GROUP, "{rows} of {max_rows}");
                        assert!(block.len() > 1 || rows == 1 || block_groups == 1);
                        end = block.end;
                    }
                    assert_eq!(end, rows);
                }
            }
        }
    }
}
