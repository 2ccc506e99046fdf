//! The socket of one connection under hyper, where replies can be spoiled.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use bytes::{Buf, Bytes};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// A reply of no more bytes is sent in one piece: gathering two costs the system more than copying costs us.
const JOINED_BYTES_MAX: usize = 2 << 10;

/// What connections are made of.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Makes the end of the connection a reset (RST) rather than an orderly close, where there is such a thing.
    fn reset_at_end(&self);
}

impl Socket for TcpStream {
    fn reset_at_end(&self) {
        // A socket closed with nothing to linger for is reset; if that fails, it is closed all the same.
        let _ = self.set_zero_linger();
    }
}

/// By which the service of one connection tells its socket how to spoil a reply.
#[derive(Clone, Debug, Default)]
pub(crate) struct Orders(Arc<Given>);

#[derive(Debug, Default)]
struct Given {
    /// Whether any order was ever given: a connection without costs one look for each write.
    any: AtomicBool,
    /// Whether there are bytes to be written in place of the reply.
    is_replaced: AtomicBool,
    instead: Mutex<Bytes>,
    resets: AtomicBool,
    flushes: Mutex<Flushes>,
}

/// How often all that was written has left us, since somebody asked.
#[derive(Debug, Default)]
struct Flushes {
    count: usize,
    /// Bodies that go on when it has.
    waiting: Vec<Waker>,
}

impl Orders {
    /// The next reply is these bytes and nothing else.
    pub(crate) fn write_instead(&self, bytes: Bytes) {
        *lock(&self.0.instead) = bytes;
        self.0.is_replaced.store(true, Ordering::Release);
        self.0.any.store(true, Ordering::Release);
    }

    /// The connection ends with a reset (RST) rather than an orderly close.
    pub(crate) fn reset(&self) {
        self.0.resets.store(true, Ordering::Release);
    }

    /// Ready once all that was written before it was first asked is on its way.
    pub(crate) fn poll_flushed(&self, asked: &mut Option<usize>, cx: &mut Context<'_>) -> Poll<()> {
        let mut flushes = lock(&self.0.flushes);
        if flushes.count > *asked.get_or_insert(flushes.count) {
            return Poll::Ready(());
        }
        flushes.waiting.push(cx.waker().clone());
        self.0.any.store(true, Ordering::Release);
        Poll::Pending
    }

    fn are_given(&self) -> bool {
        self.0.any.load(Ordering::Acquire)
    }

    fn flushed(&self) {
        let mut flushes = lock(&self.0.flushes);
        flushes.count += 1;
        for waiting in flushes.waiting.drain(..) {
            waiting.wake();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A socket that obeys [`Orders`].
pub(crate) struct Wire<S: Socket> {
    socket: TokioIo<S>,
    orders: Orders,
    /// Where a small reply is put together.
    joined: Vec<u8>,
    /// What is left of the bytes that replace the reply.
    instead: Option<Bytes>,
}

impl<S: Socket> Wire<S> {
    pub(crate) fn new(socket: S, orders: Orders) -> Self {
        Self {
            socket: TokioIo::new(socket),
            orders,
            joined: Vec::new(),
            instead: None,
        }
    }

    fn socket(&mut self) -> Pin<&mut TokioIo<S>> {
        Pin::new(&mut self.socket)
    }

    /// Ready once the bytes that replace the reply are written; `None` if none do.
    fn poll_instead(&mut self, cx: &mut Context<'_>) -> Option<Poll<io::Result<()>>> {
        if !self.orders.are_given() || !self.orders.0.is_replaced.load(Ordering::Acquire) {
            return None;
        }
        let given = &self.orders.0.instead;
        let instead = self
            .instead
            .get_or_insert_with(|| std::mem::take(&mut *lock(given)));
        while !instead.is_empty() {
            match Pin::new(&mut self.socket).poll_write(cx, instead) {
                Poll::Ready(Ok(0)) => {
                    return Some(Poll::Ready(Err(io::ErrorKind::WriteZero.into())));
                }
                Poll::Ready(Ok(written)) => instead.advance(written),
                Poll::Ready(Err(error)) => return Some(Poll::Ready(Err(error))),
                Poll::Pending => return Some(Poll::Pending),
            }
        }
        Some(Poll::Ready(Ok(())))
    }
}

impl<S: Socket> Wire<S> {
    /// Writes a small reply in one piece.
    fn poll_write_joined(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Self { socket, joined, .. } = self;
        if bufs.iter().map(|buf| buf.len()).sum::<usize>() > JOINED_BYTES_MAX {
            return Pin::new(socket).poll_write_vectored(cx, bufs);
        }
        joined.clear();
        for buf in bufs {
            joined.extend_from_slice(buf);
        }
        Pin::new(socket).poll_write(cx, joined)
    }
}

impl<S: Socket> Drop for Wire<S> {
    fn drop(&mut self) {
        if self.orders.0.resets.load(Ordering::Acquire) {
            self.socket.inner().reset_at_end();
        }
    }
}

impl<S: Socket> Read for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.socket().poll_read(cx, buf)
    }
}

impl<S: Socket> Write for Wire<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.poll_instead(cx) {
            None => self.socket().poll_write(cx, buf),
            // To hyper it is as if its own reply had been written.
            Some(written) => {
                ready!(written)?;
                Poll::Ready(Ok(buf.len()))
            }
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.poll_instead(cx) {
            None => self.poll_write_joined(cx, bufs),
            Some(written) => {
                ready!(written)?;
                Poll::Ready(Ok(bufs.iter().map(|buf| buf.len()).sum()))
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.socket().poll_flush(cx))?;
        if self.orders.are_given() {
            self.orders.flushed();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket().poll_shutdown(cx)
    }
}
