//! The body of a request, on its way to whoever asks for it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Request;
use http::header::EXPECT;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::runtime::Handle;

use super::body;

/// A body of which whatever nobody asks for is let pass for a while, beside the reply: a client that is cut off while it sends
/// loses the reply that tells it why (RFC 9112 section 9.6).
#[derive(Debug)]
pub(crate) struct Arriving {
    /// There until it is dropped.
    body: Option<Incoming>,
    /// The client sends nothing before it is asked to.
    waits: bool,
}

impl Arriving {
    pub(crate) fn of(request: Request<Incoming>) -> Request<Self> {
        let waits = !request.body().is_end_stream() && request.headers().contains_key(EXPECT);
        request.map(|body| Self {
            body: Some(body),
            waits,
        })
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.waits = false;
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if self.is_end_stream() || self.waits {
            return;
        }
        // Without a runtime the connection is at its end, too.
        if let (Some(rest), Ok(runtime)) = (self.body.take(), Handle::try_current()) {
            runtime.spawn(body::let_pass(rest));
        }
    }
}
