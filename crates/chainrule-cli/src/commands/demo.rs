//! `chainrule demo`: a small network on an embedded table, from data to plots, beside the two models that it should
//! match or beat.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use chainrule::activation_functions::Activation;
use chainrule::gradient_check::GradientReport;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::Init;
use chainrule::optimizers::{Optimizer, Schedule};
use chainrule::training::{Control, TrainingSettings, validation_split};
use chainrule_report::figure::{self, Marks, Plot};
use chainrule_tabular::encoding::{EncodingSettings, TargetTransform};
use chainrule_tabular::metrics::least_squares;
use chainrule_tabular::table::{ReadOptions, TypedTable};
use chainrule_tabular::{Evaluation, Fitting, MemberEvent, Regressor, RegressorSettings};
use ndarray::{Array1, Array2};
use serde_json::json;

use crate::args::DemoArgs;
use crate::failure::{Failure, say, warn};
use crate::files;
use crate::numbers::significant;
use crate::progress::Progress;
use crate::terminal_plot;

/// 442 patients, ten measurements and the progression of their disease a year later: data/README.md.
const DIABETES: &str = include_str!("../../data/diabetes.csv");
/// The column that the demo predicts.
pub const TARGET: &str = "progression";
/// Rows per step, and of the gradient check.
const BATCH: usize = 32;
/// Where the plots go unless told otherwise.
const FIGURE: &str = "chainrule-demo.svg";

/// The embedded table.
pub fn table() -> Result<TypedTable, Failure> {
    let read = TypedTable::from_reader(
        DIABETES.as_bytes(),
        "the embedded table",
        &ReadOptions::default(),
    );
    read.map(|(table, _)| table).map_err(Failure::from_error)
}

/// The demo's network and training: 593 parameters for 354 rows, so that a strong penalty and few epochs must hold them
/// back.
fn settings(seed: u64, epochs: usize) -> RegressorSettings {
    RegressorSettings {
        hidden: vec![16, 16, 8],
        activation: Activation::LeakyReLU { leakiness: 0.01 }.into(),
        loss: Loss::MeanSquareError,
        init: Init::Glorot,
        validation_fraction: 0.0,
        encoding: EncodingSettings::default(),
        target: TargetTransform::None,
        training: TrainingSettings {
            epochs,
            batch_size: Some(BATCH),
            optimizer: Optimizer::ADAM,
            learning_rate: 0.002,
            schedule: Schedule::Cosine,
            l2_penalty: 0.05,
            seed,
            ..TrainingSettings::default()
        },
    }
}

/// Runs one split, or a cross-validation.
pub fn run(args: &DemoArgs, out: &mut dyn Write) -> Result<(), Failure> {
    match args.cross_validate {
        Some(folds) => cross_validate(args, folds, out),
        None => match &args.figure {
            Some(path) => one_split(
                args,
                &mut *files::told_beside(&[&files::expect_writable(path)?], out),
            ),
            None => one_split(args, out),
        },
    }
}

/// A network trained on the rows of `train`, and what `inspect` says of it before.
fn fit<T>(
    train: &TypedTable,
    settings: RegressorSettings,
    inspect: impl FnOnce(&Regressor) -> Result<T, Failure>,
) -> Result<(Regressor, T), Failure> {
    let mut fitting = Fitting::new(train, TARGET, settings).map_err(Failure::from_error)?;
    let mut progress = Progress::new(&fitting);
    let seen = inspect(&fitting.regressor())?;
    let mut listen = |told: MemberEvent| {
        progress.show(told);
        Control::Continue
    };
    fitting.run(&mut listen).map_err(Failure::from_error)?;
    Ok((fitting.into_regressor(), seen))
}

/// RMSE on `test` of the two models that a network has to be compared with, learnt from `train`.
struct Baselines {
    mean: f64,
    least_squares: f64,
}

impl Baselines {
    fn of(train: &TypedTable, test: &TypedTable) -> Result<Self, Failure> {
        let ((x, y), (x_test, y_test)) = (numbers(train)?, numbers(test)?);
        let mean = Array1::from_elem(y_test.len(), y.mean().unwrap_or(0.0));
        let plane = least_squares(x.view(), y.view()).predict(x_test.view());
        let rmse =
            |predicted: Array1<f64>| Evaluation::of(&y_test.to_vec(), &predicted.to_vec()).rmse;
        Ok(Baselines {
            mean: rmse(mean),
            least_squares: rmse(plane),
        })
    }
}

