//! From the options on the command line to the library's settings, and back to words where they contradict a
//! checkpoint.

use chainrule::optimizers::Optimizer;
use chainrule::training::EarlyStopping;
use chainrule_tabular::{Composition, Recipe, RegressorSettings, TableFacts, Wishes};

use crate::args::{NetworkArgs, RecipeName, TrainArgs, TrainingArgs};
use crate::failure::Failure;
use crate::values::{Batch, HiddenWidths, threads};

/// What is trained on such a table, by the options; `base` is what those left out are taken from.
pub fn composition(
    args: &TrainArgs,
    table: TableFacts,
    base: Option<&Composition>,
) -> Result<Composition, Failure> {
    let one = args.describing_one_network();
    let recipe = match (args.recipe, one.first()) {
        (Some(RecipeName::Strong), Some(option)) => {
            let message =
                format!("{option} describes one network: leave it out, or choose --recipe basic");
            return Err(Failure::Usage(message));
        }
        (Some(RecipeName::Strong), None) => Recipe::Strong,
        (Some(RecipeName::Basic), _) | (None, Some(_)) => Recipe::Basic,
        (None, None) if args.members.is_some() => Recipe::Strong,
        (None, None) => match base {
            Some(base) if base.folds == 0 => Recipe::Basic,
            _ => Recipe::Strong,
        },
    };
    if recipe == Recipe::Basic {
        if args.members.is_some() {
            let message = "--members belongs to the strong recipe: the basic one is one network";
            return Err(Failure::Usage(message.to_owned()));
        }
        let stored = base
            .filter(|base| base.folds == 0)
            .map(|base| base.bags[0].clone());
        let settings = with_network(stored.unwrap_or_default(), &args.network);
        let settings = with_training(settings, &args.training)?;
        if base.is_none() {
            expect_one_decay(&settings)?;
        }
        return Ok(settings.into());
    }
    let base = base.filter(|base| base.folds > 0);
    let wishes = Wishes {
        loss: args
            .network
            .loss
            .or_else(|| base.map(|base| base.bags[0].loss)),
        seed: args
            .network
            .seed
            .or_else(|| base.map(|base| base.bags[0].training.seed))
            .unwrap_or_default(),
        folds: args.members.or_else(|| base.map(|base| base.folds)),
    };
    let threads = args.training.threads.map_or(0, threads);
    Ok(recipe.compose(table, &wishes).with_threads(threads))
}

/// In what the asked composition differs from a checkpoint's, in the words of the options.
pub fn differences(checkpoint: &Composition, asked: &Composition) -> Vec<String> {
    let name = |composition: &Composition| match composition.folds {
        0 => "basic",
        _ => "strong",
    };
    let (c, a) = (&checkpoint.bags[0], &asked.bags[0]);
    let pairs = match (checkpoint.folds, asked.folds) {
        (0, 0) => return differences_of_one(c, a),
        (0, _) | (_, 0) => vec![(
            "--recipe",
            name(checkpoint).to_owned(),
            name(asked).to_owned(),
        )],
        (was, now) => vec![
            ("--members", was.to_string(), now.to_string()),
            ("--loss", c.loss.to_string(), a.loss.to_string()),
            (
                "--seed",
                c.training.seed.to_string(),
                a.training.seed.to_string(),
            ),
        ],
    };
    in_words(pairs)
}

/// The pairs that differ, as `name was …, now …`.
fn in_words(pairs: Vec<(&str, String, String)>) -> Vec<String> {
    let different = pairs.into_iter().filter(|(_, was, now)| was != now);
    different
        .map(|(name, was, now)| format!("{name} was {was}, now {now}"))
        .collect()
}

/// `base` with the network's options that were given.
pub fn with_network(mut base: RegressorSettings, args: &NetworkArgs) -> RegressorSettings {
    if let Some(HiddenWidths(widths)) = &args.hidden {
        base.hidden = widths.clone();
    }
    if let Some(activation) = &args.activation {
        base.activation = activation.clone();
    }
    base.loss = args.loss.unwrap_or(base.loss);
    base.training.l2_penalty = args.l2.unwrap_or(base.training.l2_penalty);
    base.training.seed = args.seed.unwrap_or(base.training.seed);
    base
}

