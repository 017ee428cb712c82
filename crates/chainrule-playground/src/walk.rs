//! The next training step, one equation at a time: F1, F2, …, L0, B1, …, B4, O1 with the matrices that stand in them.
//!
//! The matrices are those of the core's own pass over the batch that the next step takes, in double precision, as
//! `chainrule explain` shows one row's. What the step makes of the weights is the trainer's step itself. Only the sums
//! that are written out are put into words here.

use chainrule::loss_functions::mean_factor;
use chainrule::neural_networks::{Pass, SimpleNeuralNetwork, Workspace};
use chainrule::training::{BatchGradient, Control, Dataset, Trainer};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, array};
use serde::Serialize;

use crate::numbers::short;
use crate::session::Session;
use crate::sums::Sum;

/// A batch of more rows is not shown.
const MOST_ROWS: usize = 1000;
/// So much of a matrix is shown.
const SHOWN_ROWS: usize = 40;
const SHOWN_COLUMNS: usize = 32;

/// A matrix of an equation.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// Its letter.
    pub name: &'static str,
    /// Its numbers; a vector is one row.
    pub values: Array2<f64>,
    /// Whether it is a vector or a number.
    pub is_vector: bool,
}

/// One equation of the step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its number in docs/backpropagation.md.
    pub number: &'static str,
    /// Its layer, from 0.
    pub layer: usize,
    /// The equation.
    pub formula: String,
    /// What it does, in a sentence.
    pub words: String,
    /// The matrices that stand in it; the last is its result.
    pub matrices: Vec<Matrix>,
    /// How an entry of the result comes about.
    pub sum: Sum,
}

/// The next training step.
#[derive(Clone, Debug)]
pub struct Walk {
    /// How many rows it takes.
    pub rows: usize,
    /// Its equations, in order.
    pub steps: Vec<Step>,
}

/// What the input of layer `l` is called: the rows, or what the layer before made of them.
fn input_letter(l: usize) -> &'static str {
    if l == 0 { "X" } else { "A" }
}

fn matrix(name: &'static str, values: ArrayView2<f64>) -> Matrix {
    Matrix {
        name,
        values: values.to_owned(),
        is_vector: false,
    }
}

fn vector(name: &'static str, values: ArrayView1<f64>) -> Matrix {
    Matrix {
        name,
        values: values.to_owned().insert_axis(Axis(0)),
        is_vector: true,
    }
}

impl Session {
    /// The next training step, without making it.
    pub fn walk(&self) -> Result<Walk, String> {
        let rows = self.next_batch();
        if rows.len() > MOST_ROWS {
            return Err(format!(
                "the next step takes {} rows, more than can be looked at: choose a batch of at most {MOST_ROWS}",
                rows.len()
            ));
        }
        let rows: Vec<usize> = rows.into_iter().map(|row| row as usize).collect();
        let (x, y) = (self.x.select(Axis(0), &rows), self.y.select(Axis(0), &rows));
        let network: SimpleNeuralNetwork<f64> = self.trainer.network().cast();
        let batch = Batch::through(
            &network,
            x.mapv(f64::from),
            y.mapv(f64::from),
            self.trainer.settings().l2_penalty,
        );
        let mut steps = Vec::new();
        batch.forward(&mut steps);
        batch.loss(&mut steps);
        batch.backward(&mut steps);
        self.update(&batch, &mut steps)?;
        Ok(Walk {
            rows: rows.len(),
            steps,
        })
    }

