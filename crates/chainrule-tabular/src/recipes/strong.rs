//! The strong recipe: bags of networks over several encodings, as many and as long as the table's size allows.
//!
//! All members learn by AdamW under a cosine and keep the epoch that predicts their own fold best. The bags differ in
//! what wins on different tables: bins or none, kinks or smooth bends, short or long, a weak or a strong decay, a
//! straight line. Their errors out of fold decide which of them count, and which get further networks on all rows.

use chainrule::activation_functions::Activation;
use chainrule::loss_functions::Loss;
use chainrule::neural_networks::Init;
use chainrule::optimizers::{Optimizer, Schedule};
use chainrule::training::TrainingSettings;

use super::{Composition, TableFacts, Wishes};
use crate::RegressorSettings;
use crate::encoding::{EncodingSettings, TargetTransform};

/// Rows times columns up to which a table is small: its networks are trained for long.
const SMALL: usize = 40_000;

/// Rows from which on a table is large: its networks are wide, and of few kinds.
const LARGE: usize = 10_000;

/// Epochs of a small table, for variants of full length.
const MOST_EPOCHS: usize = 150;

/// Epochs of a large table, for variants of full length.
const MOST_EPOCHS_OF_LARGE: usize = 100;

/// Even the largest table is gone through so often.
const FEWEST_EPOCHS: usize = 15;

/// Rows times columns times epochs that a member of a larger table is trained for: some seconds.
const WORK: usize = 24_000_000;

/// Directions between each axis and the next in which pairs of numbers of a large table get bins.
const DIRECTIONS: usize = 5;

/// In what a bag differs from the others.
struct Variant {
    bins: usize,
    hidden: &'static [usize],
    activation: Activation,
    learning_rate: f64,
    decay: f64,
    /// Its share of the epochs.
    length: f64,
    /// How many times the usual number of rows make a batch.
    batch: usize,
    target: TargetTransform,
}

/// A straight line over the robust scale: the best that can be done where rows are few and noisy.
const LINE: Variant = Variant {
    bins: 0,
    hidden: &[],
    activation: Activation::ReLU,
    learning_rate: 0.01,
    decay: 0.1,
    length: 0.5,
    batch: 1,
    target: TargetTransform::None,
};

/// Smooth functions of smooth inputs.
const SMOOTH: Variant = Variant {
    hidden: &[128, 128],
    activation: Activation::SiLU,
    learning_rate: 0.004,
    length: 1.0,
    batch: 2,
    ..LINE
};

/// Held back strongly and ended soon: for tables with much noise.
const STIFF: Variant = Variant {
    bins: 16,
    learning_rate: 0.003,
    decay: 1.0,
    length: 0.2,
    batch: 1,
    ..SMOOTH
};

/// The same for the logarithm of the target: it counts only if it is the best of all.
const LOGARITHM: Variant = Variant {
    target: TargetTransform::Log,
    ..STIFF
};

/// Steps and kinks, the kind of function that trees find, ended soon.
const KINKS: Variant = Variant {
    activation: Activation::ReLU,
    decay: 0.1,
    ..STIFF
};

/// Fine steps with smooth bends.
const FINE: Variant = Variant {
    bins: 32,
    learning_rate: 0.006,
    ..SMOOTH
};

/// Fine steps and kinks: for tables with little noise.
const FINE_KINKS: Variant = Variant {
    hidden: &[128, 128, 128],
    activation: Activation::ReLU,
    learning_rate: 0.004,
    decay: 0.3,
    ..FINE
};

/// Fine steps with smooth bends, wide, for tables of many rows.
const WIDE_FINE: Variant = Variant {
    hidden: &[256, 256],
    learning_rate: 0.002,
    batch: 1,
    ..FINE
};

/// Finer steps and kinks, wide.
const WIDE_KINKS: Variant = Variant {
    bins: 128,
    activation: Activation::ReLU,
    ..WIDE_FINE
};