/// Inputs and target of the rows.
fn numbers(table: &TypedTable) -> Result<(Array2<f64>, Array1<f64>), Failure> {
    let numbers = |name: &str| table.numbers_of(name).map_err(Failure::from_error);
    let names = table
        .columns()
        .iter()
        .map(|column| column.name())
        .filter(|name| *name != TARGET);
    let inputs = names.map(numbers).collect::<Result<Vec<_>, Failure>>()?;
    let x = Array2::from_shape_fn((table.rows(), inputs.len()), |(r, j)| inputs[j][r]);
    Ok((x, Array1::from(numbers(TARGET)?.into_owned())))
}

fn rmse(regressor: &Regressor, table: &TypedTable) -> Result<f64, Failure> {
    let evaluated = regressor.evaluate(table).map_err(Failure::from_error)?;
    Ok(evaluated.evaluation.rmse)
}

/// Compares the gradients of a batch's loss with finite differences, in double precision.
fn check_one_batch(regressor: &Regressor, train: &TypedTable) -> Result<GradientReport, Failure> {
    let rows: Vec<u32> = (0..BATCH.min(train.rows()) as u32).collect();
    let (x, y) = regressor
        .encoded(train, &rows)
        .map_err(Failure::from_error)?;
    Ok(regressor.bags()[0].check_gradients(x.view(), y.view(), usize::MAX))
}

/// One random split into training and test rows: everything that the demo shows.
fn one_split(args: &DemoArgs, out: &mut dyn Write) -> Result<(), Failure> {
    if let Some(path) = &args.figure {
        files::expect_writable(path)?;
    }
    let table = table()?;
    let (train, test) = validation_split(table.rows(), 0.2, args.seed);
    let (train, test) = (table.select(&train), table.select(&test));
    let (regressor, (before_train, before_test, report)) =
        fit(&train, settings(args.seed, args.epochs), |untrained| {
            Ok((
                rmse(untrained, &train)?,
                rmse(untrained, &test)?,
                check_one_batch(untrained, &train)?,
            ))
        })?;
    let (after_train, after_test) = (rmse(&regressor, &train)?, rmse(&regressor, &test)?);
    let (on_train, on_test) = (
        Baselines::of(&train, &train)?,
        Baselines::of(&train, &test)?,
    );
    let plots = [
        loss_curve(&regressor),
        predicted_against_actual(&regressor, &test)?,
    ];

    if args.json {
        let object = json!({
            "rows": { "train": train.rows(), "test": test.rows() },
            "seed": args.seed,
            "epochs": args.epochs,
            "rmse": { "before": before_train, "train": after_train, "test": after_test },
            "baseline": { "mean": on_test.mean, "least_squares": on_test.least_squares },
            "gradient_check": { "max_relative_error": report.max_relative_error() },
        });
        writeln!(out, "{object}")?;
    } else {
        writeln!(
            out,
            "Disease progression of {} patients from {} measurements (Efron et al. 2004)\n",
            table.rows(),
            regressor.columns().len()
        )?;
        writeln!(out, "{}\n", regressor.network().describe().trim_end())?;
        let error = significant(report.max_relative_error(), 2);
        writeln!(
            out,
            "Gradient check: {} of {} derivatives compared with finite differences,",
            report.checked(),
            report.checked() + report.skipped()
        )?;
        writeln!(out, "largest relative error {error}\n")?;
        writeln!(
            out,
            "{:<28}{:>20}{:>16}",
            "RMSE",
            format!("training rows ({})", train.rows()),
            format!("test rows ({})", test.rows())
        )?;
        for (model, on_train, on_test) in [
            ("network before training", before_train, before_test),
            ("network after training", after_train, after_test),
            ("predicting the mean", on_train.mean, on_test.mean),
            (
                "ordinary least squares",
                on_train.least_squares,
                on_test.least_squares,
            ),
        ] {
            writeln!(out, "{model:<28}{on_train:>20.2}{on_test:>16.2}")?;
        }
        writeln!(out)?;
        let colour = io::stdout().is_terminal()
            && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let [left, right] =
            [&plots[0], &plots[1]].map(|plot| terminal_plot::draw(plot, 38, 12, colour));
        for line in terminal_plot::beside(&left, &right) {
            writeln!(out, "{line}")?;
        }
        out.flush()?;
    }
    write_figure(args, &plots)
}

