//! Random orders that no training draws from: the same seed gives the same ones everywhere.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// What an order is for. Each has a stream of its own, and so none depends on what else is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Draw {
    /// In which the rows of a fold give each other their values in one of the shuffles.
    Shuffle { fold: usize, shuffle: usize },
    /// In which rows are taken as background.
    Background,
    /// In which columns are set to those of a row.
    Turns { nth: usize },
}

impl Draw {
    /// Trainings number their streams from 0 upwards, these are numbered from the other end.
    fn stream(self) -> u64 {
        let number = match self {
            Draw::Background => 0,
            Draw::Shuffle { fold, shuffle } => 1 << 32 | (fold as u64) << 8 | shuffle as u64,
            Draw::Turns { nth } => 2 << 32 | nth as u64,
        };
        u64::MAX - number
    }
}

/// The numbers from 0 to `count` in a random order of a seed.
pub(crate) fn random_order(count: usize, seed: u64, draw: Draw) -> Vec<u32> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(draw.stream());
    let mut order: Vec<u32> = (0..count as u32).collect();
    order.shuffle(&mut random);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_hold_every_number_once_and_differ_by_seed_and_purpose() {
        let draws = [
            Draw::Shuffle {
                fold: 0,
                shuffle: 0,
            },
            Draw::Shuffle {
                fold: 1,
                shuffle: 0,
            },
            Draw::Shuffle {
                fold: 0,
                shuffle: 1,
            },
        ];
        let mut drawn: Vec<Vec<u32>> = Vec::new();
        for (seed, draw) in [3, 4]
            .into_iter()
            .flat_map(|seed| draws.map(|draw| (seed, draw)))
        {
            let order = random_order(50, seed, draw);
            assert_eq!(order, random_order(50, seed, draw));
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert!(sorted.into_iter().eq(0..50));
            assert!(!drawn.contains(&order), "{draw:?}");
            drawn.push(order);
        }
    }
}
