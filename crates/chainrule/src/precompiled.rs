//! The long-running work of both scalar types, compiled once, with this crate.
//!
//! A generic function is compiled where it is used: each program would compile the kernels and all that calls them
//! once more, for a minute, and only as well as its own profile says. The functions of a trait's implementation for one
//! type are compiled here.

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::inputs::{EncodedRows, Inputs};
use crate::neural_networks::{
    EncodedPredictor, Gradients, Pass, Predictor, SimpleNeuralNetwork, Workspace, predict_blocks,
};
use crate::training::{
    BatchGradient, Control, Dataset, Event, Outcome, Trainer, TrainingError, Wanted,
};

/// What the generic methods of these names, which check what they are given, hand on. Programs call those.
pub trait Precompiled: Clone {
    /// The steps of [`Trainer::fit`].
    fn fit(
        trainer: &mut Trainer<Self>,
        train: &Dataset<Self>,
        validation: Option<&Dataset<Self>>,
        on_event: &mut (dyn FnMut(Event) -> Control + Send),
    ) -> Result<Outcome, TrainingError>;

    /// [`BatchGradient::loss_and_gradients`].
    fn loss_and_gradients(
        gradient: &mut BatchGradient<Self>,
        network: &SimpleNeuralNetwork<Self>,
        data: &Dataset<Self>,
        rows: &[u32],
    ) -> Self;

    /// [`BatchGradient::loss_without_penalty`].
    fn loss_without_penalty(
        gradient: &mut BatchGradient<Self>,
        network: &SimpleNeuralNetwork<Self>,
        data: &Dataset<Self>,
        rows: &[u32],
    ) -> Self;

    /// Lays out what a forward pass reads.
    fn prepare_forward(pass: &mut Pass<Self>);

    /// Lays out what a backward pass reads.
    fn prepare_backward(pass: &mut Pass<Self>);

    /// [`Pass::forward`].
    fn forward(pass: &Pass<Self>, x: Inputs<Self>, workspace: &mut Workspace<Self>);

    /// [`Pass::backward`].
    fn backward(
        pass: &Pass<Self>,
        x: Inputs<Self>,
        workspace: &mut Workspace<Self>,
        gradients: &mut Gradients<Self>,
    );

    /// [`Pass::input_gradient`].
    fn input_gradient(pass: &Pass<Self>, l: usize, g: ArrayView2<Self>, dc_dx: ArrayViewMut2<Self>);

    /// [`SimpleNeuralNetwork::predict_raw`], by a pass that was prepared for it.
    fn predict_raw(
        network: &SimpleNeuralNetwork<Self>,
        pass: &Pass<Self>,
        x: Inputs<Self>,
        y_hat: ArrayViewMut2<Self>,
    );

    /// [`Predictor::predict_row`].
    fn predict_row<'p>(predictor: &'p mut Predictor<Self>, x: &[Self]) -> &'p [Self];

    /// [`EncodedPredictor::predict_row`].
    fn predict_encoded_row<'p>(
        predictor: &'p mut EncodedPredictor<Self>,
        x: &EncodedRows<Self>,
        r: usize,
    ) -> &'p [Self];
}

macro_rules! precompiled {
    ($scalar:ty) => {
        impl Precompiled for $scalar {
            fn fit(
                trainer: &mut Trainer<Self>,
                train: &Dataset<Self>,
                validation: Option<&Dataset<Self>>,
                on_event: &mut (dyn FnMut(Event) -> Control + Send),
            ) -> Result<Outcome, TrainingError> {
                trainer.run(train, validation, on_event)
            }

            fn loss_and_gradients(
                gradient: &mut BatchGradient<Self>,
                network: &SimpleNeuralNetwork<Self>,
                data: &Dataset<Self>,
                rows: &[u32],
            ) -> Self {
                gradient.run_with_gradients(network, data, rows)
            }

            fn loss_without_penalty(
                gradient: &mut BatchGradient<Self>,
                network: &SimpleNeuralNetwork<Self>,
                data: &Dataset<Self>,
                rows: &[u32],
            ) -> Self {
                gradient.run(network, data, rows, Wanted::Loss)
            }

            fn prepare_forward(pass: &mut Pass<Self>) {
                pass.prepare_forward();
            }

            fn prepare_backward(pass: &mut Pass<Self>) {
                pass.prepare_backward();
            }

            fn forward(pass: &Pass<Self>, x: Inputs<Self>, workspace: &mut Workspace<Self>) {
                pass.forward_rows(x, 0..x.rows(), workspace);
            }

            fn backward(
                pass: &Pass<Self>,
                x: Inputs<Self>,
                workspace: &mut Workspace<Self>,
                gradients: &mut Gradients<Self>,
            ) {
                pass.backward_inputs(x, workspace, gradients);
            }

            #[track_caller]
            fn input_gradient(
                pass: &Pass<Self>,
                l: usize,
                g: ArrayView2<Self>,
                dc_dx: ArrayViewMut2<Self>,
            ) {
                pass.carry_back(l, g, dc_dx);
            }

            fn predict_raw(
                network: &SimpleNeuralNetwork<Self>,
                pass: &Pass<Self>,
                x: Inputs<Self>,
                y_hat: ArrayViewMut2<Self>,
            ) {
                predict_blocks(network, pass, x, 0..x.rows(), y_hat);
            }

            fn predict_row<'p>(predictor: &'p mut Predictor<Self>, x: &[Self]) -> &'p [Self] {
                predictor.run(x)
            }

            fn predict_encoded_row<'p>(
                predictor: &'p mut EncodedPredictor<Self>,
                x: &EncodedRows<Self>,
                r: usize,
            ) -> &'p [Self] {
                predictor.run(x, r)
            }
        }
    };
}

precompiled!(f32);
precompiled!(f64);
