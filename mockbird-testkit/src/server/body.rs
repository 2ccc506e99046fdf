//! The body of a reply: whole, in parts, or broken off.

use std::error::Error;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::wire::Orders;
use super::{BROKEN_OFF, Fatal};
use crate::reply::{Parts, Stream};
use crate::report::panic_text;
use crate::state::State;

/// The body of a reply. Most are whole, and cost nothing more.
pub(crate) struct ReplyBody {
    bytes: Bytes,
    rest: Option<Box<Rest>>,
}

/// What comes after the first bytes, if there is more to say than that they end.
pub(crate) struct Rest {
    pub(crate) parts: Option<TimedParts>,
    /// How many bytes may come before it ends as it is said here, however many there are.
    pub(crate) left: usize,
    pub(crate) end: End,
    pub(crate) trailers: HeaderMap,
    /// The length that the head says, where it is known.
    pub(crate) length: Option<u64>,
}

/// How a body ends.
pub(crate) enum End {
    /// As it should.
    Complete,
    /// With nothing more; only the end of the connection ends it.
    Stalls,
    /// With the end of the connection (HTTP/2: of the stream), once what came before is on its way: after how many
    /// flushes that was first asked.
    Breaks(Orders, Option<usize>),
}

/// Parts that come each in its time.
pub(crate) struct TimedParts {
    parts: Parts,
    every: Duration,
    /// When the next is due; none is waited for before the first.
    due: Option<Pin<Box<Sleep>>>,
    state: Arc<State>,
}

impl ReplyBody {
    pub(crate) fn new(bytes: Bytes, rest: Rest) -> Self {
        Self {
            bytes,
            rest: Some(Box::new(rest)),
        }
    }
}

impl From<Bytes> for ReplyBody {
    fn from(bytes: Bytes) -> Self {
        Self { bytes, rest: None }
    }
}

impl TimedParts {
    pub(crate) fn new(stream: &Stream, state: Arc<State>) -> Self {
        Self {
            parts: stream.parts(),
            every: stream.every,
            due: None,
            state,
        }
    }

    /// The next part that is not empty, once it is due.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Fatal>> {
        if let Some(due) = &mut self.due {
            ready!(due.as_mut().poll(cx));
        }
        let parts = &mut self.parts;
        // An empty part would end the body.
        let next = catch_unwind(AssertUnwindSafe(|| parts.find(|part| !part.is_empty())));
        let next = next.map_err(|panic| {
            let text = format!("the parts of a body panicked: {}", panic_text(&*panic));
            self.state.journal.add_panic(text.clone());
            text
        })?;
        if !self.every.is_zero() {
            let due = Instant::now() + self.every;
            match &mut self.due {
                Some(sleep) => sleep.as_mut().reset(due),
                None => self.due = Some(Box::pin(sleep_until(due))),
            }
        }
        Poll::Ready(Ok(next))
    }
}

impl Rest {
    /// As much of these bytes as may come.
    fn take(&mut self, mut bytes: Bytes) -> Bytes {
        bytes.truncate(self.left);
        self.left -= bytes.len();
        bytes
    }

    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Fatal>>> {
        match &mut self.end {
            // Nobody is woken.
            End::Stalls => Poll::Pending,
            End::Breaks(orders, asked) => {
                ready!(orders.poll_flushed(asked, cx));
                Poll::Ready(Some(Err(BROKEN_OFF.into())))
            }
            End::Complete if self.trailers.is_empty() => Poll::Ready(None),
            End::Complete => {
                let trailers = std::mem::take(&mut self.trailers);
                Poll::Ready(Some(Ok(Frame::trailers(trailers))))
            }
        }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Fatal>>> {
        let this = &mut *self;
        let mut bytes = std::mem::take(&mut this.bytes);
        let Some(rest) = &mut this.rest else {
            return Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))));
        };
        if bytes.is_empty()
            && rest.left > 0
            && let Some(parts) = &mut rest.parts
        {
            match ready!(parts.poll_next(cx)) {
                Ok(Some(part)) => bytes = part,
                Ok(None) => rest.parts = None,
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
        let bytes = rest.take(bytes);
        if bytes.is_empty() {
            return rest.poll_end(cx);
        }
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.rest {
            None => SizeHint::with_exact(self.bytes.len() as u64),
            Some(rest) => rest
                .length
                .map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}
