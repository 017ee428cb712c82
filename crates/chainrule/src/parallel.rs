//! Sharing work among threads: only on a pool's threads, and never in a way that changes a result.
//!
//! Callers cut their work by shapes; here it is only decided who runs which piece. Outside of a `rayon` pool, and
//! without the `parallel` feature, the calling thread runs all of it.

/// Element-wise work on more elements than this is worth sharing: a piece takes some microseconds.
pub(crate) const SHARED_PIECE: usize = 16 * 1024;

/// The worker threads that were asked for could not be started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{threads} worker threads could not be started: {reason}")]
pub struct ThreadsError {
    threads: usize,
    reason: String,
}

/// Threads that one piece of work may be given: four times the processors of large machines, and far below what a
/// system starts.
pub const MOST_THREADS: usize = 1024;

/// How many threads can run at the same time here; further ones would wait for them.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Runs `work` where training steps and long predictions are shared among `threads` threads; 0 takes as many as the
/// machine has.
///
/// With 1 the calling thread does everything, as it does without the `parallel` feature.
///
/// # Errors
///
/// If there are more than [`MOST_THREADS`], or the system refuses to start them; `work` has not run then.
#[cfg(feature = "parallel")]
pub fn with_threads<T: Send>(
    threads: usize,
    work: impl FnOnce() -> T + Send,
) -> Result<T, ThreadsError> {
    if threads == 1 {
        return Ok(work());
    }
    if threads > MOST_THREADS {
        let reason = format!("at most {MOST_THREADS} are, and 0 stands for one on each processor");
        return Err(ThreadsError { threads, reason });
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| ThreadsError {
        threads,
        reason: error.to_string(),
    })?;
    Ok(pool.install(work))
}

/// Runs `work` on the calling thread: without the `parallel` feature there is no other.
///
/// # Errors
///
/// None; the signature is that of the parallel version.
#[cfg(not(feature = "parallel"))]
pub fn with_threads<T>(_threads: usize, work: impl FnOnce() -> T) -> Result<T, ThreadsError> {
    Ok(work())
}

/// How many threads share what the calling thread hands out.
pub(crate) fn threads() -> usize {
    #[cfg(feature = "parallel")]
    if rayon::current_thread_index().is_some() {
        return rayon::current_num_threads();
    }
    1
}

/// Runs both, at the same time where the caller is on a pool's thread.
pub(crate) fn join(a: impl FnOnce() + Send, b: impl FnOnce() + Send) {
    #[cfg(feature = "parallel")]
    if rayon::current_thread_index().is_some() {
        rayon::join(a, b);
        return;
    }
    a();
    b();
}

/// Calls `work` with the index of every item and the item.
pub(crate) fn for_each_mut<T: Send>(items: &mut [T], work: &(impl Fn(usize, &mut T) + Sync)) {
    fn from<T: Send>(first: usize, items: &mut [T], work: &(impl Fn(usize, &mut T) + Sync)) {
        match items {
            [] => {}
            [item] => work(first, item),
            _ => {
                let middle = items.len() / 2;
                let (left, right) = items.split_at_mut(middle);
                join(
                    || from(first, left, work),
                    || from(first + middle, right, work),
                );
            }
        }
    }
    from(0, items, work);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "parallel")]
    #[test]
    fn a_million_threads_are_refused_before_any_is_started() {
        let message = with_threads(1_000_000, || ()).unwrap_err().to_string();
        let begin = "1000000 worker threads could not be started: at most 1024 are";
        assert!(message.starts_with(begin), "{message}");
        with_threads(3, || ()).unwrap();
    }

    #[test]
    fn every_item_is_worked_on_once_inside_and_outside_of_a_pool() {
        let run = || {
            let mut items = [0usize; 13];
            for_each_mut(&mut items, &|index, item| *item += index + 1);
            items
        };
        let expected = std::array::from_fn(|index| index + 1);
        assert_eq!(run(), expected);
        #[cfg(feature = "parallel")]
        assert_eq!(
            rayon::ThreadPoolBuilder::new()
                .num_threads(3)
                .build()
                .unwrap()
                .install(run),
            expected
        );
    }
}
