//! Requests over the network, answered by the engine of the moment.
//!
//! [`serve`] accepts connections, `connection` speaks HTTP/1.1 or HTTP/2 on one, and a [`Host`] answers: the hosted service
//! is one, and of `mockbird run` the [`App`] is, whose `exchange` turns a request into a reply; `body` reads what came with it. `wire` is the
//! socket of HTTP/1.1, where errors that hyper answers on its own take the form of ours; `paced` is that of both, whose
//! `marks` tell `patience` whether the client gets on.

mod app;
mod arriving;
mod body;
mod connection;
mod exchange;
mod host;
mod listener;
mod live;
mod marks;
mod paced;
mod patience;
mod stop;
mod streamed;
mod wire;

pub(crate) use app::surroundings;
pub use app::{App, Lines};
pub(crate) use arriving::Arriving;
pub(crate) use host::{Exchange, Host, Peer};
pub use listener::Ended;
pub(crate) use listener::serve;
pub use live::Live;
pub use stop::Stop;
pub(crate) use streamed::Streamed;

use std::time::Duration;

/// What one request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The largest body, before and after it is inflated.
    pub body_bytes: usize,
    /// How long the headers may take to arrive, then each part of the body, and how long a reply may
    /// stay where it is.
    pub read_timeout: Duration,
    /// How long requests may go on once the server is told to stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 10 << 20,
            read_timeout: Duration::from_secs(30),
            grace: Duration::from_secs(10),
        }
    }
}

/// The longest start line and headers together. Browsers and proxies stop at 8 to 64 KiB; this
/// leaves room for a target that hyper itself finds too long (64 KiB), so that it is told apart.
const HEAD_BYTES_MAX: u32 = 256 << 10;

/// How long a client that was refused may go on sending before it is cut off.
///
/// A socket closed with unread input resets the connection, and the client may lose the reply that
/// told it why (RFC 9112 section 9.6).
const LINGER: Duration = Duration::from_secs(5);
