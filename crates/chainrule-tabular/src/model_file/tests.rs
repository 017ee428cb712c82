//! What stands behind the checksum: files that are whole, and still not believed.

use chainrule::training::{Control, Event};

use super::*;
use crate::encoding::{Standardize, TargetScale};
use crate::kept_rows::KeptColumn;
use crate::table::{ReadOptions, TypedTable};
use crate::{Fitting, MemberEvent};

pub(super) fn table() -> TypedTable {
    let row = |r: usize| {
        format!(
            "{}.5,{},{},{}\n",
            r * r % 7,
            r * r % 5,
            ["x", "y", "z"][r % 3],
            3 * r
        )
    };
    let csv = format!("a,b,c,y\n{}", (0..24).map(row).collect::<String>());
    let options = ReadOptions {
        targets: vec!["y".to_owned()],
        ..ReadOptions::default()
    };
    TypedTable::from_reader(std::io::Cursor::new(csv), "t.csv", &options)
        .unwrap()
        .0
}

/// A training of three epochs of one step, stopped by the listener.
pub(super) fn fitting(listen: &mut (dyn FnMut(MemberEvent) -> Control + Send)) -> Fitting {
    let mut settings = RegressorSettings {
        hidden: vec![4],
        ..RegressorSettings::default()
    };
    settings.training.epochs = 3;
    let mut fitting = Fitting::new(table(), "y", settings).unwrap();
    fitting.run(listen).unwrap();
    fitting
}

pub(super) fn regressor() -> Regressor {
    fitting(&mut |_| Control::Continue).into_regressor()
}

/// A checkpoint after the first of three epochs.
pub(super) fn checkpoint() -> Checkpoint {
    let after_epoch = &mut |told: MemberEvent| match told.event {
        Event::Epoch(_) => Control::Stop,
        Event::Step { .. } => Control::Continue,
    };
    fitting(after_epoch).checkpoint()
}

/// What a file keeps of the model: its content and its tensors.
fn parts() -> (ModelContent, Vec<Tensor<'static>>) {
    let regressor = regressor();
    (ModelContent::of(&regressor), model_tensors(&regressor))
}

/// What decoding says of a whole file with this content and these tensors.
fn decoded(content: &ModelContent, tensors: &[Tensor]) -> Result<Regressor, String> {
    let bytes = container::encode(Kind::Model, content, tensors).unwrap();
    model_from_bytes(&bytes).map_err(|problem| problem.to_string())
}

#[track_caller]
fn content_refused(change: impl FnOnce(&mut ModelContent), reason: &str) {
    let (mut content, tensors) = parts();
    change(&mut content);
    let message = decoded(&content, &tensors).unwrap_err();
    assert_eq!(
        message,
        format!("is damaged ({reason}): restore it from a copy, or train again")
    );
}

#[test]
fn a_prediction_that_is_computed_differently_here_is_refused() {
    let (mut content, tensors) = parts();
    let scale = content.bags[0].target.scale().scale();
    let stored = content.card.replay.predictions[1];

    content.card.replay.predictions[1] = stored + 1e-5 * scale; // another machine's rounding
    decoded(&content, &tensors).unwrap();

    content.card.replay.predictions[1] = stored + 0.01 * scale;
    let message = decoded(&content, &tensors).unwrap_err();
    let expected = format!("predicts {stored} for row 2 of the rows that it keeps, but predicted ");
    assert!(message.starts_with(&expected), "{message}");
}

#[test]
fn settings_and_tensors_have_to_fit_each_other() {
    content_refused(
        |content| content.bags[0].settings.hidden = vec![1 << 60],
        "tensor layers.0.w has the shape [4, 5] instead of [1152921504606846976, 5]",
    );
    content_refused(
        |content| content.bags[0].settings.hidden = vec![4, 4],
        "tensor layers.1.w is missing",
    );
    content_refused(
        |content| content.bags[0].settings.hidden = vec![],
        "tensor out.w has the shape [1, 4] instead of [1, 5]",
    );
    content_refused(
        |content| content.bags[0].settings.training.learning_rate = -1.0,
        "the learning rate is -1: it must be a positive, finite number",
    );

    let (content, mut tensors) = parts();
    tensors.push(Tensor::new("more", vec![1], &[1.0]));
    let message = decoded(&content, &tensors).unwrap_err();
    assert!(message.contains("tensor more does not belong"), "{message}");
}

