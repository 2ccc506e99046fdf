//! The wish to stop, seen by everyone who serves.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Tells the listener and its connections to come to an end.
#[derive(Debug, Default)]
pub struct Stop {
    requested: AtomicBool,
    notify: Notify,
}

impl Stop {
    /// Asks everyone to stop; asking again changes nothing.
    pub fn request(&self) {
        self.requested.store(true, Ordering::Release);
        self.notify.notify_waiters();
    }

    /// True once it has been asked for.
    pub fn is_requested(&self) -> bool {
        self.requested.load(Ordering::Acquire)
    }

    /// Ends when it is asked for after this call; whoever waits looks at [`Stop::is_requested`] too.
    pub(super) fn signal(&self) -> Notified<'_> {
        self.notify.notified()
    }

    /// Waits until it is asked for.
    pub async fn requested(&self) {
        let signal = self.signal();
        if !self.is_requested() {
            signal.await;
        }
    }
}
