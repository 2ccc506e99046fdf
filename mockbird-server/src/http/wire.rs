//! The socket of one connection, as hyper reads and writes it.
//!
//! hyper answers some requests before any service sees them: a target or headers that are too
//! long, a request line that is none. Its answer has no body. Here it gets the form of all errors.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::HeaderValue;
use http::header::CONTENT_LENGTH;
use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::LINGER;
use super::host::Host;
use super::marks::Marks;
use super::paced::Paced;
use mockbird_core::{ErrorCode, allow_any_origin, error_response};

/// A reply of no more bytes is sent in one piece: gathering two costs the system more than copying costs us.
const JOINED_BYTES_MAX: usize = 2 << 10;

/// A socket that knows which answers are hyper's own.
pub(super) struct Wire<S, H> {
    socket: Paced<S>,
    host: Arc<H>,
    marks: Arc<Marks>,
    /// Where a small reply is put together.
    joined: Vec<u8>,
    /// What is written in place of hyper's answer.
    instead: Bytes,
    /// True once the write half is closed and the rest of the input is let pass.
    lingers: Option<Pin<Box<Sleep>>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin, H: Host> Wire<S, H> {
    pub(super) fn new(socket: S, host: Arc<H>, marks: Arc<Marks>) -> Self {
        Self {
            socket: Paced::new(socket, Arc::clone(&marks)),
            host,
            marks,
            joined: Vec::new(),
            instead: Bytes::new(),
            lingers: None,
        }
    }

    fn socket(&mut self) -> Pin<&mut Paced<S>> {
        Pin::new(&mut self.socket)
    }

    /// True if `bytes` begin an answer that no service gave.
    fn is_refusal(&self, bytes: &[u8]) -> bool {
        bytes.starts_with(b"HTTP/1.") && bytes.get(9) == Some(&b'4') && !self.marks.has_replied()
    }

    /// Writes our form of hyper's answer; ready with the length of hyper's, as if it had been written.
    fn write_instead(&mut self, cx: &mut Context<'_>, head: &[u8]) -> Poll<io::Result<usize>> {
        if self.instead.is_empty() {
            let Some((code, message)) = refusal_of(head) else {
                return self.socket().poll_write(cx, head);
            };
            self.instead = in_our_form(head, code, message, self.host.has_cors());
            self.host.told_refused(code, message);
        }
        while !self.instead.is_empty() {
            let bytes = self.instead.clone();
            let written = ready!(self.socket().poll_write(cx, &bytes))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.instead.advance(written);
        }
        self.marks.reply();
        self.marks.refuse();
        Poll::Ready(Ok(head.len()))
    }

    /// Lets input pass until the client closes, or for as long as we linger.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut scratch = [0; 8192];
        loop {
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(self.socket.bare()).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => break,
            }
        }
        let sleep = self
            .lingers
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER)));
        sleep.as_mut().poll(cx)
    }
}

/// Which of our errors hyper's answer is.
fn refusal_of(head: &[u8]) -> Option<(ErrorCode, &'static str)> {
    match head.get(9..12)? {
        b"400" => Some((
            ErrorCode::BadRequest,
            "this is not a request in the form of HTTP/1.1",
        )),
        b"414" => Some((
            ErrorCode::UriTooLong,
            "the request's target is longer than 64 KiB",
        )),
        b"431" => Some((
            ErrorCode::HeadersTooLarge,
            "the request has more than 100 headers, or more than 256 KiB of them",
        )),
        _ => None,
    }
}

/// hyper's answer with our headers and body; its own stay, the date and `connection: close`.
fn in_our_form(head: &[u8], code: ErrorCode, message: &str, cors: bool) -> Bytes {
    let mut response = error_response(code, message);
    if cors {
        allow_any_origin(response.headers_mut());
    }
    let length = HeaderValue::from(response.body().len());
    response.headers_mut().insert(CONTENT_LENGTH, length);
    let mut bytes = Vec::with_capacity(head.len() + response.body().len() + 256);
    for line in head
        .split_inclusive(|b| *b == b'\n')
        .take_while(|line| *line != b"\r\n")
    {
        if !line.to_ascii_lowercase().starts_with(b"content-length:") {
            bytes.extend_from_slice(line);
        }
    }
    for (name, value) in response.headers() {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(response.body());
    Bytes::from(bytes)
}

impl<S: AsyncRead + AsyncWrite + Unpin, H: Host> Read for Wire<S, H> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.socket().poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, H: Host> Write for Wire<S, H> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_refusal(buf) {
            return self.write_instead(cx, buf);
        }
        self.socket().poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(first) = bufs.first()
            && self.is_refusal(first)
        {
            return self.write_instead(cx, first);
        }
        if bufs.iter().map(|buf| buf.len()).sum::<usize>() > JOINED_BYTES_MAX {
            return self.socket().poll_write_vectored(cx, bufs);
        }
        let Self { socket, joined, .. } = &mut *self;
        joined.clear();
        for buf in bufs {
            joined.extend_from_slice(buf);
        }
        Pin::new(socket).poll_write(cx, joined)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.socket().poll_flush(cx))?;
        // All that was replied is on its way; what is written next is new.
        self.marks.sent();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingers.is_none() {
            ready!(self.socket().poll_shutdown(cx))?;
        }
        if self.marks.has_refused() {
            ready!(self.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}