#[test]
fn rows_and_encoding_have_to_fit_the_columns() {
    let misfit = "the rows that it keeps do not fit its columns";
    content_refused(
        |content| drop(content.card.replay.rows.columns.pop()),
        misfit,
    );
    content_refused(
        |content| content.card.replay.rows.columns[1] = KeptColumn::Numbers(vec![Some(1.0)]),
        misfit,
    );
    content_refused(
        |content| content.card.replay.rows.columns[0] = KeptColumn::Booleans(vec![None; 5]),
        misfit,
    );
    content_refused(
        |content| {
            content.card.replay.rows.columns[2] = KeptColumn::Levels(vec![Some("w".to_owned()); 5])
        },
        misfit,
    );

    let unsound = "its encoding does not fit its columns";
    content_refused(|content| drop(content.card.plan.columns.pop()), unsound);
    content_refused(
        |content| {
            content.bags[0].target = TargetScale::given("y".to_owned(), Standardize::new(0.0, -1.0))
        },
        unsound,
    );
    let (content, _) = parts();
    let json = serde_json::to_string(&content).unwrap();
    let scale = json.find(r#""scale":{"center":"#).expect("a robust scale");
    let unit = scale + json[scale..].find(r#","scale":"#).unwrap() + r#","scale":"#.len();
    let forged = format!("{}-{}", &json[..unit], &json[unit..]);
    let message = serde_json::from_str::<ModelContent>(&forged).err().unwrap();
    let expected = "its encoding cannot be computed with";
    assert!(message.to_string().contains(expected), "{message}");
}

#[test]
fn a_model_keeps_some_rows_to_prove_itself_with_but_not_a_million() {
    content_refused(
        |content| content.card.replay.predictions.clear(),
        "it keeps no rows to prove itself with",
    );
    let (mut content, tensors) = parts();
    content.card.replay.predictions = vec![0.0; 1_000_000];
    let message = decoded(&content, &tensors).unwrap_err();
    assert!(message.contains("a list is longer than 100"), "{message}");
    let (mut content, tensors) = parts();
    content.card.replay.rows.columns[0] = KeptColumn::Numbers(vec![Some(0.0); 1_000_000]);
    let message = decoded(&content, &tensors).unwrap_err();
    assert!(message.contains("a list is longer than 100"), "{message}");
}

#[test]
fn intervals_are_not_believed_without_their_rows() {
    content_refused(
        |content| content.intervals = None,
        "tensor intervals.actual does not belong",
    );
    content_refused(
        |content| content.intervals.as_mut().unwrap().rows = 1 << 60,
        "tensor intervals.predictions has the shape [5] instead of [1152921504606846976]",
    );
    let unsound = "its intervals cannot be computed with";
    content_refused(
        |content| content.intervals.as_mut().unwrap().widening = -1.0,
        unsound,
    );
    let limits = |content: &mut ModelContent| {
        let limits = &mut content.intervals.as_mut().unwrap().limits;
        (limits.least, limits.most) = (Some(1.0), Some(0.0));
    };
    content_refused(limits, unsound);

    for rows in [[2.0, 1.0, 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0, f64::NAN]] {
        let (content, mut tensors) = parts();
        let at = tensors.len() - OF_INTERVALS.len();
        tensors[at] = Tensor::new(OF_INTERVALS[0], vec![5], &rows);
        let message = decoded(&content, &tensors).unwrap_err();
        assert!(message.contains(unsound), "{message}");
    }
}

#[test]
fn importance_is_believed_of_the_columns_of_the_model_alone() {
    let other = "its importance is not that of its columns";
    type Change = fn(&mut crate::Importance);
    let changes: [Change; 3] = [
        |importance| drop(importance.columns.pop()),
        |importance| importance.columns[0].column = "b".to_owned(),
        |importance| importance.columns.swap(0, 1),
    ];
    for change in changes {
        content_refused(
            |content| change(content.card.importance.as_mut().unwrap()),
            other,
        );
    }
}

#[test]
fn rows_to_compare_with_have_to_fit_the_columns() {
    let misfit = "the rows that it compares with do not fit its columns";
    let columns = |content: &mut ModelContent| {
        let rows = content.card.background.as_mut().unwrap();
        std::mem::take(&mut rows.columns)
    };
    content_refused(|content| drop(columns(content)), misfit);
    content_refused(
        |content| {
            let short = columns(content).into_iter().skip(1).collect();
            content.card.background.as_mut().unwrap().columns = short;
        },
        misfit,
    );
    let (mut content, tensors) = parts();
    content.card.background.as_mut().unwrap().columns[0] = KeptColumn::Numbers(vec![None; 101]);
    let message = decoded(&content, &tensors).unwrap_err();
    assert!(message.contains("a list is longer than 100"), "{message}");
}

#[test]
fn each_column_and_the_target_have_a_name_of_their_own() {
    let (content, _) = parts();
    let json = serde_json::to_string(&content.bags[0].encoding).unwrap();
    for repeated in ["a", "y"] {
        let json = json.replacen(r#""name":"b""#, &format!(r#""name":"{repeated}""#), 1);
        let (mut content, tensors) = parts();
        content.bags[0].encoding = serde_json::from_str(&json).unwrap();
        let message = decoded(&content, &tensors).unwrap_err();
        let expected = format!("the column {repeated:?} occurs twice");
        assert!(message.contains(&expected), "{message}");
    }
}

#[test]
fn a_model_of_four_hundred_thousand_layers_is_refused_before_they_are_looked_for() {
    let (mut content, tensors) = parts();
    content.bags[0].settings.hidden = vec![1; 400_000];
    let message = decoded(&content, &tensors).unwrap_err();
    assert!(message.contains("a list is longer than 1000"), "{message}");
}

#[test]
fn a_header_of_more_tensors_than_a_model_can_have_is_not_taken_apart() {
    let entries = (0..12_000)
        .map(|n| format!(r#""t{n}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#));
    let header = format!("{{{}}}", entries.collect::<Vec<_>>().join(","));
    let bytes = [&(header.len() as u64).to_le_bytes(), header.as_bytes()].concat();
    let expected = "its header lists more than 6004 tensors";
    let message = model_from_bytes(&bytes).unwrap_err().to_string();
    assert!(message.contains(expected), "{message}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    std::fs::write(&path, &bytes).unwrap();
    let message = load(&path).unwrap_err().to_string();
    assert!(message.contains(expected), "{message}");
}

#[test]
fn a_network_that_could_not_be_read_again_is_not_written() {
    let deep = (0..1001).fold(SimpleNeuralNetwork::<f32>::builder(1), |builder, _| {
        builder.dense(1, chainrule::activation_functions::Activation::ReLU)
    });
    let message = network_to_bytes(&deep.build(0), &[], &[])
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("more than 1000 hidden layers"),
        "{message}"
    );
}

#[test]
fn a_checkpoint_that_contradicts_itself_is_refused_though_its_checksum_is_right() {
    let refused = |change: &dyn Fn(&mut Checkpoint), reason: &str| {
        let mut checkpoint = checkpoint();
        change(&mut checkpoint);
        let bytes = encode_checkpoint(&checkpoint).unwrap();
        let message = checkpoint_from_bytes(&bytes).unwrap_err().to_string();
        assert_eq!(
            message,
            format!("is damaged ({reason}): restore it from a copy, or train again")
        );
    };
    checkpoint_from_bytes(&encode_checkpoint(&checkpoint()).unwrap()).unwrap();
    fn position(checkpoint: &mut Checkpoint) -> &mut Position {
        match &mut checkpoint.members[0][0] {
            MemberState::Training(state) => &mut state.position,
            _ => unreachable!("the training was interrupted"),
        }
    }

    let parameters = "its parameters are not those of a network of its settings";
    refused(
        &|c| c.composition.bags[0].hidden = vec![1 << 60],
        parameters,
    );
    refused(
        &|c| c.composition.bags[0].hidden = vec![1 << 60; 3],
        parameters,
    );
    refused(&|c| c.composition.bags[0].hidden = vec![], parameters);

    let counters = "its counters contradict each other";
    refused(&|c| position(c).epoch = 2, counters);
    refused(&|c| position(c).epoch = usize::MAX, counters);
    refused(&|c| position(c).batch = 5, counters);
    refused(&|c| position(c).step = 100, counters);
    refused(&|c| position(c).history.clear(), counters);
    refused(&|c| position(c).history[0].epoch = 2, counters);
    refused(&|c| position(c).history[0].validation_loss = None, counters);
    refused(&|c| position(c).best_loss = None, counters);
    refused(&|c| position(c).epochs_without_improvement = 9, counters);
    refused(&|c| position(c).finished = true, counters);
    refused(&|c| c.composition.bags[0].training.epochs = 0, counters);

    let target = "its target is not a column of its table";
    refused(&|c| c.roles.target = "z".to_owned(), target);
    refused(&|c| c.inputs[0] += 1, parameters);
    refused(&|c| c.rows.0 = 1_000_000, counters);
    refused(&|c| c.rows.1 = 0, counters);
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
    change_network(&mut regressor, |network| {
        network
            .affine_maps_mut()
            .for_each(|affine| affine.b[0] = f32::INFINITY);
    });
    refused(&regressor, "a weight is not a finite number");
}

/// Changes the first network.
fn change_network(regressor: &mut Regressor, change: impl FnOnce(&mut SimpleNeuralNetwork<f32>)) {
    let bag = &mut regressor.bags[0];
    let mut networks: Vec<_> = bag.networks().cloned().collect();
    change(&mut networks[0]);
    *bag = Bag::new(bag.card.clone(), networks);
}

#[test]
fn weights_that_are_not_finite_are_not_loaded() {
    let mut regressor = regressor();
    change_network(&mut regressor, |network| {
        network.affine_maps_mut().next().unwrap().w[[1, 0]] = f32::NAN;
    });
    let content = ModelContent::of(&regressor);
    let message = decoded(&content, &model_tensors(&regressor)).unwrap_err();
    assert!(
        message.contains("a weight is not a finite number"),
        "{message}"
    );
}