    /// What the step makes of each layer's weights: the trainer's own step, on a copy.
    fn update(&self, batch: &Batch, steps: &mut Vec<Step>) -> Result<(), String> {
        let settings = self.trainer.settings().clone();
        let rate = settings.learning_rate;
        let mut copy = Trainer::resume(
            self.trainer.network().clone(),
            settings,
            self.trainer.state(),
        );
        let data = Dataset::new(self.x.view(), self.y.view(), None).select(&self.training);
        let told = copy.fit(&data, None, &mut |_| Control::Stop);
        told.map_err(|error| error.to_string())?;
        let after: SimpleNeuralNetwork<f64> = copy.network().cast();
        let (_, number, formula) = self.settings.optimizer()?;
        let layers = batch
            .network
            .affine_maps()
            .zip(after.affine_maps())
            .zip(&batch.gradients);
        for (layer, ((before, after), (dc_dw, dc_db))) in layers.enumerate() {
            let sum = match number {
                "O1" => Sum::Descent(rate),
                _ => Sum::Moved,
            };
            let formula = format!("{formula},  η = {}", short(rate));
            steps.push(Step {
                number,
                layer,
                formula: formula.clone(),
                words: "Every weight moves a little against its derivative.".to_owned(),
                matrices: vec![
                    matrix("W before", before.w.view()),
                    matrix("∂C/∂W", dc_dw.view()),
                    matrix("W after", after.w.view()),
                ],
                sum: sum.clone(),
            });
            steps.push(Step {
                number,
                layer,
                formula,
                words: "So does every bias.".to_owned(),
                matrices: vec![
                    vector("b before", before.b.view()),
                    vector("∂C/∂b", dc_db.row(0)),
                    vector("b after", after.b.view()),
                ],
                sum,
            });
        }
        Ok(())
    }
}

/// A batch with everything that the passes over it left.
struct Batch<'a> {
    network: &'a SimpleNeuralNetwork<f64>,
    x: Array2<f64>,
    y: Array2<f64>,
    l2_penalty: f64,
    workspace: Workspace<f64>,
    loss: f64,
    /// `∂C/∂W (o,i)` and `∂C/∂b (1,o)` of every layer, with the penalty.
    gradients: Vec<(Array2<f64>, Array2<f64>)>,
}

impl<'a> Batch<'a> {
    fn through(
        network: &'a SimpleNeuralNetwork<f64>,
        x: Array2<f64>,
        y: Array2<f64>,
        l2_penalty: f64,
    ) -> Self {
        let n = x.nrows();
        let rows: Vec<u32> = (0..n as u32).collect();
        let mut batch = BatchGradient::new(network, n, l2_penalty);
        let loss =
            batch.loss_and_gradients(network, &Dataset::new(x.view(), y.view(), None), &rows);
        let gradients = batch.gradients().clone();
        let mut workspace = Workspace::new(network, n);
        let mut without_penalty = gradients.clone();
        let pass = Pass::new(network);
        pass.forward(x.view(), &mut workspace);
        let targets: Vec<f64> = y.iter().copied().collect();
        let (y_hat, dc_dy_hat) = workspace.out.loss_slices(n);
        let factor = mean_factor(network.outputs(), n as f64);
        network.loss().sum_and_gradient(
            y_hat,
            &targets,
            network.outputs(),
            None,
            factor,
            dc_dy_hat,
        );
        pass.backward(x.view(), &mut workspace, &mut without_penalty);
        let pairs = gradients.layers.iter().map(|layer| {
            (
                layer.dc_dw.to_owned(),
                layer.dc_db.to_owned().insert_axis(Axis(0)),
            )
        });
        Batch {
            gradients: pairs.collect(),
            network,
            x,
            y,
            l2_penalty,
            workspace,
            loss,
        }
    }

    fn n(&self) -> usize {
        self.x.nrows()
    }

    /// What layer `l` takes, and what it is called.
    fn input(&self, l: usize) -> Matrix {
        matrix(input_letter(l), self.workspace.input(l, self.x.view()))
    }

