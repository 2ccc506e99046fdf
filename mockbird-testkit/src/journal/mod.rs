//! What the server received, and how it answered.
//!
//! ```text
//! ring      the last requests, bounded in number and in bytes
//! signal    wakes those who wait for a request
//! ```

mod ring;
mod signal;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) use self::ring::Bounds;
use self::ring::Ring;
use self::signal::Signal;
pub(crate) use self::signal::block_on;
use crate::ReceivedRequest;

/// How many panics of the test's closures are kept; the others are counted.
const PANICS_MAX: usize = 10;

/// The requests of one server, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Journal {
    numbers: AtomicUsize,
    ring: Ring,
    signal: Signal,
    panics: Mutex<Panics>,
}

/// What went wrong in closures of the test.
#[derive(Clone, Debug, Default)]
pub(crate) struct Panics {
    pub(crate) first: Vec<String>,
    pub(crate) more: usize,
}

/// All that is known at one moment.
#[derive(Debug)]
pub(crate) struct Pages {
    /// Oldest first.
    pub(crate) requests: Vec<Arc<ReceivedRequest>>,
    /// How many older ones were forgotten.
    pub(crate) forgotten: usize,
    pub(crate) panics: Panics,
    /// How many requests are kept at most.
    pub(crate) bounds: Bounds,
}

impl Journal {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            numbers: AtomicUsize::new(0),
            ring: Ring::new(bounds),
            signal: Signal::default(),
            panics: Mutex::default(),
        }
    }

    /// The number of a request that has just come, from 1.
    pub(crate) fn next_number(&self) -> usize {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Keeps a request of which it is known who answers.
    pub(crate) fn add(&self, request: Arc<ReceivedRequest>) {
        self.ring.add(request);
    }

    /// Wakes who waits for something that was just written down.
    pub(crate) fn tell(&self) {
        self.signal.send();
    }

    pub(crate) fn add_panic(&self, text: String) {
        let mut panics = self.panics();
        if panics.first.len() < PANICS_MAX {
            panics.first.push(text);
        } else {
            panics.more += 1;
        }
    }

    /// The requests that are kept, oldest first.
    pub(crate) fn requests(&self) -> Vec<Arc<ReceivedRequest>> {
        self.ring.requests()
    }

    pub(crate) fn pages(&self) -> Pages {
        Pages {
            requests: self.requests(),
            forgotten: self.ring.forgotten(),
            panics: self.panics().clone(),
            bounds: self.ring.bounds(),
        }
    }

    /// Forgets all of it; the next request still has the next number.
    pub(crate) fn clear(&self) {
        self.ring.clear();
        *self.panics() = Panics::default();
    }

    /// Waits until `enough` says so, which is asked at once and after each request; false if the time is over.
    pub(crate) async fn wait_until(&self, time: Duration, enough: impl FnMut() -> bool) -> bool {
        self.signal.wait_until(time, enough).await
    }

    fn panics(&self) -> MutexGuard<'_, Panics> {
        // Nothing panics while it is held.
        self.panics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
