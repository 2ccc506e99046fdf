//! Wakes those who wait for something to become true, on whatever thread or executor they are.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering, fence};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use tokio::sync::Notify;

use crate::server::sleep;

#[derive(Debug, Default)]
pub(super) struct Signal {
    waiting: AtomicUsize,
    notify: Notify,
}

impl Signal {
    /// Wakes all who wait. If there is nobody, that is all there is to see.
    pub(super) fn send(&self) {
        // Either we see who waits, or who waits sees what was done before.
        fence(Ordering::SeqCst);
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.notify.notify_waiters();
        }
    }

    /// Waits until `enough` says so, which is asked at once and after each [`Signal::send`]; false if the time is over.
    pub(super) async fn wait_until(
        &self,
        time: Duration,
        mut enough: impl FnMut() -> bool,
    ) -> bool {
        let _waiting = Waiting::begin(&self.waiting);
        // The clock is that of the servers' runtime: the caller may have none.
        let mut end = pin!(sleep(time));
        loop {
            // Made before the question, so that what comes after it is not missed.
            let mut more = pin!(self.notify.notified());
            more.as_mut().enable();
            if enough() {
                return true;
            }
            let in_time = std::future::poll_fn(|context| {
                if more.as_mut().poll(context).is_ready() {
                    return Poll::Ready(true);
                }
                end.as_mut().poll(context).map(|()| false)
            });
            if !in_time.await {
                return enough();
            }
        }
    }
}

/// One who waits, counted.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Drives a future on this thread, which may belong to a runtime or not.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(50);

    #[test]
    fn no_wake_up_is_lost() {
        const ROUNDS: usize = 2_000;
        let (signal, done) = (Signal::default(), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for round in 1..=ROUNDS {
                        let enough = || done.load(Ordering::Relaxed) >= round;
                        assert!(block_on(signal.wait_until(PATIENCE, enough)), "{round}");
                    }
                });
            }
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..ROUNDS / 2 {
                        done.fetch_add(1, Ordering::Relaxed);
                        signal.send();
                    }
                });
            }
        });
        assert_eq!(signal.waiting.into_inner(), 0);
    }

    #[test]
    fn time_ends_the_wait() {
        let signal = Signal::default();
        assert!(!block_on(
            signal.wait_until(Duration::from_millis(1), || false)
        ));
        assert!(block_on(signal.wait_until(Duration::ZERO, || true)));
    }
}
