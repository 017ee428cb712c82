//! `chainrule explain`: one row's way through every equation, forward and backward, with its numbers, and what each of
//! its columns adds to the mean prediction.
//!
//! The numbers are those of the code that trains (in double precision), not of a second implementation, and the finite
//! differences beside the gradients are the gradient check's. Equation numbers are those of docs/backpropagation.md.

mod page;
mod reasons;

use std::io::Write;

use chainrule::gradient_check::DifferenceQuotients;
use chainrule::neural_networks::{Gradients, Parameter, Pass, SimpleNeuralNetwork, Workspace};
use chainrule::training::{BatchGradient, Dataset};
use chainrule_tabular::Regressor;
use chainrule_tabular::shown::{label, printable};
use chainrule_tabular::table::TypedTable;
use ndarray::{Array2, ArrayView2, array};

use self::page::Page;
use super::load_model;
use crate::args::ExplainArgs;
use crate::failure::Failure;
use crate::numbers::significant;
use crate::reading::{ByModel, GoOn};

/// Inputs of one column that are shown even where they are 0.
const FEW_INPUTS: usize = 3;

/// Prints the row's way.
pub fn run(args: &ExplainArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let model = load_model(&args.model)?;
    let one = the_row(args, &model)?;
    let (x, y) = model.encoded(&one, &[0]).map_err(Failure::from_error)?;
    let network: SimpleNeuralNetwork<f64> = model.network().cast();
    let l2_penalty = model.settings().training.l2_penalty;
    let way = Way::through(&network, x.view(), y.view(), l2_penalty);

    let mut page = Page::new(out, args.full);
    page.line(&format!(
        "Row {} of {}, through {}",
        args.row,
        one.source(),
        printable(&args.model.display().to_string())
    ))?;
    if model.members() > 1 {
        page.line(&format!(
            "The model is the mean of {} networks; this is the first",
            model.members()
        ))?;
    }
    data(&mut page, &model, &one, &way)?;
    forward(&mut page, &way)?;
    loss(&mut page, &way)?;
    backward(&mut page, &way)?;
    reasons::print(&mut page, &model, &one)?;
    result(&mut page, &model, &one)
}

/// The row that was asked for, as a table of its own.
fn the_row(args: &ExplainArgs, model: &Regressor) -> Result<TypedTable, Failure> {
    let mut table = ByModel::open(&args.table, model, true, &args.form)?;
    let wanted = args.row - 1;
    let (mut rows, mut found) = (0, None);
    table.first(|block| {
        let before = rows;
        rows += block.table.rows();
        if wanted < rows {
            found = Some(block.table.select(&[(wanted - before) as u32]));
        }
        Ok(if found.is_none() { GoOn::Yes } else { GoOn::No })
    })?;
    found.ok_or_else(|| {
        let message = format!(
            "{} has {rows} rows: there is no row {}",
            table.source(),
            args.row
        );
        Failure::Message(message)
    })
}

/// One row with everything that the passes over it left.
struct Way<'a> {
    network: &'a SimpleNeuralNetwork<f64>,
    x: ArrayView2<'a, f64>,
    y: ArrayView2<'a, f64>,
    l2_penalty: f64,
    /// `Z`, `A`, `∂C/∂Z` of every layer.
    workspace: Workspace<f64>,
    /// The loss, penalty included, and its gradients, as a training step computes them.
    loss: f64,
    gradients: Gradients<f64>,
}

impl<'a> Way<'a> {
    fn through(
        network: &'a SimpleNeuralNetwork<f64>,
        x: ArrayView2<'a, f64>,
        y: ArrayView2<'a, f64>,
        l2_penalty: f64,
    ) -> Self {
        let (pass, mut workspace) = (Pass::new(network), Workspace::new(network, 1));
        let mut without_penalty = Gradients::zeros_like(network);
        pass.forward(x, &mut workspace);
        let y_hat = workspace.out.y_hat(1)[[0, 0]];
        workspace
            .out
            .dc_dy_hat_mut(1)
            .fill(network.loss().derivative(y_hat, y[[0, 0]]));
        pass.backward(x, &mut workspace, &mut without_penalty);

        let mut batch = BatchGradient::new(network, 1, l2_penalty);
        let loss = batch.loss_and_gradients(network, &Dataset::new(x, y, None), &[0]);
        Way {
            network,
            x,
            y,
            l2_penalty,
            workspace,
            loss,
            gradients: batch.gradients().clone(),
        }
    }

