//! The problems that chainrule and its peers solve: seeded weights and rows, the same on every machine.

use std::path::Path;

use bench_protocol::{Activation, Layer, Problem, Rule};
use chainrule::activation_functions::Activation as Function;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Init, SimpleNeuralNetwork};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Batches of a training problem: steps go round them, so data do not stay in the nearest cache by accident.
const BATCHES: usize = 16;
/// Rows of the problem `rows`.
const MANY_ROWS: usize = 1_000_000;

/// Writes every problem file into `folder`.
pub fn write_all(folder: &Path) -> std::io::Result<()> {
    use Activation::{Identity, LeakyReLU, ReLU};
    use Rule::{Adam, GradientDescent};
    std::fs::create_dir_all(folder)?;
    let save =
        |name: &str, problem: &Problem| problem.write(&folder.join(name).with_extension("problem"));
    let with = |activation, problem: &Problem| Problem {
        activation,
        ..problem.clone()
    };

    let seed = [10, 16, 16, 8, 1];
    let seed = problem(&seed, 32, 32 * BATCHES, GradientDescent, LeakyReLU, 0.01);
    save("seed", &seed)?;
    // For peers that have no LeakyReLU: the same with ReLU; and without any for those that have neither.
    save("seed-relu", &with(ReLU, &seed))?;
    save("seed-identity", &with(Identity, &seed))?;

    let tab = [8, 256, 256, 1];
    save("rows", &problem(&tab, 256, MANY_ROWS, Adam, ReLU, 1e-3))?;
    let tab = problem(&tab, 256, 256 * BATCHES, Adam, ReLU, 1e-3);
    save("tab", &tab)?;
    save("tab-identity", &with(Identity, &tab))?;

    // At 1e-3 the first steps overshoot so far (a loss of 359 from 2.3) that rounding shows in the third digit.
    let wide = [256, 1024, 1024, 1024, 1];
    let wide = problem(&wide, 1024, 1024 * BATCHES, Adam, ReLU, 1e-4);
    save("wide", &wide)
}

fn problem(
    widths: &[usize],
    batch: usize,
    rows: usize,
    rule: Rule,
    activation: Activation,
    learning_rate: f32,
) -> Problem {
    let network: SimpleNeuralNetwork<f32> = SimpleNeuralNetwork::from_widths(
        widths,
        Function::ReLU,
        Loss::MeanSquareError,
        Init::He,
        0,
    );
    let layers = network.affine_maps().map(|affine| Layer {
        inputs: affine.inputs(),
        outputs: affine.outputs(),
        w: affine.w.iter().copied().collect(),
        b: affine.b.to_vec(),
    });
    let mut random = ChaCha8Rng::seed_from_u64(1);
    // Uniform with variance 1: from −√3 to √3.
    let mut uniform = || (random.next_u32() as f32 / u32::MAX as f32 * 2.0 - 1.0) * 3f32.sqrt();
    let inputs = widths[0];
    let x: Vec<f32> = (0..rows * inputs).map(|_| uniform()).collect();
    // A curved function of the first inputs, and noise that no network can learn, so that losses stay away from 0.
    let y = x
        .chunks_exact(inputs)
        .map(|x| x[0].sin() + 0.5 * x[1] * x[2] - 0.3 * x[3]);
    let y = y.map(|y| y + 0.3 * uniform()).collect();
    Problem {
        widths: widths.to_vec(),
        batch,
        rows,
        rule,
        activation,
        learning_rate,
        x,
        y,
        layers: layers.collect(),
    }
}
