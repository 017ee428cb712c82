//! Times of repeated blocks of steps: blocks grow until each is long enough to be timed, then their median is taken.

use std::time::{Duration, Instant};

/// A block lasts at least so long.
const BLOCK: Duration = Duration::from_millis(20);
/// Part of the measurement that only warms up.
const WARM_UP: f64 = 0.3;
/// At least so many blocks are measured, however long they take.
const MIN_BLOCKS: usize = 3;

/// Measures the time of a step over blocks of steps.
pub struct Clock {
    start: Instant,
    seconds: f64,
    block_start: Instant,
    block_steps: u64,
    steps: u64,
    /// Microseconds per step of each block.
    times: Vec<f64>,
}

impl Clock {
    /// A clock that starts now and measures for about `seconds`.
    pub fn new(seconds: f64) -> Self {
        let now = Instant::now();
        Clock {
            start: now,
            seconds,
            block_start: now,
            block_steps: 1,
            steps: 0,
            times: Vec::with_capacity(4096),
        }
    }

    /// Runs `step` until there are enough times.
    pub fn measure(&mut self, mut step: impl FnMut()) {
        loop {
            step();
            if self.tick() {
                return;
            }
        }
    }

    /// Counts a step that has been made; says whether there are enough times.
    #[inline]
    pub fn tick(&mut self) -> bool {
        self.steps += 1;
        self.steps == self.block_steps && self.end_block()
    }

    #[cold]
    fn end_block(&mut self) -> bool {
        let block = self.block_start.elapsed();
        let total = self.start.elapsed().as_secs_f64();
        if block < BLOCK && self.times.is_empty() {
            self.block_steps *= 2;
        } else if total > WARM_UP * self.seconds {
            self.times
                .push(block.as_secs_f64() * 1e6 / self.block_steps as f64);
        }
        self.steps = 0;
        self.block_start = Instant::now();
        total > (1.0 + WARM_UP) * self.seconds && self.times.len() >= MIN_BLOCKS
    }

    /// Number of blocks that count.
    pub fn blocks(&self) -> usize {
        self.times.len()
    }

    /// Median, least and greatest time of a step over the blocks, in microseconds.
    pub fn microseconds(&self) -> (f64, f64, f64) {
        let mut times = self.times.clone();
        times.sort_by(f64::total_cmp);
        let last = times.len() - 1;
        (
            (times[last / 2] + times[times.len() / 2]) / 2.0,
            times[0],
            times[last],
        )
    }
}
