//! What the page shows, held against the worked example, against the command's own training, and against planted
//! mistakes.

use chainrule::training::Control;
use chainrule_tabular::{Fitting, model_file};

use crate::mistakes::{self, Mistake};
use crate::session::Session;
use crate::settings::Settings;
use crate::sources::Source;
use crate::walk::Step;

fn session(change: impl FnOnce(&mut Settings)) -> Session {
    let mut settings = Settings::default();
    change(&mut settings);
    Session::new(settings, None).unwrap()
}

fn worked_example() -> Session {
    session(|s| {
        s.data = Source::Example;
        s.optimizer = "gradient_descent".to_owned();
        s.learning_rate = 0.01;
        s.batch_size = 0;
    })
}

fn bits(session: &Session) -> Vec<u32> {
    let parameters = session.trainer.network().flat_parameters();
    parameters.into_iter().map(f32::to_bits).collect()
}

fn result(step: &Step) -> Vec<f64> {
    step.matrices
        .last()
        .unwrap()
        .values
        .iter()
        .copied()
        .collect()
}

#[test]
fn the_worked_example_walks_through_the_numbers_of_the_derivation() {
    let walk = worked_example().walk().unwrap();
    let shown: Vec<_> = walk
        .steps
        .iter()
        .map(|step| (step.number, step.layer, result(step)))
        .collect();
    let expected: [(&str, usize, &[f64]); 13] = [
        ("F1", 0, &[-2.0, 4.0, 3.0, 2.0]),
        ("F2", 0, &[-1.0, 4.0, 3.0, 2.0]),
        ("F3", 1, &[-5.0, 5.0]),
        ("L1", 1, &[9.0, 1.0]),
        ("L0", 1, &[5.0]),
        ("L0", 1, &[3.0, -1.0]),
        ("B2", 1, &[-6.0, 10.0]),
        ("B3", 1, &[2.0]),
        ("B4", 1, &[6.0, -3.0, -2.0, 1.0]),
        ("B1", 0, &[3.0, -3.0, -2.0, 1.0]),
        ("B2", 0, &[-1.0, 8.0, -1.0, -7.0]),
        ("B3", 0, &[1.0, -2.0]),
        ("O1", 0, &[2.01, -1.08, 1.01, 1.07]),
    ];
    for ((number, layer, values), (expected_number, expected_layer, expected)) in
        shown.iter().zip(expected)
    {
        assert_eq!((*number, *layer), (expected_number, expected_layer));
        let near = values
            .iter()
            .zip(expected)
            .all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(
            near && values.len() == expected.len(),
            "{number} of layer {layer}: {values:?}"
        );
    }
}

#[test]
fn every_entry_is_written_out_as_the_sum_that_makes_it() {
    let walk = worked_example().walk().unwrap();
    let written = |step: usize, r, c| walk.steps[step].entry(r, c).unwrap().written;
    assert_eq!(written(0, 0, 0), "Z[1, 1] = 1·2 + 2·(−1) + (−2) = −2");
    assert_eq!(written(1, 0, 0), "A[1, 1] = a(−2) = −1");
    assert_eq!(written(4, 0, 0), "C = (9 + 1) / 2 = 5");
    assert_eq!(written(5, 0, 0), "∂C/∂Ŷ[1, 1] = 6 / 2 = 3");
    assert_eq!(written(6, 0, 1), "∂C/∂W[1, 2] = 3·4 + (−1)·2 = 10");
    assert_eq!(written(8, 1, 0), "∂C/∂A[2, 1] = (−1)·2 = −2");
    assert_eq!(written(9, 0, 0), "G[1, 1] = 6·0.5 = 3");
    assert_eq!(written(12, 0, 1), "W after[1, 2] = −1 − 0.01·8 = −1.08");
    assert!(walk.steps[0].entry(2, 0).is_err());
    // Sums of many terms are shortened.
    let walk = session(|s| s.data = Source::Diabetes).walk().unwrap();
    let long = walk.steps[0].entry(0, 0).unwrap().written;
    assert!(long.contains("… (4 more)"), "{long}");
}

#[test]
fn looking_at_a_step_does_not_make_it_and_making_it_gives_what_was_shown() {
    let mut session = session(|s| s.data = Source::Saddle);
    session.train(7).unwrap();
    let before = bits(&session);
    let walk = session.walk().unwrap();
    assert_eq!(bits(&session), before);
    session.train(1).unwrap();
    let after: Vec<f64> = session
        .trainer
        .network()
        .flat_parameters()
        .into_iter()
        .map(f64::from)
        .collect();
    let shown: Vec<f64> = walk
        .steps
        .iter()
        .filter(|step| step.number == "O4")
        .flat_map(result)
        .collect();
    assert_eq!(shown, after);
}

