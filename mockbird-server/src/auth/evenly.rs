//! Work whose time tells nothing.

use std::future::Future;
use std::time::Duration;

/// Longer than the hash of a password and a few writes take.
const TIME: Duration = Duration::from_millis(250);

/// Does the work, and ends no sooner than all such work does: whoever waits does not learn from the time what was found.
pub fn evenly<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    // Work with a database is a large future, and this one holds it twice.
    let work = Box::pin(work);
    async move {
        let (done, ()) = tokio::join!(work, tokio::time::sleep(TIME));
        done
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, sleep};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn more_work_and_less_end_at_one_time() {
        let mut ends = Vec::new();
        for ms in [0, 20, 200] {
            let before = Instant::now();
            let done = evenly(async {
                sleep(Duration::from_millis(ms)).await;
                ms
            });
            assert_eq!(done.await, ms);
            ends.push(before.elapsed());
        }
        ends.dedup();
        assert_eq!(ends.len(), 1, "{ends:?}");
    }
}
