//! How the cost of a training step grows with width, depth and batch, and that of a prediction with rows: one thread,
//! single precision.
//!
//! Everything begins from a network of 16 inputs, two hidden layers of 64 neurons with ReLU, and one output, trained
//! with Adam on batches of 128 rows; each group changes one of these. The throughput is in operations of the matrix
//! products.

use std::hint::black_box;
use std::time::{Duration, Instant};

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Init, SimpleNeuralNetwork};
use chainrule::optimizers::Optimizer;
use chainrule::training::{Control, Dataset, Event, Trainer, TrainingSettings};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;

const INPUTS: usize = 16;
const WIDTH: usize = 64;
const DEPTH: usize = 2;
const BATCH: usize = 128;

fn network(width: usize, depth: usize) -> SimpleNeuralNetwork<f32> {
    let hidden = vec![width; depth];
    let widths = [&[INPUTS], &hidden[..], &[1]].concat();
    SimpleNeuralNetwork::from_widths(
        &widths,
        Activation::ReLU,
        Loss::MeanSquareError,
        Init::He,
        1,
    )
}

/// Weights of all layers, and of all but the first.
fn weights(network: &SimpleNeuralNetwork<f32>) -> (usize, usize) {
    let sizes = network.affine_maps().map(|map| map.w.len());
    let all = sizes.sum();
    let first = network.affine_maps().next().map_or(0, |map| map.w.len());
    (all, all - first)
}

fn rows(n: usize) -> Array2<f32> {
    Array2::from_shape_fn((n, INPUTS), |(r, j)| {
        ((r * (2 * j + 3)) % 101) as f32 / 50.0 - 1.0
    })
}

/// The time of `steps` steps after a first one.
fn training_time(network: &SimpleNeuralNetwork<f32>, batch: usize, steps: u64) -> Duration {
    let x = rows(4 * batch);
    let y = x.sum_axis(ndarray::Axis(1)).insert_axis(ndarray::Axis(1));
    let settings = TrainingSettings {
        epochs: usize::MAX,
        batch_size: Some(batch),
        shuffle: false,
        optimizer: Optimizer::ADAM,
        learning_rate: 1e-4,
        threads: 1,
        ..TrainingSettings::default()
    };
    let (mut start, mut time) = (None, Duration::ZERO);
    let mut listen = |event: Event| {
        let Event::Step { step, .. } = event else {
            return Control::Continue;
        };
        let start = *start.get_or_insert_with(Instant::now);
        if step <= steps {
            return Control::Continue;
        }
        time = start.elapsed();
        Control::Stop
    };
    Trainer::new(network.clone(), settings)
        .fit(&Dataset::new(x.view(), y.view(), None), None, &mut listen)
        .expect("the training is a tame one");
    time
}

fn steps(c: &mut Criterion) {
    let mut axis = |name: &str, values: &[usize], shape: fn(usize) -> [usize; 3]| {
        let mut group = c.benchmark_group(name);
        for &value in values {
            let [width, depth, batch] = shape(value);
            let network = network(width, depth);
            let (all, above) = weights(&network);
            // Forward and ∂C/∂W of every layer, ∂C/∂X of all but the first.
            let operations = 2 * batch * (2 * all + above);
            group.throughput(Throughput::Elements(operations as u64));
            group.bench_function(BenchmarkId::from_parameter(value), |b| {
                b.iter_custom(|steps| training_time(&network, batch, steps));
            });
        }
    };
    axis("width", &[8, 16, 32, 64, 128, 256, 512, 1024], |width| {
        [width, DEPTH, BATCH]
    });
    axis("depth", &[1, 2, 4, 8, 16], |depth| [WIDTH, depth, BATCH]);
    axis("batch", &[8, 32, 128, 512, 2048], |batch| {
        [WIDTH, DEPTH, batch]
    });
}

fn predictions(c: &mut Criterion) {
    let mut group = c.benchmark_group("rows");
    let network = network(WIDTH, DEPTH);
    for n in [1, 16, 256, 4_096, 65_536, 1_048_576] {
        let x = rows(n);
        group.throughput(Throughput::Elements((2 * n * weights(&network).0) as u64));
        group.bench_function(BenchmarkId::from_parameter(n), |b| {
            b.iter(|| black_box(network.predict(black_box(x.view()))));
        });
    }
}

criterion_group! {
    name = growth;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1));
    targets = steps, predictions
}
criterion_main!(growth);
