//! From the rows of a batch to a loss and its gradients: the one code path that trains, validates and is checked.
//!
//! A batch is cut into blocks, which run in waves of as many as there are threads: as long as rows know nothing of each
//! other (forward, loss, ∂C/∂Z), each thread takes a block; where rows are summed up (∂C/∂W, ∂C/∂b), threads share the
//! outputs, and each sum runs over all rows in their order, as if there were no blocks (B5). So the result has the same
//! bits for any number of threads.

use super::Dataset;
use super::blocks::{block_count, block_groups, part};
use super::penalty::Penalty;
use super::worker::{Wanted, Worker};
use crate::Real;
use crate::linear_algebra::{GROUP, Part, RunningSumGradients, packs_rows};
use crate::loss_functions::mean_factor;
use crate::neural_networks::{Gradients, Pass, Room, SimpleNeuralNetwork, Way};
use crate::parallel::{for_each_mut, threads};

/// The loss of a batch of `B` rows and its gradients, with `w̄` the mean weight of all rows of the data.
///
/// ```text
/// C = Σ_r w_r Σ_k ℓ(ŷ_rk, y_rk) / (o B w̄) + (λ/2) Σ W²     (L0, L7)
/// ```
///
/// Memory is allocated by the first call, for the threads that it finds, and by one that finds more than any before or
/// rows that are encoded in another way. No other call allocates.
#[derive(Debug)]
pub struct BatchGradient<R> {
    /// As many as the largest wave so far had blocks.
    workers: Vec<Worker<R>>,
    /// Groups of rows that a worker has room for; 0 as long as there is none.
    block_groups: usize,
    /// Where the network's weights are prepared for a pass.
    room: Option<Room<R>>,
    /// The sums of a first layer that reads encoded rows.
    running_sums: Option<RunningSumGradients<R>>,
    gradients: Gradients<R>,
    penalty: Penalty<R>,
    max_rows: usize,
}

impl<R: Real> BatchGradient<R> {
    /// Memory for batches of up to `max_rows` rows of `network`, with an L2 penalty of `λ` on the weights (not the
    /// biases).
    ///
    /// Called on a thread of a rayon pool, the pool's threads share its blocks; the results are the same bits.
    pub fn new(network: &SimpleNeuralNetwork<R>, max_rows: usize, l2_penalty: f64) -> Self {
        BatchGradient {
            workers: Vec::new(),
            block_groups: 0,
            room: None,
            running_sums: None,
            gradients: Gradients::zeros_like(network),
            penalty: Penalty::new(l2_penalty),
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
        R::loss_and_gradients(self, network, data, rows)
    }

    /// [`loss_and_gradients`](Self::loss_and_gradients), once the rows are counted.
    pub(crate) fn run_with_gradients(
        &mut self,
        network: &SimpleNeuralNetwork<R>,
        data: &Dataset<R>,
        rows: &[u32],
    ) -> R {
        let loss = self.run(network, data, rows, Wanted::LossAndGradients);
        self.penalty.add_gradient(network, &mut self.gradients);
        loss + self.penalty.value(network)
    }

    /// The same loss to the last bit, by the forward pass alone. There may be any number of rows.
    pub fn loss(&mut self, network: &SimpleNeuralNetwork<R>, data: &Dataset<R>, rows: &[u32]) -> R {
        self.loss_without_penalty(network, data, rows) + self.penalty.value(network)
    }

    /// The loss of the rows alone, which is what validation compares.
    pub fn loss_without_penalty(
        &mut self,
        network: &SimpleNeuralNetwork<R>,
        data: &Dataset<R>,
        rows: &[u32],
    ) -> R {
        R::loss_without_penalty(self, network, data, rows)
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
    pub(crate) fn run(
        &mut self,
        network: &SimpleNeuralNetwork<R>,
        data: &Dataset<R>,
        rows: &[u32],
        wanted: Wanted,
    ) -> R {
        let mut pass = Pass::with_room(network, self.take_room(network, data));
        pass.prepare_forward();
        if wanted == Wanted::LossAndGradients {
            pass.prepare_backward();
        }
        let scale = mean_factor(network.outputs(), data.weight_of(rows.len())); // (L0)
        let threads = threads();
        if self.block_groups == 0 {
            self.block_groups = block_groups(self.max_rows, threads);
        }
        let blocks = block_count(rows.len(), threads, self.block_groups);
        let at_a_time = blocks.min(threads);
        while self.workers.len() < at_a_time {
            let room = self.block_groups * GROUP;
            self.workers.push(Worker::new(network, data.x(), room));
        }
        let mut loss = R::zero();
        for first in (0..blocks).step_by(at_a_time) {
            let wave = &mut self.workers[..at_a_time.min(blocks - first)];
            for_each_mut(wave, &|w, worker: &mut Worker<R>| {
                let block = &rows[part(rows.len(), blocks, first + w)];
                worker.run(network, &pass, data, block, scale, wanted);
            });
            let losses = wave.iter().flat_map(Worker::losses);
            loss = losses.fold(loss, |loss, &group| loss + group);
            if wanted == Wanted::LossAndGradients {
                // One layer after the other: its outputs are shared evenly, where layers would keep one thread waiting
                // for another.
                for (l, gradients) in self.gradients.layers.iter_mut().enumerate().rev() {
                    if l == 0
                        && let Some(sums) = &mut self.running_sums
                    {
                        let part = Part {
                            goes_on: first > 0,
                            is_last: first + wave.len() == blocks,
                        };
                        let block = |w: usize| wave[w].encoded_factors();
                        pass.sum_encoded_gradients(sums, gradients, part, wave.len(), &block); // (B3, B5, E4, E5)
                        continue;
                    }
                    let (outputs, inputs) = gradients.dc_dw.dim();
                    let packs = packs_rows(inputs, outputs);
                    if packs {
                        wave.iter_mut().for_each(|worker| worker.pack_input(l));
                    }
                    let factors = |w: usize| wave[w].factors(l, packs);
                    pass.sum_gradients(l, gradients, first > 0, rows.len(), wave.len(), &factors); // (B2, B3, B5)
                }
            }
        }
        self.room = Some(pass.into_room());
        loss
    }

    /// The memory of the last pass, or new memory for the first one and for rows that are encoded in another way.
    fn take_room(&mut self, network: &SimpleNeuralNetwork<R>, data: &Dataset<R>) -> Room<R> {
        let layout = data.x().layout();
        if let Some(room) = self.room.take_if(|room| room.reads(layout)) {
            return room;
        }
        let first = &self.gradients.layers[0].dc_dw;
        self.running_sums =
            layout.map(|_| RunningSumGradients::zeros(first.ncols(), first.nrows()));
        self.workers.clear();
        Room::new(network, layout, Way::ForwardAndBack)
    }
}

#[cfg(all(test, feature = "parallel"))]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::activation_functions::Activation;

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
}
