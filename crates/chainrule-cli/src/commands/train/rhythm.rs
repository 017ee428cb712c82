//! When a training pauses for a checkpoint: often enough to lose little, and so seldom that writing costs under one per
//! cent.

use std::time::Duration;

/// The first checkpoint comes early: short trainings are killed too.
const FIRST: Duration = Duration::from_secs(2);

/// The time of which writing takes at most one part.
const PARTS: u32 = 100;

/// Bytes per second that a disk is expected to take before one has been written. Slow ones of today write about as
/// fast.
const EXPECTED_SPEED: f64 = 200e6;

/// Decides about the next checkpoint from what those before it have cost. Times are counted from the training's start.
#[derive(Debug)]
pub struct Rhythm {
    every: Duration,
    next: Duration,
    spent: Duration,
}

impl Rhythm {
    /// A checkpoint of about `bytes` bytes every so often.
    pub fn new(every: Duration, bytes: usize) -> Self {
        let expected = Duration::from_secs_f64(bytes as f64 / EXPECTED_SPEED);
        Rhythm {
            every,
            next: every.min(FIRST).max(expected * PARTS),
            spent: Duration::ZERO,
        }
    }

    /// Whether it is time for a checkpoint.
    pub fn is_due(&self, now: Duration) -> bool {
        now >= self.next
    }

    /// A checkpoint has been written, or tried, and took `cost`. The next one, should it cost as much, waits until both
    /// are paid for.
    pub fn wrote(&mut self, now: Duration, cost: Duration) {
        self.spent += cost;
        let paid = (self.spent + cost).saturating_mul(PARTS);
        self.next = now.saturating_add(self.every).max(paid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moments at which a training of `length` seconds begins to write checkpoints that take `cost` seconds, and
    /// what they take in all.
    fn simulate(every: f64, cost: f64, bytes: usize, length: f64) -> (Vec<f64>, f64) {
        let mut rhythm = Rhythm::new(Duration::from_secs_f64(every), bytes);
        let cost = Duration::from_secs_f64(cost);
        let (mut now, mut spent, mut moments) = (Duration::ZERO, Duration::ZERO, Vec::new());
        while now.as_secs_f64() < length {
            if rhythm.is_due(now) {
                moments.push(now.as_secs_f64());
                now += cost;
                spent += cost;
                rhythm.wrote(now, cost);
            }
            now += Duration::from_millis(10); // a step
        }
        (moments, spent.as_secs_f64())
    }

    #[test]
    fn the_first_checkpoint_comes_after_two_seconds_and_the_others_at_the_interval() {
        let (moments, _) = simulate(30.0, 0.005, 100_000, 100.0);
        let expected = [2.0, 32.0, 62.0, 92.0];
        assert_eq!(moments.len(), expected.len(), "{moments:?}");
        for (moment, expected) in moments.iter().zip(expected) {
            assert!((moment - expected).abs() < 0.1, "{moments:?}");
        }
        assert!((simulate(0.5, 0.001, 1000, 10.0).0[0] - 0.5).abs() < 0.1);
    }

    #[test]
    fn a_slow_writer_is_asked_less_often_so_that_it_takes_one_per_cent() {
        for cost in [0.01, 0.1, 1.0, 20.0] {
            let length = 5000.0 * cost;
            let (moments, spent) = simulate(0.1, cost, 1000, length);
            assert!(moments.len() > 10, "{cost}: {moments:?}");
            assert!(spent <= 0.0101 * length, "{cost}: {spent} of {length}");
        }
    }

    #[test]
    fn the_first_checkpoint_of_a_large_network_waits_until_its_time_is_paid_for() {
        let (moments, spent) = simulate(30.0, 2.0, 400_000_000, 400.0);
        assert!((moments[0] - 200.0).abs() < 0.1, "{moments:?}");
        assert!(spent <= 4.0, "{spent}");
    }

    #[test]
    fn an_interval_without_end_is_no_overflow() {
        let mut rhythm = Rhythm::new(Duration::MAX, 1);
        rhythm.wrote(Duration::from_secs(2), Duration::from_secs(1));
        assert!(!rhythm.is_due(Duration::from_secs(1_000_000)));
    }
}
