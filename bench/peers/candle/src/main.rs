//! candle as a peer: tensors, its backward pass, its SGD and AdamW (without decay it is Adam).

use bench_protocol::{
    Activation, CHECKED_ROWS, CHECKED_STEPS, Mode, Problem, Request, Rule, Workload,
    locked_version, print_times, print_values,
};
use candle_core::{Device, Result, Tensor, Var};
use candle_nn::{AdamW, Linear, Module, Optimizer, ParamsAdamW, SGD, loss, ops};

struct Network {
    layers: Vec<Linear>,
    activation: Activation,
}

impl Network {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (out, hidden) = self.layers.split_last().expect("a network has layers");
        let mut a = x.clone();
        for layer in hidden {
            let z = layer.forward(&a)?;
            a = match self.activation {
                Activation::ReLU => z.relu()?,
                Activation::LeakyReLU => ops::leaky_relu(&z, 0.01)?,
                Activation::Identity => z,
            };
        }
        out.forward(&a)
    }
}

enum Rules {
    GradientDescent(SGD),
    Adam(AdamW),
}

fn network(problem: &Problem) -> Result<(Network, Vec<Var>)> {
    let mut variables = Vec::new();
    let mut layers = Vec::new();
    for layer in &problem.layers {
        let w = Var::from_slice(&layer.w, (layer.outputs, layer.inputs), &Device::Cpu)?;
        let b = Var::from_slice(&layer.b, layer.outputs, &Device::Cpu)?;
        layers.push(Linear::new(
            w.as_tensor().clone(),
            Some(b.as_tensor().clone()),
        ));
        variables.extend([w, b]);
    }
    Ok((
        Network {
            layers,
            activation: problem.activation,
        },
        variables,
    ))
}

fn run(request: &Request) -> Result<()> {
    let problem = &request.problem;
    let version = locked_version(include_str!("../Cargo.lock"), "candle-core");
    let inputs = problem.widths[0];
    let (network, variables) = network(problem)?;
    let mut clock = request.clock();
    match (request.workload, request.mode) {
        (Workload::Step, mode) => {
            let rate = f64::from(problem.learning_rate);
            let mut rule = match problem.rule {
                Rule::GradientDescent => Rules::GradientDescent(SGD::new(variables, rate)?),
                Rule::Adam => {
                    let settings = ParamsAdamW {
                        lr: rate,
                        weight_decay: 0.0,
                        ..Default::default()
                    };
                    Rules::Adam(AdamW::new(variables, settings)?)
                }
            };
            let batches = (0..problem.batches()).map(|b| {
                let x =
                    Tensor::from_slice(problem.batch_x(b), (problem.batch, inputs), &Device::Cpu)?;
                Ok((
                    x,
                    Tensor::from_slice(problem.batch_y(b), (problem.batch, 1), &Device::Cpu)?,
                ))
            });
            let batches = batches.collect::<Result<Vec<_>>>()?;
            let mut count = 0;
            let mut step = || -> Result<Tensor> {
                let (x, y) = &batches[count % batches.len()];
                let loss = loss::mse(&network.forward(x)?, y)?;
                match &mut rule {
                    Rules::GradientDescent(rule) => rule.backward_step(&loss)?,
                    Rules::Adam(rule) => rule.backward_step(&loss)?,
                }
                count += 1;
                Ok(loss)
            };
            if mode == Mode::Check {
                let losses = (0..CHECKED_STEPS).map(|_| Ok(step()?.to_scalar::<f32>()?.into()));
                print_values(version, &losses.collect::<Result<Vec<_>>>()?);
                return Ok(());
            }
            clock.measure(|| {
                step().expect("a step that has been checked");
            });
        }
        (Workload::Row, mode) => {
            let predict = |r: usize| -> Result<f32> {
                let x = Tensor::from_slice(problem.row(r), (1, inputs), &Device::Cpu)?;
                network.forward(&x)?.squeeze(0)?.squeeze(0)?.to_scalar()
            };
            if mode == Mode::Check {
                let rows = (0..CHECKED_ROWS.min(problem.rows)).map(|r| Ok(predict(r)?.into()));
                print_values(version, &rows.collect::<Result<Vec<_>>>()?);
                return Ok(());
            }
            let mut r = 0;
            clock.measure(|| {
                predict(r % problem.rows).expect("a prediction that has been checked");
                r += 1;
            });
        }
        (Workload::Rows, _) => {
            candle_core::bail!("not measured: it keeps every layer's output of all rows")
        }
    }
    print_times(version, &clock);
    Ok(())
}

fn main() {
    let done = Request::from_arguments().and_then(|r| run(&r).map_err(|e| e.to_string()));
    if let Err(problem) = done {
        eprintln!("error: {problem}");
        std::process::exit(1);
    }
}
