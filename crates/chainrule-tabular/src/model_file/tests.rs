//! What stands behind the checksum: files that are whole, and still not believed.

use chainrule::training::Control;

use super::*;
use crate::{Fitting, Table};

fn regressor() -> Regressor {
    let rows: String = (0..12)
        .map(|r| format!("{r},{},{}\n", r * r % 5, 3 * r))
        .collect();
    let table = Table::from_reader(format!("a,b,y\n{rows}").as_bytes(), "t.csv").unwrap();
    let mut settings = RegressorSettings {
        hidden: vec![4],
        ..RegressorSettings::default()
    };
    settings.training.epochs = 3;
    let mut fitting = Fitting::new(&table, "y", settings).unwrap();
    fitting.run(&mut |_| Control::Continue).unwrap();
    fitting.into_regressor()
}

/// What decoding says of a whole file with this card and these tensors.
fn decoded(card: &Card, tensors: &[Tensor]) -> Result<Regressor, String> {
    let bytes = container::encode(Kind::Model, card, tensors).unwrap();
    decode_model(&bytes).map_err(|problem| problem.to_string())
}

#[track_caller]
fn card_refused(change: impl FnOnce(&mut Card), reason: &str) {
    let Regressor { mut card, network } = regressor();
    change(&mut card);
    let message = decoded(&card, &layer_tensors(&network)).unwrap_err();
    assert_eq!(
        message,
        format!("is damaged ({reason}): restore it from a copy, or train again")
    );
}

#[test]
fn a_prediction_that_is_computed_differently_here_is_refused() {
    let Regressor { mut card, network } = regressor();
    let tensors = layer_tensors(&network);
    let scale = card.preprocessing.output().scale()[0];
    let stored = card.replay.predictions[1];

    card.replay.predictions[1] = stored + 1e-5 * scale; // another machine's rounding
    decoded(&card, &tensors).unwrap();

    card.replay.predictions[1] = stored + 0.01 * scale;
    let message = decoded(&card, &tensors).unwrap_err();
    let expected = format!("predicts {stored} for row 2 of the rows that it keeps, but predicted ");
    assert!(message.starts_with(&expected), "{message}");
}

#[test]
fn settings_and_tensors_have_to_fit_each_other() {
    card_refused(
        |card| card.settings.hidden = vec![1 << 60],
        "tensor layers.0.w has the shape [4, 2] instead of [1152921504606846976, 2]",
    );
    card_refused(
        |card| card.settings.hidden = vec![4, 4],
        "tensor layers.1.w is missing",
    );
    card_refused(
        |card| card.settings.hidden = vec![],
        "tensor out.w has the shape [1, 4] instead of [1, 2]",
    );
    card_refused(
        |card| card.settings.training.learning_rate = -1.0,
        "the learning rate is -1: it must be a positive, finite number",
    );

    let Regressor { card, network } = regressor();
    let mut tensors = layer_tensors(&network);
    tensors.push(Tensor::new("more", vec![1], &[1.0]));
    let message = decoded(&card, &tensors).unwrap_err();
    assert!(message.contains("tensor more does not belong"), "{message}");
}

#[test]
fn rows_and_scaling_have_to_fit_the_columns() {
    let misfit = "the rows that it keeps do not fit its columns";
    card_refused(|card| drop(card.replay.rows.pop()), misfit);
    card_refused(|card| card.replay.rows[2].push(1.0), misfit);

    let Regressor { card, network } = regressor();
    let json = serde_json::to_string(&card).unwrap();
    let with = |from: &str, to: &str| -> Card {
        assert!(json.contains(from), "{from} is not in {json}");
        serde_json::from_str(&json.replacen(from, to, 1)).unwrap()
    };
    for card in [
        with(r#""columns":["a","b"]"#, r#""columns":["a"]"#),
        with(r#""scale":["#, r#""scale":[0.0,"#),
        with(r#""scale":["#, r#""scale":[-"#),
    ] {
        let message = decoded(&card, &layer_tensors(&network)).unwrap_err();
        assert!(
            message.contains("its scaling does not fit its columns"),
            "{message}"
        );
    }
}

#[test]
fn what_is_not_finite_is_not_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let refused = |regressor: &Regressor, reason: &str| {
        assert_eq!(
            save(regressor, &path).unwrap_err().to_string(),
            format!(
                "{} was not written, because it could not be loaded again ({reason}): train with a smaller learning rate",
                path.display()
            )
        );
        assert!(!path.exists());
    };
    let mut regressor = regressor();
    regressor.card.replay.predictions[0] = f64::NAN;
    refused(&regressor, "a prediction is not a finite number");
    for affine in regressor.network.affine_maps_mut() {
        affine.b[0] = f32::INFINITY;
    }
    refused(&regressor, "a weight is not a finite number");
}

#[test]
fn weights_that_are_not_finite_are_not_loaded() {
    let Regressor { card, mut network } = regressor();
    network.affine_maps_mut().next().unwrap().w[[1, 0]] = f32::NAN;
    let message = decoded(&card, &layer_tensors(&network)).unwrap_err();
    assert!(
        message.contains("a weight is not a finite number"),
        "{message}"
    );
}
