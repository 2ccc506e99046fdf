//! What the server received, and how it answered.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mockbird_core::NearMiss;

use crate::ReceivedRequest;

/// How many requests are kept; of more, the oldest are forgotten and counted.
pub(crate) const REQUESTS_MAX: usize = 10_000;

/// How a request was answered.
#[derive(Clone, Debug)]
pub(crate) enum Answered {
    /// By the mock at this place, with this status.
    By(usize),
    /// By nobody: these mocks were nearest.
    Nobody(Arc<[NearMiss]>),
    /// By the server itself, such as a preflight.
    Server,
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) request: Arc<ReceivedRequest>,
    pub(crate) answered: Answered,
    pub(crate) status: u16,
}

/// The requests of one server, in the order in which they were answered.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    requests_max: usize,
    pages: Mutex<Pages>,
    more: Condvar,
}

#[derive(Debug, Default)]
pub(crate) struct Pages {
    pub(crate) entries: VecDeque<Entry>,
    /// How many were forgotten.
    pub(crate) forgotten: usize,
    /// What went wrong in closures of the test.
    pub(crate) panics: Vec<String>,
}

impl Journal {
    /// A journal of the last so many requests.
    pub(crate) fn keeping(requests_max: usize) -> Self {
        Self {
            requests_max,
            ..Self::default()
        }
    }

    /// The lock is held for a push and nothing else; who looks at the pages copies what it needs.
    pub(crate) fn add(&self, entry: Entry) {
        let mut pages = self.pages();
        pages.entries.push_back(entry);
        if pages.entries.len() > self.requests_max {
            pages.entries.pop_front();
            pages.forgotten += 1;
        }
        drop(pages);
        self.more.notify_all();
    }

    pub(crate) fn add_panic(&self, text: String) {
        self.pages().panics.push(text);
    }

    pub(crate) fn pages(&self) -> MutexGuard<'_, Pages> {
        // Nothing panics while it is held.
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `enough` says so, which is asked after each request; false if the time is over.
    pub(crate) fn wait_until(&self, time: Duration, enough: impl Fn() -> bool) -> bool {
        let end = Instant::now() + time;
        let mut pages = self.pages();
        while !enough() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.more.wait_timeout(pages, left);
            pages = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}
