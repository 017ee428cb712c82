//! The model in words and numbers, for people.

use std::fmt::Write;

use super::Regressor;
use crate::intervals::INTERVAL_LEVEL;
use crate::numbers::{aligned, significant, six_digits};
use crate::reasons::Importance;
use crate::shown::label;

/// The most columns whose importance is told.
const IMPORTANT: usize = 20;

impl Regressor {
    /// The network's layers, what is made of each column, the settings, how the training went, and how much the model
    /// needs each column.
    pub fn describe(&self) -> String {
        let mut text = String::new();
        self.describe_bags(&mut text);
        let _ = write!(text, "{}\n\n", self.network().describe().trim_end());
        self.describe_columns(&mut text);
        self.describe_training(&mut text);
        if let Some(importance) = self.importance() {
            describe_importance(importance, &mut text);
        }
        self.describe_errors(&mut text);
        text
    }

    /// A line for each bag, if there are several networks; what follows is said of the first.
    fn describe_bags(&self, text: &mut String) {
        if self.members() == 1 {
            return;
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "the mean of {} networks:", self.members());
        for bag in self.bags() {
            let settings = bag.settings();
            let _ = writeln!(
                text,
                "  {:>3} of {} inputs ({} bins a number), hidden layers {:?} {}, target {}, share {}{}",
                bag.networks().len(),
                bag.encoding().inputs(),
                settings.encoding.bins,
                settings.hidden,
                settings.activation,
                settings.target,
                six_digits(bag.weight()),
                if bag.saw_all_rows() {
                    ", from all rows"
                } else {
                    ""
                },
            );
        }
        let _ = writeln!(text, "\nthe first of them:");
    }

    /// How good it was on rows that the predicting networks had not seen.
    fn describe_errors(&self, text: &mut String) {
        let Some(unseen) = self.unseen() else { return };
        let whose = match unseen.folds {
            0 => "rows kept for validation".to_owned(),
            folds => format!("rows, each by the networks without its fold, of {folds}"),
        };
        let _ = write!(
            text,
            "\nroot mean square error on {} {whose}: {}",
            unseen.evaluation.rows,
            six_digits(unseen.evaluation.rmse)
        );
        if let Some(spread) = unseen.spread {
            let _ = write!(text, " (± {} from fold to fold)", six_digits(spread));
        }
        if let Some(intervals) = self.intervals() {
            let _ = write!(text, "\n{}", intervals.band(INTERVAL_LEVEL).in_words());
        }
    }

    fn describe_columns(&self, text: &mut String) {
        let scale = self.target_scale().scale();
        let (mean, unit) = (six_digits(scale.mean()), six_digits(scale.scale()));
        let mut lines =
            vec![["column", "kind", "inputs", "learnt from the training rows"].map(str::to_owned)];
        for (name, kind, learnt, inputs) in self.encoding().describe() {
            lines.push([label(&name), kind.to_owned(), inputs.to_string(), learnt]);
        }
        let target = [
            label(self.target()),
            "target".to_owned(),
            "-".to_owned(),
            format!("mean {mean}, scale {unit}"),
        ];
        lines.push(target);
        let width = |j: usize| {
            lines
                .iter()
                .map(|line| line[j].chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths = [width(0), width(1), width(2)];
        for [name, kind, inputs, learnt] in &lines {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{name:w0$}  {kind:w1$}  {inputs:>w2$}  {learnt}",
                w0 = widths[0],
                w1 = widths[1],
                w2 = widths[2]
            );
        }
        text.push('\n');
    }

    fn describe_training(&self, text: &mut String) {
        let settings = self.settings();
        let training = &settings.training;
        let batch = training
            .batch_size
            .map_or("all rows".to_owned(), |size| format!("{size} rows"));
        let _ = writeln!(
            text,
            "trained with {}, learning rate {}, schedule {}, batches of {batch}, L2 penalty {}, validation fraction {}, seed {}",
            training.optimizer,
            training.learning_rate,
            training.schedule,
            training.l2_penalty,
            settings.validation_fraction,
            training.seed
        );
        match self.history().last() {
            None => text.push_str("not trained for a whole epoch yet"),
            Some(last) => {
                let _ = write!(
                    text,
                    "after epoch {} of {}: training loss {}",
                    last.epoch,
                    training.epochs,
                    six_digits(last.training_loss)
                );
                if let Some(loss) = last.validation_loss {
                    let _ = write!(text, ", validation loss {}", six_digits(loss));
                }
            }
        }
        if let Some((loss, epoch)) = self.best_epoch() {
            let loss = six_digits(loss);
            let _ = write!(text, "\nbest validation loss {loss}, after epoch {epoch}");
        }
    }

    /// The least validation loss and the epoch that reached it, if rows were kept for validation.
    pub fn best_epoch(&self) -> Option<(f64, usize)> {
        let losses = self
            .history()
            .iter()
            .filter_map(|record| Some((record.validation_loss?, record.epoch)));
        losses.min_by(|a, b| a.0.total_cmp(&b.0))
    }
}

/// The columns that the model needs most.
fn describe_importance(importance: &Importance, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "\n\nimportance: by how much the root mean square error of {} rows, {}, by networks that had not seen them, rises\n\
         when a column's values are shuffled (± from shuffle to shuffle); columns that tell the same share it",
        importance.rows,
        significant(importance.rmse, 3)
    );
    let ranked = importance.ranked();
    let shown = &ranked[..ranked.len().min(IMPORTANT)];
    let rises = shown.iter().map(|column| column.rise);
    let spreads = shown.iter().map(|column| column.over_shuffles);
    let numbers = aligned(&rises.chain(spreads).collect::<Vec<f64>>(), 3);
    let (rises, spreads) = numbers.split_at(shown.len());
    let labels: Vec<String> = shown.iter().map(|column| label(&column.column)).collect();
    let width = |texts: &[String]| texts.iter().map(|text| text.chars().count()).max();
    let [w0, w1] = [&labels, rises].map(|texts| width(texts).unwrap_or(0));
    for ((label, rise), spread) in labels.iter().zip(rises).zip(spreads) {
        let _ = writeln!(text, "  {label:w0$}  {rise:>w1$}  ± {spread}");
    }
    if let more @ 1.. = ranked.len() - shown.len() {
        let _ = writeln!(text, "  and {more} more columns, which it needs less");
    }
}
