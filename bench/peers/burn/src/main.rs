//! burn as a peer, on its flex backend (the one for processors): its `Linear`, its backward pass, its SGD and Adam.

use bench_protocol::{
    Activation, CHECKED_ROWS, CHECKED_STEPS, Mode, Problem, Request, Rule, Workload,
    locked_version, print_times, print_values,
};
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::nn::loss::{MseLoss, Reduction};
use burn::optim::{AdamConfig, GradientsParams, SgdConfig};
use burn::tensor::{Device, Tensor, TensorData, activation};

#[derive(Module, Debug)]
struct Network {
    layers: Vec<Linear>,
}

impl Network {
    fn new(problem: &Problem, device: &Device) -> Self {
        let layers = problem.layers.iter().map(|layer| {
            let w = TensorData::new(layer.w.clone(), [layer.outputs, layer.inputs]);
            // burn keeps W as (i,o), contiguous.
            let w = Tensor::<2>::from_data(w, device).transpose().into_data();
            let b = TensorData::new(layer.b.clone(), [layer.outputs]);
            Linear {
                weight: Param::from_data(w, device),
                bias: Some(Param::from_data(b, device)),
            }
        });
        Network {
            layers: layers.collect(),
        }
    }

    fn forward(&self, x: Tensor<2>, function: Activation) -> Tensor<2> {
        let (out, hidden) = self.layers.split_last().expect("a network has layers");
        let a = hidden.iter().fold(x, |a, layer| {
            let z = layer.forward(a);
            match function {
                Activation::ReLU => activation::relu(z),
                Activation::LeakyReLU => activation::leaky_relu(z, 0.01),
                Activation::Identity => z,
            }
        });
        out.forward(a)
    }
}

fn scalar<const D: usize>(tensor: Tensor<D>) -> f64 {
    tensor
        .into_data()
        .iter::<f32>()
        .next()
        .unwrap_or(f32::NAN)
        .into()
}

fn run() -> Result<(), String> {
    let request = Request::from_arguments()?;
    let problem = &request.problem;
    let version = locked_version(include_str!("../Cargo.lock"), "burn");
    let inputs = problem.widths[0];
    let plain = Device::flex();
    let mut clock = request.clock();
    match (request.workload, request.mode) {
        (Workload::Step, mode) => {
            let device = plain.autodiff();
            let mut network = Some(Network::new(problem, &device));
            let mut rule = match problem.rule {
                Rule::GradientDescent => SgdConfig::new().init(),
                Rule::Adam => AdamConfig::new().with_epsilon(1e-8).init(),
            };
            let rate = f64::from(problem.learning_rate);
            let batches: Vec<_> = (0..problem.batches())
                .map(|b| {
                    let x = TensorData::new(problem.batch_x(b).to_vec(), [problem.batch, inputs]);
                    let y = TensorData::new(problem.batch_y(b).to_vec(), [problem.batch, 1]);
                    (
                        Tensor::<2>::from_data(x, &device),
                        Tensor::<2>::from_data(y, &device),
                    )
                })
                .collect();
            let mut count = 0;
            let mut step = || {
                let (x, y) = batches[count % batches.len()].clone();
                let before = network
                    .take()
                    .expect("the network is put back after each step");
                let y_hat = before.forward(x, problem.activation);
                let loss = MseLoss::new().forward(y_hat, y, Reduction::Mean);
                let gradients = GradientsParams::from_grads(loss.backward(), &before);
                network = Some(rule.step(rate, before, gradients));
                count += 1;
                loss
            };
            if mode == Mode::Check {
                let losses: Vec<_> = (0..CHECKED_STEPS).map(|_| scalar(step())).collect();
                print_values(version, &losses);
                return Ok(());
            }
            clock.measure(|| {
                step();
            });
        }
        (Workload::Row, mode) => {
            let network = Network::new(problem, &plain);
            let predict = |r: usize| {
                let x = TensorData::new(problem.row(r).to_vec(), [1, inputs]);
                scalar(network.forward(Tensor::from_data(x, &plain), problem.activation))
            };
            if mode == Mode::Check {
                let rows = 0..CHECKED_ROWS.min(problem.rows);
                print_values(version, &rows.map(predict).collect::<Vec<_>>());
                return Ok(());
            }
            let mut r = 0;
            clock.measure(|| {
                std::hint::black_box(predict(r % problem.rows));
                r += 1;
            });
        }
        (Workload::Rows, _) => {
            return Err("not measured: it keeps every layer's output of all rows".to_string());
        }
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
