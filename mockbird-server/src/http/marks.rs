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
    /// How many replies are begun whose bodies are yet to end.
    streaming: AtomicUsize,
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

/// A reply whose body is being sent, for as long as this lives.
#[derive(Debug)]
pub(super) struct Streaming(Arc<Marks>);

impl Drop for Streaming {
    fn drop(&mut self) {
        self.0.streaming.fetch_sub(1, Ordering::Relaxed);
        // Its end is yet to be sent.
        self.0.reply();
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

    /// The service goes on with a reply that is begun.
    pub(super) fn stream(self: Arc<Self>) -> Streaming {
        self.streaming.fetch_add(1, Ordering::Relaxed);
        Streaming(self)
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

    /// Whether there is neither a request without its reply nor a reply that is not sent to its end.
    pub(super) fn is_idle(&self) -> bool {
        let is_streaming = self.streaming.load(Ordering::Relaxed) > 0;
        !self.is_working() && !is_streaming && !self.has_replied()
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
