//! Bags of networks: the same bits however they are trained, errors on unseen rows, one model file.

use chainrule::optimizers::Schedule;
use chainrule::training::{Control, Event, Outcome};
use chainrule_tabular::encoding::{EncodingSettings, TargetTransform};
use chainrule_tabular::{
    Composition, Evaluation, Fitting, MemberEvent, Recipe, Regressor, RegressorSettings,
    TableFacts, Wishes, model_file,
};

use crate::houses::{houses_csv, predicted, quick_settings, table};

const EPOCHS: usize = 40;

/// Two bags of three networks that differ in nothing but chance, so that both count.
fn composition() -> Composition {
    let mut settings = quick_settings();
    settings.encoding = EncodingSettings {
        bins: 16, // looked up, and not written out
        level_means: true,
        ..EncodingSettings::default()
    };
    settings.training.epochs = EPOCHS;
    Composition {
        folds: 3,
        refits: 0,
        refit_length: 1,
        bags: vec![settings.clone(), settings],
    }
}

fn fitted(csv: &str, composition: Composition) -> Fitting {
    let mut fitting = Fitting::new(table(csv), "price", composition).unwrap();
    let outcome = fitting.run(&mut |_| Control::Continue).unwrap();
    assert_eq!(outcome, Outcome::Finished);
    fitting
}

fn bytes_of(regressor: &Regressor) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    model_file::save(regressor, &path).unwrap();
    std::fs::read(path).unwrap()
}

#[test]
fn members_are_the_same_on_any_number_of_threads_and_come_back_from_a_file() {
    // Noise alone: no bag is much better than the other, and both count.
    let noise = (0..150).map(|r| format!("{},{},{}\n", r % 7, r % 11, r * r * 37 % 101));
    let csv = format!("a,b,price\n{}", noise.collect::<String>());
    let composition = composition();
    let regressor = fitted(&csv, composition.clone().with_threads(1)).into_regressor();
    assert_eq!((regressor.members(), regressor.bags().len()), (6, 2));
    assert_eq!(regressor.importance().map(|found| found.rows), Some(150));
    let bytes = bytes_of(&regressor);
    for threads in [2, 5] {
        let other = fitted(&csv, composition.clone().with_threads(threads)).into_regressor();
        assert_eq!(
            predicted(&other, &table(&csv)),
            predicted(&regressor, &table(&csv))
        );
        assert_eq!(bytes_of(&other), bytes, "{threads} threads");
    }
    let again = model_file::model_from_bytes(&bytes).unwrap();
    assert_eq!(again, regressor);
    let networks = regressor.bags().iter().flat_map(|bag| bag.networks());
    let networks: Vec<_> = networks.collect();
    for (i, a) in networks.iter().enumerate() {
        assert!(networks[..i].iter().all(|b| a != b), "two members are one");
    }
}

#[test]
fn bags_that_are_interrupted_again_and_again_end_with_the_same_bits() {
    let csv = houses_csv(50);
    let whole = bytes_of(&fitted(&csv, composition()).into_regressor());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let mut fitting = Fitting::new(table(&csv), "price", composition().with_threads(2)).unwrap();
    let mut interruptions = 0;
    loop {
        let mut steps = 0;
        let outcome = fitting.run(&mut |told: MemberEvent| {
            steps += u32::from(matches!(told.event, Event::Step { .. }));
            if steps > 97 {
                Control::Stop
            } else {
                Control::Continue
            }
        });
        model_file::save_checkpoint(&fitting.checkpoint(), &path).unwrap();
        let checkpoint = model_file::load_checkpoint(&path).unwrap();
        fitting = Fitting::resume(table(&csv), checkpoint).unwrap();
        if outcome.unwrap() == Outcome::Finished {
            break;
        }
        interruptions += 1;
    }
    assert!(interruptions > 3, "{interruptions}");
    assert_eq!(bytes_of(&fitting.into_regressor()), whole);
}