    /// What layer `l` takes: the row itself, or the activations below.
    fn input(&self, l: usize) -> ArrayView2<'_, f64> {
        self.workspace.input(l, self.x)
    }
}

/// The row as the table has it, and what the encoders make of each cell.
fn data(page: &mut Page, model: &Regressor, one: &TypedTable, way: &Way) -> Result<(), Failure> {
    page.heading("data, as the model encodes them")?;
    let mut lines = vec![["column", "value", "input", "encoded"].map(str::to_owned)];
    for cell in model
        .encoding()
        .explain(one, 0)
        .map_err(Failure::from_error)?
    {
        let value = cell
            .value
            .as_deref()
            .map_or_else(|| "(missing)".to_owned(), label);
        for (nth, (input, encoded)) in cell.inputs.iter().enumerate() {
            let (column, value) = if nth == 0 {
                (label(&cell.column), value.clone())
            } else {
                Default::default()
            };
            // A category's levels, of which one is 1, say enough by those that are not 0.
            let is_telling =
                *encoded != 0.0 || cell.inputs.len() <= FEW_INPUTS || page.is_full() || nth == 0;
            if is_telling {
                lines.push([
                    column,
                    value,
                    label(input),
                    significant(f64::from(*encoded), 6),
                ]);
            }
        }
    }
    let actual = model.actual(one).map_err(Failure::from_error)?[0];
    let target = label(model.target());
    lines.push([
        target.clone(),
        actual.to_string(),
        target,
        significant(way.y[[0, 0]], 6),
    ]);
    let width = |j: usize| {
        lines
            .iter()
            .map(|line| line[j].chars().count())
            .max()
            .unwrap_or(0)
    };
    let (w0, w1, w2) = (width(0), width(1), width(2));
    for [column, value, input, encoded] in &lines {
        page.line(&format!(
            "      {column:<w0$}  {value:>w1$}  {input:<w2$}  {encoded:>10}"
        ))?;
    }
    Ok(())
}

fn forward(page: &mut Page, way: &Way) -> Result<(), Failure> {
    for (l, (layer, state)) in way
        .network
        .hidden()
        .iter()
        .zip(&way.workspace.hidden)
        .enumerate()
    {
        page.heading(&format!("forward, layer {l}: dense, {}", layer.activation))?;
        page.equation("F1", "Z = X Wᵀ + 1 bᵀ")?;
        page.matrix("X", way.input(l))?;
        page.matrix("W", layer.affine.w.view())?;
        page.vector("b", layer.affine.b.view())?;
        page.matrix("Z", state.z(1))?;
        let (number, formula) = (layer.activation.number(), layer.activation.formula());
        page.equation("F2", &format!("A = a(Z), a(z) = {formula}  ({number})"))?;
        page.matrix("A", state.a(1))?;
    }
    let out = &way.network.out().affine;
    page.heading(&format!(
        "forward, layer {}: output",
        way.network.hidden().len()
    ))?;
    page.equation("F3", "Ŷ = X Wᵀ + 1 bᵀ")?;
    page.matrix("X", way.input(way.network.hidden().len()))?;
    page.matrix("W", out.w.view())?;
    page.vector("b", out.b.view())?;
    page.matrix("Ŷ", way.workspace.out.y_hat(1))
}

