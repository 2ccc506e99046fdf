//! A socket that marks what the client takes.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::marks::Marks;

/// A socket on which each write is a step of the connection.
pub(super) struct Paced<S> {
    socket: TokioIo<S>,
    marks: Arc<Marks>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Paced<S> {
    pub(super) fn new(socket: S, marks: Arc<Marks>) -> Self {
        Self {
            socket: TokioIo::new(socket),
            marks,
        }
    }

    /// The bare socket.
    pub(super) fn bare(&mut self) -> &mut S {
        self.socket.inner_mut()
    }

    fn socket(&mut self) -> Pin<&mut TokioIo<S>> {
        Pin::new(&mut self.socket)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Read for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.socket().poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Write for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(self.socket().poll_write(cx, buf));
        self.marks.step();
        Poll::Ready(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(self.socket().poll_write_vectored(cx, bufs));
        self.marks.step();
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket().poll_shutdown(cx)
    }
}