#[test]
fn to_ask_for_errors_in_between_changes_nothing_in_the_end() {
    let csv = houses_csv(40);
    let mut asked = Fitting::new(table(&csv), "price", composition()).unwrap();
    let mut finished = 0;
    let mut half_way = |told: MemberEvent| {
        finished += usize::from(matches!(told.event, Event::Epoch(_)));
        match finished < 4 * EPOCHS {
            true => Control::Continue,
            false => Control::Stop,
        }
    };
    assert_eq!(asked.run(&mut half_way).unwrap(), Outcome::Interrupted);
    let between = asked.unseen();
    asked.run(&mut |_| Control::Continue).unwrap();
    assert_ne!(asked.unseen(), between);
    assert_eq!(asked.unseen(), fitted(&csv, composition()).unseen());
}

#[test]
fn the_error_on_unseen_rows_is_that_of_the_members_without_them() {
    let (csv, mut composition) = (houses_csv(50), composition());
    composition.bags.truncate(1);
    let fitting = fitted(&csv, composition);
    let unseen = fitting.unseen().unwrap();
    assert_eq!((unseen.evaluation.rows, unseen.folds), (50, 3));
    assert!(unseen.spread.unwrap() > 0.0);

    // The same by hand: each fold by its own member, as a model of one.
    let regressor = fitting.regressor();
    let houses = table(&csv);
    let actual = regressor.actual(&houses).unwrap();
    let x = regressor
        .encoding()
        .encode(&houses, &(0..50).collect::<Vec<_>>())
        .unwrap()
        .x;
    let mut by_hand = vec![f64::NAN; 50];
    let folds = chainrule::training::cross_validation_folds(50, 3, 3);
    for (fold, network) in folds.iter().zip(regressor.bags()[0].networks()) {
        let y_hat = network.predict(&x);
        for &row in fold {
            by_hand[row as usize] = regressor.target_scale().decode(y_hat[[row as usize, 0]]);
        }
    }
    let plain = Evaluation::of(&actual, &by_hand);
    let losses = |epoch: usize| {
        let histories = regressor.bags()[0].histories().iter().zip(&folds);
        histories
            .map(move |(history, fold)| fold.len() as f64 * history[epoch].validation_loss.unwrap())
    };
    let common = (0..EPOCHS)
        .map(|epoch| losses(epoch).sum::<f64>())
        .fold(f64::INFINITY, f64::min);
    let own: f64 = (0..3)
        .map(|fold| {
            (0..EPOCHS)
                .map(|e| losses(e).nth(fold).unwrap())
                .fold(f64::INFINITY, f64::min)
        })
        .sum();
    let expected = plain.rmse * (common / own).sqrt();
    assert!(
        (unseen.evaluation.rmse / expected - 1.0).abs() < 1e-9,
        "{unseen:?} {expected}"
    );
    assert!(common >= own);
    assert_eq!(regressor.unseen(), Some(&unseen));
    assert!(regressor.describe().contains("the mean of 3 networks"));
}

#[test]
fn what_bags_predict_is_bounded_by_what_was_learnt() {
    let regressor = fitted(&houses_csv(50), composition()).into_regressor();
    let actual = regressor.actual(&table(&houses_csv(50))).unwrap();
    let [low, high] = [f64::min as fn(f64, f64) -> f64, f64::max]
        .map(|pick| actual.iter().copied().reduce(pick).unwrap());
    let margin = 0.1 * (high - low) + 1e-6;
    let far = "area,rooms,age\n1e9,3,20\n-1e9,3,20\n90,1e6,-1e6\n";
    for y_hat in predicted(&regressor, &table(far)) {
        assert!((low - margin..=high + margin).contains(&y_hat), "{y_hat}");
    }
}

