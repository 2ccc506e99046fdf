//! What a test keeps of a mock it has mounted.

use std::sync::Arc;

use crate::ReceivedRequest;
use crate::mounted::Mounted;
use crate::state::State;

/// A mock of a running server; it may be kept anywhere, and outlive the server.
///
/// ```
/// # use mockbird_testkit::{MockServer, get};
/// let server = MockServer::start();
/// let wren = server.mount(get("/wren").text("trill"));
/// assert_eq!(wren.calls(), 0);
/// assert!(wren.requests().is_empty());
/// wren.remove();
/// ```
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
    ///
    /// ```
    /// # use mockbird_testkit::{MockServer, get};
    /// # let server = MockServer::start();
    /// let wren = server.mount(get("/wren"));
    /// assert_eq!(wren.calls(), 0);
    /// ```
    pub fn calls(&self) -> usize {
        self.mounted().map_or(0, Mounted::calls)
    }

    /// The requests it has answered, oldest first, as far as the server keeps them.
    ///
    /// ```
    /// # use mockbird_testkit::{MockServer, post};
    /// # let server = MockServer::start();
    /// let orders = server.mount(post("/orders"));
    /// // ... the code under test orders something ...
    /// assert!(orders.requests().iter().all(|request| request.json().is_some()));
    /// ```
    pub fn requests(&self) -> Vec<Arc<ReceivedRequest>> {
        self.state
            .received(|request| request.answered_key() == Some(self.key))
    }

    /// Takes the mock away: it answers no more. What it was expected to get is still looked at.
    ///
    /// ```
    /// # use mockbird_testkit::{MockServer, get};
    /// # let server = MockServer::start();
    /// let failing = server.mount(get("/wren").status(503));
    /// // ... the code under test sees that the service is down ...
    /// failing.remove();
    /// ```
    pub fn remove(&self) {
        self.state.remove(self.key);
    }
}
