//! rust-mlp as a peer: its batched forward, backward and optimizer step on buffers that are allocated once.
//! It has no threads of its own.

use bench_protocol::{
    Activation, CHECKED_ROWS, CHECKED_STEPS, Mode, Problem, Request, Rule, Workload,
    locked_version, print_times, print_values,
};
use rust_mlp::serde_model::{
    MODEL_FORMAT_VERSION, SerializedActivation, SerializedLayer, SerializedMlp,
};
use rust_mlp::{BatchBackpropScratch, BatchScratch, Gradients, Mlp, Optimizer, OptimizerState};

struct Training<'a> {
    problem: &'a Problem,
    mlp: Mlp,
    optimizer: OptimizerState,
    scratch: BatchScratch,
    backward: BatchBackpropScratch,
    gradients: Gradients,
    dc_dy_hat: Vec<f32>,
    step: usize,
}

impl<'a> Training<'a> {
    fn new(problem: &'a Problem, mlp: Mlp) -> Result<Self, String> {
        let rule = match problem.rule {
            Rule::GradientDescent => Optimizer::Sgd,
            Rule::Adam => Optimizer::Adam {
                beta1: 0.9,
                beta2: 0.999,
                eps: 1e-8,
            },
        };
        Ok(Training {
            optimizer: rule.state(&mlp).map_err(|e| e.to_string())?,
            scratch: mlp.scratch_batch(problem.batch),
            backward: mlp.backprop_scratch_batch(problem.batch),
            gradients: mlp.gradients(),
            dc_dy_hat: vec![0.0; problem.batch],
            step: 0,
            problem,
            mlp,
        })
    }

    /// One step; returns the batch's loss before it.
    fn step(&mut self) -> f32 {
        let batch = self.step % self.problem.batches();
        let (x, y) = (self.problem.batch_x(batch), self.problem.batch_y(batch));
        let y_hat = self.mlp.forward_batch(x, &mut self.scratch);
        // Its own loss is half of the square; its backward pass takes the mean over the rows.
        let mut loss = 0.0;
        for ((g, y_hat), y) in self.dc_dy_hat.iter_mut().zip(y_hat).zip(y) {
            let error = y_hat - y;
            loss += error * error;
            *g = 2.0 * error;
        }
        self.mlp.backward_batch(
            x,
            &self.scratch,
            &self.dc_dy_hat,
            &mut self.gradients,
            &mut self.backward,
        );
        let rate = self.problem.learning_rate;
        self.optimizer
            .step(&mut self.mlp, &mut self.gradients, rate);
        self.step += 1;
        loss / self.problem.batch as f32
    }
}

fn network(problem: &Problem) -> Result<Mlp, String> {
    let last = problem.layers.len() - 1;
    let layers = problem
        .layers
        .iter()
        .enumerate()
        .map(|(l, layer)| SerializedLayer {
            in_dim: layer.inputs,
            out_dim: layer.outputs,
            activation: match problem.activation {
                _ if l == last => SerializedActivation::Identity,
                Activation::ReLU => SerializedActivation::Relu,
                Activation::LeakyReLU => SerializedActivation::LeakyRelu { alpha: 0.01 },
                Activation::Identity => SerializedActivation::Identity,
            },
            weights: layer.w.clone(),
            biases: layer.b.clone(),
        });
    let format_version = MODEL_FORMAT_VERSION;
    let model = SerializedMlp {
        format_version,
        layers: layers.collect(),
    };
    model.try_into().map_err(|e: rust_mlp::Error| e.to_string())
}

fn run() -> Result<(), String> {
    let request = Request::from_arguments()?;
    let problem = &request.problem;
    let version = locked_version(include_str!("../Cargo.lock"), "rust-mlp");
    let mlp = network(problem)?;
    let mut clock = request.clock();
    match (request.workload, request.mode) {
        (Workload::Step, mode) => {
            let mut training = Training::new(problem, mlp)?;
            if mode == Mode::Check {
                let losses: Vec<_> = (0..CHECKED_STEPS).map(|_| training.step().into()).collect();
                print_values(version, &losses);
                return Ok(());
            }
            clock.measure(|| {
                training.step();
            });
        }
        (Workload::Row, mode) => {
            let mut scratch = mlp.scratch();
            if mode == Mode::Check {
                let rows = 0..CHECKED_ROWS.min(problem.rows);
                let predict = |r| mlp.forward(problem.row(r), &mut scratch)[0].into();
                print_values(version, &rows.map(predict).collect::<Vec<_>>());
                return Ok(());
            }
            let mut r = 0;
            clock.measure(|| {
                std::hint::black_box(mlp.forward(problem.row(r % problem.rows), &mut scratch));
                r += 1;
            });
        }
        (Workload::Rows, _) => return Err("rust-mlp predicts a table row by row".to_string()),
    }
    print_times(version, &clock);
    Ok(())
}

fn main() {
    if let Err(problem) = run() {
        eprintln!("error: {problem}");
        std::process::exit(1);
    }
}