    fn forward(&self, steps: &mut Vec<Step>) {
        let n = self.n();
        for (l, (dense, state)) in self
            .network
            .hidden()
            .iter()
            .zip(&self.workspace.hidden)
            .enumerate()
        {
            let (w, b) = (&dense.affine.w, &dense.affine.b);
            let letter = input_letter(l);
            steps.push(Step {
                number: "F1",
                layer: l,
                formula: format!("Z = {letter} Wᵀ + 1 bᵀ"),
                words: "Each neuron weighs its inputs, adds them up and adds its bias.".to_owned(),
                matrices: vec![
                    self.input(l),
                    matrix("W", w.view()),
                    vector("b", b.view()),
                    matrix("Z", state.z(n)),
                ],
                sum: Sum::Affine,
            });
            let activation = dense.activation;
            steps.push(Step {
                number: "F2",
                layer: l,
                formula: format!(
                    "A = a(Z),  a(z) = {}   ({})",
                    activation.formula(),
                    activation.number()
                ),
                words: "Then it bends the sum: without that, all layers together would be one."
                    .to_owned(),
                matrices: vec![matrix("Z", state.z(n)), matrix("A", state.a(n))],
                sum: Sum::Apply,
            });
        }
        let (l, out) = (self.network.hidden().len(), &self.network.out().affine);
        let letter = input_letter(l);
        steps.push(Step {
            number: "F3",
            layer: l,
            formula: format!("Ŷ = {letter} Wᵀ + 1 bᵀ"),
            words: "The out layer weighs and adds up, and bends nothing.".to_owned(),
            matrices: vec![
                self.input(l),
                matrix("W", out.w.view()),
                vector("b", out.b.view()),
                matrix("Ŷ", self.workspace.out.y_hat(n)),
            ],
            sum: Sum::Affine,
        });
    }

    fn loss(&self, steps: &mut Vec<Step>) {
        let (n, l, loss) = (self.n(), self.network.hidden().len(), self.network.loss());
        let (value, derivative) = loss.formulas();
        let y_hat = self.workspace.out.y_hat(n);
        let each = Array2::from_shape_fn(y_hat.dim(), |at| loss.value(y_hat[at], self.y[at]));
        let slopes =
            Array2::from_shape_fn(y_hat.dim(), |at| loss.derivative(y_hat[at], self.y[at]));
        let penalty = match self.l2_penalty {
            0.0 => String::new(),
            penalty => format!(" + (λ/2) Σ W²,  λ = {}", short(penalty)),
        };
        steps.push(Step {
            number: loss.number(),
            layer: l,
            formula: format!("ℓ(ŷ, y) = {value}"),
            words: "The loss says how far each prediction is from its target.".to_owned(),
            matrices: vec![
                matrix("Ŷ", y_hat),
                matrix("Y", self.y.view()),
                matrix("ℓ", each.view()),
            ],
            sum: Sum::OfTwo("ℓ"),
        });
        let cost = array![[self.loss]];
        steps.push(Step {
            number: "L0",
            layer: l,
            formula: format!("C = Σ ℓ / n{penalty}"),
            words: "The cost is one number: the mean over the rows. Nowhere else does n occur."
                .to_owned(),
            matrices: vec![
                matrix("ℓ", each.view()),
                Matrix {
                    is_vector: true,
                    ..matrix("C", cost.view())
                },
            ],
            sum: Sum::Mean {
                penalty: self.l2_penalty > 0.0,
            },
        });
        steps.push(Step {
            number: "L0",
            layer: l,
            formula: format!("∂C/∂Ŷ = ℓ'(Ŷ, Y) / n,  ℓ' = {derivative}"),
            words: "The way back begins: how the cost changes with each prediction.".to_owned(),
            matrices: vec![
                matrix("ℓ'", slopes.view()),
                matrix("∂C/∂Ŷ", self.workspace.out.dc_dy_hat(n)),
            ],
            sum: Sum::Over(n as f64),
        });
    }

