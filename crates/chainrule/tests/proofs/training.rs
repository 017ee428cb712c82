//! Training as a user sees it: it learns, it repeats, it resumes, it says when it cannot.

use chainrule::Real;
use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::{Init, SimpleNeuralNetwork};
use chainrule::optimizers::{Optimizer, Schedule};
use chainrule::training::{
    BatchGradient, Control, Dataset, EarlyStopping, Event, Outcome, Trainer, TrainingError,
    TrainingSettings, TrainingState,
};

use crate::rows::{Rows, rows_for};

const OPTIMIZERS: [Optimizer; 5] = [
    Optimizer::GradientDescent,
    Optimizer::Momentum { momentum: 0.9 },
    Optimizer::Nesterov { momentum: 0.9 },
    Optimizer::ADAM,
    Optimizer::ADAM_W,
];

fn network<R: Real>(seed: u64) -> SimpleNeuralNetwork<R> {
    network_of(&[4, 8, 5, 2], Activation::Tanh, seed)
}

fn network_of<R: Real>(
    widths: &[usize],
    activation: Activation,
    seed: u64,
) -> SimpleNeuralNetwork<R> {
    SimpleNeuralNetwork::from_widths(widths, activation, Loss::MeanSquareError, Init::He, seed)
}

fn settings() -> TrainingSettings {
    TrainingSettings {
        epochs: 12,
        batch_size: Some(16),
        learning_rate: 0.01,
        seed: 3,
        ..TrainingSettings::default()
    }
}

fn data(rows: &Rows) -> Dataset<'_, f64> {
    Dataset::new(rows.x.view(), rows.y.view(), Some(rows.weights.view()))
}

fn bits<R: Real>(state: &TrainingState<R>) -> Vec<u64> {
    let tensors = [
        &state.parameters,
        &state.best_parameters,
        &state.first_moment,
        &state.second_moment,
    ];
    tensors
        .into_iter()
        .flatten()
        .map(|&v| v.to_f64().to_bits())
        .collect()
}

#[test]
fn every_optimizer_learns() {
    let rows = rows_for(Loss::MeanSquareError, 200, 4, 2);
    for optimizer in OPTIMIZERS {
        let mut trainer = Trainer::new(
            network(1),
            TrainingSettings {
                optimizer,
                epochs: 60,
                ..settings()
            },
        );
        assert_eq!(
            trainer.fit(&data(&rows), None, &mut |_| Control::Continue),
            Ok(Outcome::Finished)
        );
        let history = trainer.history();
        assert_eq!(history.len(), 60);
        let (first, last) = (history[0].training_loss, history[59].training_loss);
        assert!(last < 0.25 * first, "{optimizer:?}: from {first} to {last}");
    }
}

#[test]
fn the_batch_of_all_rows_descends_at_every_step() {
    let rows = rows_for(Loss::MeanSquareError, 50, 4, 2);
    let settings = TrainingSettings {
        batch_size: None,
        optimizer: Optimizer::GradientDescent,
        ..settings()
    };
    let mut trainer = Trainer::new(network(1), settings);
    let mut losses = Vec::new();
    trainer
        .fit(&data(&rows), None, &mut |event| {
            if let Event::Step { loss, .. } = event {
                losses.push(loss);
            }
            Control::Continue
        })
        .unwrap();
    assert_eq!(losses.len(), 12, "one step an epoch");
    assert!(
        losses.windows(2).all(|pair| pair[1] < pair[0]),
        "{losses:?}"
    );
}

