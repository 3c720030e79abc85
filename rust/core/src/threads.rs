//! Work on several threads.

use std::iter;
use std::num::NonZero;
use std::panic::{self, AssertUnwindSafe};
use std::sync::LazyLock;
use std::thread::{self, Builder, ScopedJoinHandle};

/// The most threads for each processor: more would only wait, and take memory.
const EACH: usize = 4;

/// The most threads that there are.
static MOST: LazyLock<usize> =
    LazyLock::new(|| EACH * thread::available_parallelism().map_or(1, NonZero::get));

/// Calls `work` on this thread and on others, up to `threads` of them in all and at least one, and returns
/// how each call ended. Where the system gives fewer threads there are fewer calls.
pub(crate) fn together<R: Send>(
    threads: usize,
    work: impl Fn() -> R + Sync,
) -> Vec<thread::Result<R>> {
    let work = &work;
    thread::scope(|scope| {
        let others =
            (1..threads.min(*MOST)).map_while(|_| Builder::new().spawn_scoped(scope, work).ok());
        let others: Vec<_> = others.collect();
        let own = panic::catch_unwind(AssertUnwindSafe(work));
        // All are joined before any is asked how it ended: a scope panics for a failed thread it joins.
        let others = others.into_iter().map(ScopedJoinHandle::join);
        iter::once(own).chain(others).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn all_threads_work_and_a_failed_one_says_so() {
        let calls = AtomicUsize::new(0);
        let ended = together(3, || {
            assert!(calls.fetch_add(1, Ordering::Relaxed) < 2, "on purpose");
        });
        assert_eq!(ended.len(), 3);
        assert!(together(1_000_000, || 7).len() <= *MOST);
        assert_eq!(ended.iter().filter(|one| one.is_err()).count(), 1);
        assert_eq!(
            together(0, || 7).into_iter().flatten().collect::<Vec<_>>(),
            [7]
        );
    }
}
