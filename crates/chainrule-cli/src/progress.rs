//! A training's progress bar on standard error, shown only where that is a terminal.

use std::time::Duration;

use chainrule::training::Event;
use indicatif::{ProgressBar, ProgressStyle};

use crate::numbers::significant;

/// The bar of a training of a known number of epochs. It vanishes when dropped.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar that begins at zero, or further on at a resumed training's first event.
    pub fn of_epochs(epochs: usize) -> Self {
        let bar = ProgressBar::new(epochs as u64);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:30} epoch {pos}/{len}  {msg}  {elapsed}, {eta} left")
        {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(250));
        Progress { bar }
    }

    /// Shows what a training tells.
    pub fn show(&self, event: Event) {
        let Event::Epoch(record) = event else { return };
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_position(record.epoch as u64);
        let loss = significant(record.training_loss, 4);
        self.bar.set_message(match record.validation_loss {
            Some(validation) => format!("loss {loss}, validation {}", significant(validation, 4)),
            None => format!("loss {loss}"),
        });
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