    fn backward(&self, steps: &mut Vec<Step>) {
        let (n, out) = (self.n(), self.network.hidden().len());
        let pass = Pass::new(self.network);
        let mut g = self.workspace.out.dc_dy_hat(n).to_owned();
        for l in (0..=out).rev() {
            let name = if l == out { "∂C/∂Ŷ" } else { "G" };
            if let Some(dense) = self.network.hidden().get(l) {
                let state = &self.workspace.hidden[l];
                let slopes = state.z(n).mapv(|z| dense.activation.derivative(z));
                steps.push(Step {
                    number: "B1",
                    layer: l,
                    formula: "G = ∂C/∂Z = ∂C/∂A ⊙ a'(Z)".to_owned(),
                    words: "Each entry meets the slope of its own neuron, at Z and not at A."
                        .to_owned(),
                    matrices: vec![
                        matrix("∂C/∂A", g.view()),
                        matrix("a'(Z)", slopes.view()),
                        matrix("G", state.dc_dz(n)),
                    ],
                    sum: Sum::Elements,
                });
                g = state.dc_dz(n).to_owned();
            }
            let affine = self
                .network
                .affine_maps()
                .nth(l)
                .expect("a network's layer");
            let (dc_dw, dc_db) = &self.gradients[l];
            let letter = input_letter(l);
            let mut matrices = vec![matrix(name, g.view()), self.input(l)];
            let penalty = (self.l2_penalty > 0.0).then_some(self.l2_penalty);
            if penalty.is_some() {
                matrices.push(matrix("W", affine.w.view()));
            }
            matrices.push(matrix("∂C/∂W", dc_dw.view()));
            let with_penalty = if penalty.is_some() {
                " + λ W   (L7)"
            } else {
                ""
            };
            steps.push(Step {
                number: "B2",
                layer: l,
                formula: format!("∂C/∂W = {name}ᵀ {letter}{with_penalty}"),
                words: "A weight's derivative adds up, over the rows, what came back times what went in.".to_owned(),
                matrices,
                sum: Sum::OverRows(penalty),
            });
            steps.push(Step {
                number: "B3",
                layer: l,
                formula: format!("∂C/∂b = {name}ᵀ 1"),
                words: "A bias is the weight of an input that is always 1.".to_owned(),
                matrices: vec![matrix(name, g.view()), vector("∂C/∂b", dc_db.row(0))],
                sum: Sum::Columns,
            });
            if l > 0 {
                let mut dc_dx = Array2::zeros((n, affine.inputs()));
                pass.input_gradient(l, g.view(), dc_dx.view_mut());
                steps.push(Step {
                    number: "B4",
                    layer: l,
                    formula: format!("∂C/∂A = {name} W,  for the layer below"),
                    words: "The error flows back through the same weights: a product, and no transpose.".to_owned(),
                    matrices: vec![
                        matrix(name, g.view()),
                        matrix("W", affine.w.view()),
                        matrix("∂C/∂A", dc_dx.view()),
                    ],
                    sum: Sum::Back,
                });
                g = dc_dx;
            }
        }
    }
}

/// A training step as the page shows it.
#[derive(Debug, Serialize)]
pub struct WalkView {
    rows: usize,
    steps: Vec<StepView>,
}

/// An equation as the page shows it.
#[derive(Debug, Serialize)]
struct StepView {
    number: &'static str,
    layer: usize,
    formula: String,
    words: String,
    matrices: Vec<MatrixView>,
}

/// A matrix as the page shows it: its first rows and columns.
#[derive(Debug, Serialize)]
struct MatrixView {
    name: &'static str,
    shape: Vec<usize>,
    rows: Vec<Vec<f64>>,
}

impl Walk {
    /// The step as the page shows it.
    pub fn view(&self) -> WalkView {
        let view = |matrix: &Matrix| {
            let values = &matrix.values;
            let row = |row: ArrayView1<f64>| row.iter().take(SHOWN_COLUMNS).copied().collect();
            MatrixView {
                name: matrix.name,
                shape: match (matrix.is_vector, values.len()) {
                    (true, 1) if matrix.name == "C" => Vec::new(),
                    (true, length) => vec![length],
                    (false, _) => vec![values.nrows(), values.ncols()],
                },
                rows: values
                    .rows()
                    .into_iter()
                    .take(SHOWN_ROWS)
                    .map(row)
                    .collect(),
            }
        };
        let step = |step: &Step| StepView {
            number: step.number,
            layer: step.layer,
            formula: step.formula.clone(),
            words: step.words.clone(),
            matrices: step.matrices.iter().map(view).collect(),
        };
        WalkView {
            rows: self.rows,
            steps: self.steps.iter().map(step).collect(),
        }
    }

    /// Every number of every equation, one a line.
    pub fn csv(&self) -> String {
        let mut csv = "step,equation,layer,matrix,row,column,value\n".to_owned();
        for (nth, step) in self.steps.iter().enumerate() {
            for matrix in &step.matrices {
                for ((row, column), value) in matrix.values.indexed_iter() {
                    csv += &format!(
                        "{},{},{},{},{},{},{value}\n",
                        nth + 1,
                        step.number,
                        step.layer + 1,
                        matrix.name,
                        row + 1,
                        column + 1
                    );
                }
            }
        }
        csv
    }
}