/// What is trained on such a table.
pub(super) fn compose(table: TableFacts, wishes: &Wishes) -> Composition {
    let cells = table.rows.saturating_mul(table.columns.max(1));
    let is_small = cells <= SMALL;
    let is_large = table.rows >= LARGE;
    let variants: &[Variant] = match is_large {
        false => &[LINE, SMOOTH, STIFF, KINKS, FINE, FINE_KINKS],
        true => &[WIDE_KINKS, WIDE_FINE],
    };
    // A loss that was asked for is that of the target as it is.
    let of_logarithm = table.long_tail && !is_large && wishes.loss.is_none();
    let most_epochs = match is_large {
        false => MOST_EPOCHS,
        true => MOST_EPOCHS_OF_LARGE,
    };
    let epochs = match is_small {
        true => MOST_EPOCHS,
        false => (WORK / cells).clamp(FEWEST_EPOCHS, most_epochs),
    };
    let batch = match table.rows {
        0..4_000 => 32,
        4_000..LARGE => 64,
        LARGE..30_000 => 128,
        _ => 256,
    };
    let folds = wishes.folds.unwrap_or(if is_small { 8 } else { 5 });
    let oblique = if is_large { DIRECTIONS } else { 0 };
    let settings = |variant: &Variant| settings(variant, epochs, batch, oblique, wishes);
    Composition {
        folds: folds.min(table.rows).max(2),
        refits: folds.div_ceil(3),
        refit_length: if is_small { 2 } else { 1 },
        bags: variants
            .iter()
            .chain(of_logarithm.then_some(&LOGARITHM))
            .map(settings)
            .collect(),
    }
}

fn settings(
    variant: &Variant,
    epochs: usize,
    batch: usize,
    oblique: usize,
    wishes: &Wishes,
) -> RegressorSettings {
    let optimizer = match Optimizer::ADAM_W {
        Optimizer::AdamW {
            beta1,
            beta2,
            epsilon,
            ..
        } => Optimizer::AdamW {
            beta1,
            beta2,
            epsilon,
            weight_decay: variant.decay,
        },
        other => other,
    };
    RegressorSettings {
        hidden: variant.hidden.to_vec(),
        activation: variant.activation.into(),
        loss: wishes.loss.unwrap_or(Loss::MeanSquareError),
        init: Init::He,
        validation_fraction: 0.0,
        target: variant.target,
        encoding: EncodingSettings {
            bins: variant.bins,
            level_means: true,
            oblique,
        },
        training: TrainingSettings {
            epochs: (variant.length * epochs as f64).round() as usize,
            batch_size: Some(variant.batch * batch),
            optimizer,
            learning_rate: variant.learning_rate,
            schedule: Schedule::Cosine,
            seed: wishes.seed,
            threads: 0,
            ..TrainingSettings::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_composition_follows_from_the_size_alone_and_always_has_a_meaning() {
        let of = |rows, columns| {
            let facts = TableFacts {
                rows,
                columns,
                long_tail: false,
            };
            compose(facts, &Wishes::default())
        };
        for rows in [3, 10, 1_000, 5_000, 20_000, 100_000, 10_000_000] {
            for columns in [1, 8, 80, 10_000] {
                let composition = of(rows, columns);
                composition.validate().unwrap();
                assert_eq!(composition, of(rows, columns));
            }
        }
        assert_eq!((of(1_000, 8).bags.len(), of(1_000, 8).folds), (6, 8));
        assert_eq!((of(16_500, 9).bags.len(), of(16_500, 9).folds), (2, 5));
        assert_eq!(of(16_500, 9).bags[0].training.epochs, 100);
        assert_eq!(of(43_152, 9).bags[0].training.epochs, 61);
        assert_eq!(of(3, 1).folds, 3);
    }

    #[test]
    fn wishes_are_granted() {
        let wishes = Wishes {
            loss: Some(Loss::MeanAbsoluteError),
            seed: 9,
            folds: Some(4),
        };
        let composition = compose(
            TableFacts {
                rows: 500,
                columns: 4,
                long_tail: true,
            },
            &wishes,
        );
        assert_eq!(composition.folds, 4);
        for bag in &composition.bags {
            assert_eq!((bag.loss, bag.training.seed), (Loss::MeanAbsoluteError, 9));
        }
    }
}
