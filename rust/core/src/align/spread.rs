//! Many texts at once.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::bench::Bench;
use crate::error::Error;
use crate::threads::together;

/// Into how many parts the texts of each thread are divided, unless they are too few or too many.
const PARTS: usize = 16;

/// The most texts of a part.
const LARGEST: usize = 64;

/// Calls `one` for all of `0..count`, part by part, on up to `threads` threads and returns the answers in
/// order.
pub(super) fn spread<R: Send>(
    count: usize,
    threads: usize,
    one: &(impl Fn(&mut Bench, Range<usize>) -> R + Sync),
) -> Result<Vec<R>, Error> {
    let size = (count / threads.saturating_mul(PARTS)).clamp(1, LARGEST);
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut done, mut bench) = (Vec::new(), Bench::default());
        loop {
            let first = next.fetch_add(size, Ordering::Relaxed);
            if first >= count {
                return done;
            }
            done.push((first, one(&mut bench, first..count.min(first + size))));
        }
    };
    let mut done = Vec::with_capacity(count);
    for worker in together(threads.min(count.div_ceil(size)), work) {
        done.extend(worker.map_err(|_| Error::Worker)?);
    }
    done.sort_unstable_by_key(|(first, _)| *first);
    Ok(done.into_iter().map(|(_, answer)| answer).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_fails_is_an_error() {
        let fail = |_: &mut Bench, range: Range<usize>| assert!(range.start < 1, "on purpose");
        assert_eq!(spread(3, 2, &fail), Err(Error::Worker));
    }

    #[test]
    fn every_number_is_in_one_part() {
        for (count, threads) in [(0, 2), (1, 2), (33, 2), (100, 3), (5000, 2)] {
            let parts = spread(count, threads, &|_: &mut Bench, range: Range<usize>| range);
            let all: Vec<usize> = parts.into_iter().flatten().flatten().collect();
            assert_eq!(all, (0..count).collect::<Vec<_>>());
        }
    }
}
