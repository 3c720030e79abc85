//! Many texts at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::bench::Bench;
use crate::error::Error;

/// Calls `one` for `0..count` on up to `threads` threads and returns the answers in order.
pub(super) fn spread<R: Send>(
    count: usize,
    threads: usize,
    one: &(impl Fn(&mut Bench, usize) -> R + Sync),
) -> Result<Vec<R>, Error> {
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut done, mut bench) = (Vec::new(), Bench::default());
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return done;
            }
            done.push((index, one(&mut bench, index)));
        }
    };
    // All are joined before any is asked how it ended: a scope panics for a failed thread it joins.
    let ended: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(count)).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect()
    });
    let mut done = Vec::with_capacity(count);
    for worker in ended {
        done.extend(worker.map_err(|_| Error::Worker)?);
    }
    done.sort_unstable_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, answer)| answer).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_fails_is_an_error() {
        let fail = |_: &mut Bench, index: usize| assert!(index < 1, "on purpose");
        assert_eq!(spread(3, 2, &fail), Err(Error::Worker));
    }
}
