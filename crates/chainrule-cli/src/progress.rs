//! A training's progress bar on standard error, shown only where that is a terminal.

use std::time::Duration;

use chainrule::training::Event;
use chainrule_tabular::{MemberEvent, Whole};
use indicatif::{ProgressBar, ProgressStyle};

use crate::numbers::significant;

/// The bar of a training of a known number of epochs. It vanishes when dropped.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for all that is to be done, of which so many epochs are finished.
    pub fn new(whole: Whole, done: usize) -> Self {
        let bar = ProgressBar::new(whole.epochs as u64);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:30} epoch {pos}/{len}  {msg}  {elapsed}, {eta} left")
        {
            bar.set_style(style);
        }
        bar.set_position(done as u64);
        bar.enable_steady_tick(Duration::from_millis(250));
        Progress { bar }
    }

    /// Shows what a training tells.
    pub fn show(&self, told: MemberEvent) {
        let Event::Epoch(record) = told.event else {
            return;
        };
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_length(told.of.epochs as u64); // more than at first where networks are trained on all rows
        match told.of.members {
            1 => self.bar.set_position(record.epoch as u64),
            _ => self.bar.inc(1),
        }
        let loss = significant(record.training_loss, 4);
        let losses = match record.validation_loss {
            Some(validation) => format!("loss {loss}, validation {}", significant(validation, 4)),
            None => format!("loss {loss}"),
        };
        self.bar.set_message(match told.of.members {
            1 => losses,
            all => format!("network {} of {all}: {losses}", told.member + 1),
        });
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