#[test]
fn a_training_that_is_ended_early_keeps_what_is_whole_or_else_the_best_epochs() {
    let csv = houses_csv(50);
    let mut none = Fitting::new(table(&csv), "price", composition()).unwrap();
    assert!(!none.end_early());

    let stopped_after = |epochs: usize| {
        let mut fitting =
            Fitting::new(table(&csv), "price", composition().with_threads(1)).unwrap();
        let mut finished = 0;
        fitting
            .run(&mut |told: MemberEvent| {
                finished += usize::from(matches!(told.event, Event::Epoch(_)));
                if finished >= epochs {
                    Control::Stop
                } else {
                    Control::Continue
                }
            })
            .unwrap();
        assert!(fitting.end_early());
        fitting.into_regressor()
    };
    let first = stopped_after(3);
    assert_eq!((first.members(), first.history().len()), (1, 3));
    assert_eq!(first.bags().len(), 1, "the second bag has no network yet");
    assert!(!bytes_of(&first).is_empty());
    assert!(first.unseen().unwrap().evaluation.rows < 50);
    let one_bag = stopped_after(3 * EPOCHS + 2);
    assert_eq!((one_bag.members(), one_bag.bags().len()), (3, 1));
    assert_eq!(one_bag.unseen().unwrap().evaluation.rows, 50);
}

#[test]
fn the_strong_recipe_learns_a_curved_relation_better_than_a_straight_line() {
    let csv = houses_csv(160);
    let houses = table(&csv);
    let facts = TableFacts::of(&houses, &"price".into()).unwrap();
    assert_eq!((facts.rows, facts.columns), (160, 3));
    let wishes = Wishes {
        folds: Some(4),
        ..Wishes::default()
    };
    let fitting = fitted(&csv, Recipe::Strong.compose(facts, &wishes));
    let report = fitting.report();
    let rmse = report.unseen.unwrap().evaluation.rmse;
    assert!(
        rmse < 0.5 * report.baselines.ridge.unwrap(),
        "{rmse} {:?}",
        report.baselines
    );
    assert!(
        fitting
            .into_regressor()
            .bags()
            .iter()
            .all(|bag| bag.settings().hidden.len() == 2),
        "the line counts"
    );
}

#[test]
fn a_bag_of_the_targets_logarithm_predicts_the_target() {
    let settings = RegressorSettings {
        target: TargetTransform::Log,
        ..quick_settings()
    };
    let composition = Composition {
        folds: 3,
        refits: 0,
        refit_length: 1,
        bags: vec![settings],
    };
    let csv = houses_csv(50);
    let fitting = fitted(&csv, composition.clone());
    let report = fitting.report();
    assert!(report.unseen.unwrap().evaluation.rmse < report.baselines.mean);
    let with_a_zero = format!("{csv}50,2,3,0\n");
    let refused = Fitting::new(table(&with_a_zero), "price", composition).unwrap_err();
    let expected = "houses.csv, line 52, column \"price\": 0 has no logarithm";
    assert!(refused.to_string().starts_with(expected), "{refused}");
}

#[test]
fn too_few_rows_for_the_folds_are_refused() {
    let refused = |rows: usize| {
        let composition = Composition {
            folds: 5,
            ..composition()
        };
        Fitting::new(table(&houses_csv(rows)), "price", composition)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(4),
        "houses.csv has 4 rows: 5 folds need at least 5; add rows, or ask for fewer folds"
    );
    assert_eq!(
        refused(2),
        "houses.csv has 2 rows: at least 3 are needed; add rows"
    );
}

#[test]
fn a_ticket_that_two_rows_share_tells_the_price_of_the_other() {
    // 150 tickets with a price of their own, two rows each; nothing else tells the price.
    let price = |ticket: usize| ticket * ticket * 37 % 101;
    let row = |r: usize| format!("t{},{},{}\n", r % 150, r * 29 % 13, price(r % 150));
    let csv = |rows: &mut dyn Iterator<Item = usize>| {
        format!("ticket,x,price\n{}", rows.map(row).collect::<String>())
    };
    let csv = csv(&mut (0..300));
    let rmse = |level_means| {
        let mut composition = composition();
        for bag in &mut composition.bags {
            bag.encoding.level_means = level_means;
        }
        let fitting = fitted(&csv, composition);
        let found = fitting.unseen().unwrap().evaluation;
        let model = fitting.into_regressor();
        let new = table("ticket,x,price\nt3,5,30\nt7,6,96\nunheard of,7,50\n");
        (found.rmse, predicted(&model, &new), model)
    };
    let (without, _, _) = rmse(false);
    let (with, prices, model) = rmse(true);
    assert!(with < 0.6 * without, "{with} with means, {without} without");
    assert!(prices[0] < 45.0 && prices[1] > 75.0, "{prices:?}");
    let again = model_file::model_from_bytes(&bytes_of(&model)).unwrap();
    assert_eq!(again, model);
}

