//! How a batch is cut into blocks of rows: by shapes and the number of threads, between groups of rows that are summed
//! up together.

use std::ops::Range;

use crate::linear_algebra::GROUP;

/// At most one thread for each so many groups of rows takes part: with fewer it would cost more than it saves.
const GROUPS_PER_THREAD: usize = 4;
/// At most this many groups are in flight in a thread: the bound on the activations' memory.
const LARGE_BLOCK: usize = 16;

/// How many groups so many rows are: [`GROUP`] rows each, the last with what remains.
pub(super) fn group_count(rows: usize) -> usize {
    rows.div_ceil(GROUP).max(1)
}

/// How many groups a block may have in batches of up to `max_rows` that so many threads share.
pub(super) fn block_groups(max_rows: usize, threads: usize) -> usize {
    let groups = group_count(max_rows);
    let share = groups.div_ceil(threads);
    share.clamp(GROUPS_PER_THREAD, LARGE_BLOCK).min(groups)
}

/// How many blocks of at most `block_groups` groups a batch is cut into. A single row, whose sums are taken in another
/// order, is a block only where blocks are one group, for any number of threads.
pub(super) fn block_count(rows: usize, threads: usize, block_groups: usize) -> usize {
    let groups = group_count(rows);
    let shared = threads.min(groups.div_ceil(GROUPS_PER_THREAD));
    shared.max(groups.div_ceil(block_groups))
}

/// Part `index` of `rows` rows that are cut, between groups, into `parts` nearly equal parts.
pub(super) fn part(rows: usize, parts: usize, index: usize) -> Range<usize> {
    let start = |index: usize| match index {
        0 => 0, // Most batches are one block: nothing is divided.
        _ if index == parts => rows,
        _ => group_count(rows) * index / parts * GROUP,
    };
    start(index)..start(index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_whole_groups_that_fit_their_memory() {
        for max_rows in [1, 33, 100, 128, 129, 500, 513, 2_048, 2_049, 10_000] {
            for (threads, threads_later) in [(1, 1), (1, 3), (2, 2), (3, 1), (5, 8)] {
                let block_groups = block_groups(max_rows, threads);
                assert!(block_groups * GROUP < max_rows + GROUP);
                for rows in [1, max_rows / 2, max_rows, 3 * max_rows].map(|rows| rows.max(1)) {
                    let blocks = block_count(rows, threads_later, block_groups);
                    let mut end = 0;
                    for index in 0..blocks {
                        let block = part(rows, blocks, index);
                        assert_eq!((block.start, block.start % GROUP), (end, 0));
                        assert!(block.len() <= block_groups * GROUP, "{rows} of {max_rows}");
                        assert!(block.len() > 1 || rows == 1 || block_groups == 1);
                        end = block.end;
                    }
                    assert_eq!(end, rows);
                }
            }
        }
    }
}
