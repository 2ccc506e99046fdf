//! The body of a reply, which may stop coming.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// The body of a reply: bytes, and then its end or nothing more.
#[derive(Debug)]
pub(crate) struct ReplyBody {
    bytes: Bytes,
    stalls: bool,
}

impl ReplyBody {
    /// A body of which only the beginning comes.
    pub(crate) fn stalling(bytes: Bytes) -> Self {
        Self {
            bytes,
            stalls: true,
        }
    }
}

impl From<Bytes> for ReplyBody {
    fn from(bytes: Bytes) -> Self {
        Self {
            bytes,
            stalls: false,
        }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.bytes.is_empty() {
            let bytes = std::mem::take(&mut self.bytes);
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if self.stalls {
            // Nobody is woken: only the end of the connection ends it.
            return Poll::Pending;
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        !self.stalls && self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        if self.stalls {
            // What the head says.
            return SizeHint::default();
        }
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}