/// A composition with two networks of each bag on all rows. Under a cosine the last epochs hardly differ.
fn with_refits() -> Composition {
    let mut composition = composition();
    for bag in &mut composition.bags {
        bag.training.schedule = Schedule::Cosine;
    }
    Composition {
        refits: 2,
        refit_length: 2,
        ..composition
    }
}

#[test]
fn bags_learn_from_all_rows_where_the_full_length_does_no_harm() {
    // A straight line, and a little noise that no bag can learn.
    let row = |r: usize| format!("{},{}\n", r % 50, (r % 50) * 3 + r * 37 % 7);
    let line: String = (0..150).map(row).collect();
    let fitting = fitted(&format!("a,price\n{line}"), with_refits());
    assert_eq!(fitting.done(), fitting.whole().members);
    let histories = |model: &Regressor| -> Vec<(usize, bool)> {
        let histories = model.bags().iter().flat_map(|bag| bag.histories());
        histories
            .map(|epochs| (epochs.len(), epochs[0].validation_loss.is_some()))
            .collect()
    };
    let told = histories(&fitting.into_regressor());
    assert!(told.contains(&(2 * EPOCHS, false)), "{told:?}");

    let noise = (0..150).map(|r| format!("{},{},{}\n", r % 7, r % 11, r * r * 37 % 101));
    let fitting = fitted(
        &format!("a,b,price\n{}", noise.collect::<String>()),
        with_refits(),
    );
    assert_eq!((fitting.done(), fitting.whole().members), (6, 6));
    assert_eq!(
        histories(&fitting.into_regressor()),
        [(EPOCHS, true); 6],
        "three networks of each bag"
    );
}

#[test]
fn networks_on_all_rows_that_learn_no_longer_stand_beside_the_others() {
    let row = |r: usize| format!("{},{}\n", r % 50, (r % 50) * 3 + r * 37 % 7);
    let line: String = (0..150).map(row).collect();
    let beside = Composition {
        refit_length: 1,
        ..with_refits()
    };
    let model = fitted(&format!("a,price\n{line}"), beside).into_regressor();
    let weight = |on_all_rows: bool| -> f64 {
        let bags = model.bags().iter();
        let bags = bags.filter(|bag| bag.saw_all_rows() == on_all_rows);
        bags.map(|bag| bag.weight()).sum()
    };
    assert_eq!((weight(true), weight(false)), (0.5, 0.5));
    assert!(
        model.describe().contains("share 0.500000, from all rows\n"),
        "{}",
        model.describe()
    );
    let again = model_file::model_from_bytes(&bytes_of(&model)).unwrap();
    assert_eq!(again, model);
}

#[test]
fn networks_on_all_rows_have_the_same_bits_when_they_are_interrupted() {
    let exact: String = (0..150)
        .map(|r| format!("{},{}\n", r % 50, (r % 50) * 3))
        .collect();
    let csv = format!("a,price\n{exact}");
    let bytes = bytes_of(&fitted(&csv, with_refits().with_threads(1)).into_regressor());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let mut fitting = Fitting::new(table(&csv), "price", with_refits()).unwrap();
    let mut told = 0;
    let mut interrupted = 0;
    loop {
        let outcome = fitting.run(&mut |_| {
            told += 1;
            match told % 211 {
                0 => Control::Stop,
                _ => Control::Continue,
            }
        });
        if outcome.unwrap() == Outcome::Finished {
            break;
        }
        interrupted += 1;
        model_file::save_checkpoint(&fitting.checkpoint(), &path).unwrap();
        let checkpoint = model_file::load_checkpoint(&path).unwrap();
        fitting = Fitting::resume(table(&csv), checkpoint.with_threads(2)).unwrap();
    }
    assert!(interrupted > 5, "{interrupted}");
    assert_eq!(bytes_of(&fitting.into_regressor()), bytes);
}