#[test]
fn the_gradients_of_a_walk_carry_the_penalty() {
    let mut session = session(|s| s.penalty = 0.1);
    session.train(3).unwrap();
    let walk = session.walk().unwrap();
    let step = walk.steps.iter().find(|step| step.number == "B2").unwrap();
    let [g, x, w, dc_dw] = step.matrices.as_slice() else {
        panic!("G, A, W and the gradient");
    };
    let expected = g.values.t().dot(&x.values) + 0.1 * &w.values;
    assert!(
        (&expected - &dc_dw.values)
            .iter()
            .all(|error| error.abs() < 1e-9)
    );
}

#[test]
fn a_training_on_the_page_is_the_commands() {
    let mut session = session(|s| s.data = Source::Diabetes);
    session.train_epoch().unwrap();
    session.train_epoch().unwrap();

    let (table, target) = Source::Diabetes.table("", 0.0, 1, None).unwrap().unwrap();
    let mut settings = session.settings.regressor().unwrap();
    settings.training.epochs = 2;
    let mut fitting = Fitting::new(&table, target.as_str(), settings).unwrap();
    fitting.run(&mut |_| Control::Continue).unwrap();
    assert_eq!(fitting.history(), session.trainer.history());
}

#[test]
fn steps_add_up_to_epochs_and_a_rewind_gives_the_same_bits() {
    let mut session = session(|_| {});
    let start = bits(&session);
    let run = |session: &mut Session| {
        // 96 of 120 rows in batches of 16.
        (0..6).for_each(|_| session.train(1).unwrap());
        assert_eq!(session.history(0).len(), 1);
        session.train(20).unwrap();
        bits(session)
    };
    let first = run(&mut session);
    session.rewind();
    assert_eq!(bits(&session), start);
    assert!(session.history(0).is_empty());
    assert_eq!(run(&mut session), first);
}

#[test]
fn an_edited_weight_counts_and_bad_edits_are_refused() {
    let mut session = worked_example();
    let loss = |session: &Session| {
        serde_json::to_value(session.state()).unwrap()["loss"]
            .as_f64()
            .unwrap()
    };
    assert_eq!(loss(&session), 5.0);
    // The weight p of the derivation: C(3) = 4, where W of the out layer begins behind four weights and two biases.
    session.set_parameter(6, 3.0).unwrap();
    assert_eq!(loss(&session), 4.0);
    assert!(
        session
            .set_parameter(9, 1.0)
            .unwrap_err()
            .contains("no parameter 9 of 9")
    );
    assert!(session.set_parameter(0, f32::NAN).is_err());
    let weights = session.trainer.network().flat_parameters();
    session.rewind();
    session.set_parameters(weights).unwrap();
    assert_eq!(loss(&session), 4.0);
    assert!(
        session
            .set_parameters(vec![1.0; 8])
            .unwrap_err()
            .contains("8 values")
    );
}

#[test]
fn the_learning_rate_and_the_penalty_change_in_the_middle_of_a_training() {
    let mut session = session(|_| {});
    session.train(9).unwrap();
    let before = bits(&session);
    session.retune(0.5, 0.25).unwrap();
    assert_eq!(bits(&session), before);
    assert_eq!(session.trainer.settings().learning_rate, 0.5);
    assert!(session.retune(-1.0, 0.0).is_err());
    assert_eq!(session.trainer.settings().l2_penalty, 0.25);
}

#[test]
fn a_model_file_is_the_commands_and_comes_back() {
    for source in [Source::Diabetes, Source::Ring] {
        let mut session = session(|s| s.data = source);
        session.train(30).unwrap();
        let bytes = session.model_file().unwrap();
        let model = model_file::model_from_bytes(&bytes).unwrap();
        let (table, _) = session.origin.as_ref().unwrap();
        let rmse = model
            .evaluate(&table.select(&session.unseen))
            .unwrap()
            .evaluation
            .rmse;
        let shown = serde_json::to_value(session.results()).unwrap()["rmse"]
            .as_f64()
            .unwrap();
        assert!((rmse - shown).abs() < 1e-5 * rmse, "{rmse} {shown}");

        let opened = Session::open(&session.settings, None, &bytes, "model.safetensors").unwrap();
        assert!(opened.opened.is_none());
        assert_eq!(bits(&opened), bits(&session));
        assert_eq!(opened.settings, session.settings);
    }
    let bytes = worked_example().model_file().unwrap();
    assert_eq!(
        model_file::model_from_bytes(&bytes).unwrap().columns(),
        ["x1", "x2"]
    );
}

