//! What service and socket of one connection tell each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// How a connection gets on.
///
/// All but the number of those at work belongs to the connection's own task, so that loads and stores do.
#[derive(Debug, Default)]
pub(super) struct Marks {
    /// How often the connection got on: a request came, or bytes went.
    steps: AtomicUsize,
    /// How many requests have come whose replies are yet to be made.
    working: AtomicUsize,
    /// A reply of the service is about to be written.
    replied: AtomicBool,
    /// The last reply was a refusal: there may be input that nobody will read.
    refused: AtomicBool,
}

/// A request whose reply is being made, for as long as this lives.
#[derive(Debug)]
pub(super) struct Working(Arc<Marks>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.working.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Marks {
    /// The connection got on.
    pub(super) fn step(&self) {
        let steps = self.steps.load(Ordering::Relaxed);
        self.steps.store(steps.wrapping_add(1), Ordering::Relaxed);
    }

    /// Another number each time after the connection got on.
    pub(super) fn steps(&self) -> usize {
        self.steps.load(Ordering::Relaxed)
    }

    /// The service takes its time for a reply.
    pub(super) fn work(self: &Arc<Self>) -> Working {
        self.working.fetch_add(1, Ordering::Relaxed);
        Working(Arc::clone(self))
    }

    /// Whether the service is at work.
    pub(super) fn is_working(&self) -> bool {
        self.working.load(Ordering::Relaxed) > 0
    }

    /// The service has replied.
    pub(super) fn reply(&self) {
        self.replied.store(true, Ordering::Relaxed);
    }

    /// All that was replied is on its way: what is written next is new.
    pub(super) fn sent(&self) {
        self.replied.store(false, Ordering::Relaxed);
    }

    /// Whether there is a reply that is not sent.
    pub(super) fn has_replied(&self) -> bool {
        self.replied.load(Ordering::Relaxed)
    }

    /// Whether there is neither a request without its reply nor a reply that is not sent.
    pub(super) fn is_idle(&self) -> bool {
        !self.is_working() && !self.has_replied()
    }

    /// The service has left the body of a request where it was.
    pub(super) fn refuse(&self) {
        self.refused.store(true, Ordering::Relaxed);
    }

    /// Whether the last reply was a refusal.
    pub(super) fn has_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }
}
