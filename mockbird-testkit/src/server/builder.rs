//! What a server may be started with.

use super::MockServer;
use crate::journal::Bounds;

/// The largest request body that is read, if nobody says otherwise.
const BODY_BYTES_MAX: usize = 10 << 20;

/// A server in the making; see [`MockServer::builder`].
///
/// ```
/// # use mockbird_testkit::{MockServer, post, text};
/// let server = MockServer::builder().seed(7).body_limit(1 << 10).lenient().start();
/// server.mount(post("/birds").reply(text("made")));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a server starts with `start` or `start_async`"]
pub struct MockServerBuilder {
    pub(crate) seed: Option<u64>,
    pub(crate) is_strict: bool,
    pub(crate) cors: bool,
    pub(crate) body_bytes_max: usize,
    pub(crate) journal: Bounds,
    pub(crate) scheme: Scheme,
    #[cfg(all(unix, feature = "unix"))]
    pub(crate) has_unix_socket: bool,
}

/// What stands before the `:` of a server's URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    #[cfg(feature = "tls")]
    Https,
}

impl Scheme {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            #[cfg(feature = "tls")]
            Self::Https => "https",
        }
    }
}

impl Default for MockServerBuilder {
    fn default() -> Self {
        Self {
            seed: None,
            is_strict: true,
            cors: false,
            body_bytes_max: BODY_BYTES_MAX,
            journal: Bounds::default(),
            scheme: Scheme::Http,
            #[cfg(all(unix, feature = "unix"))]
            has_unix_socket: false,
        }
    }
}

impl MockServerBuilder {
    /// Makes random choices (weights, delays, templates) the same in every run.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Lets the test pass whatever the server received.
    pub fn lenient(mut self) -> Self {
        self.is_strict = false;
        self
    }

    /// Answers as browsers ask for: with CORS headers on each reply, and preflights allowed. Off if not said.
    pub fn cors(mut self) -> Self {
        self.cors = true;
        self
    }

    /// Reads request bodies of at most so many bytes, before and after they are inflated; 10 MiB if not said. A larger
    /// one is answered with 413.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_bytes_max = bytes;
        self
    }

    /// Keeps the last so many requests for the test to look at, and at most so many bytes of them; 10,000 and 64 MiB if
    /// not said. Those before are counted.
    pub fn journal_limit(mut self, requests: usize, bytes: usize) -> Self {
        self.journal = Bounds { requests, bytes };
        self
    }

    /// Speaks HTTPS, with a certificate for `127.0.0.1` and `localhost` that is made on the fly;
    /// [`MockServer::certificate_authority`] says whom a client must trust.
    ///
    /// Needs the feature `tls`; with `http2` besides, clients may choose HTTP/2.
    ///
    /// ```
    /// # use mockbird_testkit::MockServer;
    /// let server = MockServer::builder().tls().start();
    /// assert!(server.url("/").starts_with("https://127.0.0.1:"));
    /// ```
    #[cfg(feature = "tls")]
    pub fn tls(mut self) -> Self {
        self.scheme = Scheme::Https;
        self
    }

    /// Listens on a Unix socket too, a file in the folder for temporary files: [`MockServer::socket_path`].
    ///
    /// Needs the feature `unix`, and a system of that kind. There is no TLS on it.
    ///
    /// ```
    /// # use mockbird_testkit::MockServer;
    /// let server = MockServer::builder().unix_socket().start();
    /// assert!(server.socket_path().unwrap().exists());
    /// ```
    #[cfg(all(unix, feature = "unix"))]
    pub fn unix_socket(mut self) -> Self {
        self.has_unix_socket = true;
        self
    }

    /// Starts the server.
    ///
    /// # Panics
    /// As [`MockServer::start`].
    #[must_use = "the server stops when it is dropped"]
    pub fn start(self) -> MockServer {
        MockServer::start_with(&self)
    }

    /// The same as [`start`](Self::start), which waits for nothing and may be called anywhere, for who looks for it
    /// under this name.
    ///
    /// # Panics
    /// As [`MockServer::start`].
    #[expect(clippy::unused_async, reason = "the name promises a future")]
    pub async fn start_async(self) -> MockServer {
        self.start()
    }
}