#[test]
fn model_files_that_do_not_fit_are_refused_with_what_to_do() {
    let bytes = session(|s| s.data = Source::Diabetes).model_file().unwrap();
    let open = |source, bytes| {
        let settings = Settings {
            data: source,
            ..Settings::default()
        };
        Session::open(&settings, None, bytes, "m.safetensors").unwrap_err()
    };
    let other = open(Source::Wave, &bytes);
    let expected = "a wave does not have the columns \"age\", \"sex\", \"bmi\"";
    assert!(other.starts_with(expected), "{other}");
    assert!(other.contains("\"progression\" that m.safetensors was trained with"));
    let example = open(Source::Example, &bytes);
    assert!(example.contains("choose other data"), "{example}");
    let damaged = open(Source::Diabetes, &bytes[..100]);
    assert!(damaged.starts_with("m.safetensors is"), "{damaged}");
}

#[test]
fn a_model_of_another_table_predicts_there_and_trains_on() {
    let cells = |i: usize| {
        let area = i * 37 % 50;
        let gap_or_area = if i.is_multiple_of(7) {
            String::new()
        } else {
            area.to_string()
        };
        (
            gap_or_area,
            ["flat", "house", "hut"][i % 3],
            3 * area + 20 * (i % 3),
        )
    };
    let mut first = "area,kind,price\n".to_owned();
    for (area, kind, price) in (0..60).map(cells) {
        first += &format!("{area},{kind},{price}\n");
    }
    // The columns in another order, one more beside them, and a kind that the model does not know.
    let mut second = "kind,price,garden,area\ncastle,400,1,30\n".to_owned();
    for (area, kind, price) in (60..130).map(cells) {
        second += &format!("{kind},{price},0,{area}\n");
    }
    let settings = Settings {
        data: Source::Own,
        target: "price".to_owned(),
        activation: "tanh,silu".to_owned(),
        ..Settings::default()
    };
    let mut trained = Session::new(settings.clone(), Some(("a.csv", first.as_bytes()))).unwrap();
    trained.train(300).unwrap();
    let bytes = trained.model_file().unwrap();
    let model = model_file::model_from_bytes(&bytes).unwrap();

    let own = Some(("b.csv", second.as_bytes()));
    let mut opened = Session::open(&settings, own, &bytes, "m.safetensors").unwrap();
    assert!(opened.opened.is_some());
    assert_eq!(bits(&opened), bits(&trained));
    assert_eq!(opened.settings.activation, "tanh,silu");
    let rmse = |session: &Session| {
        serde_json::to_value(session.results()).unwrap()["rmse"]
            .as_f64()
            .unwrap()
    };
    let expected = |model: &chainrule_tabular::Regressor, session: &Session| {
        let (table, _) = session.origin.as_ref().unwrap();
        model
            .evaluate(&table.select(&session.unseen))
            .unwrap()
            .evaluation
            .rmse
    };
    let told = expected(&model, &opened);
    assert!(
        (rmse(&opened) - told).abs() < 1e-5 * told,
        "{} {told}",
        rmse(&opened)
    );

    opened.train(50).unwrap();
    assert_ne!(bits(&opened), bits(&trained));
    let kept = model_file::model_from_bytes(&opened.model_file().unwrap()).unwrap();
    let told = expected(&kept, &opened);
    assert!(
        (rmse(&opened) - told).abs() < 1e-5 * told,
        "{} {told}",
        rmse(&opened)
    );
    opened.rewind();
    assert_eq!(bits(&opened), bits(&trained));
}

#[test]
fn each_layer_may_have_its_own_activation() {
    let mut mixed = session(|s| s.activation = "relu,sigmoid".to_owned());
    let card = serde_json::to_value(mixed.describe().unwrap()).unwrap();
    assert_eq!(card["activations"][0], "layer 1: a(z) = max(0, z)");
    assert_eq!(card["activations"].as_array().unwrap().len(), 2);
    let numbers = |session: &Session| -> Vec<String> {
        let walk = session.walk().unwrap();
        let slopes = walk.steps.iter().filter(|step| step.number == "F2");
        slopes.map(|step| step.formula.clone()).collect()
    };
    assert_ne!(numbers(&mixed)[0], numbers(&mixed)[1]);
    let model = model_file::model_from_bytes(&mixed.model_file().unwrap()).unwrap();
    assert_eq!(model.settings().activation.to_string(), "relu,sigmoid");
    let wrong = Session::new(
        Settings {
            activation: "relu,tanh,relu".to_owned(),
            ..Settings::default()
        },
        None,
    );
    assert!(wrong.unwrap_err().contains("3 activations"));
}

#[test]
fn the_gradient_check_passes_wherever_no_mistake_is_planted() {
    for source in [
        Source::Wave,
        Source::Saddle,
        Source::Diabetes,
        Source::Example,
    ] {
        let mut session = session(|s| s.data = source);
        session.train(5).unwrap();
        let check = serde_json::to_value(session.check(None).unwrap()).unwrap();
        assert_eq!(check["passed"], true, "{check}");
    }
}

