//! Replies that are made while they are sent.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body, Frame, SizeHint};

use super::host::Peer;
use super::marks::Streaming;

/// A body that is under way until it is dropped, however long nothing comes of it: a server that stops lets it finish.
#[derive(Debug)]
pub(crate) struct Streamed<B> {
    body: B,
    _streaming: Streaming,
}

impl<B> Streamed<B> {
    pub(crate) fn new(body: B, peer: &Peer) -> Self {
        Self {
            body,
            _streaming: Arc::clone(&peer.marks).stream(),
        }
    }
}

impl<B: Body + Unpin> Body for Streamed<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
