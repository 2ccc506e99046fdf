//! The server: a listener on the runtime of all, and what it shares with its connections.

mod body;
mod builder;
mod connection;
mod exchange;
mod listener;
mod made;
mod ports;
mod spoiled;
mod tasks;
#[cfg(feature = "tls")]
mod tls;
#[cfg(all(unix, feature = "unix"))]
mod unix;
mod unread;
mod wire;
mod workers;

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::Ordering;

pub use self::builder::MockServerBuilder;
use self::builder::Scheme;
use self::listener::Listener;
#[cfg(feature = "tls")]
pub use self::tls::CertificateAuthority;
pub(crate) use self::workers::sleep;
use crate::order::ExpectedOrder;
use crate::received::Answered;
use crate::state::State;
use crate::{MockHandle, Mount, MountError, ReceivedRequest, report};

/// What ends a connection without a reply.
type Fatal = Box<dyn Error + Send + Sync>;

/// Why a connection ends that the test wants to end.
const BROKEN_OFF: &str = "the mock breaks off";

/// A mock server on a free port of 127.0.0.1, running until it is dropped.
///
/// It is strict: when it is dropped, the test fails if a mock was called too often or not often enough, if nobody
/// answered a request, or if a closure panicked; [`MockServer::lenient`] relaxes that. Dropping closes the listener and
/// every connection before it returns: nothing of one test reaches another.
///
/// What other servers do otherwise is in [`decisions`](crate::decisions).
///
/// ```
/// # use mockbird_testkit::{MockServer, get};
/// let server = MockServer::start();
/// server.mount(get("/birds").json(r#"["wren"]"#));
/// let url = server.url("/birds");
/// // ... give the URL to the code under test ...
/// # assert!(url.starts_with("http://127.0.0.1:"));
/// ```
pub struct MockServer {
    pub(crate) state: Arc<State>,
    listener: Option<Listener>,
    is_strict: bool,
    scheme: Scheme,
}

impl MockServer {
    /// Starts a server without mocks: every request is a 404 that says so.
    ///
    /// # Panics
    /// If the system gives no port on 127.0.0.1 or no thread: no test can go on without.
    #[must_use = "the server stops when it is dropped"]
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// The same as [`MockServer::start`], which waits for nothing and may be called anywhere, for who looks for it under
    /// this name.
    ///
    /// # Panics
    /// As [`MockServer::start`].
    #[expect(clippy::unused_async, reason = "the name promises a future")]
    pub async fn start_async() -> Self {
        Self::start()
    }

    /// A server that is not as [`MockServer::start`] makes it.
    ///
    /// ```
    /// # use mockbird_testkit::MockServer;
    /// let server = MockServer::builder().seed(7).cors().start();
    /// ```
    pub fn builder() -> MockServerBuilder {
        MockServerBuilder::default()
    }