#[test]
fn every_planted_mistake_is_found_and_its_equation_is_named() {
    let mut session = session(|s| {
        s.data = Source::Saddle;
        s.hidden = vec![3, 3];
    });
    session.train(5).unwrap();
    for (mistake, equation, _) in mistakes::ALL {
        let check = serde_json::to_value(session.check(Some(mistake)).unwrap()).unwrap();
        assert_eq!(check["passed"], false, "{mistake:?}");
        let verdict = check["verdict"].as_str().unwrap();
        assert!(verdict.contains(equation), "{mistake:?}: {verdict}");
    }
}

#[test]
fn a_transpose_too_many_is_found_by_shapes_where_they_differ() {
    let session = session(|s| s.hidden = vec![3, 4]);
    let refused = session.check(Some(Mistake::Transpose)).unwrap_err();
    assert!(
        refused.contains("G (n, 4) times Wᵀ (3, 4) does not exist"),
        "{refused}"
    );
}

#[test]
fn the_pass_without_a_mistake_is_the_cores() {
    let session = session(|s| {
        s.data = Source::Ring;
        s.penalty = 0.1;
    });
    let network = session.trainer.network().cast::<f64>();
    let (x, y) = (session.x.mapv(f64::from), session.y.mapv(f64::from));
    let found = mistakes::gradients(&network, &x, &y, 0.1, None).unwrap();
    let rows: Vec<u32> = (0..x.nrows() as u32).collect();
    let mut gradient = chainrule::training::BatchGradient::new(&network, x.nrows(), 0.1);
    let data = chainrule::training::Dataset::new(x.view(), y.view(), None);
    gradient.loss_and_gradients(&network, &data, &rows);
    let expected = gradient.gradients().slices().flatten();
    let all_near = found
        .iter()
        .flatten()
        .zip(expected)
        .all(|(a, b)| (a - b).abs() < 1e-12);
    assert!(all_near);
}

#[test]
fn neurons_are_drawn_at_the_grids_places_and_dead_ones_are_marked() {
    let mut session = session(|s| {
        s.activation = "relu".to_owned();
        s.hidden = vec![3];
    });
    assert_eq!(session.neurons().len(), session.grid.points * 4);
    // The bias of the second neuron, behind three weights: so low that no row gets past it.
    session.set_parameter(4, -100.0).unwrap();
    let marks = session.marks();
    assert_eq!((marks.len(), marks[0].layer, marks[0].neuron), (1, 0, 1));
    assert!(marks[0].sentence.contains("Neuron 2 of layer 1 is dead"));
    let mut session = self::session(|s| s.hidden = vec![2]);
    session.set_parameter(2, 50.0).unwrap();
    assert!(session.marks()[0].sentence.contains("is saturated"));
}

#[test]
fn a_table_of_ones_own_with_gaps_and_text_is_trained_on() {
    let mut csv = "area,kind,price\n".to_owned();
    for i in 0..40 {
        let area = if i % 7 == 0 {
            String::new()
        } else {
            format!("{i}")
        };
        csv += &format!(
            "{area},{},{}\n",
            ["flat", "house", "hut"][i % 3],
            3 * i + 20 * (i % 3)
        );
    }
    let settings = Settings {
        data: Source::Own,
        target: "price".to_owned(),
        ..Settings::default()
    };
    let mut session = Session::new(settings.clone(), Some(("homes.csv", csv.as_bytes()))).unwrap();
    session.train_epoch().unwrap();
    assert_eq!(session.grid.kind, "rows");
    assert!(session.inputs.len() > 3);
    let missing = Session::new(
        Settings {
            target: "cost".to_owned(),
            ..settings
        },
        Some(("homes.csv", csv.as_bytes())),
    );
    assert!(missing.unwrap_err().contains("cost"));
}

#[test]
fn a_learning_rate_too_large_ends_with_the_trainers_message() {
    let mut session = session(|s| {
        s.optimizer = "gradient_descent".to_owned();
        s.activation = "relu".to_owned();
        s.learning_rate = 100.0;
    });
    let error = session.train(1000).unwrap_err();
    assert!(error.contains("learning rate"), "{error}");
}

#[test]
fn a_curve_is_predicted_along_its_axis() {
    let session = session(|s| s.data = Source::Saddle);
    let results = serde_json::to_value(session.results()).unwrap();
    assert_eq!(results["predicted"].as_array().unwrap().len(), 25 * 25);
    assert_eq!(results["places"][0].as_array().unwrap().len(), 2);
    assert_eq!(results["of_unseen"], true);
}