/// Stops after each step in turn, in every optimizer, with everything on that has a state.
#[test]
fn resuming_after_any_step_gives_the_bits_of_an_uninterrupted_run() {
    let (rows, held_out) = (
        rows_for(Loss::MeanSquareError, 40, 4, 2),
        rows_for(Loss::MeanSquareError, 20, 4, 2),
    );
    for optimizer in OPTIMIZERS {
        let settings = TrainingSettings {
            optimizer,
            epochs: 5,
            schedule: Schedule::Cosine,
            warm_up_steps: 4,
            // Beside AdamW's own decay it is refused.
            l2_penalty: if optimizer == Optimizer::ADAM_W {
                0.0
            } else {
                0.01
            },
            clip_norm: Some(1.0),
            early_stopping: Some(EarlyStopping {
                patience: 2,
                min_improvement: 1e-4,
            }),
            ..settings()
        };
        let mut whole = Trainer::new(network(2), settings.clone());
        let outcome = whole.fit(&data(&rows), Some(&data(&held_out)), &mut |_| {
            Control::Continue
        });

        let mut trainer = Trainer::new(network(2), settings.clone());
        let mut interruptions = 0;
        while trainer.fit(
            &data(&rows),
            Some(&data(&held_out)),
            &mut |event| match event {
                Event::Step { .. } => Control::Stop,
                Event::Epoch(_) => Control::Continue,
            },
        ) == Ok(Outcome::Interrupted)
        {
            interruptions += 1;
            // Another network, so that nothing but the state carries over.
            trainer = Trainer::resume(network(9), settings.clone(), trainer.state());
        }
        assert!(interruptions >= 3, "{optimizer:?}: {interruptions}");
        assert!(outcome.is_ok());
        assert_eq!(
            bits(&trainer.state()),
            bits(&whole.state()),
            "{optimizer:?}"
        );
        assert_eq!(trainer.history(), whole.history(), "{optimizer:?}");
    }
}

#[test]
fn a_stop_at_an_epoch_resumes_too() {
    let rows = rows_for(Loss::MeanSquareError, 40, 4, 2);
    let mut whole = Trainer::new(network(2), settings());
    whole
        .fit(&data(&rows), None, &mut |_| Control::Continue)
        .unwrap();
    let mut trainer = Trainer::new(network(2), settings());
    let mut stop_after_five = |event: Event| match event {
        Event::Epoch(record) if record.epoch == 5 => Control::Stop,
        _ => Control::Continue,
    };
    assert_eq!(
        trainer.fit(&data(&rows), None, &mut stop_after_five),
        Ok(Outcome::Interrupted)
    );
    let mut resumed = Trainer::resume(network(9), settings(), trainer.state());
    assert_eq!(
        resumed.fit(&data(&rows), None, &mut |_| Control::Continue),
        Ok(Outcome::Finished)
    );
    assert_eq!(bits(&resumed.state()), bits(&whole.state()));
}