fn loss(page: &mut Page, way: &Way) -> Result<(), Failure> {
    let loss = way.network.loss();
    let (y_hat, y) = (way.workspace.out.y_hat(1)[[0, 0]], way.y[[0, 0]]);
    let (value, derivative) = loss.formulas();
    page.heading(&format!("loss: {loss}"))?;
    page.equation(loss.number(), &format!("ℓ(ŷ, y) = {value}"))?;
    page.matrix("ŷ", array![[y_hat]].view())?;
    page.matrix("y", array![[y]].view())?;
    page.matrix("ℓ", array![[loss.value(y_hat, y)]].view())?;
    if way.l2_penalty > 0.0 {
        page.equation("L7", &format!("C = ℓ + (λ/2) Σ W², λ = {}", way.l2_penalty))?;
    } else {
        page.equation("L0", "C = ℓ, for one row and one output")?;
    }
    page.matrix("C", array![[way.loss]].view())?;
    page.equation("L0", &format!("∂C/∂Ŷ = {derivative}"))?;
    page.matrix("∂C/∂Ŷ", way.workspace.out.dc_dy_hat(1))
}

fn backward(page: &mut Page, way: &Way) -> Result<(), Failure> {
    let data = Dataset::new(way.x, way.y, None);
    let mut quotients = DifferenceQuotients::new(way.network, &data, way.l2_penalty);
    let names: Vec<Parameter> = way.network.architecture().parameters().collect();
    let named = |l, name| {
        let found = names.iter().find(|p| p.layer == l && p.name == name);
        found.expect("every layer has W and b")
    };
    let pass = Pass::new(way.network);
    let out = way.network.hidden().len();
    let mut g = way.workspace.out.dc_dy_hat(1).to_owned();
    for l in (0..=out).rev() {
        if l == out {
            page.heading(&format!("backward, layer {l}: output, G = ∂C/∂Ŷ"))?;
        } else {
            page.heading(&format!(
                "backward, layer {l}: dense, {}",
                way.network.hidden()[l].activation
            ))?;
            let activation = way.network.hidden()[l].activation;
            let state = &way.workspace.hidden[l];
            page.equation("B1", "G = ∂C/∂Z = ∂C/∂A ⊙ a'(Z)")?;
            page.matrix("∂C/∂A", g.view())?;
            page.matrix(
                "a'(Z)",
                state.z(1).mapv(|z| activation.derivative(z)).view(),
            )?;
            page.matrix("G", state.dc_dz(1))?;
            g = state.dc_dz(1).to_owned();
        }
        let gradients = &way.gradients.layers[l];
        page.equation(
            "B2",
            if way.l2_penalty > 0.0 {
                "∂C/∂W = Gᵀ X + λ W  (L7)"
            } else {
                "∂C/∂W = Gᵀ X"
            },
        )?;
        let (w, inputs) = (named(l, "W"), gradients.dc_dw.ncols());
        page.matrix_beside_quotients("∂C/∂W", gradients.dc_dw.view(), |row, column| {
            quotients.of(w, row * inputs + column)
        })?;
        page.equation("B3", "∂C/∂b = Gᵀ 1")?;
        let b = named(l, "b");
        page.vector_beside_quotients("∂C/∂b", gradients.dc_db.view(), |index| {
            quotients.of(b, index)
        })?;
        if l > 0 {
            let mut dc_dx = Array2::zeros((1, inputs));
            pass.input_gradient(l, g.view(), dc_dx.view_mut());
            page.equation("B4", "∂C/∂X = G W, the ∂C/∂A of the layer below")?;
            page.matrix("∂C/∂X", dc_dx.view())?;
            g = dc_dx;
        }
    }
    Ok(())
}

fn result(page: &mut Page, model: &Regressor, one: &TypedTable) -> Result<(), Failure> {
    let prediction = model.predict(one).map_err(Failure::from_error)?.values[0].unwrap_or(f64::NAN);
    let actual = model.actual(one).map_err(Failure::from_error)?[0];
    page.heading("result")?;
    page.line(&format!(
        "      prediction of {}: {}, actual {actual}",
        label(model.target()),
        significant(prediction, 6)
    ))?;
    page.summary()
}
