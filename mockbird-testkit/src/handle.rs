//! What a test keeps of a mock it has mounted.

use std::sync::Arc;
use std::time::Duration;

use crate::ReceivedRequest;
use crate::journal::block_on;
use crate::report;
use crate::state::{Mounted, State};

/// A mock of a running server; it may be kept anywhere, and outlive the server.
#[derive(Clone, Debug)]
pub struct MockHandle {
    pub(crate) state: Arc<State>,
    pub(crate) key: usize,
}

impl MockHandle {
    fn mounted(&self) -> Option<&Mounted> {
        self.state.mounted.get(self.key)
    }

    /// How often it has answered.
    pub fn calls(&self) -> usize {
        self.mounted().map_or(0, Mounted::calls)
    }

    /// The requests it has answered, oldest first.
    pub fn requests(&self) -> Vec<Arc<ReceivedRequest>> {
        self.state
            .received(|request| request.answered_key() == Some(self.key))
    }

    /// Waits until it has answered so many requests.
    ///
    /// # Panics
    /// If it has not in this time, with all that was received instead.
    #[track_caller]
    pub fn wait_for(&self, calls: usize, time: Duration) {
        let journal = &self.state.journal;
        if block_on(journal.wait_until(time, || self.calls() >= calls)) {
            return;
        }
        let name = self.mounted().map_or("?", |mounted| &mounted.name);
        let report = report::report(&self.state).unwrap_or_default();
        panic!(
            "mockbird: `{name}` has answered {} of {calls} requests after {time:?}\n{report}",
            self.calls()
        );
    }

    /// Takes the mock away: it answers no more. What it was expected to get is still looked at.
    pub fn remove(&self) {
        self.state.remove(self.key);
    }
}