    #[expect(
        clippy::expect_used,
        reason = "documented: a test cannot go on without its server"
    )]
    fn start_with(options: &MockServerBuilder) -> Self {
        let state = State::new(options).expect("a spec without mocks has no faults");
        let state = Arc::new(state);
        let listener =
            Listener::start(options, Arc::clone(&state)).expect("a free port on 127.0.0.1");
        Self {
            state,
            listener: Some(listener),
            is_strict: options.is_strict,
            scheme: options.scheme,
        }
    }

    /// Lets the test pass whatever the server received.
    #[must_use = "the server stops when it is dropped"]
    pub fn lenient(mut self) -> Self {
        self.is_strict = false;
        self
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        // It is there until the server is dropped.
        let listener = self.listener.as_ref();
        listener.map_or(SocketAddr::from(([127, 0, 0, 1], 0)), Listener::address)
    }

    /// The URL of a path on this server.
    pub fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme.as_str(), self.address())
    }

    /// The authority that a client must trust to speak with servers of [`tls`](MockServerBuilder::tls).
    ///
    /// Needs the feature `tls`.
    #[cfg(feature = "tls")]
    pub fn certificate_authority(&self) -> CertificateAuthority {
        CertificateAuthority::of_process()
    }

    /// The Unix socket on which the server listens too, if [it was told to](MockServerBuilder::unix_socket).
    ///
    /// Needs the feature `unix`.
    #[cfg(all(unix, feature = "unix"))]
    pub fn socket_path(&self) -> Option<&std::path::Path> {
        let file = self.listener.as_ref()?.socket_file.as_ref()?;
        Some(file.path())
    }

    /// Mounts a mock; it answers from now on, and before older ones where all else is equal.
    ///
    /// # Panics
    /// If the mock has faults, naming them all; [`MockServer::try_mount`] gives them as a value.
    #[track_caller]
    pub fn mount(&self, mock: impl Into<Mount>) -> MockHandle {
        match self.try_mount(mock) {
            Ok(handle) => handle,
            Err(error) => panic!("{error}"),
        }
    }

    /// Mounts a mock, or says what is wrong with it.
    #[track_caller]
    pub fn try_mount(&self, mock: impl Into<Mount>) -> Result<MockHandle, MountError> {
        let key = self.state.mount(mock.into(), Location::caller())?;
        Ok(MockHandle {
            state: Arc::clone(&self.state),
            key,
        })
    }

    /// The requests it has received so far, oldest first.
    ///
    /// The last 10,000 are kept, and at most 64 MiB of them, unless [`MockServerBuilder::journal_limit`] says otherwise;
    /// of more, the oldest are forgotten, which a report says.
    ///
    /// ```
    /// # use mockbird_testkit::MockServer;
    /// let server = MockServer::start();
    /// // ... the code under test asks for things ...
    /// for request in server.received_requests() {
    ///     println!("{request} -> {:?} by {:?}", request.status(), request.answered_by());
    /// }
    /// ```
    pub fn received_requests(&self) -> Vec<Arc<ReceivedRequest>> {
        self.state.received(|_| true)
    }

    /// The requests among them that no mock answered.
    ///
    /// ```
    /// # use mockbird_testkit::MockServer;
    /// let server = MockServer::start().lenient();
    /// // ... the code under test asks for things ...
    /// assert!(server.unmatched_requests().is_empty());
    /// ```
    pub fn unmatched_requests(&self) -> Vec<Arc<ReceivedRequest>> {
        self.state
            .received(|request| matches!(request.answered(), Some(Answered::Nobody(_))))
    }

    /// Forgets the requests so far, and what was wrong with them: neither [`MockServer::verify`] nor the end of the test
    /// speaks of them any more. What mocks have counted stays counted.
    ///
    /// ```
    /// # use mockbird_testkit::MockServer;
    /// let server = MockServer::start();
    /// // ... a set-up that asks for more than there is ...
    /// server.clear_received_requests();
    /// assert!(server.received_requests().is_empty());
    /// ```
    pub fn clear_received_requests(&self) {
        self.state.journal.clear();
    }

    /// Begins anew, on the same port: takes all mocks away, and forgets the requests so far and all that was expected. Only
    /// handles still say what their mocks have counted.
    ///
    /// ```
    /// # use mockbird_testkit::{MockServer, get};
    /// let server = MockServer::start();
    /// server.mount(get("/birds").expect(1));
    /// server.reset();
    /// server.verify();
    /// ```
    pub fn reset(&self) {
        self.state.reset();
    }

    /// Expects that these mocks are called in this order, which is looked at when the test ends or by
    /// [`MockServer::verify`].
    ///
    /// Of all requests, those that one of these mocks answered are taken in the order in which they came; several in a
    /// row by the same mock are one step, so a retry changes nothing. The steps must be those of the list: none missing,
    /// none more, none in another place. A mock may stand in the list several times.
    ///
    /// ```
    /// # use mockbird_testkit::{MockServer, get, post};
    /// # use std::{io::{Read, Write}, net::TcpStream};
    /// let server = MockServer::start();
    /// let login = server.mount(post("/login"));
    /// let fetch = server.mount(get("/birds"));
    /// let logout = server.mount(post("/logout"));
    /// server.expect_order([&login, &fetch, &logout]);
    /// # for line in ["POST /login", "GET /birds", "GET /birds", "POST /logout"] {
    /// #     let mut stream = TcpStream::connect(server.address()).unwrap();
    /// #     stream.write_all(format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
    /// #     stream.read_to_string(&mut String::new()).unwrap();
    /// # }
    /// // ... the code under test logs in, asks twice, and logs out ...
    /// server.verify();
    /// ```
    ///
    /// # Panics
    /// If one of the mocks is of another server.
    #[track_caller]
    pub fn expect_order<'h>(&self, mocks: impl IntoIterator<Item = &'h MockHandle>) {
        let keys = mocks.into_iter().map(|mock| {
            let is_own = Arc::ptr_eq(&mock.state, &self.state);
            assert!(
                is_own,
                "mockbird: a mock of another server has no place in the order of this one"
            );
            mock.key
        });
        self.state.orders.push(ExpectedOrder {
            mocks: keys.collect(),
            at: Location::caller(),
        });
    }

    /// Fails the test now rather than when the server is dropped, if something was not as expected: calls of mocks,
    /// their order, checks, requests nobody answered, panics of closures.
    ///
    /// ```
    /// # use mockbird_testkit::{MockServer, get};
    /// let server = MockServer::start();
    /// server.mount(get("/birds").expect(..=2));
    /// // ... the code under test asks for birds ...
    /// server.verify();
    /// ```
    ///
    /// # Panics
    /// If something was not as expected, with all of it.
    #[track_caller]
    pub fn verify(&self) {
        if let Some(report) = report::report(&self.state) {
            self.state.told.store(true, Ordering::Relaxed);
            panic!("{report}");
        }
    }

    pub(crate) fn state(&self) -> &Arc<State> {
        &self.state
    }
}

impl fmt::Debug for MockServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockServer")
            .field("address", &self.address())
            .finish_non_exhaustive()
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        // First, so that what is reported is all there was.
        drop(self.listener.take());
        if !self.is_strict {
            return;
        }
        let is_panicking = std::thread::panicking();
        if is_panicking && self.state.told.load(Ordering::Relaxed) {
            return;
        }
        let Some(report) = report::report(&self.state) else {
            return;
        };
        if is_panicking {
            // The test fails already; a second panic would end the process.
            say(&report);
        } else {
            panic!("{report}");
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "where the message of the panic stands too"
)]
fn say(report: &str) {
    eprintln!("{report}");
}
