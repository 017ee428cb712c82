//! Members trained side by side: each on one thread, as many at a time as there are threads.
//!
//! A member knows nothing of the others, so neither their number nor their order changes a bit of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use chainrule::training::{Control, Event, Outcome, TrainingError};

use super::bag::Task;
use super::{MemberEvent, Whole};

/// Runs those tasks that are not done on `threads` threads, the calling one among them, until they are done or the
/// listener says stop. They are numbered from `first` on.
///
/// A training that diverges ends with its best epoch; one that diverges in its first epoch ends all.
pub(super) fn run(
    tasks: Vec<Task>,
    first: usize,
    of: Whole,
    threads: usize,
    on_event: &mut (dyn FnMut(MemberEvent) -> Control + Send),
) -> Result<Outcome, TrainingError> {
    let numbered = tasks.into_iter().zip(first..);
    let tasks: Vec<_> = numbered.filter(|(task, _)| !task.is_done()).collect();
    let helpers = threads.min(tasks.len()).saturating_sub(1);
    let queue = Mutex::new(tasks.into_iter());
    let listener = Mutex::new(on_event);
    let stopped = AtomicBool::new(false);
    let failure = Mutex::new(None);
    let work = || {
        while !stopped.load(Ordering::Relaxed) {
            let Some((mut task, member)) = lock(&queue).next() else {
                return;
            };
            let mut listen = |event: Event| {
                if lock(&listener)(MemberEvent { member, of, event }) == Control::Stop {
                    stopped.store(true, Ordering::Relaxed);
                }
                match stopped.load(Ordering::Relaxed) {
                    true => Control::Stop,
                    false => Control::Continue,
                }
            };
            if let Err(error) = task.run(&mut listen)
                && !task.give_up()
            {
                lock(&failure).get_or_insert(error);
                stopped.store(true, Ordering::Relaxed);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..helpers {
            // A system that starts no more threads leaves the work to those that there are.
            if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None if stopped.into_inner() => Ok(Outcome::Interrupted),
        None => Ok(Outcome::Finished),
    }
}

/// Whoever panics with a lock ends the scope with its panic: nobody reads what it left.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
