//! The socket of one connection under hyper, where replies can be spoiled.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// By which the service of one connection tells its socket how to spoil a reply.
#[derive(Clone, Debug, Default)]
pub(crate) struct Orders(Arc<Given>);

#[derive(Debug, Default)]
struct Given {
    /// Whether there are bytes to be written in place of the reply: a reply that is not spoiled costs one look.
    is_replaced: AtomicBool,
    instead: Mutex<Bytes>,
    resets: AtomicBool,
}

impl Orders {
    /// The next reply is these bytes and nothing else.
    pub(crate) fn write_instead(&self, bytes: Bytes) {
        *self
            .0
            .instead
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = bytes;
        self.0.is_replaced.store(true, Ordering::Release);
    }

    /// The connection ends with a reset (RST) rather than an orderly close.
    pub(crate) fn reset(&self) {
        self.0.resets.store(true, Ordering::Release);
    }
}

/// A socket that obeys [`Orders`].
pub(crate) struct Wire {
    socket: TokioIo<TcpStream>,
    orders: Orders,
    /// What is left of the bytes that replace the reply.
    instead: Option<Bytes>,
}

impl Wire {
    pub(crate) fn new(socket: TcpStream, orders: Orders) -> Self {
        Self {
            socket: TokioIo::new(socket),
            orders,
            instead: None,
        }
    }

    fn socket(&mut self) -> Pin<&mut TokioIo<TcpStream>> {
        Pin::new(&mut self.socket)
    }

    /// Ready once the bytes that replace the reply are written; `None` if none do.
    fn poll_instead(&mut self, cx: &mut Context<'_>) -> Option<Poll<io::Result<()>>> {
        if !self.orders.0.is_replaced.load(Ordering::Acquire) {
            return None;
        }
        let given = &self.orders.0.instead;
        let instead = self.instead.get_or_insert_with(|| {
            std::mem::take(&mut *given.lock().unwrap_or_else(PoisonError::into_inner))
        });
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

impl Drop for Wire {
    fn drop(&mut self) {
        if self.orders.0.resets.load(Ordering::Acquire) {
            // A socket closed with nothing to linger for is reset; if that fails, it is closed all the same.
            let _ = self.socket.inner().set_zero_linger();
        }
    }
}

impl Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.socket().poll_read(cx, buf)
    }
}

impl Write for Wire {
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
            None => self.socket().poll_write_vectored(cx, bufs),
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
        self.socket().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket().poll_shutdown(cx)
    }
}