/// Writes the plots where they were asked for; without a wish and without --json, to the usual name in the current
/// folder.
fn write_figure(args: &DemoArgs, plots: &[Plot]) -> Result<(), Failure> {
    let figure = figure::figure("chainrule demo: disease progression of 442 patients", plots);
    match &args.figure {
        Some(path) => files::write_whole(path, figure.as_bytes())?,
        None if args.json => return Ok(()),
        // Nobody asked for the file, so a folder that takes none is no failure.
        None => match files::write_whole(Path::new(FIGURE), figure.as_bytes()) {
            Ok(()) => {}
            Err(Failure::Message(message)) => {
                warn(&format!("{message} (--figure chooses another place)"));
                return Ok(());
            }
            Err(other) => return Err(other),
        },
    }
    let path = args.figure.as_deref().unwrap_or(Path::new(FIGURE));
    say(&format!("the same plots as a file: {}", path.display()));
    Ok(())
}

fn loss_curve(regressor: &Regressor) -> Plot {
    Plot {
        title: "training loss",
        x_label: "epoch",
        y_label: "loss with penalty",
        points: regressor
            .history()
            .iter()
            .map(|record| (record.epoch as f64, record.training_loss))
            .collect(),
        marks: Marks::Line,
    }
}

fn predicted_against_actual(regressor: &Regressor, test: &TypedTable) -> Result<Plot, Failure> {
    let predicted = regressor.predict(test).map_err(Failure::from_error)?.values;
    let predicted = predicted.into_iter().map(|y_hat| y_hat.unwrap_or(f64::NAN));
    let (_, actual) = numbers(test)?;
    Ok(Plot {
        title: "test rows",
        x_label: "actual",
        y_label: "predicted",
        points: actual.into_iter().zip(predicted).collect(),
        marks: Marks::DotsAroundDiagonal,
    })
}

/// The mean over folds of the RMSE on the rows left out, of the network and of least squares.
fn cross_validate(args: &DemoArgs, folds: usize, out: &mut dyn Write) -> Result<(), Failure> {
    let table = table()?;
    let (mut network, mut least_squares) = (0.0, 0.0);
    for (fold, test) in partition(table.rows(), folds, args.seed)
        .into_iter()
        .enumerate()
    {
        let train: Vec<u32> = (0..table.rows() as u32)
            .filter(|row| test.binary_search(row).is_err())
            .collect();
        let (train, test) = (table.select(&train), table.select(&test));
        let seed = args.seed.wrapping_add(fold as u64);
        let (regressor, ()) = fit(&train, settings(seed, args.epochs), |_| Ok(()))?;
        network += rmse(&regressor, &test)? / folds as f64;
        least_squares += Baselines::of(&train, &test)?.least_squares / folds as f64;
    }
    let ratio = network / least_squares;
    if args.json {
        let rmse = json!({ "network": network, "least_squares": least_squares });
        writeln!(
            out,
            "{}",
            json!({ "folds": folds, "seed": args.seed, "rmse": rmse, "ratio": ratio })
        )?;
    } else {
        writeln!(
            out,
            "Mean test RMSE over {folds} folds of {} rows",
            table.rows()
        )?;
        writeln!(out, "network                 {network:.2}")?;
        writeln!(out, "ordinary least squares  {least_squares:.2}")?;
        writeln!(out, "ratio                   {ratio:.3}")?;
    }
    Ok(())
}

/// All rows in `folds` random parts of nearly equal size, each in ascending order.
fn partition(rows: usize, folds: usize, seed: u64) -> Vec<Vec<u32>> {
    let mut left: Vec<u32> = (0..rows as u32).collect();
    let mut parts = Vec::with_capacity(folds);
    for remaining in (1..=folds).rev() {
        let (keep, take) = validation_split(left.len(), 1.0 / remaining as f64, seed);
        parts.push(take.iter().map(|&place| left[place as usize]).collect());
        left = keep.iter().map(|&place| left[place as usize]).collect();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::DEMO_ROWS;

    #[test]
    fn folds_hold_every_row_once_and_are_nearly_equal() {
        for folds in [2, 3, 10, 442] {
            let parts = partition(DEMO_ROWS, folds, 3);
            let mut all = parts.concat();
            all.sort_unstable();
            assert_eq!(all, (0..DEMO_ROWS as u32).collect::<Vec<_>>());
            assert!(
                parts
                    .iter()
                    .all(|part| part.len().abs_diff(DEMO_ROWS / folds) <= 1)
            );
        }
    }

    #[test]
    fn the_embedded_table_is_the_one_that_the_help_describes() {
        let table = table().unwrap();
        assert_eq!((table.rows(), table.columns().len()), (DEMO_ROWS, 11));
        assert_eq!(table.columns()[10].name(), TARGET);
    }
}
