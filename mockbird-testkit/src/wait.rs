//! Waiting for requests, on a thread or on any executor.

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::journal::block_on;
use crate::report;
use crate::state::State;
use crate::{MockHandle, MockServer, ReceivedRequest};

impl MockHandle {
    /// Waits until it has answered at least so many requests; 0 does not wait.
    ///
    /// A mock that expects fewer calls than that is waited for all the same: what is expected is looked at when the
    /// server is dropped. To see that no call comes, wait for something that comes later, and expect [`Mount::never`](crate::Mount::never).
    ///
    /// ```
    /// # use mockbird_testkit::{MockServer, post};
    /// # use std::{io::Write, net::TcpStream, time::Duration};
    /// let server = MockServer::start();
    /// let told = server.mount(post("/told").status(204));
    /// # let mut client = TcpStream::connect(server.address()).unwrap();
    /// # client.write_all(b"POST /told HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").unwrap();
    /// // ... something in the background tells the server ...
    /// told.wait_for(1, Duration::from_secs(5));
    /// assert_eq!(told.calls(), 1);
    /// ```
    ///
    /// # Panics
    /// If it has not in this time, with what came instead.
    #[track_caller]
    pub fn wait_for(&self, calls: usize, time: Duration) {
        let reached = block_on(self.reached(calls, time));
        assert!(
            reached,
            "{}",
            self.timed_out(calls, time, Location::caller())
        );
    }

    /// The same for async code, on whatever runtime: none of its threads is blocked.
    ///
    /// ```
    /// # use mockbird_testkit::{MockServer, post};
    /// # use std::time::Duration;
    /// # async fn test() {
    /// let server = MockServer::start();
    /// let told = server.mount(post("/told").status(204));
    /// // ... something in the background tells the server ...
    /// told.wait_for_async(1, Duration::from_secs(5)).await;
    /// # }
    /// ```
    ///
    /// # Panics
    /// The future panics as [`MockHandle::wait_for`] does.
    #[track_caller]
    #[must_use = "a future does nothing until it is awaited"]
    pub fn wait_for_async(
        &self,
        calls: usize,
        time: Duration,
    ) -> impl Future<Output = ()> + Send + use<> {
        let (handle, at) = (self.clone(), Location::caller());
        async move {
            let reached = handle.reached(calls, time).await;
            assert!(reached, "{}", handle.timed_out(calls, time, at));
        }
    }

    async fn reached(&self, calls: usize, time: Duration) -> bool {
        let enough = || self.calls() >= calls;
        self.state.journal.wait_until(time, enough).await
    }

    fn timed_out(&self, calls: usize, time: Duration, at: &Location<'_>) -> String {
        report::waited_for_calls(&self.state, self.key, calls, time, at)
    }
}

impl MockServer {
    /// Waits until the requests that came, oldest first, are as wanted; `wanted` is asked at once, and after each request.
    ///
    /// ```
    /// # use mockbird_testkit::{MockServer, any};
    /// # use std::{io::Write, net::TcpStream, time::Duration};
    /// let server = MockServer::start();
    /// server.mount(any("/{*rest}").text("fine"));
    /// # let mut client = TcpStream::connect(server.address()).unwrap();
    /// # client.write_all(b"GET /b HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    /// // ... something in the background asks for several things ...
    /// server.wait_until(Duration::from_secs(5), |requests| {
    ///     requests.iter().any(|request| request.path() == "/b")
    /// });
    /// ```
    ///
    /// # Panics
    /// If they are not in this time, with what came.
    #[track_caller]
    pub fn wait_until(&self, time: Duration, wanted: impl FnMut(&[Arc<ReceivedRequest>]) -> bool) {
        let state = self.state();
        let came = block_on(came(state, time, wanted));
        assert!(came, "{}", report::waited(state, time, Location::caller()));
    }

    /// The same for async code, on whatever runtime.
    ///
    /// ```
    /// # use mockbird_testkit::MockServer;
    /// # use std::time::Duration;
    /// # async fn test() {
    /// let server = MockServer::start();
    /// // ... something in the background asks twice ...
    /// server.wait_until_async(Duration::from_secs(5), |requests| requests.len() == 2).await;
    /// # }
    /// ```
    ///
    /// # Panics
    /// The future panics as [`MockServer::wait_until`] does.
    #[track_caller]
    #[must_use = "a future does nothing until it is awaited"]
    pub fn wait_until_async<F>(
        &self,
        time: Duration,
        wanted: F,
    ) -> impl Future<Output = ()> + Send + use<F>
    where
        F: FnMut(&[Arc<ReceivedRequest>]) -> bool + Send,
    {
        let (state, at) = (Arc::clone(self.state()), Location::caller());
        async move {
            let came = came(&state, time, wanted).await;
            assert!(came, "{}", report::waited(&state, time, at));
        }
    }
}

async fn came(
    state: &State,
    time: Duration,
    mut wanted: impl FnMut(&[Arc<ReceivedRequest>]) -> bool,
) -> bool {
    let enough = || wanted(&state.received(|_| true));
    state.journal.wait_until(time, enough).await
}
