//! The machine's peak: fused multiply-adds on registers alone, with the vectors that chainrule works with.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::Instant;

use chainrule::instruction_set;
use pulp::{Arch, Simd, WithSimd};

/// Independent sums: enough to hide the latency of two units, few enough for 16 registers.
const SUMS: usize = 12;
/// Multiply-adds per sum in a call.
const LOOPS: usize = 200_000;

/// Runs the loop and returns the number of operations (a multiply-add counts as two).
struct Loop32;
struct Loop64;

// The two cannot be one function: the instructions are methods of different names.
impl WithSimd for Loop32 {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let factor = simd.splat_f32s(black_box(0.999));
        let term = simd.splat_f32s(black_box(1e-3));
        let mut sums = [simd.splat_f32s(1.0); SUMS];
        for _ in 0..LOOPS {
            for sum in &mut sums {
                *sum = simd.mul_add_e_f32s(*sum, factor, term);
            }
        }
        black_box(sums.map(|sum| simd.reduce_sum_f32s(sum)));
        (2 * S::F32_LANES * SUMS * LOOPS) as f64
    }
}

impl WithSimd for Loop64 {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let factor = simd.splat_f64s(black_box(0.999));
        let term = simd.splat_f64s(black_box(1e-3));
        let mut sums = [simd.splat_f64s(1.0); SUMS];
        for _ in 0..LOOPS {
            for sum in &mut sums {
                *sum = simd.mul_add_e_f64s(*sum, factor, term);
            }
        }
        black_box(sums.map(|sum| simd.reduce_sum_f64s(sum)));
        (2 * S::F64_LANES * SUMS * LOOPS) as f64
    }
}

/// Prints one line: operations per second in 10⁹, `{"f32":[one thread, two threads],"f64":[…]}`, and the vectors used.
pub fn print(seconds: f64) {
    let vectors = instruction_set();
    let arch = match vectors {
        "none" => Arch::Scalar,
        #[cfg(target_arch = "x86_64")]
        "AVX2" => Arch::V3(pulp::x86::V3::try_new().expect("chainrule uses it")),
        _ => Arch::new(),
    };
    let f32_rates = [1, 2].map(|threads| rate(threads, seconds, || arch.dispatch(Loop32)));
    let f64_rates = [1, 2].map(|threads| rate(threads, seconds, || arch.dispatch(Loop64)));
    println!("{{\"vectors\":\"{vectors}\",\"f32\":{f32_rates:?},\"f64\":{f64_rates:?}}}");
}

/// The sum over the threads of each one's median over its calls; all of them run all the time.
fn rate(threads: usize, seconds: f64, work: impl Fn() -> f64 + Sync) -> f64 {
    let barrier = Barrier::new(threads);
    let run = || {
        let mut rates = Vec::new();
        barrier.wait();
        let start = Instant::now();
        while start.elapsed().as_secs_f64() < seconds {
            let call = Instant::now();
            let operations = work();
            rates.push(operations / call.elapsed().as_secs_f64() / 1e9);
        }
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let rates = workers
            .into_iter()
            .map(|w| w.join().expect("the loop does not panic"));
        rates.sum()
    })
}
