//! A table's blocks, read by one thread and worked on by others, in their order.
//!
//! ```text
//!            ┌─> worker 0: blocks 0, 2, 4, ... ─┐
//! reader ────┤                                  ├──> whoever takes them, in turns
//!            └─> worker 1: blocks 1, 3, 5, ... ─┘
//! ```
//!
//! No thread is waited for: the reader may stand before a pipe that nobody closes when all that was wanted has been
//! taken.

use std::io;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use chainrule_tabular::TableError;
use chainrule_tabular::table::{PlannedBlock, PlannedReader};

/// How many blocks wait in front of each worker, and behind it.
const WAITING: usize = 1;

/// The most workers: more would wait for the reader, each with blocks in memory.
const MOST_WORKERS: usize = 8;

/// What comes next.
pub enum Next<T> {
    /// A block, and what was made of it.
    Block(PlannedBlock, T),
    /// Nothing more; the reader knows what it has found.
    End(Box<PlannedReader>),
    /// The table cannot be read any further.
    Failed(TableError),
}

/// What other threads are working on.
pub struct Ahead<T> {
    workers: Vec<Receiver<Next<T>>>,
    taken: usize,
}

impl<T: Send + 'static> Ahead<T> {
    /// Begins to read, with a worker on each processor, up to a few.
    ///
    /// # Errors
    ///
    /// If a thread cannot be started.
    pub fn of(
        reader: PlannedReader,
        work: impl Fn(&PlannedBlock) -> T + Send + Sync + 'static,
    ) -> io::Result<Ahead<T>> {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let work = Arc::new(work);
        let (mut to_workers, mut from_workers) = (Vec::new(), Vec::new());
        for _ in 0..processors.min(MOST_WORKERS) {
            let (give, given) = sync_channel(WAITING);
            let (tell, told) = sync_channel(WAITING);
            let work = Arc::clone(&work);
            thread::Builder::new().spawn(move || {
                for next in given {
                    let next = match next {
                        Next::Block(block, ()) => {
                            let made = work(&block);
                            Next::Block(block, made)
                        }
                        Next::End(reader) => Next::End(reader),
                        Next::Failed(error) => Next::Failed(error),
                    };
                    if tell.send(next).is_err() {
                        break; // nobody takes it any more
                    }
                }
            })?;
            to_workers.push(give);
            from_workers.push(told);
        }
        thread::Builder::new().spawn(move || read(reader, &to_workers))?;
        Ok(Ahead {
            workers: from_workers,
            taken: 0,
        })
    }

    /// The next block, or the end.
    ///
    /// # Panics
    ///
    /// After the end, and if another thread has panicked.
    pub fn next(&mut self) -> Next<T> {
        let worker = &self.workers[self.taken % self.workers.len()];
        self.taken += 1;
        worker.recv().expect("each worker tells what it is given")
    }
}

/// Gives the blocks to the workers in turns, until the end or until nobody takes them any more.
fn read(mut reader: PlannedReader, workers: &[SyncSender<Next<()>>]) {
    for worker in workers.iter().cycle() {
        let next = match reader.next_block() {
            Ok(Some(block)) => Next::Block(block, ()),
            Ok(None) => {
                let _ = worker.send(Next::End(Box::new(reader)));
                return;
            }
            Err(error) => Next::Failed(error),
        };
        let is_last = matches!(next, Next::Failed(_));
        if worker.send(next).is_err() || is_last {
            return;
        }
    }
}
