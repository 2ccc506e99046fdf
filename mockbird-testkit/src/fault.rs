//! Replies that break off: what a client meets on a bad day.

use bytes::Bytes;

/// How a reply is broken on the wire.
///
/// What stands here is what happens over HTTP/1.1. Over HTTP/2, where many requests share a connection, a reply that ends
/// early is a stream that is reset (`RST_STREAM`), the connection goes on, and a wrong length is a stream error that the
/// client finds; [`Garbage`](Self::Garbage) breaks the connection with all its streams. Over TLS, garbage comes encrypted,
/// and [`Reset`](Self::Reset) is one of TCP all the same. A Unix socket knows no reset: there it is a close.
///
/// A fault comes after the reply's gate and delay.
///
/// ```
/// # use mockbird_testkit::{Fault, MockServer, get, text};
/// let server = MockServer::start().lenient();
/// server.mount(get("/reset").fault(Fault::Reset));
/// server.mount(get("/half").reply(text("0123456789").broken(Fault::CloseAfter(5))));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The connection is reset (RST) without a reply: the client sees `ConnectionReset`.
    Reset,
    /// The connection is closed before the head of the reply.
    Close,
    /// The head is sent, then so many bytes of the body, and the connection is closed.
    CloseAfter(usize),
    /// The head is sent, then so many bytes of the body, and then nothing more. A body that has no more bytes is sent as one
    /// of unknown length, so that its end is missing; where no body can follow (`HEAD`, 204, 304), nothing is sent at all.
    StallAfter(usize),
    /// Nothing is ever sent.
    Stall,
    /// The head says that the body has so many bytes, whatever it has.
    ContentLength(usize),
    /// These bytes instead of a reply, and then the end of the connection.
    Garbage(Bytes),
}

impl Fault {
    /// True if the client never sees the status of the reply.
    pub(crate) fn has_no_status(&self) -> bool {
        match self {
            Self::Reset | Self::Close | Self::Stall | Self::Garbage(_) => true,
            Self::CloseAfter(_) | Self::StallAfter(_) | Self::ContentLength(_) => false,
        }
    }
}