#[test]
fn rows_and_folds_of_a_training_add_up_to_its_errors() {
    let csv = houses_csv(90);
    let fitting = fitted(&csv, composition());
    let (report, rows) = (fitting.report(), fitting.unseen_rows());
    let unseen = report.unseen.unwrap();
    assert_eq!(rows.places, (0..90).collect::<Vec<u32>>());
    let prices = table(&csv).numbers_of("price").unwrap().into_owned();
    assert_eq!(rows.actual, prices);
    // The errors that are told are somewhat larger than those found: the best epochs were chosen on these rows.
    let found = Evaluation::of(&rows.actual, &rows.predicted).rmse;
    assert!((1.0..1.5).contains(&(unseen.evaluation.rmse / found)));

    let all = |error: &dyn Fn(&chainrule_tabular::FoldErrors) -> f64| {
        let squares = report
            .folds
            .iter()
            .map(|fold| fold.rows as f64 * error(fold).powi(2));
        (squares.sum::<f64>() / 90.0).sqrt()
    };
    let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-9;
    assert_eq!(report.folds.len(), 3);
    assert!(near(
        all(&|fold| fold.model.unwrap()),
        unseen.evaluation.rmse
    ));
    assert!(near(
        all(&|fold| fold.baselines.mean),
        report.baselines.mean
    ));
    assert!(near(
        all(&|fold| fold.baselines.ridge.unwrap()),
        report.baselines.ridge.unwrap()
    ));

    let courses = fitting.courses();
    assert_eq!(courses.len(), 2);
    for course in &courses {
        let epochs: Vec<usize> = course
            .histories
            .iter()
            .map(|history| history.len())
            .collect();
        assert_eq!(epochs, [EPOCHS; 3]);
    }
    assert!(near(courses.iter().map(|course| course.weight).sum(), 1.0));
}

#[test]
fn a_row_alone_is_predicted_as_it_is_among_others() {
    let csv = houses_csv(60);
    let table = table(&csv);
    let alone = crate::houses::trained(&table, quick_settings());
    let bags = fitted(&csv, composition()).into_regressor();
    for model in [alone, bags] {
        let together = predicted(&model, &table);
        for row in 0..table.rows() as u32 {
            let one = predicted(&model, &table.select(&[row]));
            assert_eq!(one[0].to_bits(), together[row as usize].to_bits());
        }
    }
}

#[test]
fn the_logarithm_of_the_target_is_learnt_where_it_errs_least() {
    let bags_of = |price: fn(i32) -> f64| {
        let row = |i| format!("{i},{}\n", price(i));
        let csv = format!("area,price\n{}", (1..=80).map(row).collect::<String>());
        let facts = TableFacts::of(&table(&csv), &"price".into()).unwrap();
        let wishes = Wishes {
            folds: Some(3),
            ..Wishes::default()
        };
        let mut composition = Recipe::Strong.compose(facts, &wishes);
        // The straight line and the last bag, which is that of the logarithm where there is one.
        let last = composition.bags.pop().unwrap();
        composition.bags.truncate(1);
        composition.bags.push(last);
        let model = fitted(&csv, composition).into_regressor();
        let of_bag = |bag: &chainrule_tabular::Bag| bag.settings().target;
        model.bags().iter().map(of_bag).collect::<Vec<_>>()
    };
    let powers = bags_of(|i| 1.1f64.powi(i));
    assert_eq!(powers, [TargetTransform::Log]);
    // A line with two far targets: a tail, but not one that the logarithm explains.
    let outliers = bags_of(|i| f64::from(if i % 40 == 0 { 20 * i } else { i + 9 }));
    assert!(outliers.contains(&TargetTransform::None), "{outliers:?}");
}