/// Batches of 700 rows, and one of 105: on one thread a batch of 700 is two waves of a block, on more it is one
/// wave. The last group of rows is not full.
fn assert_threads_agree<R: Real>(widths: &[usize], activation: Activation) {
    let outputs = *widths.last().unwrap();
    let rows = rows_for(Loss::MeanSquareError, 1_505, widths[0], outputs);
    let (x, y) = (rows.x.mapv(R::from_f64), rows.y.mapv(R::from_f64));
    let data = Dataset::new(x.view(), y.view(), None);
    let run = |threads| {
        let settings = TrainingSettings {
            threads,
            batch_size: Some(700),
            epochs: 2,
            l2_penalty: 0.01,
            ..settings()
        };
        let mut trainer = Trainer::new(network_of::<R>(widths, activation, 5), settings);
        trainer
            .fit(&data, Some(&data), &mut |_| Control::Continue)
            .unwrap();
        bits(&trainer.state())
    };
    let one = run(1);
    for threads in [2, 3, 5] {
        assert_eq!(
            one,
            run(threads),
            "{widths:?}, {threads} threads, {}",
            R::NAME
        );
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    // Every way of a product: few inputs, few outputs, one of each, and weights that outgrow the second cache.
    for widths in [
        &[4, 5, 3, 2][..],
        &[1, 1, 1],
        &[1, 40, 1],
        &[3, 33, 70, 1],
        &[2, 310, 330, 1],
    ] {
        assert_threads_agree::<f64>(widths, Activation::Tanh);
        assert_threads_agree::<f32>(widths, Activation::ReLU);
    }
}

/// A batch is scaled by what so many rows weigh on average, not by what its own rows weigh. (L0)
#[test]
fn a_row_of_twice_the_weight_pulls_twice_as_much_in_any_batch() {
    let network: SimpleNeuralNetwork<f64> = network(1);
    let rows = rows_for(Loss::MeanSquareError, 6, 4, 2);
    let weights = ndarray::array![2.0, 1.0, 0.0, 1.0, 0.5, 1.5]; // of mean 1
    let of = |weights: Option<ndarray::ArrayView1<f64>>, batch: &[u32]| {
        let data = Dataset::new(rows.x.view(), rows.y.view(), weights);
        let mut gradient = BatchGradient::new(&network, 6, 0.0);
        let loss = gradient.loss_and_gradients(&network, &data, batch);
        let gradients: Vec<f64> = gradient.gradients().slices().flatten().copied().collect();
        (loss, gradients)
    };
    let (whole_loss, whole) = of(Some(weights.view()), &[0, 1, 2, 3, 4, 5]);
    let (mut losses, mut sum) = (0.0, vec![0.0; whole.len()]);
    for (row, &weight) in (0..).zip(&weights) {
        // Alone in its batch, too.
        let ((plain_loss, plain), (loss, gradients)) =
            (of(None, &[row]), of(Some(weights.view()), &[row]));
        assert!((loss - weight * plain_loss).abs() < 1e-12);
        for (g, plain) in gradients.iter().zip(&plain) {
            assert!((g - weight * plain).abs() < 1e-12, "row {row}");
        }
        losses += loss / 6.0;
        sum.iter_mut()
            .zip(&gradients)
            .for_each(|(sum, g)| *sum += g / 6.0);
    }
    // The steps of an epoch follow, on average, the gradient of all rows; and an epoch's mean loss is theirs.
    assert!((losses - whole_loss).abs() < 1e-12);
    assert!(
        sum.iter()
            .zip(&whole)
            .all(|(sum, g)| (sum - g).abs() < 1e-12)
    );
}

#[test]
fn validation_rows_decide_which_weights_are_kept() {
    let (rows, held_out) = (
        rows_for(Loss::MeanSquareError, 30, 4, 2),
        rows_for(Loss::MeanSquareError, 20, 4, 2),
    );
    let settings = TrainingSettings {
        epochs: 300,
        learning_rate: 0.03,
        ..settings()
    };
    let mut trainer = Trainer::new(network(1), settings);
    trainer
        .fit(&data(&rows), Some(&data(&held_out)), &mut |_| {
            Control::Continue
        })
        .unwrap();
    let losses: Vec<f64> = trainer
        .history()
        .iter()
        .map(|record| record.validation_loss.unwrap())
        .collect();
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(
        *losses.last().unwrap() > best,
        "the rows must be few enough to overfit"
    );
    let kept = Loss::MeanSquareError.mean(
        trainer.network().predict(held_out.x.view()).view(),
        held_out.y.view(),
        Some(held_out.weights.view()),
    );
    assert!((kept - best).abs() <= 1e-14 * best, "{kept} is not {best}");
}

#[test]
fn early_stopping_stops_after_its_patience() {
    let (rows, held_out) = (
        rows_for(Loss::MeanSquareError, 30, 4, 2),
        rows_for(Loss::MeanSquareError, 20, 4, 2),
    );
    let early_stopping = Some(EarlyStopping {
        patience: 7,
        min_improvement: 0.0,
    });
    let settings = TrainingSettings {
        epochs: 1_000,
        learning_rate: 0.03,
        early_stopping,
        ..settings()
    };
    let mut trainer = Trainer::new(network(1), settings);
    let outcome = trainer.fit(&data(&rows), Some(&data(&held_out)), &mut |_| {
        Control::Continue
    });
    assert_eq!(outcome, Ok(Outcome::StoppedEarly));
    let losses: Vec<f64> = trainer
        .history()
        .iter()
        .map(|record| record.validation_loss.unwrap())
        .collect();
    let best = losses
        .iter()
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(b.1))
        .unwrap()
        .0;
    assert_eq!(
        losses.len(),
        best + 1 + 7,
        "the seventh epoch without improvement is the last"
    );
}

