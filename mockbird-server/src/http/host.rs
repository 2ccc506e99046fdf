//! What stands behind a listener, and how it answers.

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use mockbird_core::ErrorCode;

use super::marks::Marks;

/// What ends a connection without a reply.
pub(super) type Fatal = Box<dyn std::error::Error + Send + Sync>;

/// What became of a request.
pub(super) type Answered<B> = Result<Response<B>, Fatal>;

/// What answers the requests of a listener.
pub(crate) trait Host: Send + Sync + 'static {
    /// The body of its replies.
    type Body: Body<Data = Bytes, Error: Into<Fatal>> + Send + 'static;

    /// How long a head may take to arrive, and how long a reply may stay where it is.
    fn read_timeout(&self) -> Duration;

    /// How long requests may go on once the server is told to stop.
    fn grace(&self) -> Duration;

    /// Whether a client that has sent all it will is taken to be reading still. Otherwise it is gone, and what it waited for
    /// is given up.
    fn half_close(&self) -> bool;

    /// Whether pages of other origins may read what hyper refuses on its own.
    fn has_cors(&self) -> bool;

    /// Told of a request that was refused before it could be read.
    fn told_refused(&self, code: ErrorCode, why: &str);

    /// The reply to a request whose head is too large. Over HTTP/1.1, hyper says so on its own.
    fn refuse_head(&self, head: &Parts, why: &str) -> Response<Self::Body>;

    /// Answers a request.
    fn answer(self: &Arc<Self>, request: Request<Incoming>, peer: &Peer) -> Exchange<Self::Body>;
}

/// The other side of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// Its address.
    pub(crate) ip: IpAddr,
    pub(super) marks: Arc<Marks>,
}

impl Peer {
    /// The body of a request stays where it was: the connection ends with its reply.
    pub(super) fn refuse(&self) {
        self.marks.refuse();
    }
}

/// A reply on its way: most are there at once, and cost no future of their own.
pub(crate) struct Exchange<B>(State<B>);

enum State<B> {
    /// Taken when it is first asked for.
    Now(Option<Response<B>>),
    /// After whatever there is to wait for.
    Later(Pin<Box<dyn Future<Output = Answered<B>> + Send>>),
}

impl<B> Exchange<B> {
    /// A reply that is there.
    pub(crate) fn now(response: Response<B>, peer: &Peer) -> Self {
        peer.marks.reply();
        Self(State::Now(Some(response)))
    }

    /// A reply that takes its time.
    pub(crate) fn later(
        answer: impl Future<Output = Answered<B>> + Send + 'static,
        peer: &Peer,
    ) -> Self {
        let marks = Arc::clone(&peer.marks);
        Self(State::Later(Box::pin(async move {
            let _working = marks.work();
            let answered = answer.await;
            marks.reply();
            answered
        })))
    }
}

impl<B> Future for Exchange<B>
where
    Self: Unpin,
{
    type Output = Answered<B>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answered<B>> {
        match &mut self.get_mut().0 {
            // A future is not asked again after it was ready.
            State::Now(response) => response
                .take()
                .map_or(Poll::Pending, |response| Poll::Ready(Ok(response))),
            State::Later(rest) => rest.as_mut().poll(cx),
        }
    }
}

// A response that is taken is not looked at where it lies.
impl<B> Unpin for Exchange<B> {}
