//! When a training that has so much time ends.

use std::time::{Duration, Instant};

use chainrule::training::Event;

use super::{Fitting, MemberEvent};

/// The moment at which a training ends; later, if no network has finished an epoch by then, for there is no model
/// before.
#[derive(Clone, Debug)]
pub struct Deadline {
    at: Option<Instant>,
    has_model: bool,
}

impl Deadline {
    /// So much time after `start`; never, if that is None.
    pub fn new(start: Instant, time: Option<Duration>, fitting: &Fitting) -> Deadline {
        Deadline {
            at: time.and_then(|time| start.checked_add(time)),
            has_model: fitting.finished_epochs() > 0,
        }
    }

    /// Takes in what the training tells.
    pub fn hear(&mut self, told: &MemberEvent) {
        self.has_model |= matches!(told.event, Event::Epoch(_));
    }

    /// Whether the training has to end.
    pub fn is_over(&self) -> bool {
        self.has_passed() && self.has_model
    }

    /// Whether it goes on beyond its time, until a network has finished its first epoch.
    pub fn is_overdrawn(&self) -> bool {
        self.has_passed() && !self.has_model
    }

    fn has_passed(&self) -> bool {
        self.at.is_some_and(|at| Instant::now() >= at)
    }
}