#[test]
fn a_diverging_run_says_where_and_keeps_the_last_good_weights() {
    let rows = rows_for(Loss::MeanSquareError, 64, 4, 2);
    let optimizer = Optimizer::GradientDescent;
    let network = SimpleNeuralNetwork::from_widths(
        &[4, 8, 2],
        Activation::ReLU,
        Loss::MeanSquareError,
        Init::He,
        1,
    );
    let before: Vec<f64> = network.parameters().flatten().copied().collect();
    let settings = TrainingSettings {
        optimizer,
        learning_rate: 50.0,
        epochs: 50,
        ..settings()
    };
    let mut trainer = Trainer::new(network, settings);
    let error = trainer
        .fit(&data(&rows), None, &mut |_| Control::Continue)
        .unwrap_err();
    let TrainingError::Diverged {
        step, epoch, loss, ..
    } = error
    else {
        panic!("{error}")
    };
    assert!(step > 1 && epoch >= 1 && !loss.is_finite());
    let message = error.to_string();
    for part in [
        &format!("at step {step} (epoch {epoch})"),
        "smaller learning rate (it was 50)",
        "last good weights",
    ] {
        assert!(message.contains(part), "{message:?} lacks {part:?}");
    }
    let after: Vec<f64> = trainer.network().parameters().flatten().copied().collect();
    assert!(after.iter().all(|p| p.is_finite()));
    if epoch == 1 {
        assert_eq!(
            after, before,
            "no epoch was finished: the initial weights are the last good ones"
        );
    }
}

#[test]
fn a_last_step_that_overflows_is_found_without_a_next_one() {
    let rows = rows_for(Loss::MeanSquareError, 16, 4, 2);
    let x = rows.x.mapv(|v| v as f32 * 1e15);
    let y = rows.y.mapv(|v| v as f32);
    let network: SimpleNeuralNetwork<f32> = SimpleNeuralNetwork::builder(4).out(2).build(0);
    let optimizer = Optimizer::GradientDescent;
    let settings = TrainingSettings {
        optimizer,
        epochs: 1,
        batch_size: None,
        learning_rate: 1e10,
        ..settings()
    };
    let mut trainer = Trainer::new(network, settings);
    let outcome = trainer.fit(&Dataset::new(x.view(), y.view(), None), None, &mut |_| {
        Control::Continue
    });
    assert!(
        matches!(outcome, Err(TrainingError::Diverged { .. })),
        "{outcome:?}"
    );
    assert!(
        trainer
            .network()
            .parameters()
            .flatten()
            .all(|p| p.is_finite())
    );
}

#[test]
fn data_that_do_not_fit_are_refused_with_the_numbers() {
    let rows = rows_for(Loss::MeanSquareError, 10, 3, 2);
    let mut trainer = Trainer::new(network(0), settings());
    let error = trainer
        .fit(&data(&rows), None, &mut |_| Control::Continue)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the training data have 3 inputs and 2 outputs, the network has 4 and 2"
    );
    let none = rows_for(Loss::MeanSquareError, 0, 4, 2);
    let error = trainer
        .fit(&data(&none), None, &mut |_| Control::Continue)
        .unwrap_err();
    assert_eq!(error, TrainingError::NoRows);
}

#[test]
fn the_next_batch_is_what_the_next_step_takes() {
    let rows = rows_for(Loss::MeanSquareError, 50, 4, 2);
    let data = data(&rows);
    let seen: Vec<u32> = (0..45).collect();
    let train = data.select(&seen);
    let mut trainer = Trainer::new(network::<f64>(1), settings());
    // Batches of 16, 16 and 13 rows, over more than one epoch's end.
    for nth in 0..8 {
        let batch = trainer.next_batch(&train);
        assert_eq!(batch.len(), [16, 16, 13][nth % 3]);
        let mut gradient = BatchGradient::new(trainer.network(), batch.len(), 0.0);
        let expected = gradient.loss(trainer.network(), &train, &batch);
        let mut found = None;
        let stop_at_once = &mut |event: Event| match event {
            Event::Step { loss, .. } => {
                found = Some(loss);
                Control::Stop
            }
            Event::Epoch(_) => Control::Continue,
        };
        trainer.fit(&train, None, stop_at_once).unwrap();
        assert_eq!(found, Some(expected));
    }
}