/// `base` with the training's options that were given.
fn with_training(
    mut base: RegressorSettings,
    args: &TrainingArgs,
) -> Result<RegressorSettings, Failure> {
    base.validation_fraction = args.validation.unwrap_or(base.validation_fraction);
    let training = &mut base.training;
    training.epochs = args.epochs.unwrap_or(training.epochs);
    if let Some(Batch(size)) = args.batch {
        training.batch_size = size;
    }
    // What goes on under the same rule keeps its constants.
    let is_other = |rule: &Optimizer| rule.name() != training.optimizer.name();
    training.optimizer = args
        .optimizer
        .filter(is_other)
        .unwrap_or(training.optimizer);
    if let Some(decay) = args.weight_decay {
        let Optimizer::AdamW { weight_decay, .. } = &mut training.optimizer else {
            let message =
                "--weight-decay belongs to --optimizer adam_w; with other optimizers use --l2";
            return Err(Failure::Usage(message.to_string()));
        };
        *weight_decay = decay;
    }
    training.learning_rate = args.learning_rate.unwrap_or(training.learning_rate);
    training.schedule = args.schedule.unwrap_or(training.schedule);
    training.clip_norm = args.clip_norm.or(training.clip_norm);
    if let Some(patience) = args.patience {
        let min_improvement = training
            .early_stopping
            .map_or(0.0, |early| early.min_improvement);
        training.early_stopping = Some(EarlyStopping {
            patience,
            min_improvement,
        });
    }
    training.threads = args.threads.map_or(training.threads, threads);
    Ok(base)
}

/// Refuses a penalty beside AdamW's own decay, in the words of the options.
fn expect_one_decay(settings: &RegressorSettings) -> Result<(), Failure> {
    let l2 = settings.training.l2_penalty;
    match settings.training.optimizer {
        Optimizer::AdamW { weight_decay, .. } if weight_decay > 0.0 && l2 > 0.0 => {
            Err(Failure::Usage(format!(
                "--l2 {l2} and --optimizer adam_w both make the weights small: leave --l2 out and choose --weight-decay (it is {weight_decay}), \
                 or choose another optimizer"
            )))
        }
        _ => Ok(()),
    }
}

/// Which settings differ, as `name: checkpoint's, not yours`; threads are left out, for they change no result.
fn differences_of_one(checkpoint: &RegressorSettings, asked: &RegressorSettings) -> Vec<String> {
    let (c, a) = (&checkpoint.training, &asked.training);
    let pairs = vec![
        (
            "--hidden",
            format!("{:?}", checkpoint.hidden),
            format!("{:?}", asked.hidden),
        ),
        (
            "--activation",
            checkpoint.activation.to_string(),
            asked.activation.to_string(),
        ),
        (
            "--loss",
            checkpoint.loss.to_string(),
            asked.loss.to_string(),
        ),
        (
            "--validation",
            checkpoint.validation_fraction.to_string(),
            asked.validation_fraction.to_string(),
        ),
        ("--l2", c.l2_penalty.to_string(), a.l2_penalty.to_string()),
        ("--seed", c.seed.to_string(), a.seed.to_string()),
        ("--epochs", c.epochs.to_string(), a.epochs.to_string()),
        (
            "--batch",
            batch_words(c.batch_size),
            batch_words(a.batch_size),
        ),
        (
            "--optimizer",
            format!("{:?}", c.optimizer),
            format!("{:?}", a.optimizer),
        ),
        (
            "--learning-rate",
            c.learning_rate.to_string(),
            a.learning_rate.to_string(),
        ),
        (
            "--schedule",
            format!("{:?}", c.schedule),
            format!("{:?}", a.schedule),
        ),
        (
            "--clip-norm",
            format!("{:?}", c.clip_norm),
            format!("{:?}", a.clip_norm),
        ),
        (
            "--patience",
            patience_words(c.early_stopping),
            patience_words(a.early_stopping),
        ),
    ];
    in_words(pairs)
}

fn batch_words(size: Option<usize>) -> String {
    size.map_or_else(|| "all".to_string(), |size| size.to_string())
}

fn patience_words(early: Option<EarlyStopping>) -> String {
    early.map_or_else(|| "none".to_string(), |early| early.patience.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_left_out_keep_what_a_checkpoint_says() {
        let checkpoint = with_training(
            RegressorSettings::default(),
            &TrainingArgs {
                optimizer: Some(Optimizer::ADAM_W),
                weight_decay: Some(0.3),
                ..TrainingArgs::default()
            },
        );
        let checkpoint = checkpoint.unwrap();
        let same = TrainingArgs {
            optimizer: Some(Optimizer::ADAM_W),
            threads: Some(7),
            ..TrainingArgs::default()
        };
        let asked = with_training(checkpoint.clone(), &same).unwrap();
        assert_eq!(
            differences_of_one(&checkpoint, &asked),
            Vec::<String>::new()
        );
        let other = TrainingArgs {
            epochs: Some(3),
            batch: Some(Batch(None)),
            ..TrainingArgs::default()
        };
        let asked = with_training(checkpoint.clone(), &other).unwrap();
        assert_eq!(differences_of_one(&checkpoint, &asked).len(), 2);
    }
}
