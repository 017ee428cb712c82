//! Random numbers: one seeded, portable ChaCha stream for each member, purpose and index.
//!
//! Every use of chance takes a seed and a [`Stream`]. Streams of one seed are independent, so the initial weights, the
//! validation split and each epoch's order can be drawn again at any time without replaying what came before: this is
//! what makes an interrupted training resumable to the bit. Networks that share a seed are members of one whole, and no
//! stream of one is another's.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What chance decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The initial weights.
    InitialWeights,
    /// Which rows are set aside for validation.
    ValidationRows,
    /// The order of the rows in an epoch, counted from 0.
    EpochOrder(u64),
}

/// Which of a seed's streams: whose, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    member: u32,
    purpose: Purpose,
}

/// Bits that number the streams of one member.
const MEMBER_BITS: u32 = 40;

impl Stream {
    /// That of a member, counted from 0: a network that stands alone is member 0.
    pub(crate) fn new(member: u32, purpose: Purpose) -> Self {
        Stream { member, purpose }
    }

    /// Different for different streams. Changing it would change every model.
    fn number(self) -> u64 {
        let of_member = match self.purpose {
            Purpose::InitialWeights => 0,
            Purpose::ValidationRows => 1,
            Purpose::EpochOrder(epoch) => 2 + epoch,
        };
        debug_assert!(of_member >> MEMBER_BITS == 0 && self.member >> (64 - MEMBER_BITS) == 0);
        u64::from(self.member) << MEMBER_BITS | of_member
    }
}

/// A seeded source of random numbers.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// A stream of `seed`.
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream.number());
        Random(rng)
    }

    /// Numbers to test with.
    #[cfg(test)]
    pub(crate) fn seeded(seed: u64) -> Self {
        Random::new(seed, Stream::new(0, Purpose::InitialWeights))
    }

    /// Uniform on [0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// Standard normal, by Box and Muller (1958): `√(−2 ln u) cos(2π v)`.
    pub(crate) fn normal(&mut self) -> f64 {
        // 1 − u lies in (0, 1]: its logarithm is finite.
        let (u, v) = (1.0 - self.uniform(), self.uniform());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    /// A uniformly random order (Fisher and Yates).
    pub(crate) fn shuffle(&mut self, rows: &mut [u32]) {
        rows.shuffle(&mut self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_numbers_have_mean_zero_and_variance_one() {
        let random = &mut Random::seeded(7);
        let n = 100_000;
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..n {
            let z = random.normal();
            sum += z;
            squares += z * z;
        }
        // Five standard errors: 5/√n and 5 √(2/n).
        assert!((sum / n as f64).abs() < 0.016);
        assert!((squares / n as f64 - 1.0).abs() < 0.023);
    }

    #[test]
    fn streams_of_one_seed_differ_and_repeat() {
        let purposes = [
            Purpose::InitialWeights,
            Purpose::ValidationRows,
            Purpose::EpochOrder(0),
            Purpose::EpochOrder(1),
        ];
        let streams: Vec<Stream> = (0..3)
            .flat_map(|member| purposes.map(|purpose| Stream::new(member, purpose)))
            .collect();
        let draw = || {
            streams
                .iter()
                .map(|&s| Random::new(3, s).uniform().to_bits())
        };
        let drawn: Vec<u64> = draw().collect();
        assert!(draw().eq(drawn.iter().copied()));
        for (k, number) in drawn.iter().enumerate() {
            assert!(!drawn[..k].contains(number), "{:?}", streams[k]);
        }
    }

    #[test]
    fn members_do_not_meet_however_long_they_train() {
        let last = Purpose::EpochOrder((1 << MEMBER_BITS) - 3);
        let next = Stream::new(1, Purpose::InitialWeights);
        assert_eq!(Stream::new(0, last).number() + 1, next.number());
        // Of member 0, the numbers that stored trainings have drawn from.
        let of_first = |purpose| Stream::new(0, purpose).number();
        assert_eq!(of_first(Purpose::InitialWeights), 0);
        assert_eq!(of_first(Purpose::ValidationRows), 1);
        assert_eq!(of_first(Purpose::EpochOrder(7)), 9);
    }
}
